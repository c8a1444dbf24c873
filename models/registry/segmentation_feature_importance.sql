{{ config(materialized='published_view') }}

with

segmentation_models as (

    select * from {{ ref('segmentation_models') }}

)

select
    segmentation_models.segmentation,
    segmentation_models.model_id,
    importance.feature,
    importance.variance_share,
    importance.between_share,
    importance.eta_squared,
    importance.alone_rand_index,
    importance.compared_customers,
    importance.is_dominant,
    importance.warning
from segmentation_models
    lateral view inline(feature_importances) importance
