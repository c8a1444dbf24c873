{{ config(materialized='published_view') }}

-- A field of an exploded struct reads to the linter like a column of another table.
-- noqa: disable=references.consistent

with

segment_models as (

    select * from {{ ref('retail_segment_models') }}

),

segments as (

    select
        model_id,
        segment.segment_id,
        segment.size,
        segment.share,
        segment.radius,
        segment.centroid
    from segment_models
        lateral view explode(segments) as segment

),

centroids as (

    select
        model_id,
        segment_id,
        size,
        share,
        radius,
        coordinate.feature,
        coordinate.scaled as centroid_scaled,
        coordinate.original as centroid_original
    from segments
        lateral view explode(centroid) as coordinate

),

scalings as (

    select
        model_id,
        scaling.name as feature,
        scaling.transform,
        scaling.lower,
        scaling.upper,
        scaling.centre,
        scaling.scale
    from segment_models
        lateral view explode(features) as scaling

)

select
    centroids.model_id,
    centroids.segment_id,
    centroids.feature,
    centroids.centroid_scaled,
    centroids.centroid_original,
    scalings.transform,
    scalings.lower,
    scalings.upper,
    scalings.centre,
    scalings.scale,
    centroids.size,
    centroids.share,
    centroids.radius
from centroids
inner join scalings
    on
        centroids.model_id = scalings.model_id
        and centroids.feature = scalings.feature
