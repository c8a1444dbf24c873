from __future__ import annotations

import time
import warnings
from typing import Any, get_args

import numpy as np
import pytest
from scipy.cluster import hierarchy
from scipy.stats import multivariate_normal
from sklearn.cluster import DBSCAN, BisectingKMeans, KMeans
from threadpoolctl import threadpool_info, threadpool_limits

from customer_segmentation.clustering import density, hierarchical, kmeans
from customer_segmentation.clustering.density import DensitySettings
from customer_segmentation.clustering.fit import Clustering, fit
from customer_segmentation.errors import InputError
from customer_segmentation.model.assignment import NOISE
from customer_segmentation.numerics.distances import nearest
from customer_segmentation.numerics.threads import in_threads
from customer_segmentation.specification import Algorithm

DENSITY = DensitySettings(eps=1.0, min_samples=5, min_cluster_size=10)
ALGORITHMS = get_args(Algorithm)


def clustered(points: Any, k: int | None = 3, **changes: Any) -> Clustering:
    options: dict[str, Any] = {
        "algorithm": "kmeans",
        "random_seed": 7,
        "starts": 3,
        "sample_size": 20_000,
        "density": DENSITY,
    }
    return fit(points, k, **{**options, **changes})


def planted() -> tuple[Any, Any]:
    """Three round groups, far apart, in mixed order."""
    rng = np.random.default_rng(3)
    group = rng.permutation(np.repeat([0, 1, 2], [60, 90, 40]))
    return rng.normal([[0, 0], [10, 0], [0, 10]], 0.4, (190, 3, 2))[range(190), group], group


def overlapping(size: int = 20_000, dimensions: int = 4) -> Any:
    rng = np.random.default_rng(11)
    points = np.log1p(rng.lognormal(size=(size, dimensions)) @ rng.uniform(size=(dimensions,) * 2))
    return (points - points.mean(axis=0)) / points.std(axis=0)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_finds_planted_groups(algorithm: Algorithm) -> None:
    points, group = planted()
    found = clustered(points, algorithm=algorithm)
    assert found.k == 3
    assert found.fitted_rows == 190
    core = found.labels >= 0
    assert core.mean() > 0.95
    pairs = set(zip(group[core].tolist(), found.labels[core].tolist(), strict=True))
    assert len(pairs) == 3
    for label in range(3):
        members = points[found.labels == label]
        np.testing.assert_allclose(found.centroids[label], members.mean(axis=0), atol=0.05)
    assert found.noise_share == 1 - core.mean()
    assert found.agreement > 0.95


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_labels_are_what_the_rule_gives(algorithm: Algorithm) -> None:
    points = np.vstack([planted()[0], overlapping(300, 2) * 3])
    dense = DensitySettings(eps=0.5, min_samples=5, min_cluster_size=20)
    found = clustered(points, algorithm=algorithm, density=dense)
    assert found.labels.dtype == np.intp
    np.testing.assert_array_equal(found.assign(points), found.labels)
    np.testing.assert_array_equal(found.assign(points[::-1]), found.labels[::-1])
    again = clustered(points, algorithm=algorithm, density=dense)
    np.testing.assert_array_equal(again.centroids, found.centroids)
    np.testing.assert_array_equal(again.labels, found.labels)


def test_kmeans_is_that_of_scikit_learn() -> None:
    points = overlapping(3_000)
    found = clustered(points, 5, starts=4)
    with threadpool_limits(limits=1):
        expected = KMeans(5, n_init=4, random_state=7, tol=0, max_iter=1000).fit(points)
        worse = KMeans(5, n_init=1, random_state=7, tol=0, max_iter=1000).fit(points)
    assert expected.inertia_ < worse.inertia_
    np.testing.assert_array_equal(found.centroids, expected.cluster_centers_)
    np.testing.assert_array_equal(found.labels, expected.labels_)
    assert (found.agreement, found.noise_share, found.fitted_rows) == (1, 0, 3_000)


def test_kmeans_by_hand() -> None:
    found = clustered(np.array([[0.0], [1], [2], [10], [12], [30]]), 3)
    assert sorted(found.centroids[:, 0].tolist()) == [1, 11, 30]
    assert found.assign(np.array([[5.9], [6.1], [20.4], [20.6]])).tolist() == [
        *found.labels[[0, 3, 3, 5]]
    ]


@pytest.mark.parametrize("k", [2, 6])
def test_kmeans_on_many_customers_ends_on_all_of_them(k: int) -> None:
    points = overlapping()
    found = clustered(points, k, sample_size=500)
    assert found.fitted_rows == len(points)
    assert found.agreement == 1
    gaps = points[:, None, :] - found.centroids[None, :, :]
    np.testing.assert_array_equal(found.labels, np.square(gaps).sum(axis=2).argmin(axis=1))
    for label in range(k):
        members = points[found.labels == label]
        np.testing.assert_allclose(members.mean(axis=0), found.centroids[label], atol=1e-12)


def test_kmeans_on_many_customers_is_plain_lloyd_on_growing_samples() -> None:
    points = overlapping()

    def sample(size: int) -> Any:
        draws = np.random.default_rng(7).choice(len(points), size, replace=False)
        return points[np.sort(draws)]

    with threadpool_limits(limits=1):
        expected = KMeans(6, n_init=3, random_state=7, tol=1e-3, max_iter=1000).fit(sample(500))
        for size in (500, 2_500, 12_500, 20_000):
            start = expected.cluster_centers_
            expected = KMeans(6, init=start, n_init=1, tol=0, max_iter=1000).fit(sample(size))
    # Or points that keep their cluster for a while would not be tested.
    assert expected.n_iter_ > 10
    found = clustered(points, 6, sample_size=500)
    np.testing.assert_array_equal(found.labels, expected.labels_)
    np.testing.assert_allclose(found.centroids, expected.cluster_centers_, rtol=1e-11, atol=1e-12)


def test_kmeans_on_many_customers_looks_at_few_of_them_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    points = overlapping()
    looked_at = []

    def counted(some: Any, centroids: Any) -> Any:
        looked_at.append(len(some))
        return nearest(some, centroids)

    monkeypatch.setattr(kmeans, "nearest", counted)
    clustered(points, 6, sample_size=500)
    assert len(looked_at) > 20
    assert sum(looked_at) < len(points) * len(looked_at) / 3


def test_kmeans_on_many_customers_takes_the_best_of_its_starts() -> None:
    centres = np.array([[x, y] for x in range(5) for y in range(5)]) * 10.0
    points = np.repeat(centres, 40, axis=0) + np.random.default_rng(4).normal(size=(1_000, 2))

    def inertia(starts: int, seed: int) -> float:
        found = clustered(points, 25, starts=starts, sample_size=300, random_seed=seed)
        return float(np.square(points - found.centroids[found.labels]).sum())

    assert max(inertia(1, seed) for seed in range(8)) > 3_000
    # Two dimensions of variance 1 around the right centres.
    assert max(inertia(30, seed) for seed in range(8)) < 2_200


@pytest.mark.parametrize("sample_size", [500, 20_000])
def test_single_precision_is_computed_in_double(sample_size: int) -> None:
    points = overlapping(6_000).astype(np.float32)
    found = clustered(points, 4, sample_size=sample_size)
    expected = clustered(points.astype(np.float64), 4, sample_size=sample_size)
    assert found.centroids.dtype == np.float64
    np.testing.assert_array_equal(found.centroids, expected.centroids)
    np.testing.assert_array_equal(found.labels, expected.labels)


def test_points_too_alike_for_k_are_refused() -> None:
    # Different in their last bits only: the distances between them are zero.
    points = np.array([[0.0], [1e-300], [2e-300], [3e-300], [1.0]])
    for algorithm in ("kmeans", "bisecting_kmeans"):
        with pytest.raises(InputError, match="only 2 different groups where 4 were asked for"):
            clustered(points, 4, algorithm=algorithm, starts=1)


def test_a_cluster_that_cannot_be_split_is_refused() -> None:
    # Four different customers, as a resample may have them: none can be split into six.
    points = np.array([[5.0], [7], [7], [4], [7], [7], [7], [0]])
    with pytest.raises(InputError, match="Bisecting k-means with k=6 came to split a cluster of"):
        clustered(points, 6, algorithm="bisecting_kmeans", random_seed=4, starts=1)


def test_bisecting_kmeans_is_scored_by_the_nearest_centroid() -> None:
    points = overlapping(2_000)
    with threadpool_limits(limits=1):
        reference = BisectingKMeans(5, n_init=3, random_state=7, tol=0, max_iter=1000)
        own = reference.fit(points).labels_
    means = np.array([points[own == label].mean(axis=0) for label in range(5)])
    rule = np.square(points[:, None] - means).sum(axis=2).argmin(axis=1)
    found = clustered(points, 5, algorithm="bisecting_kmeans")
    np.testing.assert_allclose(found.centroids, means, atol=1e-12)
    np.testing.assert_array_equal(found.labels, rule)
    assert found.agreement == np.mean(own == rule)
    assert 0.8 < found.agreement < 1


def test_agglomerative_is_ward_then_the_nearest_centroid() -> None:
    points = overlapping(400)
    own = hierarchy.cut_tree(hierarchy.ward(points), 4)[:, 0]
    means = np.array([points[own == label].mean(axis=0) for label in range(4)])
    rule = np.square(points[:, None] - means).sum(axis=2).argmin(axis=1)
    found = clustered(points, 4, algorithm="agglomerative")
    order = [int(np.square(found.centroids - mean).sum(axis=1).argmin()) for mean in means]
    np.testing.assert_allclose(found.centroids[order], means, atol=1e-12)
    np.testing.assert_array_equal(found.labels, np.array(order)[rule])
    assert found.agreement == np.mean(own == rule)


@pytest.mark.parametrize("algorithm", [item for item in ALGORITHMS if item != "kmeans"])
def test_other_algorithms_look_at_a_sample_and_assign_all(algorithm: Algorithm) -> None:
    points, group = planted()
    found = clustered(np.tile(points, (4, 1)), algorithm=algorithm, sample_size=190)
    assert found.fitted_rows == 190
    assert len(found.labels) == 4 * 190
    core = found.labels >= 0
    assert core.mean() > 0.9
    pairs = set(zip(np.tile(group, 4)[core].tolist(), found.labels[core].tolist(), strict=True))
    assert len(pairs) == 3
    other = clustered(np.tile(points, (4, 1)), algorithm=algorithm, sample_size=190, random_seed=8)
    assert not np.array_equal(np.sort(other.centroids, axis=0), np.sort(found.centroids, axis=0))


@pytest.mark.parametrize("algorithm", ["agglomerative", "dbscan", "hdbscan"])
def test_no_more_customers_are_paired_than_fit_in_memory(
    monkeypatch: pytest.MonkeyPatch, algorithm: Algorithm
) -> None:
    assert hierarchical.MOST_PAIRED == density.MOST_PAIRED == 10_000
    monkeypatch.setattr(hierarchical, "MOST_PAIRED", 150)
    monkeypatch.setattr(density, "MOST_PAIRED", 150)
    assert clustered(planted()[0], algorithm=algorithm).fitted_rows == 150


def test_the_mixture_assigns_by_the_highest_posterior() -> None:
    rng = np.random.default_rng(5)
    points = np.vstack(
        [
            rng.multivariate_normal([0, 0, 0], np.diag([9, 1, 0.2]), 500),
            rng.multivariate_normal([1, 1, 1], [[1, 0.9, 0], [0.9, 1, 0], [0, 0, 3]], 900),
        ]
    )
    found = clustered(points, 2, algorithm="gaussian_mixture")
    gaussians = found.assignment.gaussians
    assert gaussians is not None
    assert gaussians.weights.sum() == pytest.approx(1)
    unseen = rng.normal(0, 3, (500, 3))
    densities = []
    for weight, mean, factor in zip(
        gaussians.weights, found.centroids, gaussians.precision_cholesky, strict=True
    ):
        assert not np.tril(factor, -1).any()
        covariance = np.linalg.inv(factor @ factor.T)
        densities.append(np.log(weight) + multivariate_normal(mean, covariance).logpdf(unseen))
    labels = found.assign(unseen)
    np.testing.assert_array_equal(labels, np.argmax(densities, axis=0))
    assert set(labels.tolist()) == {0, 1}
    assert found.agreement == 1
    # Not what the nearest centroid would say.
    assert np.mean(nearest(unseen, found.centroids)[0] == labels) < 0.9


def test_the_offset_of_a_mixture_by_hand() -> None:
    rng = np.random.default_rng(5)
    points = np.concatenate([rng.normal(0, 1, 4_000), rng.normal(30, 4, 1_000)])[:, None]
    found = clustered(points, 2, algorithm="gaussian_mixture")
    gaussians = found.assignment.gaussians
    assert gaussians is not None
    narrow, wide = np.argsort(found.centroids[:, 0])
    deviations = points[:4_000].std(), points[4_000:].std()
    for label, deviation, weight in ((narrow, deviations[0], 0.8), (wide, deviations[1], 0.2)):
        assert gaussians.weights[label] == pytest.approx(weight)
        assert gaussians.precision_cholesky[label, 0, 0] == pytest.approx(1 / deviation, rel=1e-4)
        assert gaussians.offsets[label] == pytest.approx(
            2 * np.log(deviation) - 2 * np.log(weight), rel=1e-4
        )


def test_customers_beyond_the_radius_are_noise() -> None:
    group = np.array([[0.0, 0], [1, 0], [0, 1], [-1, 0], [0, -1]])
    points = np.vstack([group, 1.5 * group + np.array([10, 0]), [[5, 0]]])
    dense = DensitySettings(eps=2, min_samples=3)
    found = clustered(points, None, algorithm="dbscan", density=dense)
    assert found.labels.tolist() == [0] * 5 + [1] * 5 + [NOISE]
    assert found.centroids.tolist() == [[0, 0], [10, 0]]
    assert found.assignment.radius_limits is not None
    assert (found.assignment.radius_limits > [1, 1.5]).all()
    np.testing.assert_allclose(found.assignment.radius_limits, [1, 1.5], rtol=0, atol=1e-5)
    assert (found.agreement, found.noise_share) == (1, 1 / 11)
    unseen = np.array([[0.6, 0.8], [1.0001, 0], [8.5, 0], [8.4, 0], [99, 99]])
    assert found.assign(unseen).tolist() == [0, NOISE, 1, NOISE, NOISE]


def test_what_the_rule_cannot_tell_is_in_the_agreement() -> None:
    angles = np.linspace(0, np.pi, 100)
    upper = np.column_stack([np.cos(angles), np.sin(angles)])
    points = np.vstack([upper, [1, 0.5] - upper])
    dense = DensitySettings(eps=0.2, min_samples=3)
    own = DBSCAN(eps=0.2, min_samples=3).fit_predict(points)
    assert np.bincount(own).tolist() == [100, 100]
    found = clustered(points, None, algorithm="dbscan", density=dense)
    assert found.agreement == np.mean(own == found.labels)
    assert 0.5 < found.agreement < 0.9


def test_dense_groups_have_to_be_two_to_fifty() -> None:
    points = planted()[0]

    def refusal(algorithm: Algorithm, **density: Any) -> str:
        with pytest.raises(InputError) as caught:
            clustered(points, None, algorithm=algorithm, density=DensitySettings(**density))
        return str(caught.value)

    message = refusal("dbscan", eps=1e-3)
    assert "eps=0.001 and min_samples=5 found no dense group: all 190 customers are" in message
    assert "Set a larger density.eps or a smaller density.min_samples" in message
    message = refusal("dbscan", eps=50)
    assert "found one dense group only" in message
    assert "Set a smaller density.eps" in message
    message = refusal("dbscan", eps=0.05, min_samples=1)
    assert "dense groups, more than the 50 segments" in message
    assert "Set a larger density.eps" in message
    message = refusal("hdbscan", min_cluster_size=96)
    assert "min_cluster_size=96 and min_samples=5 found no dense group" in message
    assert "Set a smaller density.min_cluster_size" in message
    message = refusal("hdbscan", min_cluster_size=191)
    assert "needs 191 customers, there are 190" in message
    message = refusal("hdbscan", min_cluster_size=2, min_samples=200)
    assert "needs 200 customers, there are 190" in message


def test_a_group_that_no_customer_would_be_scored_into_is_refused() -> None:
    square = [[x, y] for x in range(-2, 3) for y in range(-2, 3) if max(abs(x), abs(y)) == 2]
    points = np.array([*square, *[[0, 0]] * 5], dtype=float)
    dense = DensitySettings(eps=1.2, min_samples=3)
    with pytest.raises(InputError, match=r"dbscan found 2 groups, of which 1 .* under density"):
        clustered(points, None, algorithm="dbscan", density=dense)
    alike = np.repeat([[0.0], [1], [2]], 10, axis=0)
    with pytest.raises(InputError, match=r"gaussian_mixture found 5 groups.* Set a smaller k"):
        clustered(alike, 5, algorithm="gaussian_mixture")


def test_a_mixture_that_cannot_be_fitted_is_refused() -> None:
    values = np.random.default_rng(2).normal(size=200) * 1e6
    with pytest.raises(InputError, match=r"k=3 cannot be fitted.*leave out features that follow"):
        clustered(np.column_stack([values, values]), 3, algorithm="gaussian_mixture")


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"algorithm": "kmeans", "k": None}, "k"),
        ({"algorithm": "dbscan", "density": DensitySettings()}, "eps"),
        ({"algorithm": "hdbscan", "density": DensitySettings()}, "min_cluster_size"),
        ({"algorithm": "hdbscan", "density": None}, "min_cluster_size"),
    ],
)
def test_settings_that_an_algorithm_needs(changes: dict[str, Any], missing: str) -> None:
    with pytest.raises(ValueError, match=f"needs {missing}$"):
        clustered(planted()[0], **changes)


def test_no_warning_leaks() -> None:
    points = np.repeat([[0.0, 0], [5, 5], [9, 1]], 20, axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for algorithm in ALGORITHMS:
            clustered(points, 3, algorithm=algorithm)
        with pytest.raises(InputError):
            clustered(points, 4)


def test_threads_do_not_change_the_result() -> None:
    points = overlapping(6_000)

    def one(k: int) -> Clustering:
        return clustered(points, k, sample_size=500)

    plain = [one(k) for k in range(2, 7)]
    for workers in (1, 3):
        for found, expected in zip(
            in_threads(one, range(2, 7), workers=workers), plain, strict=True
        ):
            np.testing.assert_array_equal(found.centroids, expected.centroids)
            np.testing.assert_array_equal(found.labels, expected.labels)


def test_libraries_keep_to_one_thread_until_all_threads_are_done() -> None:
    before = [(pool["user_api"], pool["num_threads"]) for pool in threadpool_info()]
    filters = list(warnings.filters)

    def watched(item: int) -> int:
        clustered(planted()[0], item)
        time.sleep(0.02)
        blas = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
        return max(blas)

    assert set(in_threads(watched, [2, 3, 4, 5], workers=2)) == {1}
    assert [(pool["user_api"], pool["num_threads"]) for pool in threadpool_info()] == before
    assert list(warnings.filters) == filters
