-- One row per owner of deals: their pipeline and won share beside those of the best performers, and the gap.
{%- set legs = ['organisation_fit', 'people_coverage', 'issue_urgency'] %}
{%- set measures %}
        count(*) as open_deals,
        count(review.alignment_score) as judged_deals,
        count(*) filter (where review.is_aligned) as aligned_deals,
        count(*) filter (where review.verdict = 'keep') as keep_deals,
        count(*) filter (where review.verdict = 'find_out') as find_out_deals,
        count(*) filter (where review.verdict = 'qualify_out') as qualify_out_deals,
        count(*) filter (where review.is_older_than_usual) as older_deals,
        {{ share_pct('count(*) filter (where review.is_aligned)', 'count(review.alignment_score)') }} as aligned_pct,
        {{ wilson_pct('count(*) filter (where review.is_aligned)', 'count(review.alignment_score)', -1) }} as aligned_low_pct,
        {{ wilson_pct('count(*) filter (where review.is_aligned)', 'count(review.alignment_score)', 1) }} as aligned_high_pct,
        {{ share_pct("count(*) filter (where review.verdict = 'qualify_out')", 'count(review.alignment_score)') }} as qualify_out_pct,
        {%- for leg in legs %}
        cast(round(avg(review.{{ leg }}_score), 4) as decimal(9, 4)) as {{ leg }}_score,
        {%- endfor %}
        bool_or(review.is_known_later) as is_known_later
{%- endset %}
with

owners as (

    select * from {{ ref('int_owners_ranked') }}

),

review as (

    select * from {{ ref('pipeline_review') }}

),

pipelines as (

    select
        review.owner_id,
        {{ measures }}
    from review
    where review.owner_id is not null
    group by review.owner_id

),

best_pipeline as (

    select
        {{ measures }}
    from review
    inner join owners on review.owner_id = owners.owner_id
    where owners.is_best_performer

),

best_owners as (

    select
        count(*) as best_owners,
        cast(sum(closed_deals) as bigint) as best_closed_deals,
        {{ share_pct('sum(won_deals)', 'sum(closed_deals)') }} as best_won_pct
    from owners
    where is_best_performer

),

compared as (

    select
        owners.*,
        coalesce(pipelines.open_deals, 0) as open_deals,
        coalesce(pipelines.judged_deals, 0) as judged_deals,
        coalesce(pipelines.aligned_deals, 0) as aligned_deals,
        coalesce(pipelines.keep_deals, 0) as keep_deals,
        coalesce(pipelines.find_out_deals, 0) as find_out_deals,
        coalesce(pipelines.qualify_out_deals, 0) as qualify_out_deals,
        coalesce(pipelines.older_deals, 0) as older_deals,
        pipelines.aligned_pct,
        pipelines.aligned_low_pct,
        pipelines.aligned_high_pct,
        pipelines.qualify_out_pct,
        {%- for leg in legs %}
        pipelines.{{ leg }}_score,
        {%- endfor %}
        best_owners.best_owners,
        best_owners.best_closed_deals,
        best_owners.best_won_pct,
        best_pipeline.judged_deals as best_judged_deals,
        best_pipeline.aligned_deals as best_aligned_deals,
        {{ clear_difference(
            'pipelines.aligned_pct', 'pipelines.aligned_low_pct', 'pipelines.aligned_high_pct',
            'best_pipeline.aligned_pct', 'best_pipeline.aligned_low_pct', 'best_pipeline.aligned_high_pct'
        ) }} as difference,
        best_pipeline.aligned_pct as best_aligned_pct,
        best_pipeline.qualify_out_pct as best_qualify_out_pct,
        {%- for leg in legs %}
        best_pipeline.{{ leg }}_score as best_{{ leg }}_score,
        {%- endfor %}
        {{ has_enough('owners.closed_deals') }} and best_owners.best_owners > 0 as has_won_gap,
        {{ has_enough('coalesce(pipelines.judged_deals, 0)') }} and {{ has_enough('best_pipeline.judged_deals') }} as has_pipeline_gap,
        coalesce(pipelines.is_known_later, false) as is_pipeline_known_later
    from owners
    left join pipelines on owners.owner_id = pipelines.owner_id
    cross join best_pipeline
    cross join best_owners

)

select
    owner_id,
    source,
    name,
    email,
    territory,
    open_deals,
    judged_deals,
    aligned_deals,
    keep_deals,
    find_out_deals,
    qualify_out_deals,
    older_deals,
    aligned_pct,
    aligned_low_pct,
    aligned_high_pct,
    qualify_out_pct,
    organisation_fit_score,
    people_coverage_score,
    issue_urgency_score,
    closed_deals,
    won_deals,
    won_pct,
    won_low_pct,
    won_high_pct,
    is_best_performer,
    best_owners,
    best_closed_deals,
    best_won_pct,
    best_judged_deals,
    best_aligned_deals,
    best_aligned_pct,
    best_qualify_out_pct,
    best_organisation_fit_score,
    best_people_coverage_score,
    best_issue_urgency_score,
    cast(case when has_won_gap then won_pct - best_won_pct end as decimal(5, 2)) as won_gap,
    cast(case when has_pipeline_gap then aligned_pct - best_aligned_pct end as decimal(5, 2)) as aligned_gap,
    cast(case when has_pipeline_gap then qualify_out_pct - best_qualify_out_pct end as decimal(5, 2)) as qualify_out_gap,
    {%- for leg in legs %}
    cast(case when has_pipeline_gap then {{ leg }}_score - best_{{ leg }}_score end as decimal(9, 4)) as {{ leg }}_gap,
    {%- endfor %}
    case
        when best_owners = 0
            then 'no best performers: fewer than {{ var("pipeline").best_of }} owners closed {{ enough_deals() }} deals'
        when is_best_performer then 'among the best performers'
        when not {{ has_enough('judged_deals') }}
            then 'not enough open deals to compare: ' || {{ too_few('judged_deals') }}
        when not {{ has_enough('best_judged_deals') }}
            then 'the best performers have not enough open deals to compare with: ' || {{ too_few('best_judged_deals') }}
        else cast(aligned_deals as string) || ' of ' || cast(judged_deals as string) || ' open deals are aligned, of the best performers '
            || cast(best_aligned_deals as string) || ' of ' || cast(best_judged_deals as string)
            || case difference when -1 then ': clearly fewer' when 1 then ': clearly more' else ': no clear difference' end
    end as comparison,
    is_known_later or is_pipeline_known_later as is_known_later,
    {{ stamps() }}
from compared
