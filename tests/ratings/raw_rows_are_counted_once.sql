-- Every raw row of each table is accepted, and counted behind one pair, or rejected. An accepted pair is in the matrix,
-- or its item is left out, or the user is.
with

raw_rows as (

    select
        'ratings' as what,
        count(*) as rows_counted
    from {{ ref('stg_ratings__ratings') }}
    union all
    select
        'items' as what,
        count(*) as rows_counted
    from {{ ref('stg_ratings__items') }}
    union all
    select
        'accepted pairs' as what,
        count(*) as rows_counted
    from {{ ref('ratings_ratings') }}

),

judged_rows as (

    select
        'ratings' as what,
        sum(number_of_ratings) as rows_counted
    from {{ ref('ratings_ratings') }}
    union all
    select
        raw_table as what,
        count(*) as rows_counted
    from {{ ref('ratings_rejected_rows') }}
    group by raw_table
    {% if raw_source_kind('ratings_items') != 'absent' -%}
    union all
    select
        'items' as what,
        count(*) as rows_counted
    from {{ ref('ratings_items') }}
    {% endif -%}
    union all
    select
        'accepted pairs' as what,
        count(*) as rows_counted
    from {{ ref('ratings_user_items') }}
    union all
    select
        'accepted pairs' as what,
        sum(number_of_ratings) as rows_counted
    from {{ ref('int_ratings__rated_items') }}
    where left_out_reason is not null
    union all
    select
        'accepted pairs' as what,
        sum(ratings_of_kept_items) as rows_counted
    from {{ ref('int_ratings__rating_users') }}
    where left_out_reason is not null

),

judged as (

    select
        what,
        sum(rows_counted) as rows_counted
    from judged_rows
    group by what

)

select
    coalesce(raw_rows.what, judged.what) as what,
    raw_rows.rows_counted as raw_rows_counted,
    judged.rows_counted as judged_rows_counted
from raw_rows
full outer join judged on raw_rows.what = judged.what
where coalesce(raw_rows.rows_counted, 0) != coalesce(judged.rows_counted, 0)
