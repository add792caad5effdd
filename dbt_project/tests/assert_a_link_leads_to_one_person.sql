-- Catches: records with one link that became two people, one of whom could be contacted though the other asked not to be.
-- Usually means: more records in a row than the rounds of int_contacts_resolved reach through; give it another.
-- A returned row is a link with people that should be one.
{{ config(meta={'dagster': {'ref': {'name': 'int_contacts_resolved'}}}) }}

with

links as (

    select * from {{ ref('int_contacts_linked') }}
    where not is_in_doubt

),

people as (

    select * from {{ ref('int_contacts_resolved') }}

)

select
    links.kind,
    links.link_key,
    count(distinct people.person_id) as people
from links
inner join people on links.contact_id = people.contact_id
group by links.kind, links.link_key
having count(distinct people.person_id) > 1
