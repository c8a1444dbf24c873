{{ config(materialized='published_view') }}

with

migration as (

    select * from {{ ref('segmentation_migration') }}

),

-- Each move leaves a segment and enters another, once by the customer and once by the model.
entries as (

    select
        segmentation,
        as_of_date,
        previous_segment_id as segment_id,
        customers as customers_before,
        0 as customers_entered,
        0 as customers_left,
        0 as model_brought,
        0 as model_took,
        0 as customers_after
    from migration
    union all
    select
        segmentation,
        as_of_date,
        segment_id_by_previous_model as segment_id,
        0 as customers_before,
        if(customer_move = 'stayed', 0, customers) as customers_entered,
        0 as customers_left,
        0 as model_brought,
        if(is_model_move, customers, 0) as model_took,
        0 as customers_after
    from migration
    union all
    select
        segmentation,
        as_of_date,
        previous_segment_id as segment_id,
        0 as customers_before,
        0 as customers_entered,
        if(customer_move = 'stayed', 0, customers) as customers_left,
        0 as model_brought,
        0 as model_took,
        0 as customers_after
    from migration
    union all
    select
        segmentation,
        as_of_date,
        segment_id,
        0 as customers_before,
        0 as customers_entered,
        0 as customers_left,
        if(is_model_move, customers, 0) as model_brought,
        0 as model_took,
        customers as customers_after
    from migration

)

select
    segmentation,
    as_of_date,
    segment_id,
    sum(customers_before) as customers_before,
    sum(customers_entered) as customers_entered,
    sum(customers_left) as customers_left,
    sum(model_brought) as model_brought,
    sum(model_took) as model_took,
    sum(customers_after) as customers_after
from entries
where segment_id is not null
group by segmentation, as_of_date, segment_id
