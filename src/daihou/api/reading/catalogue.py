"""What can be measured, and the rules that ask it: names, units and meanings in both languages."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any, Final, get_args

from ninja import Field, Query, Router, Schema

from daihou.api.app import missing
from daihou.api.auth import needs_scope
from daihou.api.reading import answers, described, refusals, values
from daihou.api.reading import asked as asking
from daihou.api.reading.described import One, Page
from daihou.desk.alerts import rules as rules_of_alerts
from daihou.desk.alerts import watches
from daihou.desk.governance import published
from daihou.desk.portfolio.columns import fields
from daihou.monitoring.catalogue import Subject
from daihou.monitoring.families import FAMILIES
from daihou.warning.rule import POSTS, owner_of

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.api.auth import Called
    from daihou.monitoring.catalogue import Family, Measure
    from daihou.warning.rule import Rule, Text, Version

router = Router(tags=["catalogue"])
SUBJECTS: Final = get_args(Subject)


class Measured(Schema):
    """Which measures."""

    subject: str = Field("", description="loan, borrower, facility, org, product, market or model; all unless given.")


class Ruled(Schema):
    """Which rules."""

    on: str | None = Field(None, description="Only those that warn on a day, ISO, each with the version that does.")


@router.get(
    "/measures", response=Page[described.Measure], auth=needs_scope("runs:read"), summary="The catalogue of measures"
)
def measures(request: Called, wanted: Query[Measured]) -> HttpResponse:
    """Every column of the snapshots: what it means, its unit, which way is bad, its codes."""
    asking.only(request, Measured)
    if wanted.subject and wanted.subject not in SUBJECTS:
        raise refusals.unknown("subject", wanted.subject, SUBJECTS)
    tag = answers.tag_of(request, _catalogue_said())
    if (same := answers.unchanged(request, tag)) is not None:
        return same
    data = [
        _measure(measure, family)
        for family in FAMILIES
        if wanted.subject in ("", family.subject)
        for measure in family.measures
    ]
    return answers.page(request, data, None, {}, tag)


@router.get("/rules", response=Page[described.Rule], auth=needs_scope("rules:read"), summary="The warning rules")
def rules(request: Called, wanted: Query[Ruled]) -> HttpResponse:
    """The rules as published and the watches within a day, each with its versions."""
    asking.only(request, Ruled)
    day, book, watched = asking.day("on", wanted.on), published.rulebook(), watches.as_rules()
    tag = answers.tag_of(request, book.digest, _digest(watched))
    if (same := answers.unchanged(request, tag)) is not None:
        return same
    told = [(rule, rule.versions) for rule in (*book.rules, *watched.values())]
    if day is not None:
        told = [(one.rule, (one.version,)) for one in book.live(day)]
        told += [(rule, (version,)) for rule in watched.values() if (version := rule.live(day)) is not None]
    return answers.page(request, [_rule(*one) for one in told], None, {"rulebook": book.digest}, tag)


@router.get(
    "/rules/{rule_id}", response=One[described.Rule], auth=needs_scope("rules:read"), summary="One warning rule"
)
def rule(request: Called, rule_id: str) -> HttpResponse:
    """A rule, or a watch within a day, with all its versions."""
    asking.only(request)
    found = rules_of_alerts.rule(rule_id)
    if found is None:
        raise missing()
    tag = answers.tag_of(request, _digest(found))
    if (same := answers.unchanged(request, tag)) is not None:
        return same
    return answers.answer({"data": _rule(found, found.versions), "meta": {}}, tag=tag)


def _digest(told: object) -> str:
    """Names exactly what is told."""
    return hashlib.sha256(repr(told).encode()).hexdigest()


@cache
def _catalogue_said() -> str:
    """Names exactly these measures."""
    return _digest(FAMILIES)


def _measure(measure: Measure, family: Family) -> dict[str, Any]:
    """A measure; the buckets of a loan are those of the house."""
    choices = measure.choices
    if family.subject == "loan" and measure.name in fields():
        choices = choices or fields()[measure.name].choices
    return {
        "name": measure.name, "subject": family.subject, "family": family.name, "family_label": {"en": family.en, "zh": family.zh},
        "label": {"en": measure.en, "zh": measure.zh}, "meaning": {"en": measure.meaning_en, "zh": measure.meaning_zh}, "unit": measure.unit,
        "bad": measure.bad, "signed": measure.signed, "codes": [{"code": code, "en": en, "zh": zh} for code, en, zh in choices],
        "other_codes": measure.extensible,
    }  # fmt: skip


def _rule(rule: Rule, versions: tuple[Version, ...]) -> dict[str, Any]:
    return {
        "id": rule.id, "name": _text(rule.name), "topic": rule.topic, "subject": rule.subject, "judged_by": "stream" if watches.is_watch(rule.id) else "night",
        "versions": [_version(one) for one in versions],
    }  # fmt: skip


def _version(one: Version) -> dict[str, Any]:
    """A version. Its owner is told where that is a post; a lender's own rule may name a person."""
    return {
        "number": one.number, "from_on": values.day(one.from_on), "shadow_from": values.day(one.shadow_from), "retired": one.retired, "level": one.level,
        "when": one.when, "segment": one.segment, "clear": one.clear, "confirm": one.confirm, "clear_times": one.clear_times,
        "cooldown_days": one.cooldown_days, "due_work_days": one.due_work_days, "notify": list(one.notify),
        "owner": owner_of(one.owner) if owner_of(one.owner) in POSTS else None,
        "message": _text(one.message), "reason": _text(one.reason),
    }  # fmt: skip


def _text(text: Text) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}
