"""What commands of rules find, small enough to be told by hand: three thresholds of dpd, and a backtest of R-001 with a draft beside it."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from daihou.desk.jobs.arguments import checked
from daihou.desk.jobs.folder import Folder
from daihou.desk.jobs.models import Job, Kind, Status
from daihou.desk.jobs.rule_arguments import BACKTESTED, SUGGESTED
from daihou.runs.watch.backtest import Backtest
from daihou.runs.watch.backtest_json import as_dict
from daihou.warning.backtest import OfRule, OfSet, Result, Results

if TYPE_CHECKING:
    from daihou.desk.people.models import User

SAID = {"en": "dpd >= 20 is best.", "zh": "dpd >= 20 最优。"}


def candidate(bound: int, alerts: float, caught: float, precision: float, lead: float) -> dict[str, Any]:
    """A threshold of dpd and what it would have done."""
    return {
        "condition": f"dpd >= {bound}", "threshold": {"value": float(bound), "strict": False, "said": str(bound)},
        "support": 90, "episodes": 60, "censored": 4, "rate_above": 0.5, "rate_below": 0.01, "lift": 4.0, "precision": precision,
        "caught_share": caught, "caught_balance_share": caught, "alerts": alerts, "lead_days": lead, "moved": False,
        "intervals": {"lift": None, "precision": None, "caught_share": [caught - 0.1, caught + 0.1], "caught_balance_share": None, "alerts": None},
    }  # fmt: skip


def suggestion(**more: Any) -> dict[str, Any]:
    """What `daihou rules suggest dpd` wrote: 20 is advised, R-001 has 30."""
    return {
        "measure": "dpd", "unit": "days", "worse": "high", "subject": "loan", "default": "dpd > 90", "horizon_months": 12,
        "segment": None, "by": None, "goal": {"kind": "budget", "alerts": 10.0},
        "spine": {"first": "2024-01-31", "last": "2025-12-31", "step": "month-end", "dates": 24, "knowledge": "recorded"},
        "subjects": 400, "at_risk": 4000, "unknown": 0, "defaults": 40, "default_balance": 1, "enough": True, "fewest_defaults": 30,
        "base_rate": 0.02,
        "candidates": [candidate(10, 12.0, 0.8, 0.2, 80), candidate(20, 8.0, 0.7, 0.35, 60), candidate(30, 5.0, 0.5, 0.4, 50)],
        "present": [{"rule": "R-001", "condition": "dpd >= 30", "place": 2}],
        "chosen": {"place": 1, "why": SAID}, "amber": {"place": 1, "why": SAID}, "red": {"place": 2, "why": SAID}, "advice": SAID,
        "segments": [], "notes": [], "intervals": {"confidence": 0.95, "repetitions": 200, "seed": 1},
        **more,
    }  # fmt: skip


WHOLE = Result(
    signals=60, backlog=2, alerts=48, alerts_a_month=4.0, alerts_per_1000_a_month=10.0, right=12, wrong=36, censored=7, repeats=3, late=2,
    precision=0.25, false_a_month=3.0, defaults=40, caught=20, recall=0.5, defaulted_balance=100, caught_balance=60, recall_balance=0.6,
    lead_days=(40.0, 55.0, 70.0), leads=(5, 10, 5, 0, 0),
)  # fmt: skip
FEW = replace(
    WHOLE,
    defaults=3,
    caught=1,
    precision=None,
    recall=None,
    recall_balance=None,
    lead_days=None,
    false_a_month=None,
    alerts_a_month=0.5,
)
BETTER = replace(
    WHOLE,
    alerts_a_month=3.0,
    precision=0.4,
    recall=0.45,
    recall_balance=0.55,
    lead_days=(30.0, 48.0, 60.0),
    false_a_month=1.5,
)


def told_apart(cards: Result) -> tuple[tuple[str, Result], ...]:
    """The groups of a result: cards, and cars of which too few came into default."""
    return (("card", cards), ("car", FEW))


def backtest(rule: str = "R-001", number: int = 2, **more: Any) -> dict[str, Any]:
    """What `daihou rules backtest` wrote of a rule's first version, the draft of its next, and R-002."""
    live = OfRule(rule, 1, WHOLE, 0.01, 4, 0.1, (("R-002 v1", 0.312),), told_apart(WHOLE))
    draft = OfRule(rule, number, BETTER, 0.01, 2, 0.05, (("R-002 v1", 0.25),), told_apart(BETTER))
    other = OfRule("R-002", 1, replace(WHOLE, alerts_a_month=9.0), None, 0, 0.0, (), ())
    officers = (("K1", 3.0), ("K2", 1.0))
    sets = (
        OfSet("live", (live.label, other.label), WHOLE, told_apart(WHOLE), officers),
        OfSet("draft", (other.label, draft.label), BETTER, told_apart(BETTER), officers),
    )
    found = Backtest(
        dates=(dt.date(2024, 12, 31), dt.date(2025, 6, 30), dt.date(2025, 12, 31)), step="month-end", default="dpd > 90", months=12,
        knowledge="assumed", assumed_share=1.0, changes=(), by="product", episode_days=180, fewest_defaults=30, base_currency="CNY",
        results=(Results("loan", 400, 12.0, (live, draft, other), sets),),
    )  # fmt: skip
    return as_dict(replace(found, **more))


def job(user: User, kind: Kind, found: dict[str, Any] | None, **arguments: Any) -> Job:
    """A job of somebody that has ended, and what it wrote; without anything written it failed."""
    usual = {"default": "dpd > 90", "within": 12, "step": "month-end"}
    asked = {"measure": "dpd", "subject": "loan", "goal": "budget"} if kind is Kind.SUGGEST else {}
    made = Job.objects.create(
        kind=kind, arguments=checked(kind, {**usual, **asked, **arguments}), requested_by=user, requested_at=timezone.now(),
        language="en", status=Status.FAILED if found is None else Status.DONE, finished_at=timezone.now(), exit_code=2 if found is None else 0,
    )  # fmt: skip
    folder = Folder(made.pk)
    folder.make()
    folder.clear()  # a test before may have had a job of the same number
    if found is not None:
        (folder.path / (SUGGESTED if kind is Kind.SUGGEST else BACKTESTED)).write_text(json.dumps(found), "utf-8")
    return made
