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

user_totals as (

    select
        user_id,
        count(*) as ratings,
        sum(rating) as sum_of_ratings,
        sum(rating * rating) as sum_of_squares,
        min(rated_at) as first_rated_at,
        max(rated_at) as last_rated_at
    from ratings
    group by user_id

),

totalled as (

    select
        'users' as breakdown,
        'all' as part,
        coalesce(customer_segments.segment_id, 0) as segment_id,
        max(customer_segments.model_id) as model_id,
        max(customer_segments.as_of_date) as as_of_date,
        count(*) as users,
        sum(user_totals.ratings) as ratings,
        percentile(user_totals.ratings, 0.5) as median_ratings_per_user,
        sum(user_totals.sum_of_ratings) as sum_of_ratings,
        sum(user_totals.sum_of_squares) as sum_of_squares,
        min(user_totals.first_rated_at) as first_rated_at,
        max(user_totals.last_rated_at) as last_rated_at
    from user_totals
    left join customer_segments on user_totals.user_id = customer_segments.user_id
    group by coalesce(customer_segments.segment_id, 0)

),

judged as (

    {{ hidden_cells(
        'totalled', 'breakdown', 'segment_id', 'part', 'users', setting('ratings_smallest_group'), empty=false
    ) }}

),

measured as (

    select
        totalled.*,
        judged.is_hidden,
        sum(totalled.users) over (partition by totalled.breakdown) as all_users,
        sum(totalled.ratings) over (partition by totalled.breakdown) as all_ratings,
        totalled.sum_of_ratings / totalled.ratings as mean_rating
    from totalled
    inner join judged on totalled.segment_id = judged.segment_id

)

select
    measured.segment_id,
    coalesce(segment_names.segment_name, 'No segment') as segment_name,
    segment_names.marked_by,
    measured.model_id,
    measured.as_of_date,
    measured.is_hidden,
    case when not measured.is_hidden then measured.users end as users,
    case when not measured.is_hidden then measured.ratings end as ratings,
    case when not measured.is_hidden then round(measured.users / cast(measured.all_users as double), 6) end
        as share_of_users,
    case when not measured.is_hidden then round(measured.ratings / cast(measured.all_ratings as double), 6) end
        as share_of_ratings,
    case when not measured.is_hidden then round(measured.ratings / cast(measured.users as double), 4) end
        as ratings_per_user,
    case when not measured.is_hidden then measured.median_ratings_per_user end as median_ratings_per_user,
    case when not measured.is_hidden then round(measured.mean_rating, 6) end as mean_rating,
    case
        when not measured.is_hidden
            then round(
                sqrt(greatest(
                    measured.sum_of_squares / measured.ratings - measured.mean_rating * measured.mean_rating, 0
                )),
                6
            )
    end as rating_spread,
    case when not measured.is_hidden then cast(measured.first_rated_at as date) end as first_rated_on,
    case when not measured.is_hidden then cast(measured.last_rated_at as date) end as last_rated_on
from measured
left join segment_names on measured.segment_id = segment_names.segment_id
