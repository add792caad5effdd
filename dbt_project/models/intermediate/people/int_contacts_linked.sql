-- One row per contact record and key that it shares with another record: an e-mail address, a profile, or a name at
-- one account. Records with the same link are one person, unless it is in doubt.
-- Of a key that goes by names with no word in common, such as a mailbox of a team, only equal names at one account are
-- one person. A name at an account is in doubt where it comes with two addresses of one domain, two profiles or two
-- middle initials: it may be two people.
{%- set kinds = {'email': 'email', 'profile': 'profile_key', 'name': "account_id || ' ' || name_key"} %}
with

contacts as (

    select
        contact_id,
        account_id,
        full_name,
        -- Most names are plain, and told so by one look.
        case when {{ is_plain_name('full_name') }} then lower(full_name) end as plain_name,
        email,
        email_domain,
        profile_url
    from {{ ref('int_contacts_attached') }}

),

-- Other names repeat, so that each is read once. They come from where they were staged: beside `contacts` they would
-- keep all of it at hand.
spelled_names as (

    select full_name from {{ ref('stg_contacts') }}
    where not {{ is_plain_name('full_name') }}
    union
    select full_name from {{ ref('stg_latest_contacts') }}
    where not {{ is_plain_name('full_name') }}

),

worded as (

    select
        full_name,
        {{ person_words('full_name') }} as name_words
    from spelled_names

),

read_names as (

    select
        full_name,
        {{ name_key_of_words('name_words') }} as name_key,
        {{ middle_initial('name_words') }} as middle_initial
    from worded

),

named as (

    select
        contacts.contact_id,
        contacts.account_id,
        coalesce(contacts.plain_name, read_names.name_key) as name_key,
        read_names.middle_initial,
        contacts.email,
        contacts.email_domain,
        {{ profile_key('contacts.profile_url') }} as profile_key
    from contacts
    left join read_names on case when contacts.plain_name is null then contacts.full_name end = read_names.full_name

),

-- Shared keys are found by a number, which is cheap to count by; what only has the number in common goes below.
hashed as (

    select
        contact_id,
        {{ hash_of(['contact_id']) }} as contact_hash,
        {%- for kind, key in kinds.items() %}
        case when {{ key }} is not null then {{ hash_of(["'" ~ kind ~ "'", key]) }} end as {{ kind }}_hash{{ ',' if not loop.last }}
        {%- endfor %}
    from named

),

shared_hashes as (

    {%- for kind in kinds %}
    select {{ kind }}_hash as key_hash from hashed
    where {{ kind }}_hash is not null
    group by {{ kind }}_hash
    having min(contact_hash) <> max(contact_hash)
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

sharing as (

    {%- for kind in kinds %}
    select hashed.contact_id from hashed
    inner join shared_hashes on hashed.{{ kind }}_hash = shared_hashes.key_hash
    {{ 'union' if not loop.last }}
    {%- endfor %}

),

found as (

    select named.* from named
    inner join sharing on named.contact_id = sharing.contact_id

),

keyed as (

    {%- for kind, key in kinds.items() %}
    select
        *,
        '{{ kind }}' as kind,
        {{ key }} as key
    from found
    where {{ key }} is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

shared as (

    select
        kind,
        key,
        count(distinct name_key) as names,
        kind = 'name' and (
            count(distinct email) > count(distinct email_domain)
            or count(distinct profile_key) > 1
            or count(distinct nullif(middle_initial, '')) > 1
        ) as is_in_doubt
    from keyed
    group by kind, key
    having min(contact_id) <> max(contact_id)

),

-- Whose names have a word in common: "Bob Lee" and "Robert Lee" may share an address.
differing as (

    select distinct
        keyed.kind,
        keyed.key,
        keyed.name_key,
        shared.names
    from keyed
    inner join shared on keyed.kind = shared.kind and keyed.key = shared.key
    where shared.names > 1 and keyed.name_key is not null

),

spelled as (

    select
        differing.kind,
        differing.key,
        word,
        differing.names
    from differing
    {{ explode_array(text_split('differing.name_key', ' '), 'word') }}

),

akin as (

    select distinct
        kind,
        key
    from (
        select
            kind,
            key
        from spelled
        group by kind, key, word, names
        having count(*) >= names
    )

),

linked as (

    select
        keyed.contact_id,
        keyed.kind,
        case
            when shared.names > 1 and akin.key is null then keyed.key || ' ' || coalesce(keyed.account_id, '') || ' ' || coalesce(keyed.name_key, '')
            else keyed.key
        end as link_key,
        shared.is_in_doubt,
        keyed.email,
        keyed.email_domain,
        keyed.profile_key
    from keyed
    inner join shared on keyed.kind = shared.kind and keyed.key = shared.key
    left join akin on keyed.kind = akin.kind and keyed.key = akin.key

)

select * from linked
