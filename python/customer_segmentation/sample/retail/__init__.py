"""Raw retail order lines, with planted customer groups and known bad rows.

The shipped ``seeds/retail/retail_raw_order_lines.csv`` is what
``segmentation sample retail --customers 400 --seed 42 --out DIR`` writes.
"""
