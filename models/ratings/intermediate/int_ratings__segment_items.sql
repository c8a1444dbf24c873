{{ config(schema='internal') }}

with

user_items as (

    select * from {{ ref('ratings_user_items') }}

),

customer_segments as (

    select
        user_id,
        coalesce(segment_id, 0) as segment_id
    from {{ ref('ratings_customer_segments') }}

),

all_users as (

    select count(*) as users from customer_segments

),

segment_users as (

    select
        segment_id,
        count(*) as users
    from customer_segments
    group by segment_id

),

-- Smooth idf, as if one more user had rated every item: an item that all have rated keeps the weight 1.
item_weights as (

    select
        user_items.item_id,
        round(ln((1 + max(all_users.users)) / (1 + count(*))) + 1, 12) as idf
    from user_items
    cross join all_users
    group by user_items.item_id

),

weighted as (

    select
        user_items.user_id,
        user_items.item_id,
        user_items.rating,
        user_items.value,
        item_weights.idf,
        user_items.value * item_weights.idf as weight
    from user_items
    inner join item_weights on user_items.item_id = item_weights.item_id

),

-- The Euclidean length of a user's row: who rates much weighs as much as who rates little.
user_lengths as (

    select
        user_id,
        sqrt(sum(weight * weight)) as row_length
    from weighted
    group by user_id

),

users as (

    select
        customer_segments.user_id,
        customer_segments.segment_id,
        user_lengths.row_length
    from customer_segments
    inner join user_lengths on customer_segments.user_id = user_lengths.user_id

),

totalled as (

    select
        'items' as breakdown,
        users.segment_id,
        weighted.item_id,
        count(*) as raters,
        max(weighted.idf) as idf,
        sum(weighted.rating) as sum_of_ratings,
        sum(weighted.value) as sum_of_values,
        sum({{ ratio('weighted.weight', 'users.row_length') }}) as sum_of_tfidf
    from weighted
    inner join users on weighted.user_id = users.user_id
    group by users.segment_id, weighted.item_id

),

-- How many users rated an item is known, so within an item no small group may be what is left of it.
judged as (

    {{ hidden_cells(
        'totalled', 'breakdown', 'segment_id', 'item_id', 'raters', setting('ratings_smallest_group'),
        measures=['idf', 'sum_of_ratings', 'sum_of_values', 'sum_of_tfidf']
    ) }}

),

compared as (

    select
        judged.*,
        segment_users.users,
        all_users.users as all_users,
        sum(judged.raters) over (partition by judged.item_id) as all_raters
    from judged
    inner join segment_users on judged.segment_id = segment_users.segment_id
    cross join all_users
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
    round(sum_of_ratings, 9) as sum_of_ratings,
    round(sum_of_values, 9) as sum_of_values,
    round(sum_of_tfidf, 12) as sum_of_tfidf,
    round({{ ratio('raters', 'users') }}, 9) as share_of_segment,
    round({{ ratio('all_raters', 'all_users') }}, 9) as share_of_all,
    round({{ ratio('raters', 'all_raters') }} * all_users / users, 9) as lift,
    round({{ wilson_bound('raters', 'all_raters', 'lower') }} * all_users / users, 9) as lift_lower,
    round({{ wilson_bound('raters', 'all_raters', 'upper') }} * all_users / users, 9) as lift_upper,
    coalesce({{ shares_differ('raters', 'users', '(all_raters - raters)', '(all_users - users)') }}, false)
        as is_more_than_chance
from compared
