"""What keeps a mart from being segmented."""

from __future__ import annotations

from customer_segmentation.errors import SegmentationError


class MartError(SegmentationError):
    """A mart that no specification can be proposed for.

    Args:
        mart: Name of the dbt model.
        problems: One text per problem: what is wrong and what to do.
    """

    def __init__(self, mart: str, problems: list[str]) -> None:
        listed = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(f"{mart} cannot be segmented as it is:\n{listed}")
