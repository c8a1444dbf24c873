-- Gates of severity error that the newest model misses; scoring goes on with the model promoted before.
{{ config(severity='error') }}

with

newest as (

    select max_by(model_id, struct(trained_at, model_id)) as model_id
    from {{ ref('retail_segment_models') }}

)

select
    segment_quality.model_id,
    segment_quality.measure,
    segment_quality.value,
    segment_quality.bound,
    segment_quality.meaning
from {{ ref('retail_segment_quality') }} as segment_quality
inner join newest on segment_quality.model_id = newest.model_id
where not segment_quality.passed and segment_quality.severity = 'error'
