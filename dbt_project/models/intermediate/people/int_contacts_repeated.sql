-- One row per contact whose person another contact of the account stands for already.
with

attached as (

    select
        contact_id,
        account_id,
        source,
        coalesce(email, profile_url, lower(full_name), contact_id) as person_key
    from {{ ref('int_contacts_attached') }}

),

hashed as (

    select
        *,
        {{ hash_of(['account_id', 'person_key']) }} as person_hash
    from attached

),

-- Found by a number, which is cheap to count by; who only shares the number is told apart below.
repeated_hashes as (

    select person_hash from hashed
    group by person_hash
    having count(*) > 1

),

numbered as (

    select
        hashed.contact_id,
        row_number() over (
            partition by hashed.account_id, hashed.person_key
            order by {{ source_position('hashed.source') }}, hashed.contact_id
        ) as preference
    from hashed
    inner join repeated_hashes on hashed.person_hash = repeated_hashes.person_hash

)

select contact_id from numbered
where preference > 1
