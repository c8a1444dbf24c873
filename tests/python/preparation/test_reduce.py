from __future__ import annotations

import numpy as np
import pytest

from customer_segmentation.errors import InputError
from customer_segmentation.model.reduction import Reduction
from customer_segmentation.preparation.components import apply_reduction, invert_reduction
from customer_segmentation.preparation.reduce import fit_reduction

NAMES = ["orders", "revenue", "tenure", "returns"]


def correlated(size: int = 500) -> np.ndarray:
    rng = np.random.default_rng(6)
    return rng.normal(size=(size, 4)) @ rng.normal(size=(4, 4)) + [1, 2, 3, 4]


def loadings(reduction: Reduction) -> np.ndarray:
    return np.array([[item.loading for item in one.loadings] for one in reduction.components])


def test_components_are_the_singular_vectors() -> None:
    points = correlated()
    reduction = fit_reduction(points, NAMES, components=3)
    _, singular, directions = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    for at, component in enumerate(reduction.components):
        assert component.position == at + 1
        assert component.explained_variance == pytest.approx(singular[at] ** 2 / 499)
        share = np.square(singular) / np.square(singular).sum()
        assert component.explained_variance_share == pytest.approx(share[at])
        assert component.cumulative_share == pytest.approx(share[: at + 1].sum())
        assert [item.feature for item in component.loadings] == NAMES
        largest = np.argmax(np.abs(directions[at]))
        expected = directions[at] * np.sign(directions[at][largest])
        np.testing.assert_allclose(loadings(reduction)[at], expected, atol=1e-9)
    np.testing.assert_allclose([item.centre for item in reduction.centres], points.mean(axis=0))
    assert [item.feature for item in reduction.centres] == NAMES


def test_two_features_by_hand() -> None:
    # Along (3, 4) / 5 the points lie at -5, 0 and 5 from the mean (1, 1).
    points = np.array([[-2.0, -3], [1, 1], [4, 5]])
    reduction = fit_reduction(points, ["orders", "revenue"], variance=1)
    assert len(reduction.components) == 1
    (component,) = reduction.components
    assert component.explained_variance == pytest.approx(25)
    assert component.explained_variance_share == pytest.approx(1)
    assert component.cumulative_share <= 1
    assert [item.loading for item in component.loadings] == pytest.approx([0.6, 0.8])
    np.testing.assert_allclose(apply_reduction(points, reduction), [[-5], [0], [5]], atol=1e-12)
    np.testing.assert_allclose(
        invert_reduction(np.array([[10.0]]), reduction), [[7, 9]], atol=1e-12
    )


def test_the_sign_makes_the_largest_loading_positive() -> None:
    line = np.arange(10.0)[:, None]
    for weights in ([3.0, -4.0], [-3.0, 4.0], [4.0, -3.0]):
        found = loadings(fit_reduction(line * weights, ["a", "b"], components=1))[0]
        expected = np.array(weights) / 5
        np.testing.assert_allclose(found, expected * np.sign(expected[np.abs(expected).argmax()]))
    # Equally large but for rounding: the first one.
    rng = np.random.default_rng(0)
    for _ in range(20):
        signs = rng.choice([-1.0, 1], 5)
        points = rng.normal(size=(30, 1)) * signs
        points = (points - points.mean(axis=0)) / points.std(axis=0)
        found = loadings(fit_reduction(points, list("abcde"), components=1))[0]
        np.testing.assert_allclose(found, signs * signs[0] / np.sqrt(5))


@pytest.mark.parametrize(
    ("variance", "kept"), [(0.5, 1), (0.7, 1), (0.71, 2), (0.9, 2), (0.91, 3), (1, 3)]
)
def test_the_fewest_components_that_keep_a_share_of_the_variance(
    variance: float, kept: int
) -> None:
    # Orthogonal columns with 70, 20 and 10 per cent of the variance.
    signs = np.array([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    points = signs * np.sqrt([7, 2, 1])
    reduction = fit_reduction(points, ["a", "b", "c"], variance=variance)
    assert len(reduction.components) == kept


def test_shares_add_up_to_no_more_than_all() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        reduction = fit_reduction(rng.normal(size=(40, 7)), list("abcdefg"), components=7)
        assert reduction.components[-1].cumulative_share <= 1
        assert reduction.components[-1].cumulative_share == pytest.approx(1)


def test_all_components_keep_every_distance_and_go_back() -> None:
    points = correlated()
    reduction = fit_reduction(points, NAMES, components=4)
    reduced = apply_reduction(points, reduction)
    np.testing.assert_allclose(invert_reduction(reduced, reduction), points, atol=1e-9)
    np.testing.assert_allclose(
        np.linalg.norm(reduced[1:] - reduced[0], axis=1),
        np.linalg.norm(points[1:] - points[0], axis=1),
    )
    np.testing.assert_allclose(
        np.cov(reduced.T), np.diag(np.var(reduced, axis=0, ddof=1)), atol=1e-9
    )


def test_fewer_components_go_back_to_the_nearest_point() -> None:
    points = correlated()
    reduction = fit_reduction(points, NAMES, components=2)
    back = invert_reduction(apply_reduction(points, reduction), reduction)
    dropped = fit_reduction(points, NAMES, components=4).components[2:]
    lost = np.square(points - back).sum() / (len(points) - 1)
    assert lost == pytest.approx(sum(component.explained_variance for component in dropped))


def test_new_customers_use_the_stored_figures() -> None:
    points = correlated(20_000)
    reduction = fit_reduction(points, NAMES, components=2)
    reduced = apply_reduction(points, reduction)
    for row in (0, 16_383, 16_384, 19_999):
        alone = apply_reduction(points[row : row + 1], reduction)
        assert alone.tolist() == [reduced[row].tolist()]
        # In the order of the features, as SQL adds.
        by_hand = [
            sum(
                (x - centre.centre) * item.loading
                for x, centre, item in zip(
                    points[row], reduction.centres, one.loadings, strict=True
                )
            )
            for one in reduction.components
        ]
        assert alone.tolist() == [by_hand]


def test_single_precision_is_computed_in_double() -> None:
    points = correlated().astype(np.float32)
    reduction = fit_reduction(points, NAMES, components=2)
    assert reduction == fit_reduction(points.astype(np.float64), NAMES, components=2)
    reduced = apply_reduction(points, reduction)
    assert reduced.tolist() == apply_reduction(points.astype(np.float64), reduction).tolist()


def test_more_components_than_there_are_directions() -> None:
    points = correlated()
    with pytest.raises(InputError, match=r"is 5, but .* only 4 directions of the 4 .*orders, rev"):
        fit_reduction(points, NAMES, components=5)
    points[:, 3] = points[:, 0] - 2 * points[:, 1]
    with pytest.raises(InputError, match=r"only 3 directions .* Set components to 3 or less"):
        fit_reduction(points, NAMES, components=4)
    assert len(fit_reduction(points, NAMES, components=3).components) == 3
    assert len(fit_reduction(points, NAMES, variance=1).components) == 3


def test_either_components_or_variance() -> None:
    with pytest.raises(ValueError, match="either components or variance"):
        fit_reduction(correlated(), NAMES)
    with pytest.raises(ValueError, match="either components or variance"):
        fit_reduction(correlated(), NAMES, components=1, variance=0.5)
