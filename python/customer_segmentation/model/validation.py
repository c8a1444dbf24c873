"""What classifiers found that predict the segment of a customer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

EvaluatedOn = Literal["held_out", "training"]
"""``held_out``: every customer is predicted by a classifier that has not seen it, that of its fold.
``training``: all are predicted by a classifier that was fitted on all of them."""
NaiveBayes = Literal["gaussian", "multinomial", "bernoulli"]


@dataclass(frozen=True)
class ClassifierScores:
    """How well one classifier finds the segments, over the folds.

    Precision, recall and F1 are macro: the plain mean over the segments. ``_std`` is the population
    standard deviation; training rows are one fold, and theirs is 0.

    Attributes:
        classifier: ``naive_bayes``, ``decision_tree`` or ``logistic_regression``.
        evaluated_on: Which rows are predicted.
        naive_bayes: What naive Bayes takes the values for; None for another classifier.
        accuracy_mean: Share of a fold's customers whose own segment is predicted, which is the
            diagonal of the confusion counts over all of them, mean of folds.
    """

    classifier: str
    evaluated_on: EvaluatedOn
    naive_bayes: NaiveBayes | None
    accuracy_mean: float
    accuracy_std: float
    precision_mean: float
    precision_std: float
    recall_mean: float
    recall_std: float
    f1_mean: float
    f1_std: float


@dataclass(frozen=True)
class SegmentScores:
    """How well one classifier finds one segment, over the predictions of all folds.

    Attributes:
        classifier: As in :class:`ClassifierScores`.
        evaluated_on: Likewise.
        segment_id: The segment's value in the labels.
        precision: Customers of the segment over customers predicted to be; 0 where none is.
        recall: Customers predicted to be of the segment over customers of it.
        f1: Harmonic mean of precision and recall; 0 where both are.
        support: Customers of the segment.
    """

    classifier: str
    evaluated_on: EvaluatedOn
    segment_id: int
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class ConfusionCount:
    """Customers of one segment that a classifier predicts to be of another, or of the same.

    Only pairs that occur are listed. ``fold`` is 1..folds: the customers predicted together; all
    training rows are in 1.
    """

    classifier: str
    evaluated_on: EvaluatedOn
    fold: int
    actual_segment_id: int
    predicted_segment_id: int
    customers: int


@dataclass(frozen=True)
class SmallSegment:
    """A segment with fewer customers than there are folds, left out."""

    segment_id: int
    customers: int


@dataclass(frozen=True)
class Validation:
    """What the classifiers found.

    Attributes:
        folds: Number of folds.
        customers: Customers predicted: those sampled, less those of segments that are too small.
        too_small: Segments left out, by ``segment_id``.
        empty_reason: Why nothing was predicted, in words; None where something was. The three
            tuples below are empty with it.
        classifiers: One item per classifier and ``evaluated_on``.
        segments: One item per classifier, ``evaluated_on`` and segment.
        confusion: Counts of predictions.
    """

    folds: int
    customers: int
    too_small: tuple[SmallSegment, ...]
    empty_reason: str | None
    classifiers: tuple[ClassifierScores, ...]
    segments: tuple[SegmentScores, ...]
    confusion: tuple[ConfusionCount, ...]
