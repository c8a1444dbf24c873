{{ config(schema='internal') }}

with

segment_item_totals as (

    select * from {{ ref('int_ratings__segment_item_totals') }}

),

customer_segments as (

    select
        user_id,
        coalesce(segment_id, 0) as segment_id
    from {{ ref('ratings_customer_segments') }}

),

item_weights as (

    select * from {{ ref('int_ratings__item_weights') }}

),

segment_users as (

    select
        segment_id,
        count(*) as users
    from customer_segments
    group by segment_id

),

totalled as (

    select
        *,
        'items' as breakdown
    from segment_item_totals

),

-- How many users rated an item is known, so within an item no small group may be what is left of it.
judged as (

    {{ hidden_cells(
        'totalled', 'breakdown', 'segment_id', 'item_id', 'raters', setting('ratings_smallest_group'),
        measures=['sum_of_ratings', 'sum_of_values', 'sum_of_tfidf'], empty=false
    ) }}

),

compared as (

    select
        judged.*,
        segment_users.users,
        item_weights.users as all_users,
        item_weights.raters as all_raters,
        item_weights.idf
    from judged
    inner join segment_users on judged.segment_id = segment_users.segment_id
    inner join item_weights on judged.item_id = item_weights.item_id
    where judged.raters > 0

)

-- The lift is the segment's share of the item's raters over its share of all users, which is no chance: its interval is
-- that of the former.
select
    segment_id,
    item_id,
    users,
    all_users,
    raters,
    all_raters,
    is_hidden,
    idf,
    sum_of_ratings,
    sum_of_values,
    sum_of_tfidf,
    round({{ ratio('raters', 'users') }}, 9) as share_of_segment,
    round({{ ratio('all_raters', 'all_users') }}, 9) as share_of_all,
    round({{ ratio('raters', 'all_raters') }} * all_users / users, 9) as lift,
    round({{ wilson_bound('raters', 'all_raters', 'lower') }} * all_users / users, 9) as lift_lower,
    round({{ wilson_bound('raters', 'all_raters', 'upper') }} * all_users / users, 9) as lift_upper,
    coalesce({{ shares_differ('raters', 'users', '(all_raters - raters)', '(all_users - users)') }}, false)
        as is_more_than_chance
from compared
