from customer_segmentation import nodes


def model(dbt, session):
    dbt.config(materialized="published_table")
    models = dbt.ref("retail_segment_models")
    features = dbt.ref("retail_customer_features")
    return nodes.assign(models, features)
