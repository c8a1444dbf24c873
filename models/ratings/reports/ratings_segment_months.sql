with

ratings as (

    select * from {{ ref('ratings_ratings') }}

),

customer_segments as (

    select * from {{ ref('ratings_customer_segments') }}

),

segment_names as (

    select * from {{ ref('ratings_segment_names') }}

),

user_months as (

    select
        user_id,
        cast(date_trunc('month', rated_at) as date) as rated_month,
        count(*) as ratings,
        sum(rating) as sum_of_ratings
    from ratings
    where rated_at is not null
    group by user_id, cast(date_trunc('month', rated_at) as date)

),

totalled as (

    select
        'months' as breakdown,
        coalesce(customer_segments.segment_id, 0) as segment_id,
        user_months.rated_month,
        count(*) as users,
        sum(user_months.ratings) as ratings,
        sum(user_months.sum_of_ratings) as sum_of_ratings
    from user_months
    left join customer_segments on user_months.user_id = customer_segments.user_id
    group by coalesce(customer_segments.segment_id, 0), user_months.rated_month

),

judged as (

    {{ hidden_cells(
        'totalled', 'breakdown', 'rated_month', 'segment_id', 'users', setting('ratings_smallest_group'),
        measures=['ratings', 'sum_of_ratings'], empty=false
    ) }}

)

select
    judged.segment_id,
    coalesce(segment_names.segment_name, 'No segment') as segment_name,
    judged.rated_month,
    judged.users,
    judged.ratings,
    round(judged.sum_of_ratings / judged.ratings, 6) as mean_rating
from judged
left join segment_names on judged.segment_id = segment_names.segment_id
where judged.users > 0 and not judged.is_hidden
