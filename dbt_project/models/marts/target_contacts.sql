-- One row per listed account, reachable person and role held: whom to talk to, and what is in it for them.
with

listed as (

    select * from {{ ref('target_accounts') }}

),

contacts as (

    select * from {{ ref('contacts') }}
    where is_reachable

),

roles as (

    select * from {{ ref('criteria') }}
    where kind = 'role'

),

held as (

    select
        contacts.*,
        role_id as role_id
    from contacts
    {{ explode_array('contacts.role_ids', 'role_id') }}

)

select
    listed.rank,
    listed.account_id,
    listed.name as company_name,
    listed.domain,
    held.contact_id,
    held.full_name,
    held.title,
    held.role_id,
    roles.budget,
    roles.decision,
    roles.statement as motivation,
    held.email,
    held.phone,
    held.profile_url,
    held.reachable_by,
    {{ stamps() }}
from listed
inner join held on listed.account_id = held.account_id
inner join roles on held.role_id = roles.criterion_id
