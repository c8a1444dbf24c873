{{ config(materialized='published_view', schema='internal') }}

with

raw_customers as (

    select
        {{ raw_columns('bookings_customers') }}
    from {{ raw_table('bookings_customers') }}

),

renamed as (

    select
        {{ raw_text('customer_id') }} as customer_text,
        {{ raw_text('gender') }} as gender_text,
        {{ raw_timestamp('bookings_customers', 'birth_date') }} as birth_date_typed,
        case
            when {{ raw_timestamp('bookings_customers', 'birth_date') }} is null then {{ raw_text('birth_date') }}
        end as birth_date_text,
        {{ raw_number_text('bookings_customers', 'birth_year') }} as birth_year_text,
        {{ raw_text('country') }} as country_text,
        {{ raw_text('language') }} as language_text,
        {{ raw_timestamp('bookings_customers', 'signed_up_at') }} as signed_up_at_typed,
        case
            when {{ raw_timestamp('bookings_customers', 'signed_up_at') }} is null then {{ raw_text('signed_up_at') }}
        end as signed_up_at_text,
        {{ raw_text('email_consent') }} as email_consent_text,
        {{ raw_text('sms_consent') }} as sms_consent_text,
        is_selected,
        malformed_line is not null as is_malformed
    from raw_customers

),

typed as (

    select
        {{ clean_identifier('customer_text') }} as customer_id,
        gender_text,
        birth_date_text,
        coalesce(
            birth_date_typed,
            {{ parse_timestamp(
                'birth_date_text', setting('bookings_birth_date_format'), raw_time_zone('bookings_customers')
            ) }}
        ) as birth_date,
        birth_year_text,
        {{ parse_whole_number('birth_year_text', raw_numbers('bookings_customers')) }} as birth_year,
        country_text,
        language_text,
        signed_up_at_text,
        coalesce(
            signed_up_at_typed,
            {{ parse_timestamp(
                'signed_up_at_text', setting('bookings_signed_up_at_format'), raw_time_zone('bookings_customers')
            ) }}
        ) as signed_up_at,
        email_consent_text,
        sms_consent_text,
        is_selected,
        is_malformed
    from renamed

)

select
    customer_id,
    gender_text,
    birth_date_text,
    cast(birth_date as date) as birth_date,
    birth_year_text,
    birth_year,
    country_text,
    language_text,
    signed_up_at_text,
    cast(signed_up_at as date) as signed_up_on,
    email_consent_text,
    sms_consent_text,
    is_selected,
    is_malformed
from typed
