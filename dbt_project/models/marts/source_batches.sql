-- One row per batch that this list rests on.
with

batches as (

    select * from {{ ref('stg_batches') }}

)

select
    source,
    table_name,
    batch_id,
    stamped_week,
    cast(rows as bigint) as rows,
    cast(rejects as bigint) as rejects,
    cast(unconverted as bigint) as unconverted,
    content_hash,
    is_known_later,
    is_made_up,
    {{ stamps() }}
from batches
