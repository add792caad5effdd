-- One row per account that has a parent; at most five levels up, and a cycle ends at its smallest account_id.
{%- set levels = 5 %}
with

relationships as (

    select * from {{ ref('stg_company_relationships') }}
    where is_active

),

records as (

    select * from {{ ref('int_records_identified') }}

),

parents as (

    select
        child.account_id,
        min(parent.account_id) as parent_account_id
    from relationships
    inner join records as child on relationships.child_record_id = child.record_id
    inner join records as parent on relationships.parent_record_id = parent.record_id
    where child.account_id <> parent.account_id
    group by child.account_id

),

chains as (

    select
        level_1.account_id,
        {% for level in range(1, levels + 1) -%}
        level_{{ level }}.parent_account_id as ancestor_{{ level }}{{ ',' if not loop.last }}
        {% endfor %}
    from parents as level_1
    {% for level in range(2, levels + 1) -%}
    left join parents as level_{{ level }} on level_{{ level - 1 }}.parent_account_id = level_{{ level }}.account_id
    {% endfor %}

),

resolved as (

    select
        account_id,
        ancestor_1 as parent_account_id,
        case
            when account_id in ({% for level in range(1, levels + 1) %}coalesce(ancestor_{{ level }}, ''){{ ', ' if not loop.last }}{% endfor %})
                then least(account_id, {% for level in range(1, levels + 1) %}ancestor_{{ level }}{{ ', ' if not loop.last }}{% endfor %})
            else coalesce({% for level in range(levels, 0, -1) %}ancestor_{{ level }}{{ ', ' if not loop.last }}{% endfor %})
        end as ultimate_parent_account_id,
        {% for level in range(1, levels + 1) -%}
        case when ancestor_{{ level }} is not null then 1 else 0 end{{ ' +' if not loop.last }}
        {% endfor %} as depth_under_parent
    from chains

)

select * from resolved
