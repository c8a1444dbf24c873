{{ config(schema='internal', before_publication='ratings_check_judged_ratings') }}

{% set has_ratings = 'rating' in given_columns('ratings_ratings') %}
{% set rejects_copies = has_ratings and setting('ratings_exact_duplicates') == 'reject' %}
{% set counts_one = has_ratings and setting('ratings_repeated') in ['last', 'max'] %}

with

read_ratings as (

    select * from {{ ref('int_ratings__read_ratings') }}

),

-- Few pairs have more than one rating: only theirs are put in order, which takes long for all.
repeated_pairs as (

    select
        user_id,
        item_id
    from read_ratings
    where rating_reason is null
    group by user_id, item_id
    having count(*) > 1

),

rows_of_repeated_pairs as (

    select read_ratings.*
    from read_ratings
    left semi join repeated_pairs
        on read_ratings.user_id = repeated_pairs.user_id and read_ratings.item_id = repeated_pairs.item_id
    where read_ratings.rating_reason is null

),

-- Equal ratings of a pair stand side by side, the one that counts first.
ordered as (

    select
        *,
        row_number() over (
            partition by user_id, item_id
            {% if setting('ratings_repeated') == 'max' -%}
            order by rating desc, rated_at desc nulls last
            {% else -%}
            order by rated_at desc nulls last, rating desc
            {% endif %}
        ) as place,
        rank() over (
            partition by user_id, item_id
            {% if setting('ratings_repeated') == 'max' -%}
            order by rating desc, rated_at desc nulls last
            {% else -%}
            order by rated_at desc nulls last, rating desc
            {% endif %}
        ) as place_of_first_copy
    from rows_of_repeated_pairs

),

compared as (

    select
        case
            when {{ rejects_copies }} and place > place_of_first_copy then 'exact_duplicate'
            when {{ counts_one }} and place > 1 then 'repeated_rating'
        end as rejection_reason,
        user_id,
        item_id,
        rating,
        rated_at
    from ordered

),

rows_of_other_pairs as (

    select read_ratings.*
    from read_ratings
    left anti join repeated_pairs
        on read_ratings.user_id = repeated_pairs.user_id and read_ratings.item_id = repeated_pairs.item_id
    where read_ratings.rating_reason is null

),

rejected as (

    select * from read_ratings
    where rating_reason is not null

)

select
    rejection_reason,
    user_id,
    item_id,
    rating,
    cast(null as string) as rating_text,
    rated_at,
    cast(null as string) as rated_at_text
from compared
union all
select
    cast(null as string) as rejection_reason,
    user_id,
    item_id,
    rating,
    cast(null as string) as rating_text,
    rated_at,
    cast(null as string) as rated_at_text
from rows_of_other_pairs
union all
select
    rating_reason as rejection_reason,
    user_id,
    item_id,
    rating,
    rating_text,
    rated_at,
    rated_at_text
from rejected
