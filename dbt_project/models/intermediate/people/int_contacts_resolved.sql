-- One row per contact record of the week that shares a key with another: the person it is of, and whether that person
-- must not be contacted, by any of their records.
-- People grow by rounds: in each, of all people that share a link the smallest id stands for them. Four rounds reach
-- through 16 records in a row; assert_a_link_leads_to_one_person sees where that was not enough.
-- Where a name is in doubt nobody is merged, but all are left alone who may be the one who asked.
{%- set rounds, jumps = 4, 3 %}
with

links as (

    select * from {{ ref('int_contacts_linked') }}

),

suppressed as (

    select * from {{ ref('int_contacts_suppressed') }}

),

people_0 as (

    select distinct
        contact_id,
        contact_id as person_id
    from links

),

{%- for round in range(1, rounds + 1) %}

smallest_{{ round }} as (

    select
        links.kind,
        links.link_key,
        min(people.person_id) as person_id
    from links
    inner join people_{{ round - 1 }} as people on links.contact_id = people.contact_id
    where not links.is_in_doubt
    group by links.kind, links.link_key

),

joined_{{ round }}_0 as (

    select
        people.person_id,
        min(smallest.person_id) as becomes
    from links
    inner join people_{{ round - 1 }} as people on links.contact_id = people.contact_id
    inner join smallest_{{ round }} as smallest on links.kind = smallest.kind and links.link_key = smallest.link_key
    where not links.is_in_doubt
    group by people.person_id

),

{%- for jump in range(1, jumps + 1) %}

joined_{{ round }}_{{ jump }} as (

    select
        joined.person_id,
        onward.becomes
    from joined_{{ round }}_{{ jump - 1 }} as joined
    inner join joined_{{ round }}_{{ jump - 1 }} as onward on joined.becomes = onward.person_id

),
{%- endfor %}

people_{{ round }} as (

    select
        people.contact_id,
        coalesce(joined.becomes, people.person_id) as person_id
    from people_{{ round - 1 }} as people
    left join joined_{{ round }}_{{ jumps }} as joined on people.person_id = joined.person_id

),
{%- endfor %}

silent as (

    select distinct people.person_id
    from people_{{ rounds }} as people
    inner join suppressed on people.contact_id = suppressed.contact_id

),

doubted as (

    select
        links.*,
        people.person_id,
        silent.person_id is not null as is_silent
    from links
    inner join people_{{ rounds }} as people on links.contact_id = people.contact_id
    left join silent on people.person_id = silent.person_id
    where links.is_in_doubt

),

silent_in_doubt as (

    select distinct others.person_id
    from doubted as others
    inner join doubted as asked on others.link_key = asked.link_key
    where
        asked.is_silent
        and not coalesce(others.email <> asked.email and others.email_domain = asked.email_domain, false)
        and not coalesce(others.profile_key <> asked.profile_key, false)

),

resolved as (

    select
        people.contact_id,
        people.person_id,
        silent.person_id is not null or silent_in_doubt.person_id is not null as is_silent
    from people_{{ rounds }} as people
    left join silent on people.person_id = silent.person_id
    left join silent_in_doubt on people.person_id = silent_in_doubt.person_id

)

select * from resolved
