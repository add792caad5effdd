-- One row per contactable person whom another record speaks of too: of each column the value of the most trusted
-- record that has one, then of the newest. Where a person works says the first record that has an account; what
-- records say of another account's time is left out. Title, department and seniority come from one record.
{%- set columns = ['full_name', 'email', 'phone', 'profile_url'] %}
{%- set position = struct_of({'title': 'title', 'department': 'department', 'seniority': 'seniority'}) %}
with

contacts as (

    select * from {{ ref('int_contacts_attached') }}
    where is_of_week

),

resolved as (

    select * from {{ ref('int_contacts_resolved') }}
    where not is_silent

),

records as (

    select
        resolved.person_id,
        contacts.*,
        row_number() over (
            partition by resolved.person_id
            order by {{ source_position('contacts.source') }}, contacts.observed_at desc nulls last, contacts.contact_id
        ) as preference
    from contacts
    inner join resolved on contacts.contact_id = resolved.contact_id

),

accounts as (

    select
        person_id,
        min_by(account_id, preference) as account_id
    from records
    where account_id is not null
    group by person_id

),

-- Who has no account anywhere is left out.
of_account as (

    select
        records.*,
        accounts.account_id as person_account_id,
        coalesce(records.account_id, accounts.account_id) = accounts.account_id as is_of_account
    from records
    inner join accounts on records.person_id = accounts.person_id

),

mastered as (

    select
        person_account_id as account_id,
        min_by({{ struct_of({'contact_id': 'contact_id', 'source': 'source', 'source_contact_id': 'source_contact_id'}) }}, preference)
            filter (where account_id = person_account_id) as first_record,
        min_by({{ position }}, preference) filter (where is_of_account and title is not null) as titled,
        min_by({{ position }}, preference) filter (where is_of_account) as untitled,
        {%- for column in columns %}
        min_by({{ column }}, preference) filter (where is_of_account and {{ column }} is not null) as {{ column }},
        {%- endfor %}
        {{ sorted_array_agg('contact_id') }} as contact_ids,
        {{ sorted_array_agg('source') }} as sources,
        bool_or(is_known_later) as is_known_later
    from of_account
    group by person_id, person_account_id

)

select
    account_id,
    first_record.contact_id as contact_id,
    first_record.source as source,
    first_record.source_contact_id as source_contact_id,
    full_name,
    coalesce(titled, untitled).title as title,
    coalesce(titled, untitled).department as department,
    coalesce(titled, untitled).seniority as seniority,
    email,
    phone,
    profile_url,
    contact_ids,
    sources,
    is_known_later
from mastered
