{{ config(materialized='published_view', schema='internal') }}

{% set given = given_columns('bookings_bookings') %}

with

raw_bookings as (

    select
        {{ raw_columns('bookings_bookings') }}
    from {{ raw_table('bookings_bookings') }}

),

renamed as (

    select
        {{ raw_text('booking_id') }} as booking_text,
        {{ raw_text('customer_id') }} as customer_text,
        {{ raw_text('property_id') }} as property_text,
        {{ raw_text('stay_type') }} as stay_type_text,
        {{ raw_text('visit_category') }} as visit_category_text,
        {{ raw_timestamp('bookings_bookings', 'booked_at') }} as booked_at_typed,
        case
            when {{ raw_timestamp('bookings_bookings', 'booked_at') }} is null then {{ raw_text('booked_at') }}
        end as booked_at_text,
        {{ raw_timestamp('bookings_bookings', 'arrival_date') }} as arrival_typed,
        case
            when {{ raw_timestamp('bookings_bookings', 'arrival_date') }} is null then {{ raw_text('arrival_date') }}
        end as arrival_date_text,
        {{ raw_number_text('bookings_bookings', 'nights') }} as nights_text,
        {{ raw_number_text('bookings_bookings', 'guests') }} as guests_text,
        {{ raw_text('channel') }} as channel_text,
        {% if 'status' in given -%}
        {{ raw_text('status') }} as status_text,
        {% else -%}
        'kept' as status_text,
        {% endif -%}
        {{ raw_number_text('bookings_bookings', 'revenue') }} as revenue_text,
        {{ raw_text('currency') }} as currency_text,
        {{ raw_text('country') }} as country_text,
        is_selected,
        malformed_line is not null as is_malformed
    from raw_bookings

),

typed as (

    select
        {{ clean_identifier('booking_text') }} as booking_id,
        {{ clean_identifier('customer_text') }} as customer_id,
        {{ clean_identifier('property_text') }} as property_id,
        {{ bookings_level('stay_type_text') }} as stay_type,
        {{ bookings_level('visit_category_text') }} as visit_category,
        booked_at_text,
        coalesce(
            booked_at_typed,
            {{ parse_timestamp(
                'booked_at_text', setting('bookings_booked_at_format'), raw_time_zone('bookings_bookings')
            ) }}
        ) as booked_at,
        arrival_date_text,
        coalesce(
            arrival_typed,
            {{ parse_timestamp(
                'arrival_date_text', setting('bookings_arrival_date_format'), raw_time_zone('bookings_bookings')
            ) }}
        ) as arrived_at,
        nights_text,
        {{ parse_whole_number('nights_text', raw_numbers('bookings_bookings')) }} as nights,
        guests_text,
        {{ parse_whole_number('guests_text', raw_numbers('bookings_bookings')) }} as guests,
        {{ bookings_level('channel_text') }} as channel,
        status_text,
        revenue_text,
        {{ parse_decimal('revenue_text', 18, 4, raw_numbers('bookings_bookings')) }} as revenue_in_currency,
        {{ currency_code('currency_text') }} as currency,
        country_text,
        is_selected,
        is_malformed
    from renamed

)

select
    booking_id,
    customer_id,
    property_id,
    stay_type,
    visit_category,
    booked_at_text,
    cast(booked_at as timestamp) as booked_at,
    cast(booked_at as date) as booked_on,
    arrival_date_text,
    cast(arrived_at as date) as arrival_date,
    nights_text,
    nights,
    guests_text,
    guests,
    channel,
    status_text,
    revenue_text,
    revenue_in_currency,
    currency,
    country_text,
    is_selected,
    is_malformed
from typed
