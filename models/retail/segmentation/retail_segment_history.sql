-- Carries its own rows on: a scoring ends the stays of customers that left, and begins new ones. What was recorded for
-- the day of the scoring or a later one is replaced, so that a day scored twice counts once.
with

customer_segments as (

    select * from {{ ref('retail_customer_segments') }}

),

recorded as (

    {{ published_rows({
        'customer_id': 'string',
        'segment_id': 'int',
        'from_date': 'date',
        'to_date': 'date',
        'model_id': 'string',
    }) }}

),

scoring as (

    select max(as_of_date) as as_of_date from customer_segments

),

stays_before as (

    select
        recorded.customer_id,
        recorded.segment_id,
        recorded.from_date,
        case when recorded.to_date < scoring.as_of_date then recorded.to_date end as to_date,
        recorded.model_id
    from recorded
    cross join scoring
    where recorded.from_date < scoring.as_of_date

),

carried_on as (

    select
        stays_before.customer_id,
        stays_before.segment_id,
        stays_before.from_date,
        case
            when stays_before.to_date is not null then stays_before.to_date
            when customer_segments.segment_id = stays_before.segment_id then null
            else scoring.as_of_date
        end as to_date,
        stays_before.model_id
    from stays_before
    cross join scoring
    left join customer_segments on stays_before.customer_id = customer_segments.customer_id

),

begun as (

    select
        customer_segments.customer_id,
        customer_segments.segment_id,
        customer_segments.as_of_date as from_date,
        cast(null as date) as to_date,
        customer_segments.model_id
    from customer_segments
    left anti join stays_before
        on
            customer_segments.customer_id = stays_before.customer_id
            and customer_segments.segment_id = stays_before.segment_id
            and stays_before.to_date is null

)

select
    customer_id,
    segment_id,
    from_date,
    to_date,
    model_id
from carried_on
union all
select
    customer_id,
    segment_id,
    from_date,
    to_date,
    model_id
from begun
