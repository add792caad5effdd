-- One row per account that has attributes: maps of key to value and to its source, keys as `key` and `source.key`.
{#- Read once, so that it is not written down in between. -#}
{{ config(materialized='view') }}
{%- set under_source = array_transform('attributes', struct_of({'key': "source || '.' || item.key", 'value': 'item.value'})) %}
with

records as (

    select
        identified.account_id,
        companies.source,
        identified.preference,
        identified.company_records,
        companies.attributes
    from {{ ref('stg_companies') }} as companies
    inner join {{ ref('int_records_identified') }} as identified on companies.record_id = identified.record_id
    where companies.attributes is not null

),

-- Most accounts are one record, which is all there is to choose from; and many a record says the same as others.
alone as (

    select * from records
    where company_records = 1

),

said as (

    select
        source,
        attributes,
        {{ array_sorted(array_concat('attributes', under_source)) }} as entries
    from (select distinct source, attributes from alone) as said_once

),

mapped as (

    select
        source,
        attributes,
        {{ map_entries_to_map('entries') }} as attributes_map,
        {{ map_entries_to_map(array_transform('entries', struct_of({'key': 'item.key', 'value': 'source'}))) }} as sources_map
    from said

),

entries as (

    select
        records.account_id,
        records.source,
        records.preference,
        entry.key as attribute_key,
        entry.value as attribute_value
    from records
    {{ explode_array('records.attributes', 'entry') }}
    where records.company_records > 1

),

named as (

    select account_id, attribute_key, attribute_value, source, preference from entries
    union all
    select account_id, source || '.' || attribute_key as attribute_key, attribute_value, source, preference from entries

),

mastered as (

    select
        account_id,
        attribute_key,
        min_by(attribute_value, preference) as attribute_value,
        min_by(source, preference) as attribute_source
    from named
    group by account_id, attribute_key

),

gathered as (

    select
        alone.account_id,
        mapped.attributes_map as attributes,
        mapped.sources_map as attribute_sources
    from alone
    inner join mapped on alone.source = mapped.source and alone.attributes = mapped.attributes
    union all
    select
        account_id,
        {{ map_entries_to_map(sorted_array_agg(struct_of({'key': 'attribute_key', 'value': 'attribute_value'}))) }} as attributes,
        {{ map_entries_to_map(sorted_array_agg(struct_of({'key': 'attribute_key', 'value': 'attribute_source'}))) }} as attribute_sources
    from mastered
    group by account_id

)

select * from gathered
