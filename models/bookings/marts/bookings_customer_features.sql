{% set levels = bookings_levels() %}

with

bookings as (

    select * from {{ ref('bookings_bookings') }}

),

customers as (

    select * from {{ ref('bookings_customers') }}

),

customer_months as (

    select * from {{ ref('bookings_customer_months') }}

),

customer_engagement as (

    select * from {{ ref('int_bookings__customer_engagement') }}

),

generations as (

    select * from {{ ref('bookings_generations') }}

),

described as (

    select
        *,
        status = 'kept' as is_stay,
        {{ bookings_listed_level('stay_type', 'stay_type') }} as stay_type_level,
        {{ bookings_listed_level('visit_category', 'visit_category') }} as visit_category_level,
        dayofweek(arrival_date) in (6, 7) as is_weekend,
        case
            when month(arrival_date) in (3, 4, 5) then 'spring'
            when month(arrival_date) in (6, 7, 8) then 'summer'
            when month(arrival_date) in (9, 10, 11) then 'autumn'
            else 'winter'
        end as season
    from bookings
    where customer_id is not null

),

-- By property first, so that the number of properties is a number of rows.
customer_properties as (

    select
        customer_id,
        property_id,
        count(*) as bookings,
        count_if(is_stay) as stays,
        count_if(status = 'cancelled') as cancelled,
        count_if(status = 'no-show') as no_shows,
        min(case when is_stay then arrival_date end) as first_stay_date,
        max(case when is_stay then arrival_date end) as last_stay_date,
        sum(case when is_stay then nights else 0 end) as nights,
        sum(case when is_stay then revenue else 0 end) as revenue,
        sum(case when is_stay then 0 else revenue end) as lost_revenue,
        sum(lead_days) as lead_days,
        count(lead_days) as bookings_with_lead,
        sum(case when is_stay then guests end) as guests,
        count(case when is_stay then guests end) as stays_with_guests,
        {% for season in levels['season'] -%}
        count_if(is_stay and season = '{{ season }}') as {{ season }}_stays,
        {% endfor -%}
        {% for level in levels['stay_type'] + ['other'] -%}
        count_if(is_stay and stay_type_level = '{{ level }}') as stay_type_{{ level }},
        {% endfor -%}
        {% for level in levels['visit_category'] + ['other'] -%}
        count_if(is_stay and visit_category_level = '{{ level }}') as visit_{{ level }},
        {% endfor -%}
        count_if(is_stay and is_weekend) as weekend_stays
    from described
    group by customer_id, property_id

),

all_totals as (

    select
        customer_id,
        count_if(stays > 0) as properties_stayed_at,
        sum(bookings) as bookings,
        sum(stays) as stays,
        sum(cancelled) as cancelled,
        sum(no_shows) as no_shows,
        min(first_stay_date) as first_stay_date,
        max(last_stay_date) as last_stay_date,
        sum(nights) as nights,
        sum(revenue) as revenue,
        sum(lost_revenue) as lost_revenue,
        sum(lead_days) as lead_days,
        sum(bookings_with_lead) as bookings_with_lead,
        sum(guests) as guests,
        sum(stays_with_guests) as stays_with_guests,
        {% for season in levels['season'] -%}
        sum({{ season }}_stays) as {{ season }}_stays,
        {% endfor -%}
        {% for level in levels['stay_type'] + ['other'] -%}
        sum(stay_type_{{ level }}) as stay_type_{{ level }},
        {% endfor -%}
        {% for level in levels['visit_category'] + ['other'] -%}
        sum(visit_{{ level }}) as visit_{{ level }},
        {% endfor -%}
        sum(weekend_stays) as weekend_stays
    from customer_properties
    group by customer_id

),

-- Customers who have stayed: the others are counted in bookings_customers.
customer_totals as (

    select *
    from all_totals
    where stays > 0

),

levelled_engagement as (

    select
        *,
        {{ bookings_listed_level('campaign_type', 'campaign_type') }} as campaign_type_level
    from customer_engagement

),

engagement as (

    select
        customer_id,
        sum(sent) as sent,
        sum(opened) as opened,
        sum(clicked) as clicked,
        sum(converted) as converted,
        sum(unsubscribed) as unsubscribed,
        {% for level in levels['campaign_type'] + ['other'] -%}
        sum(case when campaign_type_level = '{{ level }}' then sent else 0 end) as {{ level }}_sent,
        sum(case when campaign_type_level = '{{ level }}' then opened else 0 end) as {{ level }}_opened,
        sum(case when campaign_type_level = '{{ level }}' then clicked else 0 end) as {{ level }}_clicked,
        sum(case when campaign_type_level = '{{ level }}' then converted else 0 end) as {{ level }}_converted,
        {% endfor -%}
        max(last_response_on) as last_response_on
    from levelled_engagement
    group by customer_id

),

-- The 12 calendar months of the pivot are counted back from this one, which is month 00.
month_window as (

    {% if setting('bookings_month_window_end') -%}
    select date'{{ setting("bookings_month_window_end") }}-01' as last_month
    {%- else -%}
    select cast(date_trunc('month', max(as_of_date)) as date) as last_month from customers
    {%- endif %}

),

windowed_months as (

    select
        customer_months.customer_id,
        customer_months.stays,
        customer_months.revenue,
        cast(months_between(month_window.last_month, customer_months.arrival_month) as int) as months_ago
    from customer_months
    cross join month_window

),

customer_pivot as (

    select
        customer_id,
        {%- for m in range(12) %}
        sum(case when months_ago = {{ m }} then stays else 0 end) as stays_{{ m }},
        sum(case when months_ago = {{ m }} then revenue else 0 end) as revenue_{{ m }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from windowed_months
    group by customer_id

),

all_customers as (

    select count(*) as customers from customer_totals

),

country_group_sizes as (

    select
        customers.country_group,
        count(*) as customers
    from customers
    inner join customer_totals on customers.customer_id = customer_totals.customer_id
    group by customers.country_group

),

country_group_levels as (

    select
        country_group_sizes.country_group,
        case
            when country_group_sizes.customers >= {{ setting('bookings_rare_level_share') }} * all_customers.customers
                then country_group_sizes.country_group
            else 'Other'
        end as country_group_level
    from country_group_sizes
    cross join all_customers

),

generation_ranks as (

    select
        generation,
        row_number() over (order by birth_year_from) as generation_rank
    from generations

)

select
    customers.customer_id,
    customers.as_of_date,

    -- Who it is.
    customers.gender,
    cast(customers.gender = 'female' as int) as is_female,
    cast(customers.gender = 'male' as int) as is_male,
    cast(customers.gender = 'diverse' as int) as is_diverse,
    cast(customers.age as int) as age,
    cast(customers.age is not null as int) as is_age_known,
    customers.generation,
    cast(coalesce(generation_ranks.generation_rank, 0) as int) as generation_rank,
    customers.country,
    customers.country_group,
    country_group_levels.country_group_level,
    customers.preferred_language,
    cast(customers.has_email_consent as int) as has_email_consent,
    cast(customers.has_sms_consent as int) as has_sms_consent,
    cast(datediff(customers.as_of_date, customers.signed_up_on) as int) as days_since_signup,

    -- Recency, frequency, money.
    customer_totals.first_stay_date,
    customer_totals.last_stay_date,
    cast(datediff(customers.as_of_date, customer_totals.last_stay_date) as int) as days_since_last_stay,
    cast(datediff(customers.as_of_date, customer_totals.first_stay_date) as int) as days_since_first_stay,
    cast(customer_totals.bookings as int) as bookings_lifetime,
    cast(customer_totals.stays as int) as stays_lifetime,
    cast(customer_totals.cancelled as int) as cancelled_bookings_lifetime,
    cast(customer_totals.no_shows as int) as no_show_bookings_lifetime,
    cast(customer_totals.nights as int) as nights_lifetime,
    cast(customer_totals.properties_stayed_at as int) as properties_lifetime,
    cast(customer_totals.revenue as decimal(28, 4)) as revenue_lifetime,
    cast(customer_totals.lost_revenue as decimal(28, 4)) as lost_revenue_lifetime,
    {{ ratio('customer_totals.revenue', 'customer_totals.stays') }} as average_revenue_per_stay,
    {{ ratio('customer_totals.revenue', 'customer_totals.nights') }} as average_revenue_per_night,

    -- What is booked, and what becomes of it.
    {{ ratio('customer_totals.cancelled', 'customer_totals.bookings') }} as cancellation_rate,
    {{ ratio('customer_totals.no_shows', 'customer_totals.bookings') }} as no_show_rate,
    {{ ratio('customer_totals.lead_days', 'customer_totals.bookings_with_lead') }} as average_lead_days,
    {{ ratio('customer_totals.nights', 'customer_totals.stays') }} as average_nights,
    {{ ratio('customer_totals.guests', 'customer_totals.stays_with_guests') }} as average_guests,
    {{ ratio('customer_totals.weekend_stays', 'customer_totals.stays') }} as share_of_weekend_stays,
    {% for season in levels['season'] -%}
    {{ ratio('customer_totals.' ~ season ~ '_stays', 'customer_totals.stays') }} as share_of_{{ season }}_stays,
    {% endfor -%}
    {% for level in levels['stay_type'] + ['other'] -%}
    {{ ratio('customer_totals.stay_type_' ~ level, 'customer_totals.stays') }} as share_of_{{ level }}_stay_type,
    {% endfor -%}
    {% for level in levels['visit_category'] + ['other'] -%}
    {{ ratio('customer_totals.visit_' ~ level, 'customer_totals.stays') }} as share_of_{{ level }}_visits,
    {% endfor %}
    -- How campaigns are answered.
    cast(coalesce(engagement.sent, 0) as int) as campaigns_sent,
    {{ ratio('engagement.opened', 'engagement.sent') }} as open_rate,
    {{ ratio('engagement.clicked', 'engagement.sent') }} as click_rate,
    {{ ratio('engagement.converted', 'engagement.sent') }} as conversion_rate,
    {% for level in levels['campaign_type'] + ['other'] -%}
    cast(coalesce(engagement.{{ level }}_sent, 0) as int) as {{ level }}_campaigns_sent,
    {{ ratio('engagement.' ~ level ~ '_opened', 'engagement.' ~ level ~ '_sent') }} as {{ level }}_open_rate,
    {{ ratio('engagement.' ~ level ~ '_clicked', 'engagement.' ~ level ~ '_sent') }} as {{ level }}_click_rate,
    {{ ratio('engagement.' ~ level ~ '_converted', 'engagement.' ~ level ~ '_sent') }} as {{ level }}_conversion_rate,
    {% endfor -%}
    cast(datediff(customers.as_of_date, engagement.last_response_on) as int) as days_since_last_response,
    cast(coalesce(engagement.unsubscribed > 0, false) as int) as is_unsubscribed,

    -- The last twelve months.
    {% for m in range(12) -%}
    cast(customer_pivot.stays_{{ m }} as int) as stays_months_ago_{{ '%02d' % m }},
    {% endfor -%}
    {% for m in range(12) -%}
    cast(customer_pivot.revenue_{{ m }} as decimal(28, 4)) as revenue_months_ago_{{ '%02d' % m }}
    {%- if not loop.last %},{% endif %}
    {% endfor -%}
from customer_totals
inner join customers on customer_totals.customer_id = customers.customer_id
inner join customer_pivot on customer_totals.customer_id = customer_pivot.customer_id
left join engagement on customer_totals.customer_id = engagement.customer_id
left join country_group_levels on customers.country_group = country_group_levels.country_group
left join generation_ranks on customers.generation = generation_ranks.generation
