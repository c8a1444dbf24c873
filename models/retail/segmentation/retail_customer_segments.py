from customer_segmentation import nodes


def model(dbt, session):
    dbt.config(materialized="published_table")
    features = dbt.ref("retail_customer_features")
    models = dbt.ref("retail_segment_models")
    promotions = dbt.ref("retail_segment_decisions")
    return nodes.assign(session, features, models, promotions, published=dbt.this)
