{{ config(materialized='published_view') }}

with

segmentation_models as (

    select * from {{ ref('segmentation_models') }}

),

segments as (

    select
        segmentation_models.segmentation,
        segmentation_models.model_id,
        segment.segment_id,
        segment.size,
        segment.share,
        segment.radius,
        segment.centroid
    from segmentation_models
        lateral view inline(segments) segment

),

centroids as (

    select
        segments.segmentation,
        segments.model_id,
        segments.segment_id,
        segments.size,
        segments.share,
        segments.radius,
        coordinate.feature,
        coordinate.scaled,
        coordinate.original
    from segments
        lateral view inline(centroid) coordinate

),

scalings as (

    select
        segmentation_models.segmentation,
        segmentation_models.model_id,
        scaling.name as feature,
        scaling.transform,
        scaling.lower,
        scaling.upper,
        scaling.centre,
        scaling.scale
    from segmentation_models
        lateral view inline(features) scaling

)

select
    centroids.segmentation,
    centroids.model_id,
    centroids.segment_id,
    centroids.feature,
    centroids.scaled as centroid_scaled,
    centroids.original as centroid_original,
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
        centroids.segmentation = scalings.segmentation
        and centroids.model_id = scalings.model_id
        and centroids.feature = scalings.feature
