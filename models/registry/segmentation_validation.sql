{{ config(materialized='published_view') }}

with

segmentation_models as (

    select * from {{ ref('segmentation_models') }}

)

select
    segmentation_models.segmentation,
    segmentation_models.model_id,
    scores.classifier,
    coalesce(scores.evaluated_on, 'held_out') as evaluated_on,
    case when scores.classifier = 'naive_bayes' then coalesce(scores.naive_bayes, 'gaussian') end as naive_bayes,
    scores.accuracy_mean,
    scores.accuracy_std,
    scores.precision_mean,
    scores.precision_std,
    scores.recall_mean,
    scores.recall_std,
    scores.f1_mean,
    scores.f1_std
from segmentation_models
    lateral view inline(validation.classifiers) scores
