{#
  The known formats of retail: for each the settings that its export needs, columns and conventions. A var of the same name
  takes precedence; in retail_order_lines_columns it does so column by column.
#}
{% macro retail_formats() -%}
  {{ return({
      'uci': {
          'retail_order_lines_columns': {
              'invoice_id': 'InvoiceNo', 'product_id': 'StockCode', 'description': 'Description', 'quantity': 'Quantity',
              'ordered_at': 'InvoiceDate', 'unit_price': 'UnitPrice', 'customer_id': 'CustomerID', 'country': 'Country',
          },
          'retail_cancellation_prefix': 'C',
          'retail_adjustment_prefix': 'A',
          'retail_adjustment_product_ids': ['B'],
      },
      'shopify': {
          'retail_order_lines_columns': {
              'invoice_id': '`Name`', 'product_id': "coalesce(nullif(`Lineitem sku`, ''), `Lineitem name`)",
              'description': '`Lineitem name`', 'quantity': '`Lineitem quantity`', 'ordered_at': '`Created at`',
              'unit_price': '`Lineitem price`', 'customer_id': 'lower(trim(`Email`))', 'country': '`Billing Country`',
              'currency': '`Currency`',
          },
          'retail_order_lines_filter': "coalesce(`Cancelled at`, '') = ''",
          'retail_columns_of_the_order': ['customer_id', 'ordered_at', 'country', 'currency'],
      },
      'woocommerce': {
          'retail_order_lines_columns': {
              'invoice_id': '`Order Number`', 'product_id': "coalesce(nullif(`SKU`, ''), `Item Name`)",
              'description': '`Item Name`', 'quantity': '`Quantity (- Refund)`', 'ordered_at': '`Order Date`',
              'unit_price': '`Item Cost`', 'customer_id': 'lower(trim(`Email (Billing)`))',
              'country': '`Country Code (Billing)`',
          },
          'retail_order_lines_filter':
              "regexp_replace(lower(coalesce(`Order Status`, '')), '^wc-', '') not in "
                  ~ "('cancelled', 'failed', 'pending', 'pending payment', 'draft', 'checkout-draft', 'auto-draft', 'trash')",
          'retail_columns_of_the_order': ['customer_id', 'ordered_at', 'country'],
      },
      'stripe_charges': {
          'retail_order_lines_columns': {
              'invoice_id': '`id`', 'description': '`Description`', 'ordered_at': '`Created date (UTC)`',
              'line_amount': '`Amount`', 'order_amount': "concat('-', nullif(`Amount Refunded`, ''))",
              'currency': '`Currency`',
              'customer_id': "coalesce(nullif(`Customer ID`, ''), lower(trim(`Customer Email`)))",
          },
          'retail_order_lines_filter': 
              "lower(`Status`) in ('paid', 'refunded') and `Amount` != coalesce(`Amount Refunded`, '')",
      },
      'order_level': {
          'retail_order_lines_columns': {'line_amount': 'amount'},
      },
  }) }}
{%- endmacro %}
