-- One row per account whose postings name a known technology; the names, sorted, as one text.
with

accounts as (

    select * from {{ ref('int_accounts_signalled') }}
    where posting_words is not null

),

technologies as (

    select
        technology,
        {{ words('phrase') }} as phrase_words
    from {{ ref('technologies') }}

),

named as (

    select
        accounts.account_id,
        {{ array_join(sorted_array_agg('technologies.technology'), ', ') }} as technologies
    from accounts
    inner join technologies on position(technologies.phrase_words in accounts.posting_words) > 0
    group by accounts.account_id

)

select * from named
