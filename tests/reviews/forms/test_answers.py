"""Answers are checked by what is shown: worked cases, and the laws that nothing raises and what is hidden never counts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daihou.reviews.forms.answers import Piece, Progress, check, progress, shown
from daihou.reviews.forms.told import told
from reviews.forms.given import ANY, bad, good, pieces
from reviews.forms.shop import ANSWERS, EVIDENCE, PREVIOUS, shop

LAWS = settings(max_examples=300, derandomize=True, database=None, deadline=None)
FORM = shop()


def faults(answers: Any, previous: Any = PREVIOUS, evidence: Any = EVIDENCE) -> list[tuple[str, str, bool]]:
    return [(one.question, one.fault, one.blocking) for one in check(FORM, answers, previous, evidence)]


def test_complete_answers_have_no_fault() -> None:
    assert faults(ANSWERS) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"open": None}, [("open", "missing", True)]),
        ({"open": "shut"}, [("open", "wrong", True)]),
        ({"turnover": "12"}, [("turnover", "wrong", True)]),
        ({"turnover": 12.5}, [("turnover", "wrong", True)]),
        ({"turnover": True}, [("turnover", "wrong", True)]),
        ({"turnover": 2**60}, [("turnover", "wrong", True)]),
        ({"turnover": -1}, [("turnover", "bounds", True)]),
        ({"turnover": 10_000_000_000}, []),
        ({"turnover": 10_000_000_001}, [("turnover", "bounds", True)]),
        ({"why": []}, [("turnover", "reason", True), ("why", "missing", True)]),
        ({"why": ["debtors", "nobody_knows"]}, [("turnover", "reason", True), ("why", "wrong", True)]),
        ({"why": ["nobody_knows"]}, []),
        ({"why": ["elsewhere"]}, [("turnover", "reason", True), ("why", "wrong", True)]),
        ({"why_orders": "一" * 20}, []),
        ({"why_orders": "一" * 21}, [("why_orders", "bounds", True)]),
        ({"staff": 2.5}, [("staff", "bounds", True)]),
        ({"staff": 501}, [("staff", "bounds", True)]),
        ({"staff": float("nan")}, [("staff", "wrong", True)]),
        ({"licence": "yes"}, [("licence", "wrong", True)]),
        ({"licence": False}, []),
        ({"expires": "2026-02-30"}, [("expires", "wrong", True)]),
        ({"expires": "20260230"}, [("expires", "wrong", True)]),
        ({"willingness": 6}, [("willingness", "wrong", True)]),
        ({"willingness": 0}, [("willingness", "wrong", True)]),
        ({"where": ["anything"]}, []),
        ({"no_such_question": 1}, []),
    ],
    ids=str,
)  # fmt: skip
def test_a_changed_answer_gives(change: dict[str, Any], expected: list[tuple[str, str, bool]]) -> None:
    assert faults(ANSWERS | change) == expected


def test_too_few_photos_block_and_one_that_shows_nothing_asked_for_does_not() -> None:
    assert faults(ANSWERS, evidence=EVIDENCE | {"photos": [Piece("photo", "front")]}) == [
        ("photos", "evidence", True),
        ("photos", "shown", False),
    ]
    assert faults(ANSWERS, evidence=EVIDENCE | {"photos": [Piece("photo")] * 2}) == [
        ("photos", "shown", False),
        ("photos", "shown", False),
    ]


def test_a_piece_of_another_kind_does_not_count() -> None:
    assert faults(ANSWERS, evidence=EVIDENCE | {"papers": [Piece("photo")]}) == [("papers", "evidence", True)]
    assert faults(ANSWERS, evidence=EVIDENCE | {"papers": [Piece("audio")]}) == []


def test_a_fall_tells_how_far_in_both_languages() -> None:
    problem = check(FORM, ANSWERS | {"why": None}, PREVIOUS, EVIDENCE)[0]
    assert problem.zh == "较上次下降 33.2%，请填写原因。"
    assert problem.en == "Fell by 33.2% since the last review: say why."


@pytest.mark.parametrize(
    ("last", "asked"),
    [(18_200_000, True), (15_187_500, False), (15_187_501, True), (0, False), (None, False), ("18200000", False), (-5, False)],
)  # fmt: skip
def test_the_reason_is_asked_where_the_fall_is_over_a_fifth(last: Any, asked: bool) -> None:
    assert ("why" in shown(FORM, ANSWERS, {"turnover": last})) is asked


def test_what_depends_on_a_hidden_answer_is_hidden_too() -> None:
    closed = ANSWERS | {"open": "closed"}
    assert shown(FORM, closed, PREVIOUS) == (
        "open", "staff", "licence", "expires", "warned", "willingness", "where", "photos", "papers",
    )  # fmt: skip


def test_progress_counts_what_must_be_answered_by_section() -> None:
    assert progress(FORM, ANSWERS, PREVIOUS, EVIDENCE) == [Progress("trade", 6, 6), Progress("close", 3, 3)]
    assert progress(FORM, {}, {}, {}) == [Progress("trade", 0, 3), Progress("close", 0, 2)]
    assert progress(FORM, {"open": "half", "staff": "x"}, {}, {"photos": EVIDENCE["photos"]}) == [
        Progress("trade", 1, 4),
        Progress("close", 1, 2),
    ]


@LAWS
@given(bad(FORM), bad(FORM), pieces(FORM))
def test_nothing_that_may_come_raises(answers: Any, previous: Any, evidence: dict[str, list[Piece]]) -> None:
    problems = check(FORM, answers, previous, evidence)
    seen = shown(FORM, answers, previous)
    assert {one.question for one in problems} <= set(seen)
    for each in progress(FORM, answers, previous, evidence):
        assert 0 <= each.answered <= each.required
    found = told(FORM, answers, previous)
    assert 0 <= found.points <= found.possible


@settings(LAWS, max_examples=100)
@given(good(FORM), good(FORM), pieces(FORM), st.data())
def test_hidden_answers_never_count(
    answers: dict[str, Any], previous: dict[str, Any], evidence: dict[str, list[Piece]], data: st.DataObject
) -> None:
    seen = set(shown(FORM, answers, previous))
    hidden = [question.id for question in FORM.questions() if question.id not in seen]
    other = {**answers, **{name: data.draw(ANY) for name in hidden}}
    assert shown(FORM, other, previous) == shown(FORM, answers, previous)
    assert check(FORM, other, previous, evidence) == check(FORM, answers, previous, evidence)
    assert progress(FORM, other, previous, evidence) == progress(FORM, answers, previous, evidence)
    assert told(FORM, other, previous) == told(FORM, answers, previous)


@LAWS
@given(good(FORM), good(FORM), pieces(FORM))
def test_work_is_done_where_nothing_is_missing(
    answers: dict[str, Any], previous: dict[str, Any], evidence: dict[str, list[Piece]]
) -> None:
    lacking = [one for one in check(FORM, answers, previous, evidence) if one.fault in ("missing", "evidence")]
    whole = progress(FORM, answers, previous, evidence)
    assert (not lacking) is all(each.answered == each.required for each in whole)
