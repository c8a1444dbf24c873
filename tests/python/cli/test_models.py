"""Which version scores, and which one a rollback goes to; dbt's part is in test_retail_versions."""

from __future__ import annotations

import pytest

from customer_segmentation.cli.models import scoring_order

PROMOTED, BACK, HELD = "promoted", "rolled_back", "held"


@pytest.mark.parametrize(
    ("decisions", "order"),
    [
        ([], ""),
        ([("a", HELD)], ""),
        ([("a", PROMOTED), ("b", HELD), ("c", PROMOTED)], "ac"),
        # An older version that was promoted on purpose is undone like any other.
        ([("a", PROMOTED), ("b", PROMOTED), ("a", PROMOTED)], "aba"),
        ([("a", PROMOTED), ("b", PROMOTED), ("a", PROMOTED), ("b", BACK)], "ab"),
        # Twice back is two promotions back.
        ([("a", PROMOTED), ("b", PROMOTED), ("c", PROMOTED), ("b", BACK), ("a", BACK)], "a"),
        ([("a", PROMOTED), ("b", PROMOTED), ("a", BACK), ("b", PROMOTED)], "ab"),
        # Promoted again while it scores, nothing changes; a held one can be promoted.
        ([("a", PROMOTED), ("a", PROMOTED), ("b", HELD), ("b", PROMOTED)], "ab"),
    ],
)
def test_a_rollback_undoes_the_last_promotion(decisions: list[tuple[str, str]], order: str) -> None:
    assert "".join(scoring_order(decisions)) == order
