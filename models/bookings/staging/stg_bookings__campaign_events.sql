{{ config(materialized='published_view', schema='internal') }}

with

raw_campaign_events as (

    select
        {{ raw_columns('bookings_campaign_events') }}
    from {{ raw_table('bookings_campaign_events') }}

),

renamed as (

    select
        {{ raw_text('customer_id') }} as customer_text,
        {{ raw_text('campaign_id') }} as campaign_text,
        {{ raw_text('campaign_type') }} as campaign_type_text,
        {{ raw_text('event') }} as event_text,
        {{ raw_timestamp('bookings_campaign_events', 'occurred_at') }} as occurred_at_typed,
        case
            when {{ raw_timestamp('bookings_campaign_events', 'occurred_at') }} is null
                then {{ raw_text('occurred_at') }}
        end as occurred_at_text,
        is_selected,
        malformed_line is not null as is_malformed
    from raw_campaign_events

),

typed as (

    select
        {{ clean_identifier('customer_text') }} as customer_id,
        {{ clean_identifier('campaign_text') }} as campaign_id,
        {{ bookings_level('campaign_type_text') }} as campaign_type,
        event_text,
        {{ bookings_level('event_text') }} as event,
        occurred_at_text,
        coalesce(
            occurred_at_typed,
            {{ parse_timestamp(
                'occurred_at_text', setting('bookings_occurred_at_format'), raw_time_zone('bookings_campaign_events')
            ) }}
        ) as occurred_at,
        is_selected,
        is_malformed
    from renamed

)

select
    customer_id,
    campaign_id,
    campaign_type,
    event_text,
    event,
    occurred_at_text,
    cast(occurred_at as timestamp) as occurred_at,
    cast(occurred_at as date) as occurred_on,
    is_selected,
    is_malformed
from typed
