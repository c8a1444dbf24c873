"""Errors a user can act on: each message says what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Sequence


class SegmentationError(Exception):
    """Base of every error that this package raises on purpose."""


class SpecificationError(SegmentationError):
    """The segmentation specification cannot be used.

    Args:
        where: What holds the specification, for example a dbt model and its config key.
        problems: One sentence per problem, each opening with the path of the key.
    """

    def __init__(self, where: str, problems: Sequence[str]) -> None:
        self.where = where
        self.problems = tuple(problems)
        listed = "\n".join(f"  - {problem}" for problem in self.problems)
        super().__init__(f"The segmentation specification in {where} is wrong:\n{listed}")


class InputError(SegmentationError):
    """The customers in the feature mart cannot be clustered or scored as they are."""


class ModelFormatError(SegmentationError):
    """A row of the model table is not one that this version of the library can read."""


class ModelMismatchError(SegmentationError):
    """The feature mart lacks columns that the trained model needs."""
