-- One row per record whose value of some attributes goes before those of more preferred records, with the attributes.
-- The preferred value gives way where its source hasn't confirmed it for a year, no other source has confirmed it
-- since, and two others have, which agree with each other on another one.
with

claims as (

    select * from {{ ref('int_values_claimed') }}
    where attribute in ({{ text_list(votable_columns() | list) }})

),

preferred as (

    select *
    from claims
    qualify row_number() over (partition by account_id, attribute order by preference) = 1

),

answers as (

    select
        claims.*,
        {{ contradicts('preferred', 'claims') }} as is_against
    from claims
    inner join preferred on claims.account_id = preferred.account_id and claims.attribute = preferred.attribute
    where not preferred.is_fresh and claims.is_fresh

),

upheld as (

    select
        account_id,
        attribute
    from answers
    where not is_against

),

agreed as (

    select
        one.account_id,
        one.attribute,
        min_by(one.record_id, one.preference) as record_id
    from answers as one
    inner join answers as other on one.account_id = other.account_id and one.attribute = other.attribute
    where
        one.is_against
        and other.is_against
        and one.source <> other.source
        and not {{ contradicts('one', 'other') }}
    group by one.account_id, one.attribute

)

select
    agreed.record_id,
    {{ sorted_array_agg('agreed.attribute') }} as attributes
from agreed
left join upheld on agreed.account_id = upheld.account_id and agreed.attribute = upheld.attribute
where upheld.account_id is null
group by agreed.record_id
