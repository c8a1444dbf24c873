from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from customer_segmentation.errors import InputError
from customer_segmentation.model.trained_model import TrainedModel
from customer_segmentation.scoring.frame import segment_ids
from customer_segmentation.selection import attempts
from customer_segmentation.specification import Specification, parse_specification
from customer_segmentation.training.memory import train
from customer_segmentation.training.previous import Previous

AS_OF = date(2024, 1, 31)
NOW = datetime(2024, 2, 1, 9, 30, 5, 123456, tzinfo=timezone(timedelta(hours=2)))


def specification(**changes: Any) -> Specification:
    base = {
        "entity_key": "customer_id",
        "features": ["orders", "revenue"],
        "k": 3,
        "ordering": {"measure": "revenue"},
    }
    return parse_specification({**base, **changes}, "test")


def planted(per_group: int = 40, seed: int = 1) -> pd.DataFrame:
    """Three groups far apart: few small orders, many small orders, a few large ones."""
    rng = np.random.default_rng(seed)
    sizes = (per_group, 2 * per_group, per_group // 2)
    orders = np.concatenate(
        [rng.normal(mean, 0.5, size) for mean, size in zip((3, 20, 5), sizes, strict=True)]
    )
    revenue = np.concatenate(
        [rng.normal(mean, 5, size) for mean, size in zip((50, 400, 900), sizes, strict=True)]
    )
    group = np.repeat(["small", "frequent", "large"], sizes)
    frame = pd.DataFrame({"orders": orders, "revenue": revenue, "group": group})
    frame.insert(0, "customer_id", [f"C{number:04}" for number in rng.permutation(len(frame))])
    return frame


def overlapping(seed: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    values = rng.lognormal(size=(2000, 2))
    frame = pd.DataFrame(values, columns=["orders", "revenue"])
    frame.insert(0, "customer_id", rng.permutation(len(frame)))
    return frame


def trained(frame: pd.DataFrame, spec: Specification | None = None, **changes: Any) -> TrainedModel:
    options: dict[str, Any] = {"as_of_date": AS_OF, "trained_at": NOW, **changes}
    return train(frame, spec or specification(), **options)


def centroids(model: TrainedModel) -> Any:
    return np.array([[item.scaled for item in segment.centroid] for segment in model.segments])


def standardised(frame: pd.DataFrame) -> Any:
    values = frame[["orders", "revenue"]].to_numpy(dtype=float)
    return (values - values.mean(axis=0)) / values.std(axis=0)


def nearest(frame: pd.DataFrame, model: TrainedModel) -> Any:
    """Segment ids by plain distances, independent of the code under test."""
    gaps = standardised(frame)[:, None, :] - centroids(model)[None, :, :]
    return np.square(gaps).sum(axis=2).argmin(axis=1) + 1


def test_planted_groups_are_found_and_ordered() -> None:
    frame = planted()
    model = trained(frame)
    assert [segment.size for segment in model.segments] == [20, 80, 40]
    assert [segment.segment_id for segment in model.segments] == [1, 2, 3]
    ids = {"large": 1, "frequent": 2, "small": 3}
    assert (nearest(frame, model) == frame["group"].map(ids)).all()
    for segment, group in zip(model.segments, ("large", "frequent", "small"), strict=True):
        members = frame[frame["group"] == group]
        assert segment.ordering_mean == pytest.approx(members["revenue"].mean())
        assert segment.share == pytest.approx(len(members) / 140)


def test_single_precision_rounds_the_points_and_nothing_else() -> None:
    frame = overlapping()
    double = trained(frame, specification(k=4))
    single = trained(frame, specification(k=4, precision="float32"))
    differences = np.abs(centroids(single) - centroids(double))
    assert 0 < differences.max() < 1e-6
    assert [item.size for item in single.segments] == [item.size for item in double.segments]
    # Centroids are means of the rounded points, taken in double precision.
    points = standardised(frame).astype(np.float32).astype(np.float64)
    own = nearest(frame, double)
    means = [points[own == segment.segment_id].mean(axis=0) for segment in double.segments]
    assert centroids(single) == pytest.approx(np.array(means), rel=1e-12)


def test_ascending_order() -> None:
    ordering = {"measure": "revenue", "direction": "ascending"}
    model = trained(planted(), specification(ordering=ordering))
    assert [segment.size for segment in model.segments] == [40, 80, 20]


def test_ordering_by_a_column_that_is_no_feature() -> None:
    frame = planted()
    frame["margin"] = frame["group"].map({"small": 0.3, "large": 0.2, "frequent": 0.1})
    model = trained(frame, specification(ordering={"measure": "margin"}))
    assert [segment.size for segment in model.segments] == [40, 20, 80]
    assert [item.feature for item in model.segments[0].centroid] == ["orders", "revenue"]


def test_equal_ordering_means_put_the_larger_segment_first() -> None:
    frame = planted().assign(margin=1.0)
    model = trained(frame, specification(ordering={"measure": "margin"}))
    assert [segment.size for segment in model.segments] == [80, 40, 20]


def test_equal_means_and_sizes_put_the_lower_centroid_first() -> None:
    frame = pd.DataFrame(
        {
            "customer_id": range(6),
            "orders": [10.0, 11, 20, 21, 0, 1],
            "revenue": [10.0, 11, 20, 21, 0, 1],
            "margin": 1.0,
        }
    )
    model = trained(frame, specification(ordering={"measure": "margin"}))
    assert [segment.centroid[0].original for segment in model.segments] == pytest.approx(
        [0.5, 10.5, 20.5]
    )


def test_segment_figures_can_be_recomputed() -> None:
    frame = overlapping()
    model = trained(frame, specification(k=5))
    points, ids = standardised(frame), nearest(frame, model)
    for segment in model.segments:
        members = points[ids == segment.segment_id]
        centre = [item.scaled for item in segment.centroid]
        distances = np.linalg.norm(members - centre, axis=1)
        assert segment.size == len(members)
        # The centroid is the mean of its members, not of a run that stopped early.
        np.testing.assert_allclose(members.mean(axis=0), centre, rtol=0, atol=1e-12)
        assert segment.inertia == pytest.approx(float((distances**2).sum()))
        assert segment.mean_distance == pytest.approx(float(distances.mean()))
        assert segment.radius == pytest.approx(float(distances.max()))
        originals = frame.loc[ids == segment.segment_id, ["orders", "revenue"]].mean()
        assert [item.original for item in segment.centroid] == pytest.approx(list(originals))
    assert model.measures.inertia == pytest.approx(sum(item.inertia for item in model.segments))
    assert sum(segment.size for segment in model.segments) == model.row_count == 2000


def test_the_order_of_rows_does_not_matter() -> None:
    frame = overlapping()
    spec = specification(k={"min": 2, "max": 6}, starts=2)
    shuffled = frame.sample(frac=1, random_state=9)
    assert trained(shuffled, spec) == trained(frame, spec)


def test_the_seed_matters() -> None:
    # One start on points without structure: another seed ends in another optimum.
    frame = overlapping()
    inertias = {
        trained(frame, specification(k=8, starts=1, random_seed=seed)).measures.inertia
        for seed in range(5)
    }
    assert len(inertias) > 1


def test_more_starts_find_a_better_optimum() -> None:
    frame = overlapping()
    one, many = (
        trained(frame, specification(k=8, starts=starts)).measures.inertia for starts in (1, 30)
    )
    assert many < one


def test_decimals_from_spark_train_as_doubles_do() -> None:
    frame = planted().round(2)
    decimals = frame.assign(revenue=[Decimal(str(value)) for value in frame["revenue"]])
    assert trained(decimals) == trained(frame)


def test_a_fixed_k_is_compared_with_those_next_to_it() -> None:
    frame = planted()
    model = trained(frame)
    assert model.k == 3
    assert [(item.k, item.chosen) for item in model.candidates] == [
        (3, True),
        (2, False),
        (4, False),
    ]
    alone = {k: trained(frame, specification(k=k)).measures for k in (2, 3, 4)}
    assert {item.k: item.measures for item in model.candidates} == alone
    assert model.k_reason == (
        f"k=3 is fixed by the specification; its silhouette is {alone[3].silhouette:.4f}, against "
        f"{alone[2].silhouette:.4f} at k=2 and {alone[4].silhouette:.4f} at k=4"
    )


def test_a_neighbour_that_is_no_clustering_is_told_and_stops_nothing() -> None:
    frame = planted()
    values = {"orders": [1.0, 5, 9], "revenue": [1.0, 50, 9]}
    for name, choices in values.items():
        frame[name] = np.array(choices)[np.arange(len(frame)) % 3]
    model = trained(frame)
    assert [item.k for item in model.candidates] == [3, 2]
    assert "k=4 could not be compared: " in model.k_reason


def test_neighbours_are_numbers_that_a_model_may_have() -> None:
    few = planted().head(4)
    assert [item.k for item in trained(few, specification(k=3)).candidates] == [3, 2]
    most = trained(overlapping(), specification(k=50, starts=1))
    assert [item.k for item in most.candidates] == [50, 49]


def test_noise_is_not_measured() -> None:
    frame = planted()
    frame.loc[0, "revenue"] = 1e5
    spec = specification(algorithm="dbscan", k=None, density={"eps": 0.3}, scaler="robust")
    model = trained(frame, spec)
    (candidate,) = model.candidates
    assert model.noise_count > 0
    assert candidate.customers_measured == len(frame) - model.noise_count


def test_a_gap_that_cannot_be_measured_stops_nothing() -> None:
    values = np.random.default_rng(7).normal(size=(60, 2))
    frame = pd.DataFrame(values, columns=["orders", "revenue"]).assign(customer_id=range(60))
    k = {"min": 16, "max": 20, "choose": "silhouette", "also": ["gap"]}
    repeats = {"stability": {"seeds": 1, "resamples": 1}, "validation": {"folds": 2}}
    spec = specification(algorithm="bisecting_kmeans", starts=2, k=k, **repeats)
    model = trained(frame, spec)
    assert model.k == 16
    assert [item.gap is None for item in model.candidates] == [False, True, True, True, True]


@pytest.mark.parametrize("sample_size", [20_000, 100])
def test_costly_criteria_are_stored_whatever_chooses(sample_size: int) -> None:
    def candidates(**k: Any) -> Any:
        spec = specification(k={"min": 2, "max": 4, **k}, sample_size=sample_size)
        return trained(planted(), spec).candidates

    def figures(found: Any, *names: str) -> Any:
        return [[getattr(item, name) for name in names] for item in found]

    beside = candidates(choose="silhouette", also=["gap", "stability"])
    gap = ("gap", "gap_standard_error")
    assert figures(beside, *gap) == figures(candidates(choose="gap"), *gap)
    assert figures(beside, "stability") == figures(candidates(choose="stability"), "stability")
    size = len(planted())
    assert figures(beside, "customers_measured") == [[size]] * 3
    assert figures(beside, "customers_repeated") == [[min(size, sample_size)]] * 3
    assert not any(None in row for row in figures(beside, *gap, "stability"))
    plain = candidates(choose="silhouette")
    assert figures(plain, *gap, "stability", "customers_repeated") == [[None] * 4] * 3


@pytest.mark.parametrize("policy", ["elbow", "silhouette", "calinski_harabasz", "davies_bouldin"])
def test_every_policy_finds_the_planted_number(policy: str) -> None:
    model = trained(planted(), specification(k={"min": 2, "max": 7, "choose": policy}))
    assert model.k == 3
    assert model.k_reason.startswith("k=3 ")
    assert [item.k for item in model.candidates] == [2, 3, 4, 5, 6, 7]
    assert [item.k for item in model.candidates if item.chosen] == [3]
    assert [item.k for item in model.candidates if item.elbow] == [3]
    assert model.measures == model.candidates[1].measures
    assert len(model.segments) == 3


def test_model_says_what_it_was_made_from() -> None:
    spec = specification(random_seed=7)
    model = trained(planted(), spec)
    assert model.trained_at == NOW
    assert model.trained_at.utcoffset() == timedelta(0)
    assert model.model_id == f"20240201T073005123456-{spec.specification_hash}"
    assert model.as_of_date == AS_OF
    assert model.random_seed == 7
    assert (model.engine, model.entity_key, model.row_count) == ("memory", "customer_id", 140)
    assert parse_specification(json.loads(model.specification), "model") == spec
    assert model.library_versions["numpy"] == np.__version__
    assert [item.name for item in model.features] == ["orders", "revenue"]


def test_trained_at_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        trained(planted(), trained_at=NOW.replace(tzinfo=None))


def test_progress_reports_each_candidate() -> None:
    lines: list[str] = []
    trained(planted(), specification(k={"min": 2, "max": 6}), progress=lines.append)
    assert lines[:2] == [
        "2 features audited",
        "140 customers x 2 features read and scaled",
    ]
    tried = [line.split(":")[0] for line in lines[2:7]]
    assert tried == [f"kmeans k={k}" for k in range(2, 7)]
    assert lines[7].startswith("k=3 is the elbow")


def test_the_mart_stays_as_it_was() -> None:
    frame = planted()
    before = frame.copy(deep=True)
    trained(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_eight_customers_give_segments() -> None:
    lines: list[str] = []
    frame = planted().iloc[[0, 1, 2, 40, 41, 42, 43, 130]]
    model = trained(frame, specification(k={"min": 2, "max": 10}), progress=lines.append)
    assert [item.size for item in model.segments] == [1, 4, 3]
    assert [item.k for item in model.candidates] == [2, 3, 4]
    cut = "k is tried up to 4 and not up to the 10 of the specification"
    assert cut in model.k_reason
    assert any(line.startswith(f"warning: {cut}") for line in lines)


def test_three_customers_have_one_number_of_segments() -> None:
    for choose in ("elbow", "silhouette", "gap", "stability"):
        spec = specification(k={"min": 2, "max": 10, "choose": choose})
        model = trained(planted().iloc[[0, 50, 130]], spec)
        assert model.k == 2
        assert "k=2 is the only number of segments that could be tried" in model.k_reason


def test_a_range_ends_before_the_first_k_that_cannot_be_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fit = attempts.fit

    def up_to_four(points: Any, k: int, **settings: Any) -> Any:
        if k > 4:
            raise InputError("they are too alike.")
        return fit(points, k, **settings)

    monkeypatch.setattr(attempts, "fit", up_to_four)
    for choose in ("elbow", "gap"):
        spec = specification(k={"min": 2, "max": 9, "choose": choose})
        model = trained(planted(), spec)
        assert [item.k for item in model.candidates] == [2, 3, 4]
        assert "k is tried up to 4 only: they are too alike." in model.k_reason
    with pytest.raises(InputError, match="they are too alike"):
        trained(planted(), specification(k={"min": 5, "max": 9}))


def test_a_feature_that_does_not_vary_changes_nothing_but_the_audit() -> None:
    lines: list[str] = []
    frame = planted().assign(constant=7, mostly=[0.0] * 139 + [1.0])
    features = ["orders", "constant", {"name": "mostly", "transform": "winsorize"}, "revenue"]
    model = trained(frame, specification(features=features), progress=lines.append)
    without = trained(frame)
    assert model.features == without.features
    assert model.segments == without.segments
    assert model.report is not None
    advice = {item.feature: item.advice for item in model.report.feature_audit}
    assert advice["constant"] == (
        "Every value is 7, so it tells no customers apart: remove it. "
        "It does not vary and is left out of the clustering."
    )
    assert str(advice["mostly"]).endswith(
        "It does not vary after transform winsorize and is left out of the clustering."
    )
    assert "warning: constant does not vary and is left out of the clustering" in lines
    assert list(segment_ids(frame.drop(columns=["constant", "mostly"]), model)) == list(
        segment_ids(frame, without)
    )


def test_unusable_customers_are_refused() -> None:
    frame = planted()
    with pytest.raises(InputError, match="missing or infinite values: orders in 1 rows"):
        trained(frame.assign(orders=frame["orders"].mask(frame.index == 3)))
    with pytest.raises(InputError, match="customer_id is not unique"):
        trained(pd.concat([frame, frame.head(1)]))


def test_a_transform_is_fitted_before_the_scaler() -> None:
    frame = planted()
    spec = specification(
        features=[{"name": "orders", "transform": "log1p"}, "revenue"], scaler="minmax"
    )
    scaling = trained(frame, spec).features[0]
    lowest, highest = np.log1p(frame["orders"].min()), np.log1p(frame["orders"].max())
    assert (scaling.centre, scaling.scale) == pytest.approx((lowest, highest - lowest))


ENCODED = [
    "orders",
    {"name": "group", "encoding": "one_hot"},
    {"name": "member", "encoding": "binary"},
]


def with_members(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(member=[number % 3 == 0 for number in range(len(frame))])


def test_centroids_of_encoded_columns_are_shares() -> None:
    frame = with_members(planted())
    model = trained(frame, specification(features=ENCODED, stability={"seeds": 1, "resamples": 1}))
    names = ["orders", "group=frequent", "group=large", "group=small", "member=true"]
    assert [item.name for item in model.features] == names
    ids = segment_ids(frame, model)
    indicators = pd.get_dummies(frame[["group"]], prefix_sep="=").assign(
        orders=frame["orders"], **{"member=true": frame["member"]}
    )
    for segment in model.segments:
        assert [item.feature for item in segment.centroid] == names
        means = indicators[ids == segment.segment_id].mean()
        assert [item.original for item in segment.centroid] == pytest.approx(list(means[names]))
    assert model.report is not None
    assert {item.feature for item in model.report.segment_differences} == {"orders"}
    assert [item.feature for item in model.report.feature_importances] == names


def test_every_feature_is_audited_in_the_order_of_the_specification() -> None:
    spec = specification(features=ENCODED[::-1], stability={"seeds": 1, "resamples": 1})
    report = trained(with_members(planted()), spec).report
    assert report is not None
    assert tuple(item.feature for item in report.feature_audit) == spec.feature_names
    levels = {item.feature: item.unique_values for item in report.feature_audit}
    assert (levels["group"], levels["member"]) == (3, 2)
    assert report.feature_correlations == ()


def test_only_encoded_features_and_their_components() -> None:
    frame = with_members(planted())
    model = trained(
        frame,
        specification(features=ENCODED[1:], reduction={"method": "pca", "components": 2}),
    )
    assert model.report is not None
    assert (model.report.feature_correlations, model.report.surrogate) == ((), None)
    assert model.reduction is not None
    assert [item.feature for item in model.reduction.centres] == [
        item.name for item in model.features
    ]
    assert (segment_ids(frame, model) > 0).all()


def test_ids_follow_from_a_previous_model_with_encoded_features() -> None:
    frame = with_members(planted())
    first = trained(frame, specification(features=ENCODED))
    descending = [segment.size for segment in first.segments]
    spec = specification(
        features=ENCODED, ordering={"measure": "revenue", "direction": "ascending"}
    )
    again = trained(frame, spec, previous=Previous(first, 3))
    assert [segment.size for segment in again.segments] == descending
    assert [segment.size for segment in trained(frame, spec).segments] != descending
    assert again.report is not None
    assert again.report.alignment.share_kept == 1
    shifts = [item.centroid_shift for item in again.report.alignment.segments]
    assert shifts == pytest.approx([0, 0, 0], abs=1e-9)


def test_a_column_of_another_type_than_before_starts_anew() -> None:
    frame = planted().assign(member=lambda frame: frame["revenue"].gt(300).astype(int))
    first = trained(frame, specification(features=["orders", "member"]))
    words = frame.assign(member=frame["member"].map({0: "no", 1: "yes"}))
    spec = specification(features=["orders", {"name": "member", "encoding": "binary"}])
    again = trained(words, spec, previous=Previous(first, 3))
    assert again.report is not None
    assert again.report.alignment.share_kept is None


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("factor", [1e160, 1e-170])
def test_values_whose_squares_leave_floating_point_have_no_standard_scale(factor: float) -> None:
    frame = planted()
    frame["orders"] *= factor
    with pytest.raises(InputError, match="too large or too small to be scaled: orders"):
        trained(frame, specification(scaler="standard"))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("factor", [1e160, 1e-170])
def test_their_range_scales_them_and_no_figure_is_infinite(factor: float) -> None:
    frame = planted()
    frame["orders"] *= factor
    model = trained(frame, specification(scaler="minmax"))
    assert np.isfinite(centroids(model)).all()
    assert model.report is not None
    differences = [item.standardised_difference for item in model.report.segment_differences]
    assert np.isfinite([item for item in differences if item is not None]).all()
    # Their deviation is beyond floating point, so no difference is a multiple of it.
    assert {
        item.standardised_difference
        for item in model.report.segment_differences
        if item.feature == "orders"
    } == {None}


@pytest.mark.parametrize(("precision", "outlier"), [("float32", 1e30), ("float64", -1e200)])
def test_a_customer_without_a_distance_is_refused(precision: str, outlier: float) -> None:
    frame = planted().astype({"orders": float})
    frame.loc[0, "orders"] = outlier
    with pytest.raises(InputError, match=rf"{precision} has no distance .* orders \(up to .*e\+"):
        trained(frame, specification(scaler="robust", precision=precision))


def test_a_comparison_that_fails_is_told_and_stops_nothing() -> None:
    spec = specification(
        compare={"algorithms": ["hdbscan", "agglomerative"]}, density={"min_cluster_size": 100}
    )
    said: list[str] = []
    model = trained(planted(), spec, progress=said.append)
    assert {item.algorithm for item in model.candidates} == {"kmeans", "agglomerative"}
    failure = "hdbscan could not be compared: HDBSCAN with min_cluster_size=100"
    assert failure in model.k_reason
    assert "of the other algorithms and features compared, agglomerative with k=3" in model.k_reason
    assert any(text.startswith(failure) for text in said)


def test_compared_clusterings_are_those_of_models_of_their_own() -> None:
    frame, components = planted(), {"components": 1}
    model = trained(
        frame,
        specification(
            reduction=components, compare={"algorithms": ["agglomerative"], "unreduced": True}
        ),
    )
    found = {
        (item.algorithm, item.reduced): item.measures for item in model.candidates if item.k == 3
    }
    ward = trained(frame, specification(reduction=components, algorithm="agglomerative"))
    assert found == {
        ("kmeans", True): trained(frame, specification(reduction=components)).measures,
        ("agglomerative", True): ward.measures,
        ("kmeans", False): trained(frame).measures,
    }
    assert [item.chosen for item in model.candidates] == [True] + 4 * [False]
