with

segment_genres as (

    select * from {{ ref('int_ratings__segment_genres') }}

),

segment_names as (

    select * from {{ ref('ratings_segment_names') }}

),

published as (

    select
        segment_id,
        genre,
        raters,
        genre_ratings as ratings,
        round(share_of_segment, 6) as share_of_segment,
        round(share_of_ratings, 6) as share_of_ratings,
        round(share_of_all_ratings, 6) as share_of_all_ratings,
        round(sum_of_ratings / genre_ratings, 6) as mean_rating,
        round(sum_of_tfidf / users, 12) as mean_tfidf,
        round(lift, 6) as lift,
        round(lift_lower, 6) as lift_lower,
        round(lift_upper, 6) as lift_upper
    from segment_genres
    where not is_hidden

)

select
    published.segment_id,
    coalesce(segment_names.segment_name, 'No segment') as segment_name,
    published.genre,
    cast(row_number() over (
        partition by published.segment_id order by published.mean_tfidf desc, published.genre asc
    ) as int) as genre_rank,
    cast(row_number() over (
        partition by published.segment_id order by published.lift_lower desc, published.genre asc
    ) as int) as lift_rank,
    published.raters,
    published.ratings,
    published.share_of_segment,
    published.share_of_ratings,
    published.share_of_all_ratings,
    published.mean_rating,
    published.mean_tfidf,
    published.lift,
    published.lift_lower,
    published.lift_upper
from published
left join segment_names on published.segment_id = segment_names.segment_id
