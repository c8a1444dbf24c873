with

bookings as (

    select * from {{ ref('bookings_bookings') }}

),

customers as (

    select * from {{ ref('bookings_customers') }}

),

customer_segments as (

    select * from {{ ref('bookings_customer_segments') }}

),

segment_names as (

    select * from {{ ref('bookings_segment_names') }}

),

-- Whom a booking counts for: its customer, or a guest of its own where it has none.
placed as (

    select
        coalesce(bookings.customer_id, concat('booking ', bookings.booking_id)) as guest,
        coalesce(customer_segments.segment_id, 0) as segment_id,
        coalesce(customers.country, 'Unknown') as country,
        bookings.property_id,
        cast(date_trunc('month', bookings.arrival_date) as date) as arrival_month,
        bookings.status,
        bookings.nights,
        bookings.revenue
    from bookings
    left join customers on bookings.customer_id = customers.customer_id
    left join customer_segments on bookings.customer_id = customer_segments.customer_id

),

guest_totals as (

    select
        guest,
        segment_id,
        country,
        property_id,
        arrival_month,
        count(*) as bookings,
        count_if(status = 'kept') as stays,
        count_if(status = 'cancelled') as cancelled_bookings,
        count_if(status = 'no-show') as no_show_bookings,
        sum(case when status = 'kept' then nights else 0 end) as nights,
        sum(case when status = 'kept' then revenue else 0 end) as revenue,
        sum(case when status = 'kept' then 0 else revenue end) as lost_revenue
    from placed
    group by guest, segment_id, country, property_id, arrival_month

),

countries as (

    select
        country,
        row_number() over (order by sum(revenue) desc, country asc) as revenue_rank
    from guest_totals
    group by country

),

properties as (

    select
        property_id,
        row_number() over (order by sum(revenue) desc, property_id asc) as revenue_rank
    from guest_totals
    group by property_id

),

named as (

    select
        guest_totals.*,
        {{ top_or_other('guest_totals.country', 'countries.revenue_rank', setting('bookings_top_countries')) }}
            as top_country,
        {{ top_or_other('guest_totals.property_id', 'properties.revenue_rank', setting('bookings_top_properties')) }}
            as top_property
    from guest_totals
    inner join countries on guest_totals.country = countries.country
    inner join properties on guest_totals.property_id = properties.property_id

),

broken_down as (

    select
        segment_id,
        guest,
        bookings,
        stays,
        cancelled_bookings,
        no_show_bookings,
        nights,
        revenue,
        lost_revenue,
        stack(
            3,
            'country', top_country,
            'property', top_property,
            'month', date_format(arrival_month, 'yyyy-MM')
        ) as (breakdown, breakdown_value)
    from named

),

of_guests as (

    select
        breakdown,
        breakdown_value,
        segment_id,
        guest,
        sum(bookings) as bookings,
        sum(stays) as stays,
        sum(cancelled_bookings) as cancelled_bookings,
        sum(no_show_bookings) as no_show_bookings,
        sum(nights) as nights,
        sum(revenue) as revenue,
        sum(lost_revenue) as lost_revenue
    from broken_down
    group by breakdown, breakdown_value, segment_id, guest

),

totalled as (

    select
        breakdown,
        breakdown_value,
        segment_id,
        count(*) as guests,
        sum(bookings) as bookings,
        sum(stays) as stays,
        sum(cancelled_bookings) as cancelled_bookings,
        sum(no_show_bookings) as no_show_bookings,
        sum(nights) as nights,
        sum(revenue) as revenue,
        sum(lost_revenue) as lost_revenue
    from of_guests
    group by breakdown, breakdown_value, segment_id

),

judged as (

    {{ hidden_cells(
        'totalled', 'breakdown', 'breakdown_value', 'segment_id', 'guests', setting('bookings_smallest_group'),
        measures=['bookings', 'stays', 'cancelled_bookings', 'no_show_bookings', 'nights', 'revenue', 'lost_revenue']
    ) }}

),

compared as (

    select
        *,
        sum(revenue) over (partition by breakdown, segment_id) as segment_revenue,
        sum(revenue) over (partition by breakdown, breakdown_value) as value_revenue,
        sum(revenue) over (partition by breakdown) as total_revenue,
        max(revenue) over (partition by breakdown, segment_id) as segment_peak
    from judged

)

select
    compared.breakdown,
    compared.breakdown_value,
    compared.segment_id,
    coalesce(segment_names.segment_name, 'No segment') as segment_name,
    compared.is_hidden,
    {% for column in ['guests', 'bookings', 'stays', 'cancelled_bookings', 'no_show_bookings', 'nights'] -%}
    case when not compared.is_hidden then compared.{{ column }} end as {{ column }},
    {% endfor -%}
    case when not compared.is_hidden then cast(compared.revenue as decimal(28, 4)) end as revenue,
    case when not compared.is_hidden then cast(compared.lost_revenue as decimal(28, 4)) end as lost_revenue,
    case when not compared.is_total_hidden then cast(compared.value_revenue as decimal(28, 4)) end as value_revenue,
    case when not compared.is_hidden then round({{ ratio('compared.cancelled_bookings', 'compared.bookings') }}, 6) end
        as cancellation_rate,
    case when not compared.is_hidden then round({{ ratio('compared.revenue', 'compared.segment_revenue') }}, 6) end
        as share_of_segment,
    case when not compared.is_total_hidden then round({{ ratio('compared.revenue', 'compared.value_revenue') }}, 6) end
        as share_of_value,
    case when not compared.is_hidden then round({{ ratio('compared.revenue', 'compared.total_revenue') }}, 6) end
        as share_of_total,
    case
        when not compared.is_hidden
            then compared.breakdown = 'month' and compared.revenue = compared.segment_peak and compared.revenue > 0
    end as is_peak_month_of_segment,
    compared.breakdown = 'month'
    and compared.value_revenue = max(compared.value_revenue) over (partition by compared.breakdown)
        as is_peak_month
from compared
left join segment_names on compared.segment_id = segment_names.segment_id
