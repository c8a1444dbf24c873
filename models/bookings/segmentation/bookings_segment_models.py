from customer_segmentation import nodes


def model(dbt, session):
    dbt.config(materialized="published_table", always_run=True)
    mart = dbt.ref("bookings_customer_features")
    return nodes.train(session, mart, published=dbt.this, meta=dbt.config.get("meta"))
