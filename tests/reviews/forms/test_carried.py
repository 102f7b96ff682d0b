"""A form that changed while somebody was answering it: what was said stays where it still says the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daihou.profiles.forms import shipped_findings, shipped_forms
from daihou.reviews.forms.answers import Piece, check
from daihou.reviews.forms.carried import carried
from daihou.reviews.forms.findings import read_findings
from daihou.reviews.forms.reading import read
from reviews.forms.given import bad, pieces
from reviews.forms.shop import ANSWERS, shop

if TYPE_CHECKING:
    from daihou.reviews.forms.form import Form

LAWS = settings(max_examples=150, derandomize=True, database=None, deadline=None)
WORDS = read_findings(shipped_findings(), "findings.yaml")
FORMS: list[Form] = [read(text, name, WORDS).versions[0].values for name, text in shipped_forms().items()]


def again(change: tuple[str, str], answers: dict[str, Any] = ANSWERS) -> list[tuple[str, str]]:
    return [(one.question, one.cause) for one in carried(shop(), shop(change), answers).again]


def test_the_same_form_keeps_all() -> None:
    kept = carried(shop(), shop(), ANSWERS | {"where": {"lat": 29.1}})
    assert kept.answers == ANSWERS | {"where": {"lat": 29.1}}
    assert kept.again == ()


def test_another_wording_keeps_the_answer() -> None:
    assert again(("zh: 流水", "zh: 月均流水")) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("id: staff", "id: people"), [("staff", "gone")]),
        (("{en: people, zh: 人}", "{en: hundreds, zh: 百人}"), [("staff", "unit")]),
        (("code: half", "code: partly"), [("open", "choice")]),
        (("code: debtors", "code: late_payers"), [("why", "choice")]),
        (("most: 500}", "most: 5}"), [("staff", "bounds")]),
        (("most: 100000000", "most: 100000"), [("turnover", "bounds")]),
        (("kind: text, en: Which orders?, zh: 哪些订单？, when: why.orders, most: 20,", "kind: date, en: When?, zh: 何时？,"), [("why_orders", "kind")]),
    ],
    ids=str,
)  # fmt: skip
def test_a_changed_form_asks_again(change: tuple[str, str], expected: list[tuple[str, str]]) -> None:
    assert again(change, ANSWERS | {"why_orders": "both"}) == expected


@LAWS
@given(st.sampled_from(FORMS), st.sampled_from(FORMS), st.data())
def test_carried_answers_always_check(old: Form, new: Form, data: st.DataObject) -> None:
    answers = data.draw(bad(old))
    evidence: dict[str, list[Piece]] = data.draw(pieces(new))
    kept = carried(old, new, answers)
    problems = check(new, kept.answers, {}, evidence)
    assert not [one for one in problems if one.fault in ("wrong", "bounds") and one.question in kept.answers]
    assert not {one.question for one in kept.again} & set(kept.answers)
    assert carried(new, new, kept.answers).answers == kept.answers
