{{ config(materialized='published_view') }}

-- A field of an exploded struct reads to the linter like a column of another table.
-- noqa: disable=references.consistent

with

segment_models as (

    select * from {{ ref('retail_segment_models') }}

),

candidates as (

    select
        model_id,
        candidate
    from segment_models
        lateral view explode(candidates) as candidate

)

select
    model_id,
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
    candidate.elbow as is_elbow,
    candidate.chosen as is_chosen
from candidates
