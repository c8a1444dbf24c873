{{ config(schema='internal', before_publication='bookings_check_judged_campaign_events') }}

with

campaign_events as (

    select * from {{ ref('stg_bookings__campaign_events') }}

),

signups as (

    select
        customer_id,
        signed_up_on
    from {{ ref('int_bookings__judged_customers') }}
    where rejection_reason is null and signed_up_on is not null

),

-- Rows of customers who were erased count, and have nothing that says whose they are.
known as (

    {{ rows_with_erased_cleared(
        'campaign_events',
        owner='customer_id',
        kept=['is_selected', 'is_malformed', 'campaign_type'],
        cleared=[
            'customer_id', 'campaign_id', 'event_text', 'event', 'occurred_at_text', 'occurred_at', 'occurred_on',
        ],
    ) }}

),

signed_up as (

    select
        known.*,
        signups.signed_up_on
    from known
    left join signups on known.customer_id = signups.customer_id

)

select
    case
        when is_erased then 'erased'
        when is_malformed then 'malformed_line'
        when not is_selected then 'not_a_campaign_event'
        when customer_id is null then 'missing_customer'
        when campaign_id is null then 'missing_campaign'
        when event is null then 'missing_event'
        when event not in ('sent', 'opened', 'clicked', 'converted', 'unsubscribed') then 'unknown_event'
        when occurred_on is null then if(occurred_at_text is null, 'missing_time', 'unparsable_time')
        when occurred_on > date'{{ run_date() }}' then 'future_date'
        {% if setting('as_of_date') -%}
        when occurred_on > date'{{ setting("as_of_date") }}' then 'after_as_of_date'
        {% endif -%}
        when occurred_on < signed_up_on then 'before_signup'
    end as rejection_reason,
    customer_id,
    campaign_id,
    campaign_type,
    event,
    event_text,
    occurred_at,
    occurred_on,
    occurred_at_text
from signed_up
