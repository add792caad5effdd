-- One row per account whose postings name a known technology; the names, sorted, as one text.
with

accounts as (

    select * from {{ ref('int_accounts_signalled') }}
    where posting_words is not null

),

technologies as (

    select
        technology,
        phrase_words,
        split_part(phrase_words, ' ', 2) as first_word
    from (
        select
            technology,
            {{ words('phrase') }} as phrase_words
        from {{ ref('technologies') }}
    ) as phrases

),

split as (

    select
        account_id,
        {{ text_split('posting_words', ' ') }} as posting_word_list
    from accounts

),

worded as (

    select
        split.account_id,
        word
    from split
    {{ explode_array('split.posting_word_list', 'word') }}

),

-- A phrase is looked for only where its first word stands.
likely as (

    select distinct
        worded.account_id,
        technologies.technology,
        technologies.phrase_words
    from worded
    inner join technologies on worded.word = technologies.first_word

),

named as (

    select
        likely.account_id,
        {{ array_join(sorted_array_agg('likely.technology'), ', ') }} as technologies
    from likely
    inner join accounts on likely.account_id = accounts.account_id
    where position(likely.phrase_words in accounts.posting_words) > 0
    group by likely.account_id

)

select * from named
