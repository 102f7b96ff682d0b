"""A score broken down and explained to the customer: points that add up, the nearest better bin, and words that say what may be asked for."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import pytest

from assessment.scores.drawn import columns, trained
from daihou.assessment.scores.breakdown import lines
from daihou.assessment.scores.card import Card
from daihou.assessment.scores.explained import letter, measured, span
from daihou.book.errors import DaihouError
from daihou.policies.score_explanations import score_explanations

if TYPE_CHECKING:
    from daihou.assessment.scores.breakdown import Line
    from daihou.assessment.scores.explained import Letter
    from daihou.assessment.scores.inputs import Values
    from daihou.assessment.scores.model import Kind, Model
    from daihou.policies.score_explanations import ScoreExplanations

DAY = dt.date(2026, 6, 30)
SHIPPED = (resources.files("daihou.policies") / "common" / "score_explanations.yaml").read_text("utf-8")


@cache
def model(kind: Kind) -> Model:
    return trained(kind)


@cache
def people() -> dict[str, Values]:
    return columns(200, np.random.default_rng(5))


@cache
def house() -> ScoreExplanations:
    return score_explanations(SHIPPED, "shipped").on(DAY).values


def explained(
    kind: Kind = "card", row: int = 0, *, person: bool = True, policy: ScoreExplanations | None = None
) -> tuple[Letter, tuple[Line, ...]]:
    one = model(kind)
    found = lines(one, people())[row]
    score = int(one.body.scores(people())[row])
    return letter(one.design, DAY, score, None, found, policy or house(), "CNY", person=person), found


def told(found: Letter, *, chinese: bool) -> str:
    sections = [*found.about, *found.rights]
    said = [one.title for one in sections] + [sentence for one in sections for sentence in one.sentences]
    said += [
        part for fact in found.facts for part in (fact.name, fact.stands, fact.weight, fact.better) if part is not None
    ] + list(found.favourable)
    return "\n".join(one.said(chinese=chinese) for one in said)


def test_points_of_a_card_add_up_to_the_score() -> None:
    body = model("card").body
    for found, score in zip(lines(model("card"), people()), body.scores(people()), strict=True):
        assert body.base + sum(line.points or 0 for line in found) == score  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["card", "trees"])
def test_the_line_that_costs_most_comes_first(kind: Kind) -> None:
    for found in lines(model(kind), people()):
        assert [line.lost for line in found] == sorted((line.lost for line in found), reverse=True)
        assert {line.input.name for line in found} == {one.name for one in model(kind).inputs}


def test_a_better_bin_is_the_nearest_that_gives_more() -> None:
    cards = {line.input.name: line for line in model("card").body.characteristics}  # type: ignore[union-attr]
    seen = 0
    for found in lines(model("card"), people()):
        for line in found:
            one = cards[line.input.name]
            more = [
                at
                for at in range(one.bins.plain)
                if one.points[at] > one.points[line.place] and (one.evidence.good + one.evidence.bad)[at]
            ]
            if line.better is None:
                assert one.bins.codes or not line.known or not more
                continue
            seen += 1
            assert one.points[line.better.place] - one.points[line.place] == line.better.gain > 0
            assert abs(line.better.place - line.place) == min(abs(at - line.place) for at in more)
    assert seen > 50


def test_trees_promise_no_points() -> None:
    assert all(
        line.better is None and line.points is None for found in lines(model("trees"), people()) for line in found
    )
    found, _ = explained("trees")
    assert all(fact.better is None for fact in found.facts)


def test_a_letter_says_the_same_in_both_languages() -> None:
    for row in range(20):
        found, _ = explained(row=row)
        english, chinese = told(found, chinese=False), told(found, chinese=True)
        assert re.findall(r"\d[\d,.]*\d|\d", english.replace("article", "")) != []
        assert "Personal Information Protection Law, article 24" in english
        assert "《中华人民共和国个人信息保护法》第二十四条" in chinese
        assert "nan" not in english.lower()
        assert "None" not in english + chinese
        assert len(found.facts) <= house().most_facts


def test_more_of_what_has_no_direction_is_not_advised() -> None:
    one = model("card")
    found = next(some for some in lines(one, people()) if any(line.counts and line.better is not None for line in some))
    sideless = tuple(replace(line, input=replace(line.input, risk="any")) for line in found)
    for some, advice in ((found, True), (sideless, False)):
        told_facts = letter(one.design, DAY, 600, None, some, house(), "CNY", person=True).facts
        better = [fact.better.en for fact in told_facts if fact.better is not None]
        assert better
        assert any("points more would be given" in said for said in better) == advice


def test_the_law_of_persons_is_not_told_to_a_company() -> None:
    found, _ = explained(person=False)
    assert "Personal Information Protection Law" not in told(found, chinese=False)
    assert "个人信息保护法" not in told(found, chinese=True)


def test_a_lender_that_decides_by_score_alone_says_so_and_that_it_may_be_refused() -> None:
    found, _ = explained(policy=replace(house(), decides_alone=True, phone="95500"))
    assert "can be made by this score alone. You may refuse that" in told(found, chinese=False)
    assert "您有权拒绝" in told(found, chinese=True)
    assert "95500" in told(found, chinese=True)


def test_what_is_not_known_is_said_so() -> None:
    one = model("card")
    values = {name: (column.copy() if isinstance(column, np.ndarray) else column) for name, column in people().items()}
    assert isinstance(one.body, Card)
    name = next(
        line.input.name for line in one.body.characteristics if line.scores_missing and line.input.kind == "number"
    )
    values[name] = np.full(200, np.nan)
    line = next(line for line in lines(one, values)[0] if line.input.name == name)
    assert not line.known
    assert line.better is None
    assert line.value_en == "not known"


@pytest.mark.parametrize(
    ("value", "unit", "en", "zh"),
    [
        (31.0, "days", "31 days", "31 天"),
        (1.0, "days", "1 day", "1 天"),
        (0.125, "share", "12.5%", "12.5%"),
        (12.5, "share", "12.5", "12.5"),
        (13700.0, "base_amount", "CNY 13,700", "13,700 元"),
        (400.0, "date", "400 days ago", "400 天前"),
        (1.0, "flag", "yes", "是"),
        (3.0, "number", "3", "3"),
        (1.0, "count", "1", "1"),
    ],
)
def test_a_number_is_told_with_its_unit(value: float, unit: str, en: str, zh: str) -> None:
    assert measured(value, unit, "CNY", chinese=False) == en
    assert measured(value, unit, "CNY", chinese=True) == zh


def test_a_bin_is_told_by_its_ends() -> None:
    line = next(line for line in lines(model("card"), people())[0] if line.bins.splits)
    last = len(line.bins.splits)
    assert span(line, 0, "CNY", chinese=False).startswith("less than ")
    assert span(line, last, "CNY", chinese=True).endswith("及以上")


@pytest.mark.parametrize(
    "wrong", ["reply_days: 0", "most_facts: x", "decides_alone: maybe", "office: {en: a}", "phone: 95500"]
)
def test_a_policy_that_makes_no_sense_is_refused(wrong: str) -> None:
    key = wrong.partition(":")[0]
    line = next(line for line in SHIPPED.splitlines() if line.strip().startswith(f"{key}:"))
    with pytest.raises(DaihouError):
        score_explanations(SHIPPED.replace(line, f"      {wrong}"), "own")
