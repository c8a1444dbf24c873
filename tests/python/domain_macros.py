"""What the macros of a domain say, read without dbt."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment

from customer_segmentation.inspection.known import RawTable, raw_tables_of
from project_runs import ROOT


def answer(path: str, macro: str, *arguments: Any) -> Any:
    """What a macro returns that calls no other one, by its file below ``macros``."""
    returned: list[Any] = []
    environment = Environment(extensions=["jinja2.ext.do"])
    environment.globals["return"] = returned.append
    source = (ROOT / "macros" / path).read_text(encoding="utf-8")
    getattr(environment.from_string(source).module, macro)(*arguments)
    return returned[0]


def retail_tables() -> list[RawTable]:
    """The raw tables of retail, as its macros declare them."""
    names = ("raw_tables", "inspection", "formats")
    answers = {name: answer(f"retail/retail_{name}.sql", f"retail_{name}") for name in names}
    answers["settings"] = {"retail_format": {}, "retail_order_lines_filter": {}}
    return raw_tables_of("retail", answers, answer("parsing/currencies.sql", "currencies"))
