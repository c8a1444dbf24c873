"""Patterns of dates."""

from __future__ import annotations

import pandas as pd
import pytest

from customer_segmentation.inspection.dates import dates_of


@pytest.mark.parametrize(
    ("texts", "patterns"),
    [
        (["2/24/03", "5/7/03"], ("M/d/yy",)),
        (["24.02.2003 9:05", "01.02.2003 19:05"], ("d.M.yyyy H:mm",)),
        (["02/24/2003 9:05 PM", "01/02/2003 1:05 AM"], ("M/d/yyyy h:mm a",)),
        (["03/04/2024", "12/11/2024"], ("d/M/yyyy", "M/d/yyyy")),
        (["13/04/2024", "04/13/2024"], ("d/M/yyyy", "M/d/yyyy")),
        (["13/04/2024", "12/04/2024 10:00:01"], ("d/M/yyyy[ H:mm:ss]",)),
        (["01-Mar-2024", "15-MAY-2024"], ("d-MMM-yyyy",)),
        (["March 1, 2024", "July 15, 2024"], ("MMMM d, yyyy",)),
        (["20240301", "20241231"], ("yyyyMMdd",)),
        (["2024/3/1 10:15", "2024/12/31 1:02"], ("yyyy/M/d H:mm",)),
        (["2024-03-01", "2024-03-01T10:15:00.123Z", "2024-3-1 10:15"], ()),
        (["1709287200", "1709287201"], ()),
    ],
)
def test_the_pattern_reads_the_texts(texts: list[str], patterns: tuple[str, ...]) -> None:
    found = dates_of(pd.Series(texts))
    assert found is not None
    assert found.patterns == patterns
    assert found.dated == len(texts)


def test_what_is_no_date_is_none() -> None:
    assert dates_of(pd.Series(["12.50", "100", "Thing"])) is None


def test_one_date_in_a_hundred_may_be_wrong() -> None:
    found = dates_of(pd.Series(["13/04/2024"] * 200 + ["04/13/2024", "soon"]))
    assert found is not None
    assert found.patterns == ("d/M/yyyy",)
    assert (found.day_first, found.month_first) == (200, 1)
    assert found.others.to_dict() == {"soon": 1}
