-- The revenue of the stays is that of the customers plus that of nobody, in every table on the way to BI. The rows of a
-- report add up to it where none is hidden, and customers with a stay are those of the segments.
with

bookings as (

    select * from {{ ref('bookings_bookings') }}

),

segment_profile as (

    select * from {{ ref('bookings_segment_profile') }}

),

revenue_by_segment as (

    select * from {{ ref('bookings_revenue_by_segment') }}

),

accepted as (

    select
        coalesce(sum(revenue), 0) as all_money,
        coalesce(sum(case when customer_id is not null then revenue end), 0) as customer_money,
        count(distinct customer_id) as customers
    from bookings
    where status = 'kept'

),

hidden as (

    select
        (select max(is_hidden) from segment_profile) as is_profile_hidden,
        (select max(is_hidden) from revenue_by_segment) as is_breakdown_hidden

),

published as (

    select
        'money of bookings_customer_features' as figure,
        sum(revenue_lifetime) as amount
    from {{ ref('bookings_customer_features') }}
    union all
    select
        'money of bookings_customer_months' as figure,
        sum(revenue) as amount
    from {{ ref('bookings_customer_months') }}
    union all
    select
        'money of int_bookings__segment_totals' as figure,
        sum(revenue) as amount
    from {{ ref('int_bookings__segment_totals') }}
    union all
    select
        'money of bookings_segment_profile' as figure,
        sum(revenue) as amount
    from segment_profile
    union all
    select
        concat('all money by ', breakdown) as figure,
        sum(revenue) as amount
    from revenue_by_segment
    group by breakdown
    union all
    select
        'customers of bookings_customer_features' as figure,
        count(*) as amount
    from {{ ref('bookings_customer_features') }}
    union all
    select
        'customers of bookings_customer_segments' as figure,
        count(*) as amount
    from {{ ref('bookings_customer_segments') }}

),

compared as (

    select
        published.figure,
        published.amount as published_amount,
        case
            when published.figure like 'customers %' then accepted.customers
            when published.figure like 'all money %' then accepted.all_money
            else accepted.customer_money
        end as accepted_amount,
        case
            when published.figure like 'all money %' then hidden.is_breakdown_hidden
            when published.figure like '%profile' then hidden.is_profile_hidden
            else false
        end as is_part_hidden
    from published
    cross join accepted
    cross join hidden

)

-- What is hidden is missing in the sum: then there must be no more than there is.
select
    figure,
    published_amount,
    accepted_amount
from compared
where not coalesce(
    published_amount = accepted_amount
    or (is_part_hidden and coalesce(published_amount, 0) <= accepted_amount),
    false
)
