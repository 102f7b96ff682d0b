"""Scoring models watched as loans and borrowers are: a limit that breaks opens one signal, and what is watched of them is no history."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from daihou.book.errors import DaihouError
from daihou.book.home import open_home
from daihou.runs import store
from daihou.runs.scores import snapshots
from daihou.runs.stream.day import Day
from daihou.runs.stream.hot import FewRows
from daihou.runs.watch.asked import Asked
from daihou.runs.watch.lineup import lineup
from daihou.runs.watch.register import publish, rulebook_of
from daihou.runs.watch.suggest import suggested
from daihou.runs.watch.told import message
from daihou.runs.watch.trial import tried
from daihou.runs.watch.watch import Watch
from daihou.warning.checked import Checked, check
from daihou.warning.reading import rules
from runs.watch.scoring import row, scored

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.book.home import Home

DAYS = [dt.date(2026, 3, day) for day in (30, 31)] + [dt.date(2026, 4, day) for day in (1, 2)]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home of which nothing is known but what a test has its runs write."""
    return open_home(tmp_path / "home", {})


def told(home: Home, on: dt.date, table: str = "signals") -> list[tuple[Any, ...]]:
    rows = store.read(home, table, on, on).to_pylist()
    return [(one["rule_id"], one["subject_id"], one["transition"]) for one in rows]


def test_a_limit_that_breaks_opens_one_signal_which_clears_when_it_falls_back(home: Home) -> None:
    scored(home, DAYS[0], row(), row(version=2, model_role="shadow"))
    assert told(home, DAYS[0]) == []
    said = scored(home, DAYS[1], row(months_since_validated=13), row(version=2))
    assert (said.opened, said.closed) == (1, 0)
    assert told(home, DAYS[1]) == [("R-359", "BEHAVIOUR v1", "opened")]
    scored(home, DAYS[2], row(months_since_validated=13), row(version=2))
    assert told(home, DAYS[2]) == []
    scored(home, DAYS[3], row(months_since_validated=0), row(version=2))
    assert told(home, DAYS[3]) == [("R-359", "BEHAVIOUR v1", "cleared")]


def test_a_signal_about_a_model_is_nobodys_and_stands_on_its_row(home: Home) -> None:
    scored(home, DAYS[0], row(auc=0.6941, auc_drop=0.0659, matured_bad=30))
    (signal,) = store.read(home, "signals", DAYS[0], DAYS[0]).to_pylist()
    whose = ("borrower_id", "org_id", "officer_id", "currency", "balance")
    assert (signal["subject"], *(signal[name] for name in whose)) == ("model", *[None] * 5)
    assert json.loads(signal["evidence"])["auc_drop"] == 0.0659
    rule = rulebook_of(home).judged["R-354", 1]
    assert isinstance(rule, Checked)
    assert (
        message(signal, rule, "CNY", chinese=True) == "表现期满300个、其中违约30个，AUC为69.4%，较验证时的76%下降0.07。"
    )
    assert (
        message(signal, rule, "CNY", chinese=False)
        == "AUC 69.4% over 300 matured with 30 bad, 0.07 below the 76% of its validation."
    )


def test_a_date_run_again_opens_nothing_twice_and_notes_what_it_would_say_otherwise(home: Home) -> None:
    scored(home, DAYS[0], row(score_psi=0.3))
    before = told(home, DAYS[0])
    assert before == [("R-351", "BEHAVIOUR v1", "opened"), ("R-352", "BEHAVIOUR v1", "opened")]
    again = scored(home, DAYS[0], row(score_psi=0.3), batch=2)
    assert (again.notes, told(home, DAYS[0])) == (0, before)
    later = scored(home, DAYS[0], row(score_psi=0.02), batch=3)
    assert (later.notes, told(home, DAYS[0])) == (2, before)
    scored(home, DAYS[1], row(score_psi=0.3))
    assert told(home, DAYS[1]) == []


def test_a_model_that_scores_no_more_ends_its_signals(home: Home) -> None:
    scored(home, DAYS[0], row(unscored_share=0.2), row("RETAIL", unscored_share=0.2))
    scored(home, DAYS[1], row("RETAIL", unscored_share=0.2))
    assert told(home, DAYS[1]) == [("R-358", "BEHAVIOUR v1", "ended")]
    scored(home, DAYS[2], table=False)
    assert told(home, DAYS[2]) == [("R-358", "RETAIL v1", "ended")]


def test_what_is_not_known_of_a_model_neither_opens_nor_clears(home: Home) -> None:
    scored(home, DAYS[0], row(calibration_light="red"))
    said = scored(home, DAYS[1], row(calibration_light=None, auc_drop=None, score_psi=None, worst_csi=None))
    assert told(home, DAYS[1]) == []
    assert any("calibration_light" in one.en and "R-355" in one.en for one in said.silent)


def test_a_rule_on_models_may_name_the_market_and_no_loan(home: Home) -> None:
    text = """
- id: R-501
  name: {en: Unfit for the times, zh: 不适应市场环境}
  topic: model
  subject: model
  versions:
  - {number: 1, from: 2026-01-01, owner: head_of_risk, level: blue, when: unemployment_change_12m >= 0.5% and score_psi >= 0.1,
     message: {en: 'PSI {score_psi}.', zh: '评分PSI为{score_psi}。'}, reason: {en: Markets turn., zh: 市场环境变化。}}
"""
    (rule,) = rules(text, "test")
    publish(home, (rule,), author="a", reviewer="b", note="", recorded_on=DAYS[0], origin="file")
    scored(home, DAYS[0], row(score_psi=0.2))
    assert ("R-501", "BEHAVIOUR v1", "opened") not in told(home, DAYS[0])
    watched = store.read(home, "watched", DAYS[0], DAYS[0]).to_pylist()
    assert next(one["unknown"] for one in watched if one["rule_id"] == "R-501") == 1
    (of_loan,) = rules(text.replace("score_psi >= 0.1", "dpd > 3"), "test")
    with pytest.raises(DaihouError, match="Column dpd is unknown"):
        check(of_loan, of_loan.versions[0])


def test_the_stream_leaves_models_alone(home: Home) -> None:
    scored(home, DAYS[0], row(score_psi=0.3))
    day = Day(home, DAYS[1], Watch(home, 0, None).before(DAYS[1]))
    assert day.rules == len([one for one in rulebook_of(home).live(DAYS[1]) if one.rule.subject != "model"])
    assert day.judged(FewRows([], []), ["BEHAVIOUR v1"], ["BEHAVIOUR v1"]) == []
    scored(home, DAYS[1], row(score_psi=0.3))
    assert told(home, DAYS[1]) == []
    open_now = pl.DataFrame(store.read(home, "rule_memory", DAYS[1], DAYS[1])).filter(pl.col("opened_on").is_not_null())
    assert set(open_now["rule_id"]) == {"R-351", "R-352"}


def test_rules_on_models_are_not_tried_on_past_dates(home: Home) -> None:
    book = rulebook_of(home)
    rule = book.rule("R-351")
    everything = lineup(book, DAYS[0])
    assert {one.rule.subject for one in everything.rules} == {"loan", "borrower"}
    checked = book.judged["R-351", 1]
    assert isinstance(checked, Checked)
    question = Asked("dpd", "dpd > 90", 12, DAYS, "day", rule="R-351")
    for refused in (
        lambda: lineup(book, DAYS[0], ["R-351"]),
        lambda: lineup(book, DAYS[0], (), [rule]),
        lambda: tried(home, checked),
        lambda: suggested(home, question, DAYS[-1], lambda *_: None),
    ):
        with pytest.raises(DaihouError, match="watched, not backtested") as error:
            refused()
        assert "只做日常监测，不支持回测" in error.value.zh[0]


def test_a_version_is_called_by_its_model_and_number() -> None:
    assert snapshots.called("BEHAVIOUR", 3) == "BEHAVIOUR v3"
    assert (snapshots.model_id("BEHAVIOUR v3"), snapshots.model_id("A v1 v2")) == ("BEHAVIOUR", "A v1")
