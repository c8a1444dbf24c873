{{ config(materialized='published_view') }}

with

segmentation_models as (

    select * from {{ ref('segmentation_models') }}

)

select
    segmentation_models.segmentation,
    segmentation_models.model_id,
    pair.feature,
    pair.other_feature,
    pair.row_count,
    pair.spearman,
    pair.is_strong,
    pair.drop as drop_feature,
    pair.reason
from segmentation_models
    lateral view inline(feature_correlations) pair
