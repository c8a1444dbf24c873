{{ config(schema='internal') }}

with

user_genres as (

    select * from {{ ref('int_ratings__user_genres') }}

),

user_totals as (

    select * from {{ ref('int_ratings__user_lengths') }}

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

users as (

    select
        customer_segments.user_id,
        customer_segments.segment_id,
        coalesce(user_totals.ratings, 0) as ratings
    from customer_segments
    left join user_totals on customer_segments.user_id = user_totals.user_id

),

segment_totals as (

    select
        segment_id,
        count(*) as users,
        sum(ratings) as ratings,
        sum(cast(ratings as double) * ratings) as square_of_ratings
    from users
    group by segment_id

),

all_ratings as (

    select sum(ratings) as ratings from segment_totals

),

genre_weights as (

    select
        user_genres.genre,
        round(ln((1 + max(all_users.users)) / (1 + count(*))) + 1, 12) as idf
    from user_genres
    cross join all_users
    group by user_genres.genre

),

weighted as (

    select
        user_genres.*,
        user_genres.sum_of_values * genre_weights.idf as weight
    from user_genres
    inner join genre_weights on user_genres.genre = genre_weights.genre

),

user_lengths as (

    select
        user_id,
        sqrt(sum(weight * weight)) as row_length
    from weighted
    group by user_id

),

totalled as (

    select
        'genres' as breakdown,
        users.segment_id,
        weighted.genre,
        count(*) as raters,
        sum(weighted.ratings) as genre_ratings,
        sum(cast(weighted.ratings as double) * weighted.ratings) as square_of_genre_ratings,
        sum(cast(weighted.ratings as double) * users.ratings) as product_of_ratings,
        sum(weighted.sum_of_ratings) as sum_of_ratings,
        sum({{ ratio('weighted.weight', 'user_lengths.row_length') }}) as sum_of_tfidf
    from weighted
    inner join user_lengths on weighted.user_id = user_lengths.user_id
    inner join users on weighted.user_id = users.user_id
    group by users.segment_id, weighted.genre

),

-- How many users rated a genre is known, so within a genre no small group may be what is left of it.
judged as (

    {{ hidden_cells(
        'totalled', 'breakdown', 'segment_id', 'genre', 'raters', setting('ratings_smallest_group'),
        measures=[
            'genre_ratings', 'square_of_genre_ratings', 'product_of_ratings', 'sum_of_ratings', 'sum_of_tfidf'
        ],
        empty=false
    ) }}

),

compared as (

    select
        judged.*,
        segment_totals.users,
        segment_totals.ratings,
        segment_totals.square_of_ratings,
        judged.genre_ratings / cast(segment_totals.ratings as double) as share_of_ratings,
        sum(judged.genre_ratings) over (partition by judged.genre) / cast(all_ratings.ratings as double)
            as share_of_all_ratings
    from judged
    inner join segment_totals on judged.segment_id = segment_totals.segment_id
    cross join all_ratings
    where judged.raters > 0

),

-- Variance of a ratio of two sums over users: ratings of one user are no independent trials. Null of one user.
varied as (

    select
        *,
        sqrt(
            greatest(
                square_of_genre_ratings
                - 2 * share_of_ratings * product_of_ratings
                + share_of_ratings * share_of_ratings * square_of_ratings,
                0
            ) * users / nullif(users - 1, 0)
        ) / ratings as share_deviation
    from compared

)

select
    segment_id,
    genre,
    users,
    ratings,
    raters,
    genre_ratings,
    is_hidden,
    round(sum_of_ratings, 9) as sum_of_ratings,
    round(sum_of_tfidf, 12) as sum_of_tfidf,
    round({{ ratio('raters', 'users') }}, 9) as share_of_segment,
    round(share_of_ratings, 9) as share_of_ratings,
    round(share_of_all_ratings, 9) as share_of_all_ratings,
    round(share_of_ratings / share_of_all_ratings, 9) as lift,
    round(greatest(share_of_ratings - 1.959963984540054 * share_deviation, 0) / share_of_all_ratings, 9) as lift_lower,
    round(least(share_of_ratings + 1.959963984540054 * share_deviation, 1) / share_of_all_ratings, 9) as lift_upper
from varied
