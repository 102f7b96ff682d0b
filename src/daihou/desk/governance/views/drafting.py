"""The page on which a draft is written: kept as it is typed, checked as it is typed, tried, submitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from daihou.book.errors import DaihouError
from daihou.desk import typed
from daihou.desk.governance import (
    checks,
    content,
    dates,
    difference,
    evidence,
    gaps,
    guards,
    labels,
    numbers,
    published,
    transitions,
    trying,
)
from daihou.desk.governance.forms import DraftForm
from daihou.desk.governance.models import Draft
from daihou.desk.governance.scope import open_draft_or_404, whole_lender
from daihou.desk.governance.way import way
from daihou.desk.refusals import RefusedError, StaleError
from daihou.warning.past import has_past

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked

CONFLICT = 409


@whole_lender("rules.write")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: Asked, rule_id: str) -> HttpResponse:
    """The draft to be written; and what was typed, to be kept."""
    found = open_draft_or_404(rule_id)
    if request.method != "POST":
        return _page(request, found) if found.writable else redirect("rule_review", rule_id)
    try:
        kept = _kept(request, found)
    except RefusedError as refused:
        return _told(request, rule_id, str(refused))
    except StaleError:
        return _conflict(request, rule_id)
    if request.headers.get("HX-Request"):
        judged_anew = (
            kept.judged != found.judged
        )  # only then the evidence is shown anew: charts stay still while a text is typed
        return render(request, "governance/saved.html", {**_context(request, kept), "judged_anew": judged_anew})
    messages.success(request, _("Saved."))
    return redirect("rule_draft", rule_id)


@whole_lender("rules.write")
@require_POST
def check(request: Asked) -> HttpResponse:
    """What is right and wrong with conditions as they are typed; nothing is kept."""
    found = Draft(text=content.text_of({}))
    typed = DraftForm(request.POST, draft=found).typed()
    text = content.text_of({**typed, "id": request.POST.get("id", "R-000")[:40]})
    examined = checks.examined(text)
    context = {"examined": examined, "named": gaps.beside(examined)}
    return render(request, "governance/check.html", context)


@whole_lender("rules.write")
@require_POST
def attempt(request: Asked, rule_id: str) -> HttpResponse:
    """Keep what was typed, and try it on today's book."""
    found = open_draft_or_404(rule_id)
    try:
        kept = _kept(request, found)
        trying.attempt(kept, request)
    except RefusedError as refused:
        return _told(request, rule_id, str(refused))
    except StaleError:
        return _conflict(request, rule_id)
    except DaihouError as error:
        return _told(request, rule_id, " ".join(labels.told(error)))
    return redirect("rule_draft", rule_id)


@whole_lender("rules.write")
@require_POST
def submit(request: Asked, rule_id: str) -> HttpResponse:
    """Keep what was typed, and ask for review."""
    found = open_draft_or_404(rule_id)
    try:
        kept = _kept(request, found)
        transitions.submit(kept, kept.revision, request.POST.get("without_backtest", ""), request)
    except RefusedError as refused:
        return _told(request, rule_id, str(refused))
    except StaleError:
        return _conflict(request, rule_id)
    messages.success(request, _("It waits for review by somebody else."))
    return redirect("rule_review", rule_id)


@whole_lender("rules.write")
@require_POST
def withdraw(request: Asked, rule_id: str) -> HttpResponse:
    """Give the draft up."""
    found = open_draft_or_404(rule_id)
    try:
        transitions.withdraw(found, _revision(request), request.POST.get("note", ""), request)
    except RefusedError as refused:
        return _told(request, rule_id, str(refused))
    except StaleError:
        return _told(request, rule_id, _("It was changed meanwhile, and is not withdrawn. Look at it again first."))
    messages.success(request, _("The draft is withdrawn."))
    return redirect("rule_history", rule_id)


def _kept(request: Asked, found: Draft) -> Draft:
    """The draft with what was typed; without any field in the request, as it is."""
    form = DraftForm(request.POST, draft=found)
    if not any(name in request.POST for name in form.fields):
        return found
    return transitions.write(found, _revision(request), form.typed(), request, over="over" in request.POST)


def _revision(request: Asked) -> int:
    """The revision that the user has seen: of the page, or of what they have been told since."""
    stated = request.POST.get("over") or request.POST.get("revision", "")
    return typed.revision(stated)


def _told(request: Asked, rule_id: str, reason: str) -> HttpResponse:
    """Back to where the draft is, with why it was not done."""
    if request.headers.get("HX-Request"):
        return _beside(request, "governance/refused.html", {"reason": reason})
    messages.error(request, reason)
    return redirect("rule_draft", rule_id)


def _conflict(request: Asked, rule_id: str) -> HttpResponse:
    """What stands now and what was typed, beside each other; what was typed stays in its fields."""
    found = open_draft_or_404(rule_id)
    form = DraftForm(request.POST, draft=found)
    mine = {**found.values, **form.typed()}
    steps = found.steps.select_related("actor").order_by("-id")
    context = {
        "draft": found,
        "differences": difference.changed(found.values, content.values_of(content.text_of(mine))),
        "last": steps.first(),
    }
    if request.headers.get("HX-Request"):
        return _beside(request, "governance/conflict.html", context)
    if not found.writable:
        return _told(request, rule_id, guards.against_writing(found))
    return render(
        request, "governance/draft.html", {**_context(request, found, form), "conflict": context}, status=CONFLICT
    )


def _beside(request: Asked, template: str, context: dict[str, Any]) -> HttpResponse:
    """What went wrong while it was typed, in its place above the form; as a 200, since htmx puts nothing else in place."""
    response = render(request, template, context)
    response["HX-Retarget"] = "#trouble"
    return response


def _page(request: Asked, found: Draft) -> HttpResponse:
    return render(request, "governance/draft.html", _context(request, found))


def _context(request: Asked, found: Draft, form: DraftForm | None = None) -> dict[str, Any]:
    now, examined = timezone.now(), checks.examined(found.text)
    rule = published.rule(found.rule_id)
    live = rule.live(dates.today(settings.HOME, now)) if rule else None
    stated = request.POST.get("without_backtest", found.without_backtest)
    form = form or DraftForm(draft=found)
    counted = numbers.today() if found.retires else None
    counts = counted.of(found.rule_id) if counted else None
    return {
        "draft": found,
        "form": form,
        "conditions": [form[name] for name in ("when", "segment", "clear") if not found.retires],
        "columns": checks.columns_for(found.values["subject"]),
        "values": found.values,
        "examined": examined,
        "named": gaps.beside(examined),
        "way": way(found, examined),
        "sees_all": True,  # who drafts does so for the whole lender
        "open_signals": counts.open if counts else None,
        "rule": rule,
        "live": live,
        "missing": guards.against_submitting(found, stated, now),
        "without_backtest": stated,
        "asks_for_backtest": not found.retires
        and has_past(found.values["subject"])
        and found.evidence("backtest") is None,
        "earliest": dates.earliest(settings.HOME, now),
        "returned": found.steps.filter(action="return").select_related("actor").last()
        if found.state == "returned"
        else None,
        **evidence.shown(found),
    }
