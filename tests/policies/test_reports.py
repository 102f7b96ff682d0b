"""The policy of reports: which grade is suggested, and what a file of it may not say."""

from __future__ import annotations

import datetime as dt
from importlib import resources
from typing import Any

import pytest

from daihou.book.errors import DaihouError
from daihou.policies.reports import reports

TEXT = resources.files("daihou").joinpath("policies/common", "reports.yaml").read_text("utf-8")
DAY = dt.date(2026, 11, 27)


@pytest.mark.parametrize(
    ("known", "grade", "because"),
    [
        ((0, ["current"], ["blue"], ["yellow"]), "pass", ()),
        ((1, [], [], []), "special_mention", ("dpd",)),
        ((90, [], [], []), "special_mention", ("dpd",)),
        ((91, [], ["red"], []), "substandard", ("dpd",)),
        ((271, [], [], []), "doubtful", ("dpd",)),
        ((361, [], [], []), "loss", ("dpd",)),
        ((0, ["current", "written_off"], ["red"], []), "loss", ("states",)),
        ((0, [], ["red"], ["orange"]), "special_mention", ("findings", "watch")),
        ((None, [], [], ["red"]), "special_mention", ("watch",)),
    ],
)
def test_a_grade_is_suggested_by_the_first_line_that_holds(known: Any, grade: str, because: Any) -> None:
    found = reports(TEXT, "reports.yaml").on(DAY).values.suggested(*known, measured=True)
    assert (found.grade, found.because) == (grade, because)
    assert (found.line is None) == (grade == "pass")


def test_of_who_was_not_measured_nothing_is_suggested_but_what_is_known_to_be_bad() -> None:
    house = reports(TEXT, "reports.yaml").on(DAY).values
    assert house.suggested(None, ["unmeasured"], [], [], measured=False).grade is None
    assert house.suggested(0, ["current", "unmeasured"], ["blue"], [], measured=False).grade is None
    assert house.suggested(None, [], ["red"], [], measured=False).grade == "special_mention"
    assert house.suggested(None, ["written_off"], [], [], measured=False).grade == "loss"


@pytest.mark.parametrize(
    ("stated", "instead", "trouble"),
    [
        ("grade: loss", "grade: lost", "grade must be one of"),
        ("dpd: 361", "dpd: 0", "loss: dpd must be a whole number"),
        ("dpd: 361", "findings: []", "asks for nothing"),
        ("states: [written_off]", "states: [current]", "states must be one of"),
        ("findings: [red, orange]", "findings: [pink]", "findings must be one of"),
        ("findings: [red, orange]", "findings: red", "findings must be a list"),
        ("grade: doubtful", "grade: pass", "the worst first"),
        ("pictures: 12", "pictures: 999", "pictures must be a whole number"),
        ("zh: 内部资料", "zh: ''", "zh must say"),
        ("dpd: 271", "days: 271", "days is unknown"),
        ("第十三条", "", "citation"),
    ],
)
def test_what_is_wrong_is_named(stated: str, instead: str, trouble: str) -> None:
    text = TEXT.replace(stated, instead, 1) if stated != "第十三条" else TEXT.replace(TEXT.split("dpd: 361\n")[1].split("\n")[0].strip(), "citation: ''", 1)  # fmt: skip
    with pytest.raises(DaihouError, match=trouble):
        reports(text, "reports.yaml")
