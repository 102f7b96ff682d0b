"""One rule: what it says, its versions and what changed between any two, its evidence and its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from daihou.desk.access import needs
from daihou.desk.audit.log import record
from daihou.desk.governance import (
    checks,
    content,
    dates,
    difference,
    evidence,
    guards,
    labels,
    numbers,
    published,
    scope,
    transitions,
)
from daihou.desk.governance.models import Draft
from daihou.desk.governance.scope import whole_lender
from daihou.desk.governance.views.rules import as_file
from daihou.desk.refusals import RefusedError
from daihou.warning import reading

if TYPE_CHECKING:
    import datetime as dt

    from django.http import HttpResponse

    from daihou.desk.asked import Asked
    from daihou.warning.rule import Rule, Version


@needs("rules.view")
@require_GET
def rule(request: Asked, rule_id: str) -> HttpResponse:
    """A rule as it is in force, or as it last was; one that only has a draft is read on the page of its review."""
    found = published.rule(rule_id)
    if found is None:
        draft = Draft.objects.filter(rule_id=rule_id).first()
        if draft is None:
            raise Http404
        return redirect("rule_review" if draft.open else "rule_history", rule_id)
    day = dates.today(settings.HOME, timezone.now())
    version = _shown(found, day, request.GET.get("version", ""))
    draft, decided = scope.open_draft(rule_id), Draft.objects.filter(rule_id=rule_id, number=version.number).first()
    sees_all = scope.holds(request, "rules.view")
    counted = numbers.today() if sees_all else None
    context = {
        "rule": found,
        "version": version,
        "live": found.live(day),
        "shadow": found.shadow(day),
        "day": day,
        "resting": [labels.told(problem) for problem in published.resting(rule_id, day)],
        "examined": checks.examined(content.text_of_version(found, version)),
        "versions": [(one, _standing(found, one, day)) for one in reversed(found.versions)],
        "entries": published.entries(rule_id),
        "draft": draft,
        "counted": counted,
        "sees_all": sees_all,
        "numbers": counted.of(rule_id, shadow=version == found.shadow(day)) if counted else None,
        "compared": _compared(found, request),
        "no_writing": scope.without_writing(request),
        "no_retiring": scope.without_writing(request) or guards.against_retiring(rule_id, day),
        "decided": decided,
        **evidence.shown(decided),
    }
    return render(request, "governance/rule.html", context)


@needs("rules.view")
@require_GET
def history(request: Asked, rule_id: str) -> HttpResponse:
    """Every step of every draft of a rule, newest draft first."""
    drafts = list(Draft.objects.filter(rule_id=rule_id).prefetch_related("steps__actor").select_related("author"))
    found = published.rule(rule_id)
    if not drafts and found is None:
        raise Http404
    entries = published.entries(rule_id)
    known = {draft.number for draft in drafts if draft.state == "published"}
    others = [one for one in reversed(found.versions if found else ()) if one.number not in known]
    context = {
        "rule_id": rule_id,
        "rule": found,
        "drafts": [(draft, list(draft.steps.all())) for draft in drafts],
        "others": [(one, entries.get(one.number)) for one in others],
    }
    return render(request, "governance/history.html", context)


@needs("rules.view")
@require_GET
def yaml(request: Asked, rule_id: str) -> HttpResponse:
    """One rule with all its versions, as YAML."""
    found = published.rule(rule_id)
    if found is None:
        raise Http404
    record(request, "rule.export", "rule", rule_id, {"rules": 1})
    return as_file(reading.text([found]), f"{rule_id}.yaml")


@whole_lender("rules.write")
@require_POST
def next_version(request: Asked, rule_id: str) -> HttpResponse:
    """Begin the next version."""
    found, day = _published(rule_id), dates.today(settings.HOME, timezone.now())
    try:
        transitions.begin_next(found, request, day)
    except RefusedError as refused:
        messages.error(request, str(refused))
        return redirect("rule", rule_id)
    return redirect("rule_draft", rule_id)


@whole_lender("rules.write")
@require_POST
def retire(request: Asked, rule_id: str) -> HttpResponse:
    """Begin the version that ends the rule."""
    found, day = _published(rule_id), dates.today(settings.HOME, timezone.now())
    try:
        transitions.begin_retirement(found, request, day)
    except RefusedError as refused:
        messages.error(request, str(refused))
        return redirect("rule", rule_id)
    return redirect("rule_draft", rule_id)


def _published(rule_id: str) -> Rule:
    found = published.rule(rule_id)
    if found is None:
        raise Http404
    return found


def _shown(rule: Rule, day: dt.date, asked: str) -> Version:
    """The version asked for; else the live one, the one in shadow, or the newest."""
    for version in rule.versions:
        if asked == str(version.number):
            return version
    live = rule.live(day)
    return (live if live is not None and not live.retired else None) or rule.shadow(day) or rule.versions[-1]


def _standing(rule: Rule, version: Version, day: dt.date) -> str:
    """What a version is on a day: live, ended, shadow, coming or past."""
    live = rule.live(day)
    if version == live:
        return "ended" if version.retired else "live"
    if version == rule.shadow(day):
        return "shadow"
    begins = [stated for stated in (version.from_on, version.shadow_from) if stated is not None]
    return "coming" if begins and min(begins) > day else "past"


def _compared(rule: Rule, request: Asked) -> dict[str, Any] | None:
    """The two versions that the address asks to be shown beside each other."""
    by_number = {str(version.number): version for version in rule.versions}
    one, other = (by_number.get(request.GET.get(name, "")) for name in ("a", "b"))
    if one is None or other is None:
        return None
    first, second = (content.values_of(content.text_of_version(rule, version)) for version in (one, other))
    return {"before": one.number, "after": other.number, "rows": difference.changed(first, second)}
