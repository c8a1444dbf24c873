"""Can the segments be told apart by the features? Classifiers predict them by cross-validation.

A segment that a simple classifier cannot find again from the features is no use to anyone who wants
to act on it. All figures follow from the confusion counts, which are of out-of-fold predictions:
every customer is predicted once, by a classifier that has not seen it.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from customer_segmentation.model.validation import (
    ClassifierScores,
    ConfusionCount,
    SegmentScores,
    SmallSegment,
    Validation,
)
from customer_segmentation.numerics.arrays import FloatArray, Labels
from customer_segmentation.numerics.sampling import random_sample

_DEEPEST_TREE = 8
_MOST_ITERATIONS = 1000
_FEWEST_SEGMENTS = 2

Counts = npt.NDArray[np.intp]


def validate(
    points: FloatArray,
    labels: Labels,
    *,
    folds: int,
    random_seed: int,
    sample_size: int | None = None,
) -> Validation:
    """Predict each customer's segment from the features by stratified cross-validation.

    Gaussian naive Bayes, a decision tree of at most 8 levels, and multinomial logistic regression
    with L2 penalty (C = 1, at most 1000 iterations), as in scikit-learn. A segment with fewer
    customers than folds would be missing from some: its customers are left out.

    Args:
        points: Scaled features (n, features) in an order that does not depend on the source: the
            folds go by position.
        labels: The segment of each customer (n,), one integer per segment; segment ids will do.
        folds: At least 2.
        random_seed: Seed of the sample, of the folds and of the tree.
        sample_size: Use this many customers, drawn without replacement; all where None or where
            there are no more.

    Raises:
        ValueError: Fewer than 2 folds.
    """
    if folds < 2:
        raise ValueError(f"{folds} folds, at least 2 are needed")
    segment_ids = np.unique(labels)
    sampled = random_sample(len(points), sample_size, random_seed)
    points, labels = points[sampled], labels[sampled]
    points = np.asarray(points, dtype=np.float64)
    sizes = {int(item): int(np.sum(labels == item)) for item in segment_ids}
    too_small = tuple(SmallSegment(item, size) for item, size in sizes.items() if size < folds)
    kept = np.array([item for item, size in sizes.items() if size >= folds], dtype=np.intp)
    if len(kept) < _FEWEST_SEGMENTS:
        reason = (
            f"{len(kept)} of {len(sizes)} segments have at least {folds} customers, one per fold; "
            f"{_FEWEST_SEGMENTS} are needed to tell apart"
        )
        return Validation(folds, 0, too_small, reason, (), (), ())

    usable = np.isin(labels, kept)
    counts = _cross_validate(points[usable], labels[usable], kept, folds, random_seed)
    return Validation(
        folds=folds,
        customers=int(usable.sum()),
        too_small=too_small,
        empty_reason=None,
        classifiers=tuple(_scores(name, found) for name, found in counts.items()),
        segments=tuple(
            scores for name, found in counts.items() for scores in _by_segment(name, found, kept)
        ),
        confusion=tuple(
            ConfusionCount(
                name, int(fold) + 1, int(kept[actual]), int(kept[predicted]), int(customers)
            )
            for name, found in counts.items()
            for (fold, actual, predicted), customers in np.ndenumerate(found)
            if customers
        ),
    )


def _classifiers(random_seed: int) -> dict[str, Any]:
    return {
        "naive_bayes": GaussianNB(),
        # Ties between equally good splits go by the seed.
        "decision_tree": DecisionTreeClassifier(max_depth=_DEEPEST_TREE, random_state=random_seed),
        "logistic_regression": LogisticRegression(max_iter=_MOST_ITERATIONS),
    }


def _cross_validate(
    points: FloatArray, labels: Labels, segment_ids: Labels, folds: int, random_seed: int
) -> Mapping[str, Counts]:
    """Confusion counts (folds, actual segments, predicted segments) per classifier."""
    classifiers = _classifiers(random_seed)
    counts: dict[str, list[Counts]] = {name: [] for name in classifiers}
    splits = StratifiedKFold(folds, shuffle=True, random_state=random_seed)
    # Threads add partial sums in another order on another number of cores.
    with threadpool_limits(limits=1), warnings.catch_warnings():
        # A regression that is not done after its iterations predicts all the same.
        warnings.simplefilter("ignore", ConvergenceWarning)
        for train, test in splits.split(points, labels):
            for name, classifier in classifiers.items():
                predicted = classifier.fit(points[train], labels[train]).predict(points[test])
                counts[name].append(confusion_matrix(labels[test], predicted, labels=segment_ids))
    return {name: np.array(found) for name, found in counts.items()}


def _by_class(counts: Counts) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Precision, recall and F1 of each class, of counts (..., actual, predicted)."""
    hits = np.diagonal(counts, axis1=-2, axis2=-1)
    actual, predicted = counts.sum(axis=-1), counts.sum(axis=-2)
    # A class that is never predicted has 0 hits, and so a precision of 0 rather than none.
    return hits / np.maximum(predicted, 1), hits / actual, 2 * hits / (actual + predicted)


def _scores(classifier: str, counts: Counts) -> ClassifierScores:
    hits = np.trace(counts, axis1=-2, axis2=-1)
    accuracy = hits / counts.sum(axis=(-2, -1))
    precision, recall, f1 = (figure.mean(axis=-1) for figure in _by_class(counts))
    return ClassifierScores(
        classifier=classifier,
        accuracy_mean=float(accuracy.mean()),
        accuracy_std=float(accuracy.std()),
        precision_mean=float(precision.mean()),
        precision_std=float(precision.std()),
        recall_mean=float(recall.mean()),
        recall_std=float(recall.std()),
        f1_mean=float(f1.mean()),
        f1_std=float(f1.std()),
    )


def _by_segment(classifier: str, counts: Counts, segment_ids: Labels) -> list[SegmentScores]:
    total = counts.sum(axis=0)
    return [
        SegmentScores(
            classifier, int(segment_id), float(precision), float(recall), float(f1), int(support)
        )
        for segment_id, precision, recall, f1, support in zip(
            segment_ids, *_by_class(total), total.sum(axis=1), strict=True
        )
    ]
