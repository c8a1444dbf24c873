from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support
from sklearn.model_selection import StratifiedKFold, cross_val_predict, cross_validate
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from customer_segmentation.description import validation
from customer_segmentation.description.validation import validate
from customer_segmentation.model.validation import (
    ClassifierScores,
    ConfusionCount,
    SegmentScores,
    SmallSegment,
    Validation,
)

NAMES = ("naive_bayes", "decision_tree", "logistic_regression")
SEED = 11


@pytest.fixture(autouse=True)
def _warnings_are_errors() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def overlapping(sizes: tuple[int, ...] = (90, 60, 30)) -> tuple[Any, Any]:
    """Segments 4, 5, ... one standard deviation apart."""
    rng = np.random.default_rng(8)
    labels = np.repeat(np.arange(4, 4 + len(sizes)), sizes)
    points = rng.normal(size=(len(labels), 2)) + labels[:, None]
    shuffled = rng.permutation(len(labels))
    return points[shuffled], labels[shuffled]


def two_places() -> tuple[Any, Any]:
    """Segment 1 has ten customers at 0 and two among the ten of segment 2 at 10."""
    points = np.array([[0.0]] * 10 + [[10.0]] * 12)
    return points, np.array([1] * 12 + [2] * 10)


def cells(found: Validation, classifier: str) -> dict[tuple[int, int], int]:
    """Customers per actual and predicted segment, over all folds."""
    counts: Counter[tuple[int, int]] = Counter()
    for item in found.confusion:
        if item.classifier == classifier:
            counts[item.actual_segment_id, item.predicted_segment_id] += item.customers
    return dict(counts)


def test_confusion_and_figures_by_hand() -> None:
    found = validate(*two_places(), folds=2, random_seed=SEED)
    assert (found.folds, found.customers, found.too_small) == (2, 22, ())
    assert found.empty_reason is None
    expected = []
    for name in NAMES:
        # Whoever is at 10 is taken for segment 2: the two of segment 1 are missed.
        assert cells(found, name) == {(1, 1): 10, (1, 2): 2, (2, 2): 10}
        expected += [
            SegmentScores(name, 1, 1.0, 10 / 12, pytest.approx(20 / 22), 12),
            SegmentScores(name, 2, 10 / 12, 1.0, pytest.approx(20 / 22), 10),
        ]
    assert found.segments == tuple(expected)


def test_folds_by_hand() -> None:
    found = validate(*two_places(), folds=2, random_seed=SEED)
    by_fold = [
        {
            (item.actual_segment_id, item.predicted_segment_id): item.customers
            for item in found.confusion
            if item.classifier == "decision_tree" and item.fold == fold
        }
        for fold in (1, 2)
    ]
    # Six customers of segment 1 and five of segment 2 in each fold, the two missed one each or both
    # in one of them.
    missed = [fold.get((1, 2), 0) for fold in by_fold]
    assert sorted(missed) in ([1, 1], [0, 2])
    assert by_fold == [
        {pair: size for pair, size in {(1, 1): 6 - m, (1, 2): m, (2, 2): 5}.items() if size}
        for m in missed
    ]
    scores = next(item for item in found.classifiers if item.classifier == "decision_tree")
    accuracy = [(11 - m) / 11 for m in missed]
    precision = [(1 + 5 / (5 + m)) / 2 for m in missed]
    recall = [((6 - m) / 6 + 1) / 2 for m in missed]
    f1 = [(2 * (6 - m) / (12 - m) + 10 / (10 + m)) / 2 for m in missed]
    assert scores == ClassifierScores(
        "decision_tree",
        *(
            pytest.approx(figure)
            for folds in (accuracy, precision, recall, f1)
            for figure in (sum(folds) / 2, abs(folds[0] - folds[1]) / 2)
        ),
    )


def test_figures_equal_scikit_learn() -> None:
    points, labels = overlapping()
    found = validate(points, labels, folds=3, random_seed=SEED)
    splits = StratifiedKFold(3, shuffle=True, random_state=SEED)
    classifiers = {
        "naive_bayes": GaussianNB(),
        "decision_tree": DecisionTreeClassifier(max_depth=8, random_state=SEED),
        "logistic_regression": LogisticRegression(max_iter=1000),
    }
    assert [item.classifier for item in found.classifiers] == list(classifiers)
    for scores, (name, classifier) in zip(found.classifiers, classifiers.items(), strict=True):
        scoring = {
            "accuracy": "accuracy",
            "precision": "precision_macro",
            "recall": "recall_macro",
            "f1": "f1_macro",
        }
        with threadpool_limits(limits=1):
            folds = cross_validate(classifier, points, labels, cv=splits, scoring=scoring)
            predicted = cross_val_predict(classifier, points, labels, cv=splits)
        for figure in scoring:
            values = folds[f"test_{figure}"]
            assert getattr(scores, f"{figure}_mean") == pytest.approx(values.mean())
            assert getattr(scores, f"{figure}_std") == pytest.approx(values.std())
        assert 0.3 < scores.accuracy_mean < 0.9

        matrix = confusion_matrix(labels, predicted)
        assert cells(found, name) == {
            (actual + 4, guess + 4): count
            for (actual, guess), count in np.ndenumerate(matrix)
            if count
        }
        figures = np.array(precision_recall_fscore_support(labels, predicted)).T
        of_segments = [item for item in found.segments if item.classifier == name]
        assert [item.segment_id for item in of_segments] == [4, 5, 6]
        np.testing.assert_allclose(
            [(item.precision, item.recall, item.f1, item.support) for item in of_segments], figures
        )


def test_the_tree_is_bounded() -> None:
    # 600 places of alternating segments need as many leaves; 8 levels have 256.
    points = np.repeat(np.arange(600.0), 4)[:, None]
    labels = (points[:, 0] % 2).astype(int)
    found = validate(points, labels, folds=2, random_seed=SEED)
    accuracy = {item.classifier: item.accuracy_mean for item in found.classifiers}
    assert accuracy["decision_tree"] < 0.95


def test_a_segment_that_is_never_predicted_has_no_precision_and_no_warning() -> None:
    # Five customers of segment 2 where there are forty of segment 1.
    points = np.array([[0.0]] * 45 + [[10.0]] * 20)
    labels = np.array([1] * 40 + [2] * 5 + [3] * 20)
    found = validate(points, labels, folds=5, random_seed=SEED)
    for item in found.segments:
        if item.segment_id == 2:
            assert (item.precision, item.recall, item.f1, item.support) == (0, 0, 0, 5)
    tree = next(item for item in found.classifiers if item.classifier == "decision_tree")
    assert tree.precision_mean == pytest.approx((8 / 9 + 0 + 1) / 3)
    assert tree.recall_mean == pytest.approx(2 / 3)


def test_a_segment_smaller_than_the_folds_is_left_out_and_listed() -> None:
    points, labels = overlapping((40, 5, 30, 4))
    found = validate(points, labels, folds=5, random_seed=SEED)
    assert found.too_small == (SmallSegment(7, 4),)
    assert found.customers == 75
    assert found.empty_reason is None
    without = labels != 7
    alone = validate(points[without], labels[without], folds=5, random_seed=SEED)
    assert found.classifiers == alone.classifiers
    assert found.segments == alone.segments
    assert found.confusion == alone.confusion
    # The segment of five is in every fold.
    folds = {item.fold for item in found.confusion if item.actual_segment_id == 5}
    assert folds == {1, 2, 3, 4, 5}


@pytest.mark.parametrize(
    ("sizes", "reason"),
    [
        ((20, 4), "1 of 2 segments have at least 5 customers, one per fold; 2 are needed"),
        ((4, 4, 4), "0 of 3 segments have at least 5 customers, one per fold; 2 are needed"),
        ((20,), "1 of 1 segments have at least 5 customers, one per fold; 2 are needed"),
    ],
)
def test_fewer_than_two_segments_leave_nothing_to_tell_apart(
    sizes: tuple[int, ...], reason: str
) -> None:
    found = validate(*overlapping(sizes), folds=5, random_seed=SEED)
    small = tuple(SmallSegment(4 + at, size) for at, size in enumerate(sizes) if size < 5)
    assert found == Validation(5, 0, small, f"{reason} to tell apart", (), (), ())


def supports(found: Validation) -> dict[int, int]:
    return {item.segment_id: item.support for item in found.segments}


def test_a_sample_is_validated_and_its_size_stored() -> None:
    points, labels = overlapping((600, 400, 3))
    by_segment = np.argsort(labels, kind="stable")
    points, labels = points[by_segment], labels[by_segment]

    def sampled(size: int | None, seed: int = SEED) -> Validation:
        return validate(points, labels, folds=3, random_seed=seed, sample_size=size)

    found = sampled(100)
    assert found.too_small[0].segment_id == 6
    assert found.customers + found.too_small[0].customers == 100
    for name in NAMES:
        assert sum(cells(found, name).values()) == found.customers
    assert supports(found)[4] == pytest.approx(60, abs=15)
    assert sampled(100) == found
    assert len({supports(sampled(100, seed))[4] for seed in range(4)}) > 1
    # Without replacement, all but one customer are there.
    all_but_one = sampled(1002)
    assert all_but_one.customers + sum(item.customers for item in all_but_one.too_small) == 1002
    assert supports(all_but_one)[4] >= 599
    assert supports(all_but_one)[5] >= 399
    whole = sampled(None)
    assert (whole.customers, supports(whole)) == (1003, {4: 600, 5: 400, 6: 3})
    assert sampled(1003) == sampled(5000) == whole


def test_the_seed_decides_the_folds() -> None:
    points, labels = overlapping()
    found = validate(points, labels, folds=5, random_seed=SEED)
    assert validate(points, labels, folds=5, random_seed=SEED) == found
    assert validate(points, labels, folds=5, random_seed=SEED + 1) != found


def test_an_unfinished_regression_is_no_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation, "_MOST_ITERATIONS", 1)
    assert validate(*overlapping(), folds=2, random_seed=SEED).empty_reason is None


def test_one_fold_is_not_enough() -> None:
    with pytest.raises(ValueError, match="1 folds, at least 2 are needed"):
        validate(*overlapping(), folds=1, random_seed=SEED)


@settings(max_examples=30)
@given(
    st.lists(st.integers(1, 12), min_size=1, max_size=4),
    st.integers(2, 5),
    st.integers(0, 2**32 - 1),
)
def test_every_usable_customer_is_predicted_once(
    sizes: list[int], folds: int, random_seed: int
) -> None:
    points, labels = overlapping(tuple(sizes))
    found = validate(points, labels, folds=folds, random_seed=random_seed)
    usable = [size for size in sizes if size >= folds]
    assert [item.customers for item in found.too_small] == [size for size in sizes if size < folds]
    assert (found.empty_reason is None) == (len(usable) >= 2)
    assert found.customers == (sum(usable) if len(usable) >= 2 else 0)
    assert len(found.classifiers) == (3 if len(usable) >= 2 else 0)
    for name in [item.classifier for item in found.classifiers]:
        assert sum(cells(found, name).values()) == found.customers
        of_classifier = [item.support for item in found.segments if item.classifier == name]
        assert of_classifier == usable
    assert all(isinstance(item, ConfusionCount) and item.customers for item in found.confusion)
