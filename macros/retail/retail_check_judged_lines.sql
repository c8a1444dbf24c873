{# Before the judged lines are published: says what was rejected, and stops where too much was. #}
{% macro retail_check_judged_lines(lines) -%}
  {%- do customer_segmentation.check_judged_rows(
      'order lines',
      lines,
      governed_by={
          'malformed_line': 'retail_order_lines_csv',
          'not_an_order': 'retail_order_lines_filter',
          'missing_invoice': 'retail_order_lines_columns',
          'missing_product': 'retail_order_lines_columns',
          'missing_quantity': 'retail_order_lines_columns',
          'unparsable_quantity': 'retail_order_lines_columns',
          'missing_date': 'retail_order_lines_columns',
          'unparsable_date': 'retail_ordered_at_format',
          'missing_rate': 'retail_rates_source',
          'missing_price': 'retail_order_lines_columns',
          'unparsable_price': 'retail_order_lines_columns',
          'after_as_of_date': 'as_of_date',
          'adjustment': 'retail_adjustment_prefix',
          'zero_quantity': 'retail_order_lines_columns',
          'zero_price': 'retail_zero_price_lines',
          'negative_price': 'retail_negative_price_lines',
          'return_excluded': 'retail_returns',
          'positive_return': 'retail_cancellation_prefix',
          'exact_duplicate': 'retail_exact_duplicates',
          'return_without_purchase': 'retail_returns',
      },
      owner='customer_id',
      money='line_amount',
      asked_for=['erased', 'not_an_order', 'after_as_of_date'],
      share_setting='retail_largest_rejected_share',
      example="concat_ws(' ', 'invoice', invoice_id, 'product', product_id, 'quantity', coalesce(quantity_text, cast(quantity as string)), "
          ~ "'at', coalesce(ordered_at_text, cast(ordered_at as string)), 'price', coalesce(unit_price_text, cast(unit_price as string)), "
          ~ "'amount', coalesce(amount_text, cast(line_amount as string)), malformed_line)"
  ) -%}
{%- endmacro %}
