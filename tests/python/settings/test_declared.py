"""Tables of settings that do not say what they must."""

from __future__ import annotations

from typing import Any

import pytest

from customer_segmentation.settings.declared import DeclarationError, settings_of

ENTRY = {"default": "", "kind": "text", "group": "Shop", "meaning": "What it does."}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("text", "Macro shop_settings returns no mapping"),
        ({"prefix": ENTRY}, "Setting prefix in macro shop_settings must be named shop_..."),
        ({"shop_prefix": "C"}, "Setting shop_prefix in macro shop_settings needs the keys"),
        ({"shop_prefix": {"default": "C"}}, "needs the keys default, group, kind, meaning"),
        ({"shop_prefix": {**ENTRY, "kind": "txt"}}, "has the kind 'txt'; there are choice,"),
    ],
)
def test_a_wrong_table_is_named(table: Any, message: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        settings_of("shop", table)
    assert message in str(refused.value)


def test_settings_of_no_domain_have_any_name() -> None:
    assert list(settings_of("segmentation", {"prefix": ENTRY})) == ["prefix"]
