with

segment_items as (

    select * from {{ ref('int_ratings__segment_items') }}

),

items as (

    select * from {{ ref('ratings_items') }}

),

customer_segments as (

    select * from {{ ref('ratings_customer_segments') }}

),

segments as (

    select count(distinct segment_id) as segments
    from customer_segments
    where segment_id >= 1

),

totalled as (

    select
        item_id,
        max(all_users) as all_users,
        sum(raters) as raters,
        sum(sum_of_ratings) as sum_of_ratings,
        max(idf) as idf,
        sum(sum_of_values) as sum_of_values,
        sum(sum_of_tfidf) as sum_of_tfidf,
        count(case when segment_id >= 1 then 1 end) as segments_with_raters,
        max(is_hidden) as is_part_hidden,
        min(case when segment_id >= 1 then share_of_segment end) as smallest_share
    from segment_items
    group by item_id

),

-- Where no rater is in a segment, the share there is 0, which must show no more than a small group does.
rounded as (

    select
        totalled.item_id,
        totalled.raters,
        round(totalled.raters / cast(totalled.all_users as double), 6) as share_of_users,
        case
            when not totalled.is_part_hidden and totalled.segments_with_raters = segments.segments
                then round(totalled.smallest_share, 6)
        end as smallest_share_of_segment,
        round(totalled.sum_of_ratings / totalled.raters, 6) as mean_rating,
        round(totalled.idf, 12) as idf,
        round(totalled.sum_of_values / totalled.all_users, 12) as mean_value,
        round(totalled.sum_of_tfidf / totalled.all_users, 12) as mean_tfidf
    from totalled
    cross join segments
    where totalled.raters >= {{ setting('ratings_smallest_group') }}

)

select
    rounded.item_id,
    items.title,
    cast(row_number() over (order by rounded.raters desc, rounded.item_id asc) as int) as raters_rank,
    cast(row_number() over (order by rounded.mean_value desc, rounded.item_id asc) as int) as value_rank,
    cast(row_number() over (order by rounded.mean_tfidf desc, rounded.item_id asc) as int) as tfidf_rank,
    rounded.raters,
    rounded.share_of_users,
    rounded.smallest_share_of_segment,
    rounded.mean_rating,
    rounded.idf,
    rounded.mean_value,
    rounded.mean_tfidf
from rounded
left join items on rounded.item_id = items.item_id
