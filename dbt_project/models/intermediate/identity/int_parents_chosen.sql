-- One row per account that another one owns: the parent that is believed of all that sources name, never in a ring.
-- A nearer parent goes before one that is only known to be the ultimate one; then the more trusted source, then the
-- smallest id. A ring has no top: its least trusted claim is dropped, and whose claim it was becomes the top.
{%- set most_levels = 32 %}
with recursive

named as (

    select
        account_id,
        parent_account_id,
        source,
        kind = 'ultimate_parent' as is_ultimate,
        {{ source_position('source') }} as source_rank,
        is_known_later
    from {{ ref('int_relationships_identified') }}

),

-- Whom a source calls the ultimate parent of a company stands above the company's nearer parent too.
implied as (

    select
        nearer.parent_account_id as account_id,
        nullif(ultimate.parent_account_id, nearer.parent_account_id) as parent_account_id,
        nearer.source_rank,
        nearer.is_known_later or ultimate.is_known_later as is_known_later
    from named as nearer
    inner join named as ultimate on nearer.account_id = ultimate.account_id and nearer.source = ultimate.source
    where not nearer.is_ultimate and ultimate.is_ultimate

),

claims as (

    select
        account_id,
        parent_account_id,
        case when is_ultimate then 2 else 1 end as remoteness,
        source_rank,
        is_known_later
    from named
    union all
    select
        account_id,
        parent_account_id,
        3 as remoteness,
        source_rank,
        is_known_later
    from implied
    where parent_account_id is not null

),

believed as (

    select *
    from claims
    qualify row_number() over (
        partition by account_id
        order by remoteness, source_rank, parent_account_id, is_known_later
    ) = 1

),

-- Only who has a parent and is one can be in a ring.
middles as (

    select
        account_id,
        parent_account_id
    from believed
    where account_id in (select parents.parent_account_id from believed as parents)

),

walks as (

    select
        account_id,
        parent_account_id as reached_account_id,
        1 as levels
    from middles
    union all
    select
        walks.account_id,
        middles.parent_account_id as reached_account_id,
        walks.levels + 1 as levels
    from walks
    inner join middles on walks.reached_account_id = middles.account_id
    where walks.reached_account_id <> walks.account_id and walks.levels < {{ most_levels }}

),

in_rings as (

    select account_id
    from walks
    where reached_account_id = account_id

),

weakest as (

    select
        walks.account_id,
        walks.reached_account_id
    from walks
    inner join in_rings on walks.account_id = in_rings.account_id
    inner join believed on walks.reached_account_id = believed.account_id
    qualify row_number() over (
        partition by walks.account_id
        order by believed.remoteness desc, believed.source_rank desc, walks.reached_account_id
    ) = 1

),

tops as (

    select account_id
    from weakest
    where reached_account_id = account_id

)

select
    account_id,
    parent_account_id,
    is_known_later
from believed
where account_id not in (select tops.account_id from tops)
