with

visits as (

    select * from {{ ref('raw_class_visits') }}

)

select
    member_id,
    class_id,
    count(*) as visits
from visits
group by member_id, class_id
