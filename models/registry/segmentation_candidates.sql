{{ config(materialized='published_view') }}

with

segmentation_models as (

    select * from {{ ref('segmentation_models') }}

)

select
    segmentation_models.segmentation,
    segmentation_models.model_id,
    candidate.algorithm,
    candidate.reduced as is_reduced,
    candidate.k,
    candidate.inertia,
    candidate.silhouette as silhouette_squared_euclidean,
    candidate.calinski_harabasz,
    candidate.davies_bouldin,
    candidate.smallest_share,
    candidate.gap,
    candidate.gap_standard_error,
    candidate.stability,
    candidate.noise_share,
    candidate.agreement,
    candidate.customers_measured,
    candidate.customers_repeated,
    candidate.inertia_unreduced,
    candidate.silhouette_unreduced as silhouette_unreduced_squared_euclidean,
    candidate.elbow as is_elbow,
    candidate.chosen as is_chosen
from segmentation_models
    lateral view inline(candidates) candidate
