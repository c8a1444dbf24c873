with

feature_values as (

    select * from {{ ref('retail_customer_feature_values') }}

),

customer_segments as (

    select * from {{ ref('retail_customer_segments') }}

),

all_customers as (

    select
        feature,
        avg(feature_value) as feature_mean,
        stddev_pop(feature_value) as feature_deviation
    from feature_values
    group by feature

),

by_segment as (

    select
        customer_segments.segment_id,
        feature_values.feature,
        sum(feature_values.feature_value) as feature_sum,
        avg(feature_values.feature_value) as feature_mean,
        percentile(feature_values.feature_value, 0.5) as feature_median
    from feature_values
    inner join customer_segments on feature_values.customer_id = customer_segments.customer_id
    group by customer_segments.segment_id, feature_values.feature

)

select
    by_segment.segment_id,
    by_segment.feature,
    round(by_segment.feature_sum, 4) as feature_sum,
    round(by_segment.feature_mean, 4) as feature_mean,
    round(by_segment.feature_median, 4) as feature_median,
    round(all_customers.feature_mean, 4) as all_customers_mean,
    round(100 * by_segment.feature_mean / nullif(all_customers.feature_mean, 0), 2) as index_to_all,
    round(
        (by_segment.feature_mean - all_customers.feature_mean) / nullif(all_customers.feature_deviation, 0), 4
    ) as standardised_difference
from by_segment
inner join all_customers on by_segment.feature = all_customers.feature
