"""A borrower's score: what the run wrote and why, over time, in words for the customer; and nothing of it out of reach."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from daihou.desk.audit.models import Entry
from daihou.desk.people.models import Membership, User
from daihou.desk.people.roles import Role
from daihou.desk.scoring.scored import of
from daihou.runs import store
from daihou.runs.scores import one, steps
from daihou.runs.scores.register import register
from daihou.runs.scores.tables import SCORES
from daihou.runs.scores.train import registered, train
from daihou.runs.scores.validate import validate
from desk.scoring.conftest import last_run, scored
from desk.scoring.test_pages import text
from scoring_home import quiet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.test import Client

    from scoring_home import Scoring

    Browser = Callable[[str], Client]


@pytest.fixture
def worst(scoring: Scoring) -> dict[str, Any]:
    """The borrower with the lowest score by the newest run."""
    return scored(scoring).row(0, named=True)


def test_the_card_shows_what_the_run_wrote(scoring: Scoring, browser: Browser, worst: dict[str, Any]) -> None:
    told = text(browser("yu").get(f"/borrowers/{worst['borrower_id']}/"))
    assert f"Behaviour score run of {last_run(scoring)}" in told
    assert f"Score {worst['score']:.0f}" in told
    assert f"{worst['score_pd']:.2%}" in told


def test_the_reasons_are_those_of_the_stored_score(scoring: Scoring, worst: dict[str, Any]) -> None:
    version = register(scoring.home).version("watch_3m", 1)
    first, *_ = one.explained(scoring.home, worst["borrower_id"], last_run(scoring), version)
    assert first.score == worst["score"]
    assert first.pd == pytest.approx(worst["score_pd"])
    points = [line.points for line in first.lines if line.points is not None]
    assert first.model.body.base + sum(points) == first.score  # type: ignore[union-attr]
    assert [line.lost for line in first.lines] == sorted((line.lost for line in first.lines), reverse=True)


def test_every_stored_score_is_explained_as_it_was_written(scoring: Scoring) -> None:
    """The lowest, a middling and the highest score of either version: the row read alone says what the run said of all."""
    day = last_run(scoring)
    rows = pl.DataFrame(pl.from_arrow(store.read(scoring.home, "scores", day, day))).filter(
        pl.col("score").is_not_null()
    )
    for version in register(scoring.home).of("watch_3m"):
        some = rows.filter(pl.col("model") == version.called).sort("score", "subject_id")
        assert len(some) > 2
        for at in (0, len(some) // 2, -1):
            row = some.row(at, named=True)
            found = {each.subject_id: each for each in one.explained(scoring.home, row["borrower_id"], day, version)}
            assert found[row["subject_id"]].score == row["score"]
            assert found[row["subject_id"]].pd == pytest.approx(row["pd"])


def test_a_better_bin_gives_so_many_points_more(scoring: Scoring, worst: dict[str, Any]) -> None:
    version = register(scoring.home).version("watch_3m", 1)
    first, *_ = one.explained(scoring.home, worst["borrower_id"], last_run(scoring), version)
    cards = {line.input.name: line for line in first.model.body.characteristics}  # type: ignore[union-attr]
    better = [line for line in first.lines if line.better is not None]
    assert better
    for line in better:
        assert line.better is not None
        assert line.points is not None
        assert cards[line.input.name].points[line.better.place] == line.points + line.better.gain
        between = range(min(line.place, line.better.place) + 1, max(line.place, line.better.place))
        assert all(
            cards[line.input.name].points[place] <= line.points or not _seen(cards[line.input.name], place)
            for place in between
        )


def _seen(line: Any, place: int) -> bool:
    return bool(line.evidence.good[place] + line.evidence.bad[place])


def test_who_is_not_scored_is_told_why(scoring: Scoring, browser: Browser) -> None:
    day = last_run(scoring)
    frame = pl.DataFrame(pl.from_arrow(store.read(scoring.home, "borrower_snapshots", day, day)))
    nobody = frame.filter(pl.col("score").is_null()).sort("borrower_id")["borrower_id"][0]
    told = text(browser("yu").get(f"/borrowers/{nobody}/"))
    assert "No score" in told
    assert "Explain to the customer" not in told
    assert "There is no score to explain" in text(browser("yu").get(f"/borrowers/{nobody}/score/"))
    assert not Entry.objects.filter(action="model.explain").exists()


TABLE = """
id: a_table
name: {en: Of a file, zh: 文件模型}
subject: loan
table: {id: id, bad: bad}
features: [{name: late, kind: number, risk: up}]
"""


def test_a_model_of_files_scores_nobody_here(to_decide: Scoring, tmp_path: Path) -> None:
    rows = {
        "id": [f"{n}" for n in range(600)],
        "late": [n % 30 for n in range(600)],
        "bad": [int(n % 30 > 20 and n % 4 > 0) for n in range(600)],
    }
    pl.DataFrame(rows).write_csv(tmp_path / "rows.csv")
    day = to_decide.ends[-3]
    (found,) = train(to_decide.home, TABLE, "design", ("card",), day, quiet, tmp_path / "rows.csv")
    version = registered(to_decide.home, found, "Ann", day, "", "command")
    validate(to_decide.home, version.model_id, 1, "Ann", day, "command", quiet)
    steps.approve(to_decide.home, version.model_id, 1, "champion", day, "Bob", "", day, "command")
    last = last_run(to_decide)
    assert "a_table v1" in [one.called for one, _role in register(to_decide.home).scoring(last)]
    found_one = of("nobody", {}, last, last)
    assert found_one is not None
    assert found_one.version.called == "watch_3m v1"
    assert "does not know the borrower" in found_one.why


def test_before_any_model_there_is_no_card(scoring: Scoring, browser: Browser, worst: dict[str, Any]) -> None:
    early = scoring.ends[-4]
    assert "Behaviour score" not in text(
        browser("yu").get(f"/borrowers/{worst['borrower_id']}/?as_of={early}&known_on={early}")
    )


def test_the_score_over_time_parts_what_was_stored_from_what_would_have_been_said(
    scoring: Scoring, browser: Browser, worst: dict[str, Any]
) -> None:
    answer = browser("yu").get(f"/borrowers/{worst['borrower_id']}/score/history/")
    points = answer.context["points"]
    days = [point.day for point in points]
    assert days == sorted(days)
    assert points[-1].score == worst["score"]
    assert {point.day for point in points if point.stored} <= set(scoring.ends[-2:])
    assert any(not point.stored for point in points)
    names = [series["name"] for series in answer.context["chart"]["option"]["series"]]
    assert names == ["Score", "what watch_3m v1 would have said"]
    assert "asked now of what was known then" in text(answer)


def test_the_explanation_names_facts_and_rights_and_is_noted(
    scoring: Scoring, browser: Browser, worst: dict[str, Any]
) -> None:
    answer = browser("qian").get(f"/borrowers/{worst['borrower_id']}/score/")
    told = text(answer)
    letter = answer.context["letter"]
    assert f"was {worst['score']:.0f}." in told
    assert letter.facts
    assert all(fact.name.en in told and fact.stands.en in told for fact in letter.facts)
    assert "No decision about your loans is made by this score alone" in told
    assert "Personal Information Protection Law, article 24" in told
    assert "article 46" in told
    entry = Entry.objects.get(action="model.explain")
    assert (entry.actor, entry.subject_kind, entry.subject_id) == ("qian", "borrower", worst["borrower_id"])
    assert entry.detail["score"] == worst["score"]
    assert entry.detail["model"] == "watch_3m v1"


def test_the_explanation_is_written_in_chinese_too(scoring: Scoring, browser: Browser, worst: dict[str, Any]) -> None:
    User.objects.update(language="zh-hans")
    told = text(browser("qian").get(f"/borrowers/{worst['borrower_id']}/score/"))
    assert "行为评分说明书" in told
    assert "《中华人民共和国个人信息保护法》第二十四条" in told
    letter = told[told.index("行为评分说明书", told.index("可直接交予客户")) :].partition("模型 watch_3m")[0]
    assert not re.search(r"[A-Za-z]{4,}", letter.replace(worst["borrower_id"], "")), letter


def test_the_explanation_holds_no_other_borrower(scoring: Scoring, browser: Browser, worst: dict[str, Any]) -> None:
    page = browser("qian").get(f"/borrowers/{worst['borrower_id']}/score/").content.decode()
    others = [number for number in scored(scoring)["borrower_id"] if number != worst["borrower_id"]]
    assert not [number for number in others if number in page]


@pytest.mark.parametrize("page", ["", "score/", "score/history/"])
def test_out_of_reach_there_is_nothing(
    scoring: Scoring, browser: Browser, staff: dict[str, User], worst: dict[str, Any], page: str
) -> None:
    Membership.objects.filter(user=staff["yu"]).update(org_id="elsewhere", role=Role.VIEWER)
    assert browser("yu").get(f"/borrowers/{worst['borrower_id']}/{page}").status_code == 404


def test_a_loan_shows_the_score_of_its_own(scoring: Scoring, browser: Browser) -> None:
    day = last_run(scoring)
    rows = pl.DataFrame(pl.from_arrow(store.read(scoring.home, "scores", day, day)))
    row = (
        rows.filter(pl.col("role") == "champion", pl.col("score").is_not_null())
        .sort("score", "subject_id")
        .row(0, named=True)
    )
    assert set(rows.columns) == set(SCORES.names)
    answer = browser("yu").get(f"/loans/{row['subject_id']}/?as_of={day}&known_on={day}")
    assert f"Behaviour score {row['score']}" in text(answer)
    assert "watch_3m v1" in text(answer)


def test_only_who_may_is_led_to_the_model(scoring: Scoring, browser: Browser, worst: dict[str, Any]) -> None:
    address = f"/borrowers/{worst['borrower_id']}/"
    assert "/models/watch_3m/1/" in browser("zhou").get(address).content.decode()
    assert "/models/" not in browser("yu").get(address).content.decode()


def test_a_score_stands_no_longer_than_the_policy_lets_it(scoring: Scoring) -> None:
    last = last_run(scoring)
    assert one.scored_day(scoring.home, last, last) == last
    assert one.scored_day(scoring.home, last + dt.timedelta(days=45), last + dt.timedelta(days=45)) == last
    assert one.scored_day(scoring.home, last + dt.timedelta(days=46), last + dt.timedelta(days=46)) is None
    assert one.scored_day(scoring.home, last, scoring.ends[-2]) == scoring.ends[-2]
