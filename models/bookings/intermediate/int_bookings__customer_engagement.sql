{{ config(schema='internal') }}

with

campaign_events as (

    select * from {{ ref('bookings_campaign_events') }}

),

-- Each campaign once a customer, however often it was opened. Who clicked has opened, also where no open is on record.
contacts as (

    select
        customer_id,
        campaign_id,
        max(campaign_type) as campaign_type,
        bool_or(event = 'sent') as is_sent,
        bool_or(event in ('opened', 'clicked')) as is_opened,
        bool_or(event = 'clicked') as is_clicked,
        bool_or(event = 'converted') as is_converted,
        bool_or(event = 'unsubscribed') as is_unsubscribed,
        max(case when event in ('opened', 'clicked', 'converted') then occurred_on end) as last_response_on
    from campaign_events
    group by customer_id, campaign_id

)

select
    customer_id,
    coalesce(campaign_type, 'unknown') as campaign_type,
    count_if(is_sent) as sent,
    count_if(is_sent and is_opened) as opened,
    count_if(is_sent and is_clicked) as clicked,
    count_if(is_sent and is_converted) as converted,
    count_if(is_unsubscribed) as unsubscribed,
    count_if(not is_sent and (is_opened or is_converted)) as responses_without_sent,
    max(last_response_on) as last_response_on
from contacts
group by customer_id, coalesce(campaign_type, 'unknown')
