with

customer_engagement as (

    select * from {{ ref('int_bookings__customer_engagement') }}

),

customer_segments as (

    select * from {{ ref('bookings_customer_segments') }}

),

segment_names as (

    select * from {{ ref('bookings_segment_names') }}

),

totalled as (

    select
        'campaign_type' as breakdown,
        customer_engagement.campaign_type,
        coalesce(customer_segments.segment_id, 0) as segment_id,
        count(*) as guests,
        sum(customer_engagement.sent) as sent,
        sum(customer_engagement.opened) as opened,
        sum(customer_engagement.clicked) as clicked,
        sum(customer_engagement.converted) as converted,
        sum(customer_engagement.unsubscribed) as unsubscribed,
        sum(customer_engagement.responses_without_sent) as responses_without_sent
    from customer_engagement
    left join customer_segments on customer_engagement.customer_id = customer_segments.customer_id
    group by customer_engagement.campaign_type, coalesce(customer_segments.segment_id, 0)

),

judged as (

    {{ hidden_cells(
        'totalled', 'breakdown', 'campaign_type', 'segment_id', 'guests', setting('bookings_smallest_group'),
        measures=['sent', 'opened', 'clicked', 'converted', 'unsubscribed', 'responses_without_sent']
    ) }}

)

select
    judged.campaign_type,
    judged.segment_id,
    coalesce(segment_names.segment_name, 'No segment') as segment_name,
    case when not judged.is_hidden then judged.guests end as guests,
    case when not judged.is_hidden then judged.sent end as sent,
    case when not judged.is_hidden then judged.opened end as opened,
    case when not judged.is_hidden then judged.clicked end as clicked,
    case when not judged.is_hidden then judged.converted end as converted,
    case when not judged.is_hidden then judged.unsubscribed end as unsubscribed,
    case when not judged.is_hidden then judged.responses_without_sent end as responses_without_sent,
    case when not judged.is_hidden then round({{ ratio('judged.opened', 'judged.sent') }}, 6) end as open_rate,
    case when not judged.is_hidden then round({{ wilson_bound('judged.opened', 'judged.sent', 'lower') }}, 6) end
        as open_rate_lower,
    case when not judged.is_hidden then round({{ wilson_bound('judged.opened', 'judged.sent', 'upper') }}, 6) end
        as open_rate_upper,
    case when not judged.is_hidden then round({{ ratio('judged.clicked', 'judged.sent') }}, 6) end as click_rate,
    case when not judged.is_hidden then round({{ wilson_bound('judged.clicked', 'judged.sent', 'lower') }}, 6) end
        as click_rate_lower,
    case when not judged.is_hidden then round({{ wilson_bound('judged.clicked', 'judged.sent', 'upper') }}, 6) end
        as click_rate_upper,
    case when not judged.is_hidden then round({{ ratio('judged.converted', 'judged.sent') }}, 6) end as conversion_rate,
    case when not judged.is_hidden then round({{ wilson_bound('judged.converted', 'judged.sent', 'lower') }}, 6) end
        as conversion_rate_lower,
    case when not judged.is_hidden then round({{ wilson_bound('judged.converted', 'judged.sent', 'upper') }}, 6) end
        as conversion_rate_upper,
    judged.is_hidden
from judged
left join segment_names on judged.segment_id = segment_names.segment_id
