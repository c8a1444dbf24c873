{{ config(schema='internal') }}

with

user_items as (

    select * from {{ ref('ratings_user_items') }}

),

item_weights as (

    select * from {{ ref('int_ratings__item_weights') }}

),

user_lengths as (

    select * from {{ ref('int_ratings__user_lengths') }}

),

customer_segments as (

    select * from {{ ref('ratings_customer_segments') }}

),

users as (

    select
        customer_segments.user_id,
        coalesce(customer_segments.segment_id, 0) as segment_id,
        user_lengths.row_length
    from customer_segments
    inner join user_lengths on customer_segments.user_id = user_lengths.user_id

)

select
    users.segment_id,
    item_weights.item_id,
    count(*) as raters,
    round(sum(user_items.rating), 9) as sum_of_ratings,
    round(sum(user_items.value), 9) as sum_of_values,
    round(sum({{ ratio('user_items.value * item_weights.idf', 'users.row_length') }}), 12) as sum_of_tfidf
from user_items
inner join item_weights on user_items.item_id = item_weights.item_id
inner join users on user_items.user_id = users.user_id
group by users.segment_id, item_weights.item_id
