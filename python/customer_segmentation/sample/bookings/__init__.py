"""Raw customers, bookings and campaign events, with planted guest groups and known bad rows.

The shipped ``seeds/bookings/bookings_raw_*.csv`` are what
``segmentation sample bookings --customers 600 --seed 42 --out DIR`` writes.
"""
