"""A backtest as JSON and back: keys that stay, dates in ISO, amounts in minor units of the currency that is named."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, Final

from daihou.runs.watch.backtest import Backtest
from daihou.runs.watch.caveats import caveats
from daihou.warning.backtest import LEADS, OfRule, OfSet, Result, Results

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT: Final = 1
"""Grows when a key goes or changes its meaning; keys may be added."""
QUARTILES: Final = ("first_quartile", "median", "third_quartile")
Told = dict[str, Any]


def as_dict(found: Backtest) -> Told:
    """All of a backtest, and the sentences a reader must know beside it."""
    return {
        "format": FORMAT,
        "dates": [day.isoformat() for day in found.dates],
        "step": found.step,
        "default": found.default,
        "within_months": found.months,
        "knowledge": {"dates": found.knowledge, "assumed_share": found.assumed_share},
        "heard_on": found.heard_on and found.heard_on.isoformat(),
        "policy_changes": [{"policy": name, "from": day.isoformat()} for name, day in found.changes],
        "by": found.by,
        "episode_days": found.episode_days,
        "fewest_defaults": found.fewest_defaults,
        "currency": found.base_currency,
        "notes": [{"en": note.en, "zh": note.zh} for note in caveats(found)],
        "results": [_results(one) for one in found.results],
    }


def from_dict(told: Mapping[str, Any]) -> Backtest:
    """The backtest that was told; ValueError of a later format, KeyError where a key is not there."""
    if told["format"] != FORMAT:
        raise ValueError(f"the format is {told['format']}, not {FORMAT}")
    return Backtest(
        dates=tuple(dt.date.fromisoformat(day) for day in told["dates"]),
        step=told["step"],
        default=told["default"],
        months=told["within_months"],
        knowledge=told["knowledge"]["dates"],
        assumed_share=told["knowledge"]["assumed_share"],
        changes=tuple((one["policy"], dt.date.fromisoformat(one["from"])) for one in told["policy_changes"]),
        by=told["by"],
        episode_days=told["episode_days"],
        fewest_defaults=told["fewest_defaults"],
        base_currency=told["currency"],
        results=tuple(_results_of(one) for one in told["results"]),
        heard_on=dt.date.fromisoformat(day) if (day := told.get("heard_on")) else None,
    )


def _results(one: Results) -> Told:
    return {
        "subject": one.subject,
        "subjects": one.subjects,
        "months": one.months,
        "rules": [_rule(rule) for rule in one.rules],
        "sets": [_set(of) for of in one.sets],
    }


def _results_of(told: Mapping[str, Any]) -> Results:
    return Results(
        told["subject"], told["subjects"], told["months"], tuple(_rule_of(rule) for rule in told["rules"]),
        tuple(_set_of(of) for of in told["sets"]),
    )  # fmt: skip


def _rule(one: OfRule) -> Told:
    return {
        "rule": one.rule,
        "version": one.version,
        "label": one.label,
        "result": _result(one.result),
        "unknown_share": one.unknown_share,
        "alone": one.alone,
        "alone_share": one.alone_share,
        "overlaps": [{"label": label, "share": share} for label, share in one.overlaps],
        "groups": _groups(one.groups),
    }


def _rule_of(told: Mapping[str, Any]) -> OfRule:
    return OfRule(
        told["rule"], told["version"], _result_of(told["result"]), told["unknown_share"], told["alone"], told["alone_share"],
        tuple((one["label"], one["share"]) for one in told["overlaps"]), _groups_of(told["groups"]),
    )  # fmt: skip


def _set(one: OfSet) -> Told:
    return {
        "name": one.name,
        "labels": list(one.rules),
        "result": _result(one.result),
        "groups": _groups(one.groups),
        "officers": [{"officer_id": officer, "alerts_a_month": load} for officer, load in one.officers],
    }


def _set_of(told: Mapping[str, Any]) -> OfSet:
    officers = tuple((one["officer_id"], one["alerts_a_month"]) for one in told["officers"])
    return OfSet(told["name"], tuple(told["labels"]), _result_of(told["result"]), _groups_of(told["groups"]), officers)


def _groups(groups: tuple[tuple[str, Result], ...]) -> list[Told]:
    return [{"group": name, "result": _result(result)} for name, result in groups]


def _groups_of(told: list[Told]) -> tuple[tuple[str, Result], ...]:
    return tuple((one["group"], _result_of(one["result"])) for one in told)


def _result(one: Result) -> Told:
    leads = zip((*LEADS, None), one.leads, strict=True)
    return {
        **asdict(one),
        "lead_days": None if one.lead_days is None else dict(zip(QUARTILES, one.lead_days, strict=True)),
        "leads": [{"up_to_days": days, "defaults": count} for days, count in leads],
    }


def _result_of(told: Mapping[str, Any]) -> Result:
    known = {field.name: told[field.name] for field in fields(Result)}
    lead = told["lead_days"]
    return Result(
        **known
        | {
            "lead_days": None if lead is None else tuple(lead[name] for name in QUARTILES),
            "leads": tuple(one["defaults"] for one in told["leads"]),
        }
    )
