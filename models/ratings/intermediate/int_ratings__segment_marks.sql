{{ config(schema='internal') }}

with

segment_items as (

    select * from {{ ref('int_ratings__segment_items') }}

),

segment_genres as (

    select * from {{ ref('int_ratings__segment_genres') }}

),

items as (

    select * from {{ ref('ratings_items') }}

),

customer_segments as (

    select * from {{ ref('ratings_customer_segments') }}

),

segments as (

    select
        segment_id,
        count(*) as users
    from customer_segments
    where segment_id >= 1
    group by segment_id

),

-- What marks a segment is more frequent in it than in all, also at the lower end of the interval.
candidates as (

    select
        segment_id,
        'genres' as kind,
        genre as mark,
        genre as mark_id,
        lift_lower,
        raters,
        is_hidden
    from segment_genres
    where {{ "'" ~ setting('ratings_named_after') ~ "'" }} = 'genres'
    union all
    select
        segment_items.segment_id,
        'items' as kind,
        items.title as mark,
        segment_items.item_id as mark_id,
        segment_items.lift_lower,
        segment_items.raters,
        segment_items.is_hidden
    from segment_items
    inner join items on segment_items.item_id = items.item_id

),

ranked as (

    select
        segment_id,
        kind,
        mark,
        row_number() over (partition by segment_id, kind order by lift_lower desc, mark_id asc) as place
    from candidates
    where lift_lower > 1 and raters >= {{ setting('ratings_least_raters_of_name') }} and not is_hidden

),

marks as (

    select
        segment_id,
        kind,
        concat_ws(
            ' and ',
            max(case when place = 1 then mark end),
            max(case when place = 2 then mark end)
        ) as marked_by
    from ranked
    group by segment_id, kind

)

select
    segments.segment_id,
    segments.users,
    coalesce(of_genres.marked_by, of_items.marked_by) as marked_by
from segments
left join marks as of_genres
    on segments.segment_id = of_genres.segment_id and of_genres.kind = 'genres'
left join marks as of_items
    on segments.segment_id = of_items.segment_id and of_items.kind = 'items'
