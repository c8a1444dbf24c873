"""What a segmentation's Python models do: read Spark tables, call the library, return rows."""

from customer_segmentation.nodes.assign import assign, scoring_model
from customer_segmentation.nodes.tables import newest_model
from customer_segmentation.nodes.train import train

__all__ = ["assign", "newest_model", "scoring_model", "train"]
