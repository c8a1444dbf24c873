from customer_segmentation import nodes


def model(dbt, session):
    dbt.config(materialized="published_table")
    mart = dbt.ref("bookings_customer_features")
    models, decisions = dbt.ref("bookings_segment_models"), dbt.ref("bookings_segment_decisions")
    return nodes.assign(session, mart, models, decisions, published=dbt.this)
