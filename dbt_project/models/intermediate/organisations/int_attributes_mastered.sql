-- One row per account that has attributes: maps of key to value and to its source, keys as `key` and `source.key`.
with

records as (

    select
        account_id,
        source,
        preference,
        attributes
    from {{ ref('int_records_identified') }}
    where attributes is not null

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
    where attribute_value is not null
    group by account_id, attribute_key

),

gathered as (

    select
        account_id,
        {{ map_entries_to_map(sorted_array_agg(struct_of({'key': 'attribute_key', 'value': 'attribute_value'}))) }} as attributes,
        {{ map_entries_to_map(sorted_array_agg(struct_of({'key': 'attribute_key', 'value': 'attribute_source'}))) }} as attribute_sources
    from mastered
    group by account_id

)

select * from gathered
