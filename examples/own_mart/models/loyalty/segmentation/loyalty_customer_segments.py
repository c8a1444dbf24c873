from customer_segmentation import nodes


def model(dbt, session):
    dbt.config(materialized="published_table")
    mart = dbt.ref("loyalty_features")
    models, decisions = dbt.ref("loyalty_segment_models"), dbt.ref("loyalty_segment_decisions")
    return nodes.assign(session, mart, models, decisions, published=dbt.this)
