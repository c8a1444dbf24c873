from customer_segmentation import nodes


def model(dbt, session):
    dbt.config(materialized="published_table")
    mart, matrix = dbt.ref("ratings_user_features"), dbt.ref("ratings_user_items")
    models, decisions = dbt.ref("ratings_segment_models"), dbt.ref("ratings_segment_decisions")
    return nodes.assign(session, mart, models, decisions, matrix=matrix, published=dbt.this)
