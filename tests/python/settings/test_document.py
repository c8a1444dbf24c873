"""What is written into docs/settings.md, and where."""

from __future__ import annotations

import pytest

from customer_segmentation.settings.declared import settings_of
from customer_segmentation.settings.document import BEGIN, END, document

TABLES = {
    "segmentation": settings_of(
        "segmentation",
        {"day": {"default": "", "kind": "date", "group": "All", "meaning": "The day."}},
    ),
    "shop": settings_of(
        "shop",
        {
            "shop_ids": {"default": ["B"], "kind": "texts", "group": "Shop", "meaning": "Ids."},
            "shop_columns": {
                "default": {},
                "kind": "raw_columns",
                "allowed": ["id", "day"],
                "group": "Shop",
                "meaning": "Columns.",
            },
            "shop_top": {"default": 5, "kind": "whole_number", "group": "Top", "meaning": "Few."},
        },
    ),
}


def test_groups_are_sections_between_the_lines() -> None:
    page = document(f"Before.\n{BEGIN}old\n{END}After.\n", TABLES)
    assert page.startswith(
        f"Before.\n{BEGIN}\n## All\n\n| var | default | meaning |\n|---|---|---|\n"
    )
    assert page.endswith(f"\n\n{END}After.\n")
    assert "old" not in page
    assert page.index("## All") < page.index("## Shop") < page.index("## Top")
    assert "| `day` | empty | The day. |\n" in page
    assert '| `shop_ids` | `["B"]` | Ids. |\n' in page
    assert "| `shop_columns` | `{}` | Columns. Ours are `id`, `day`. |\n" in page
    assert "| `shop_top` | `5` | Few. |\n" in page
    assert document(page, TABLES) == page


@pytest.mark.parametrize("page", ["", BEGIN, END, f"{END}{BEGIN}", f"{BEGIN}{BEGIN}{END}"])
def test_a_page_without_its_lines_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="needs these two lines"):
        document(page, TABLES)
