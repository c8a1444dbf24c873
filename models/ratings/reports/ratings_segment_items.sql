with

segment_items as (

    select * from {{ ref('int_ratings__segment_items') }}

),

items as (

    select * from {{ ref('ratings_items') }}

),

segment_names as (

    select * from {{ ref('ratings_segment_names') }}

),

published as (

    select
        segment_id,
        item_id,
        raters,
        share_of_segment,
        share_of_all,
        sum_of_ratings / raters as mean_rating,
        sum_of_tfidf / users as mean_tfidf,
        lift,
        lift_lower,
        lift_upper,
        is_more_than_chance
    from segment_items
    where not is_hidden

),

-- By rounded figures: what differs by rounding alone is of one rank.
rounded as (

    select
        segment_id,
        item_id,
        raters,
        round(share_of_segment, 6) as share_of_segment,
        round(share_of_all, 6) as share_of_all,
        round(mean_rating, 6) as mean_rating,
        round(mean_tfidf, 12) as mean_tfidf,
        round(lift, 6) as lift,
        round(lift_lower, 6) as lift_lower,
        round(lift_upper, 6) as lift_upper,
        is_more_than_chance
    from published

)

select
    rounded.segment_id,
    coalesce(segment_names.segment_name, 'No segment') as segment_name,
    rounded.item_id,
    items.title,
    cast(row_number() over (
        partition by rounded.segment_id order by rounded.mean_tfidf desc, rounded.item_id asc
    ) as int) as item_rank,
    cast(row_number() over (
        partition by rounded.segment_id order by rounded.lift_lower desc, rounded.item_id asc
    ) as int) as lift_rank,
    rounded.raters,
    rounded.share_of_segment,
    rounded.share_of_all,
    rounded.mean_rating,
    rounded.mean_tfidf,
    rounded.lift,
    rounded.lift_lower,
    rounded.lift_upper,
    rounded.is_more_than_chance
from rounded
left join items on rounded.item_id = items.item_id
left join segment_names on rounded.segment_id = segment_names.segment_id
