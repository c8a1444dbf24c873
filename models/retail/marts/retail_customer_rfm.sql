with

customer_features as (

    select * from {{ ref('retail_customer_features') }}

),

cut_points as (

    select * from {{ ref('retail_rfm_cut_points') }}

),

rfm_classes as (

    select * from {{ ref('retail_rfm_classes') }}

),

recency_cuts as (

    select * from cut_points
    where measure = 'recency'

),

frequency_cuts as (

    select * from cut_points
    where measure = 'frequency'

),

monetary_cuts as (

    select * from cut_points
    where measure = 'monetary'

),

-- Few days since the last order is good, so recency counts down from 6: the most recent customers score 5.
scored as (

    select
        customer_features.customer_id,
        customer_features.as_of_date,
        customer_features.days_since_last_order,
        customer_features.orders_lifetime,
        customer_features.net_revenue_lifetime,
        6 - ({{ rfm_score('customer_features.days_since_last_order', 'recency_cuts') }}) as recency_score,
        {{ rfm_score('customer_features.orders_lifetime', 'frequency_cuts') }} as frequency_score,
        {{ rfm_score('customer_features.net_revenue_lifetime', 'monetary_cuts') }} as monetary_score
    from customer_features
    cross join recency_cuts
    cross join frequency_cuts
    cross join monetary_cuts

),

scores as (

    select distinct
        recency_score,
        frequency_score,
        monetary_score
    from scored

),

-- The class of a score triple is the first rule of the table that it meets.
score_classes as (

    select
        scores.recency_score,
        scores.frequency_score,
        scores.monetary_score,
        min_by(rfm_classes.rfm_class, rfm_classes.priority) as rfm_class
    from scores
    inner join rfm_classes
        on
            scores.recency_score between rfm_classes.recency_from and rfm_classes.recency_to
            and scores.frequency_score between rfm_classes.frequency_from and rfm_classes.frequency_to
            and scores.monetary_score between rfm_classes.monetary_from and rfm_classes.monetary_to
    group by scores.recency_score, scores.frequency_score, scores.monetary_score

)

select
    scored.customer_id,
    scored.as_of_date,
    scored.days_since_last_order,
    scored.orders_lifetime,
    scored.net_revenue_lifetime,
    scored.recency_score,
    scored.frequency_score,
    scored.monetary_score,
    concat(
        cast(scored.recency_score as string),
        cast(scored.frequency_score as string),
        cast(scored.monetary_score as string)
    ) as rfm_cell,
    score_classes.rfm_class
from scored
left join score_classes
    on
        scored.recency_score = score_classes.recency_score
        and scored.frequency_score = score_classes.frequency_score
        and scored.monetary_score = score_classes.monetary_score
