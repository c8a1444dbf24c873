"""Can the segments be told apart by the features? Classifiers predict them, seen and unseen.

A segment that a simple classifier cannot find again from the features is no use to anyone who wants
to act on it. All figures follow from the confusion counts of two predictions of every customer: by
a classifier that has not seen it (cross-validation), and by one that was fitted on all. Where the
second is much the better, the classifier learns customers by heart.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from customer_segmentation.description.naive_bayes import classifier_of, naive_bayes_of
from customer_segmentation.model.validation import (
    ClassifierScores,
    ConfusionCount,
    EvaluatedOn,
    NaiveBayes,
    SegmentScores,
    SmallSegment,
    Validation,
)
from customer_segmentation.numerics.arrays import FloatArray, Labels
from customer_segmentation.numerics.sampling import random_sample

_DEEPEST_TREE = 8
_MOST_ITERATIONS = 1000
_SPARSE_TOLERANCE = 1e-3
_FEWEST_SEGMENTS = 2

Counts = npt.NDArray[np.intp]


def validate(
    points: FloatArray | sparse.csr_array,
    labels: Labels,
    *,
    folds: int,
    random_seed: int,
    sample_size: int | None = None,
) -> Validation:
    """Predict each customer's segment from the features: cross-validated, and on the same rows.

    Naive Bayes as :func:`~customer_segmentation.description.naive_bayes.naive_bayes_of` says, a
    decision tree of at most 8 levels, and multinomial logistic regression with L2 penalty (C = 1,
    at most 1000 iterations), as in scikit-learn; folds are stratified. A sparse matrix stays
    sparse, and the regression gets it divided by its largest absolute value, which leaves 0 where
    it is, and ends where the gradient is below 1e-3 instead of 1e-4. A segment with fewer customers
    than folds would be missing from some: its customers are left out.

    Args:
        points: Scaled features (n, features), or a sparse matrix, in an order that does not depend
            on the source: the folds go by position.
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
    sampled = random_sample(points.shape[0], sample_size, random_seed)
    points, labels = _of_double(points[sampled]), labels[sampled]
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
    points, labels = points[usable], labels[usable]
    kind = naive_bayes_of(points)
    classifiers = _classifiers(points, kind, random_seed)
    predicted = _predicted(classifiers, points, labels, kept, folds, random_seed)
    return Validation(
        folds=folds,
        customers=int(usable.sum()),
        too_small=too_small,
        empty_reason=None,
        classifiers=tuple(
            _scores(name, rows, kind if name == "naive_bayes" else None, counts)
            for (name, rows), counts in predicted.items()
        ),
        segments=tuple(
            scores
            for (name, rows), counts in predicted.items()
            for scores in _by_segment(name, rows, counts, kept)
        ),
        confusion=tuple(
            ConfusionCount(
                name, rows, int(fold) + 1, int(kept[actual]), int(kept[guessed]), int(customers)
            )
            for (name, rows), counts in predicted.items()
            for (fold, actual, guessed), customers in np.ndenumerate(counts)
            if customers
        ),
    )


def _of_double(points: Any) -> Any:
    """As scikit-learn takes them: in float64, a sparse matrix with positions in 32 bits."""
    points = points.astype(np.float64, copy=False)
    if not sparse.issparse(points):
        return points
    positions = (points.indices.astype(np.int32), points.indptr.astype(np.int32))
    return sparse.csr_array((points.data, *positions), shape=points.shape)


def _classifiers(points: Any, kind: NaiveBayes, random_seed: int) -> dict[str, Any]:
    is_sparse = sparse.issparse(points)
    regression = LogisticRegression(max_iter=_MOST_ITERATIONS)
    if is_sparse:
        regression.set_params(tol=_SPARSE_TOLERANCE)
        largest = float(np.abs(points.data).max(initial=0)) or 1.0
        regression = make_pipeline(FunctionTransformer(lambda part: part / largest), regression)
    return {
        "naive_bayes": classifier_of(kind, is_sparse=is_sparse),
        # Ties between equally good splits go by the seed.
        "decision_tree": DecisionTreeClassifier(max_depth=_DEEPEST_TREE, random_state=random_seed),
        "logistic_regression": regression,
    }


def _predicted(
    classifiers: Mapping[str, Any],
    points: Any,
    labels: Labels,
    segment_ids: Labels,
    folds: int,
    random_seed: int,
) -> dict[tuple[str, EvaluatedOn], Counts]:
    """Confusion counts (folds, actual segments, predicted segments)."""
    everyone = np.arange(len(labels))
    splits = StratifiedKFold(folds, shuffle=True, random_state=random_seed)
    rows: dict[EvaluatedOn, list[tuple[Labels, Labels]]] = {
        "held_out": list(splits.split(everyone, labels)),
        "training": [(everyone, everyone)],
    }
    counts: dict[tuple[str, EvaluatedOn], Counts] = {}
    # Threads add partial sums in another order on another number of cores.
    with threadpool_limits(limits=1), warnings.catch_warnings():
        # A regression that is not done after its iterations predicts all the same.
        warnings.simplefilter("ignore", ConvergenceWarning)
        for evaluated_on, parts in rows.items():
            for name, classifier in classifiers.items():
                found = []
                for train, test in parts:
                    guessed = classifier.fit(points[train], labels[train]).predict(points[test])
                    found.append(confusion_matrix(labels[test], guessed, labels=segment_ids))
                counts[name, evaluated_on] = np.array(found)
    return counts


def _by_class(counts: Counts) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Precision, recall and F1 of each class, of counts (..., actual, predicted)."""
    hits = np.diagonal(counts, axis1=-2, axis2=-1)
    actual, predicted = counts.sum(axis=-1), counts.sum(axis=-2)
    # A class that is never predicted has 0 hits, and so a precision of 0 rather than none.
    return hits / np.maximum(predicted, 1), hits / actual, 2 * hits / (actual + predicted)


def _scores(
    classifier: str, rows: EvaluatedOn, naive_bayes: NaiveBayes | None, counts: Counts
) -> ClassifierScores:
    hits = np.trace(counts, axis1=-2, axis2=-1)
    accuracy = hits / counts.sum(axis=(-2, -1))
    precision, recall, f1 = (figure.mean(axis=-1) for figure in _by_class(counts))
    return ClassifierScores(
        classifier=classifier,
        evaluated_on=rows,
        naive_bayes=naive_bayes,
        accuracy_mean=float(accuracy.mean()),
        accuracy_std=float(accuracy.std()),
        precision_mean=float(precision.mean()),
        precision_std=float(precision.std()),
        recall_mean=float(recall.mean()),
        recall_std=float(recall.std()),
        f1_mean=float(f1.mean()),
        f1_std=float(f1.std()),
    )


def _by_segment(
    classifier: str, rows: EvaluatedOn, counts: Counts, segment_ids: Labels
) -> list[SegmentScores]:
    total = counts.sum(axis=0)
    return [
        SegmentScores(
            classifier,
            rows,
            int(segment_id),
            float(precision),
            float(recall),
            float(f1),
            int(support),
        )
        for segment_id, precision, recall, f1, support in zip(
            segment_ids, *_by_class(total), total.sum(axis=1), strict=True
        )
    ]
