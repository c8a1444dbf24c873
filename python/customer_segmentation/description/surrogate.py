"""Rules in SQL that say who is in which segment: a decision tree that imitates the segments.

Shapes: as in :mod:`customer_segmentation.description.differences`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.tree import DecisionTreeClassifier

from customer_segmentation.model.segments import Surrogate, SurrogateRule
from customer_segmentation.numerics.arrays import FloatArray, Labels
from customer_segmentation.numerics.sampling import random_sample
from customer_segmentation.preparation.columns import numeric_columns

_ROOT = 0
_NO_CHILD = -1
# So many digits tell any two doubles apart.
_MOST_DIGITS = 17
_Bounds = dict[int, tuple[float | None, float | None]]


@dataclass(frozen=True)
class _Split:
    """Customers of ``node`` with at most ``threshold`` go left, the others right."""

    node: int
    feature: int
    threshold: float
    left: int
    right: int


def surrogate(
    frame: pd.DataFrame,
    segment_ids: Labels,
    names: Sequence[str],
    *,
    random_seed: int,
    sample_size: int | None = None,
    least_fidelity: float = 0.9,
    rules_per_segment: int = 4,
) -> Surrogate:
    """Rules in SQL that say who is in which segment.

    A decision tree (CART, Gini impurity) is grown on the order of the original values, so that no
    threshold is rounded. Its splits are taken in order of the impurity that they remove, as few of
    them as give ``least_fidelity`` and a rule to every segment. Where that takes too many leaves:
    as few as give a rule to the most segments, and among those the highest fidelity. Then
    neighbouring leaves that give the same segment are joined. All figures come from the conditions,
    evaluated on all customers in double precision.

    A threshold has as few digits as separate the same training customers, in the middle half of
    the gap between them. Columns are compared as doubles. In Spark NaN is above every number, and a
    customer without a value that a condition needs meets no rule.

    Args:
        frame: In an order that does not depend on the source: the sample goes by position.
        random_seed: Of the sample, and of the choice between equally good splits.
        sample_size: Grow the tree on this many customers, drawn without replacement; on all where
            None or where there are no more.
        least_fidelity: Share of customers that the rules should put into their segment, 0..1.
        rules_per_segment: Leaves that the tree may have, per segment.

    Raises:
        InputError: A column holds something other than numbers.
    """
    values = numeric_columns(frame, names)
    known_ids, labels = np.unique(segment_ids, return_inverse=True)
    sample = random_sample(len(values), sample_size, random_seed)
    most_leaves = max(2, rules_per_segment * len(known_ids))
    splits = _splits(values[sample], labels[sample], most_leaves, random_seed)
    counts = _counts(values, labels, splits)
    leaves = _leaves(splits, counts, least_fidelity)
    bounds = _bounds(splits)
    sizes = counts[_ROOT]
    described = sorted(
        (
            int(counts[leaf].argmax()),
            -int(counts[leaf].sum()),
            _condition(bounds[leaf], names),
            leaf,
        )
        for leaf in leaves
    )
    rules = []
    for position, (label, _, condition, leaf) in enumerate(described):
        customers, matched = int(counts[leaf].sum()), int(counts[leaf][label])
        rules.append(
            SurrogateRule(
                rule=position + 1,
                segment_id=int(known_ids[label]),
                condition=condition,
                customers=customers,
                matched_customers=matched,
                coverage=customers / len(values),
                segment_coverage=matched / int(sizes[label]),
                precision=matched / customers,
            )
        )
    return Surrogate(
        fidelity=sum(rule.matched_customers for rule in rules) / len(values),
        fitted_customers=len(sample),
        segments_without_rule=len(known_ids) - len({rule.segment_id for rule in rules}),
        rules=tuple(rules),
    )


def _splits(values: FloatArray, labels: Labels, most_leaves: int, random_seed: int) -> list[_Split]:
    """The splits of a tree, each after that of its parent, in order of the impurity removed."""
    # The tree rounds to 32 bits, which keeps the places of values exactly but not the values.
    places = np.column_stack([np.unique(column, return_inverse=True)[1] for column in values.T])
    tree = (
        DecisionTreeClassifier(max_leaf_nodes=most_leaves, random_state=random_seed)
        .fit(places, labels)
        .tree_
    )
    left, right = tree.children_left.tolist(), tree.children_right.tolist()
    impurity = tree.impurity * tree.n_node_samples
    removed = impurity - impurity[left] - impurity[right]
    members = {_ROOT: np.arange(len(values))}
    splits = []
    while open_nodes := [node for node in members if left[node] != _NO_CHILD]:
        node = max(open_nodes, key=lambda node: (removed[node], -node))
        inside, feature = members.pop(node), int(tree.feature[node])
        below = places[inside, feature] <= tree.threshold[node]
        members[left[node]], members[right[node]] = inside[below], inside[~below]
        threshold = _between(
            values[inside[below], feature].max(), values[inside[~below], feature].min()
        )
        splits.append(_Split(node, feature, threshold, left[node], right[node]))
    return splits


def _between(low: float, high: float) -> float:
    """A number of few digits from ``low`` to below ``high``, in the middle half if there is one."""
    middle = low / 2 + high / 2
    least, most = max(low, 0.75 * low + 0.25 * high), 0.25 * low + 0.75 * high
    for digits in range(_MOST_DIGITS):
        candidate = float(f"{middle:.{digits}e}")
        if least <= candidate <= most and candidate < high:
            return candidate
    return float(low)


def _counts(
    values: FloatArray, labels: Labels, splits: Sequence[_Split]
) -> dict[int, npt.NDArray[np.intp]]:
    """Customers by label that reach each node."""
    k = int(labels.max()) + 1
    members = {_ROOT: np.arange(len(values))}
    counts = {_ROOT: np.bincount(labels)}
    for split in splits:
        inside = members.pop(split.node)
        below = values[inside, split.feature] <= split.threshold
        for child, part in ((split.left, inside[below]), (split.right, inside[~below])):
            members[child] = part
            counts[child] = np.bincount(labels[part], minlength=k)
    return counts


def _leaves(
    splits: Sequence[_Split], counts: Mapping[int, npt.NDArray[np.intp]], least_fidelity: float
) -> set[int]:
    """The leaves of the tree that :func:`surrogate` chooses and joins."""
    total, k = counts[_ROOT].sum(), len(counts[_ROOT])
    leaves, trees = {_ROOT}, [{_ROOT}]
    for split in splits:
        leaves = leaves - {split.node} | {split.left, split.right}
        trees.append(leaves)
    explained = [len({counts[leaf].argmax() for leaf in tree}) for tree in trees]
    matched = [sum(int(counts[leaf].max()) for leaf in tree) for tree in trees]
    good = [
        at
        for at in range(len(trees))
        if explained[at] == k and matched[at] >= least_fidelity * total
    ]
    chosen = (
        good[0] if good else max(range(len(trees)), key=lambda at: (explained[at], matched[at]))
    )
    leaves = trees[chosen]
    for split in reversed(splits):
        children = {split.left, split.right}
        if children <= leaves and len({counts[child].argmax() for child in children}) == 1:
            leaves = leaves - children | {split.node}
    return leaves


def _bounds(splits: Sequence[_Split]) -> dict[int, _Bounds]:
    """By node the features that its conditions test, each with what it is above and up to."""
    bounds: dict[int, _Bounds] = {_ROOT: {}}
    for split in splits:
        inside = bounds[split.node]
        # A deeper split lies between the bounds so far, so that it replaces one of them.
        above, up_to = inside.get(split.feature, (None, None))
        bounds[split.left] = {**inside, split.feature: (above, split.threshold)}
        bounds[split.right] = {**inside, split.feature: (split.threshold, up_to)}
    return bounds


def _condition(bounds: _Bounds, names: Sequence[str]) -> str:
    tests = []
    for feature in sorted(bounds):
        above, up_to = bounds[feature]
        # As double, else an engine may round the literal to the scale of a decimal column.
        column = f"cast(`{names[feature].replace('`', '``')}` as double)"
        if above is not None:
            tests.append(f"{column} > {above!r}D")
        if up_to is not None:
            tests.append(f"{column} <= {up_to!r}D")
    return " and ".join(tests) or "true"
