"""Raw ratings of items by users, with planted tastes and known bad rows.

The shipped ``seeds/ratings/ratings_raw_*.csv`` are what
``segmentation sample ratings --users 360 --items 240 --ratings 12960 --seed 42 --out DIR`` writes.
"""
