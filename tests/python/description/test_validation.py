from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array, csc_array, csc_matrix, csr_array, csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support
from sklearn.model_selection import StratifiedKFold, cross_val_predict, cross_validate
from sklearn.naive_bayes import BernoulliNB, GaussianNB, MultinomialNB
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from customer_segmentation.description import validation
from customer_segmentation.description.validation import validate
from customer_segmentation.model.validation import (
    ClassifierScores,
    ConfusionCount,
    EvaluatedOn,
    SegmentScores,
    SmallSegment,
    Validation,
)

ROWS: tuple[EvaluatedOn, ...] = ("held_out", "training")
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


def cells(found: Validation, classifier: str, rows: str = "held_out") -> dict[tuple[int, int], int]:
    """Customers per actual and predicted segment, over all folds."""
    counts: Counter[tuple[int, int]] = Counter()
    for item in found.confusion:
        if (item.classifier, item.evaluated_on) == (classifier, rows):
            counts[item.actual_segment_id, item.predicted_segment_id] += item.customers
    return dict(counts)


def held_out(found: Validation) -> dict[str, ClassifierScores]:
    return {item.classifier: item for item in found.classifiers if item.evaluated_on == "held_out"}


def test_confusion_and_figures_by_hand() -> None:
    found = validate(*two_places(), folds=2, random_seed=SEED)
    assert (found.folds, found.customers, found.too_small) == (2, 22, ())
    assert found.empty_reason is None
    expected = []
    for rows in ROWS:
        for name in NAMES:
            # Whoever is at 10 is taken for segment 2: the two of segment 1 are missed.
            assert cells(found, name, rows) == {(1, 1): 10, (1, 2): 2, (2, 2): 10}
            expected += [
                SegmentScores(name, rows, 1, 1.0, 10 / 12, pytest.approx(20 / 22), 12),
                SegmentScores(name, rows, 2, 10 / 12, 1.0, pytest.approx(20 / 22), 10),
            ]
    assert found.segments == tuple(expected)


def test_training_rows_are_predicted_by_a_classifier_of_all_of_them() -> None:
    points, labels = overlapping()
    found = validate(points, labels, folds=3, random_seed=SEED)
    classifiers = [
        GaussianNB(),
        DecisionTreeClassifier(max_depth=8, random_state=SEED),
        LogisticRegression(max_iter=1000),
    ]
    scores = {(item.classifier, item.evaluated_on): item for item in found.classifiers}
    for name, classifier in zip(NAMES, classifiers, strict=True):
        predicted = classifier.fit(points, labels).predict(points)
        matrix = confusion_matrix(labels, predicted)
        assert cells(found, name, "training") == {
            (actual + 4, guess + 4): count
            for (actual, guess), count in np.ndenumerate(matrix)
            if count
        }
        of_training = scores[name, "training"]
        # The share on the diagonal.
        assert of_training.accuracy_mean == pytest.approx(np.trace(matrix) / 180)
        assert of_training.accuracy_std == of_training.f1_std == 0
        expected = precision_recall_fscore_support(labels, predicted, average="macro")
        figures = (of_training.precision_mean, of_training.recall_mean, of_training.f1_mean)
        assert figures == pytest.approx(expected[:3])
    # A tree knows by heart what it has seen; the others hardly do.
    assert scores["decision_tree", "training"].accuracy_mean > 0.85
    assert scores["decision_tree", "held_out"].accuracy_mean < 0.75
    assert {item.fold for item in found.confusion if item.evaluated_on == "training"} == {1}


def test_folds_by_hand() -> None:
    found = validate(*two_places(), folds=2, random_seed=SEED)
    by_fold = [
        {
            (item.actual_segment_id, item.predicted_segment_id): item.customers
            for item in found.confusion
            if (item.classifier, item.evaluated_on, item.fold)
            == ("decision_tree", "held_out", fold)
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
    scores = held_out(found)["decision_tree"]
    accuracy = [(11 - m) / 11 for m in missed]
    precision = [(1 + 5 / (5 + m)) / 2 for m in missed]
    recall = [((6 - m) / 6 + 1) / 2 for m in missed]
    f1 = [(2 * (6 - m) / (12 - m) + 10 / (10 + m)) / 2 for m in missed]
    assert scores == ClassifierScores(
        "decision_tree",
        "held_out",
        None,
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
    assert list(held_out(found)) == list(classifiers)
    for scores, (name, classifier) in zip(
        held_out(found).values(), classifiers.items(), strict=True
    ):
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
        of_segments = [
            item
            for item in found.segments
            if (item.classifier, item.evaluated_on) == (name, "held_out")
        ]
        assert [item.segment_id for item in of_segments] == [4, 5, 6]
        np.testing.assert_allclose(
            [(item.precision, item.recall, item.f1, item.support) for item in of_segments], figures
        )


def test_the_tree_is_bounded() -> None:
    # 600 places of alternating segments need as many leaves; 8 levels have 256.
    points = np.repeat(np.arange(600.0), 4)[:, None]
    labels = (points[:, 0] % 2).astype(int)
    found = validate(points, labels, folds=2, random_seed=SEED)
    assert held_out(found)["decision_tree"].accuracy_mean < 0.95


def test_a_segment_that_is_never_predicted_has_no_precision_and_no_warning() -> None:
    # Five customers of segment 2 where there are forty of segment 1.
    points = np.array([[0.0]] * 45 + [[10.0]] * 20)
    labels = np.array([1] * 40 + [2] * 5 + [3] * 20)
    found = validate(points, labels, folds=5, random_seed=SEED)
    for item in found.segments:
        if item.segment_id == 2:
            assert (item.precision, item.recall, item.f1, item.support) == (0, 0, 0, 5)
    tree = held_out(found)["decision_tree"]
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
    assert len(found.classifiers) == (6 if len(usable) >= 2 else 0)
    for name, rows in [(item.classifier, item.evaluated_on) for item in found.classifiers]:
        assert sum(cells(found, name, rows).values()) == found.customers
        of_classifier = [
            item.support
            for item in found.segments
            if (item.classifier, item.evaluated_on) == (name, rows)
        ]
        assert of_classifier == usable
    assert all(isinstance(item, ConfusionCount) and item.customers for item in found.confusion)


def rated(users: int = 240, items: int = 60) -> tuple[Any, Any]:
    """Ratings of three groups of users, who mostly rate items of their own."""
    rng = np.random.default_rng(9)
    labels = rng.integers(1, 4, users)
    own = labels[:, None] == 1 + np.arange(items) % 3
    dense = rng.integers(1, 6, (users, items)) * (rng.random((users, items)) < 0.04 + 0.08 * own)
    return dense.astype(float), labels


@pytest.mark.parametrize(
    ("kind", "values", "classifier"),
    [
        ("multinomial", lambda dense: dense, MultinomialNB()),
        ("bernoulli", lambda dense: (dense > 0).astype(float), BernoulliNB()),
        ("gaussian", lambda dense: np.where(dense > 0, dense - 3.5, 0), GaussianNB()),
    ],
)
def test_a_sparse_matrix_is_predicted_as_the_dense_one(
    kind: str, values: Any, classifier: Any
) -> None:
    dense, labels = values(rated()[0]), rated()[1]
    found = validate(csr_array(dense), labels, folds=4, random_seed=SEED)
    classifiers = {
        "naive_bayes": classifier,
        "decision_tree": DecisionTreeClassifier(max_depth=8, random_state=SEED),
        "logistic_regression": LogisticRegression(max_iter=1000, tol=1e-3),
    }
    splits = StratifiedKFold(4, shuffle=True, random_state=SEED)
    for name, of_scikit_learn in classifiers.items():
        points = dense / np.abs(dense).max() if name == "logistic_regression" else dense
        with threadpool_limits(limits=1):
            predicted = cross_val_predict(of_scikit_learn, points, labels, cv=splits)
            again = of_scikit_learn.fit(points, labels).predict(points)
        for rows, guesses in (("held_out", predicted), ("training", again)):
            matrix = confusion_matrix(labels, guesses)
            assert cells(found, name, rows) == {
                (actual + 1, guess + 1): count
                for (actual, guess), count in np.ndenumerate(matrix)
                if count
            }
    assert {item.naive_bayes for item in found.classifiers} == {kind, None}
    assert held_out(found)["naive_bayes"].naive_bayes == kind


def test_a_sparse_matrix_is_never_dense(monkeypatch: pytest.MonkeyPatch) -> None:
    dense, labels = rated()
    points = csr_array(dense)
    # As a matrix of very many cells has them, which trees do not take.
    points.indices, points.indptr = points.indices.astype(np.int64), points.indptr.astype(np.int64)

    def watched(to_dense: Any) -> Any:
        def called(self: Any, *arguments: Any, **options: Any) -> Any:
            # One column per segment has the matrix that scikit-learn makes of the labels.
            assert self.shape[1] == 3, f"a dense matrix of {self.shape}"
            return to_dense(self, *arguments, **options)

        return called

    for kind in (csr_array, csc_array, coo_array, csr_matrix, csc_matrix):
        for name in ("toarray", "todense"):
            monkeypatch.setattr(kind, name, watched(getattr(kind, name)))
    found = validate(points, labels, folds=2, random_seed=SEED, sample_size=200)
    assert found.customers == 200
    assert held_out(found)["naive_bayes"].accuracy_mean > 0.5
