"""Thresholds from default history: the question, the job that answers it, the answer, and a draft with the number put in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from daihou.book.errors import DaihouError
from daihou.desk import errors
from daihou.desk.governance import (
    adopting,
    content,
    dates,
    labels,
    past,
    published,
    results,
    scope,
    suggested,
    tables,
    transitions,
)
from daihou.desk.governance.models import Attachment
from daihou.desk.governance.scope import whole_lender
from daihou.desk.governance.views.moving import moved
from daihou.desk.jobs import course
from daihou.desk.jobs import transitions as jobs
from daihou.desk.jobs.arguments import plain
from daihou.desk.jobs.models import Kind
from daihou.desk.jobs.rule_arguments import Suggest
from daihou.desk.refusals import RefusedError, StaleError
from daihou.warning.past import has_past

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from daihou.desk.asked import Asked
    from daihou.desk.governance.models import Draft

NEW: Final = "new"
"""In place of a rule's number: a new rule is drafted."""


@whole_lender("rules.view")
@require_http_methods(["GET", "HEAD", "POST"])
def suggest(request: Asked, rule_id: str = "") -> HttpResponse:
    """The question for a threshold, filled in from a rule where it is asked from its page; sent, its job begins."""
    values = _values(rule_id) if rule_id else {}
    if rule_id and not has_past(values["subject"]):
        return past.refused(request, rule_id, _("Threshold from default history"))
    no_writing = scope.without_writing(request)
    if request.method == "POST" and no_writing:
        return errors.forbidden(request)
    form = Suggest(request.POST) if request.method == "POST" else Suggest(initial=_asked(rule_id, values))
    if form.is_bound and form.is_valid():
        try:
            job = jobs.request(Kind.SUGGEST, {**plain(form), "about": rule_id}, request.user, request)
        except DaihouError as error:
            messages.error(request, " ".join(labels.told(error)))
        else:
            return redirect("suggestion", job.pk)
    context = {
        "form": form,
        "rule_id": rule_id,
        "values": values,
        "no_writing": no_writing,
        "jobs": [(job, suggested.heading(job)) for job in results.recent(Kind.SUGGEST, rule_id)],
        "nothing_to_compare": bool(rule_id) and not form.is_bound and "measure" not in form.initial,
    }
    return render(request, "governance/suggest.html", context, status=422 if form.is_bound else 200)


@whole_lender("rules.view")
@never_cache
@require_GET
def suggestion(request: Asked, number: int) -> HttpResponse:
    """What a search for a threshold found, or how far it is."""
    job = results.job_or_404(number, Kind.SUGGEST)
    about = job.arguments.get("about", "")
    context: dict[str, Any] = {
        **course.of(job),
        "state_url": f"{request.path}state/",
        "about": about,
        "heading": suggested.heading(job),
        "no_writing": scope.without_writing(request),
    }
    found = None if job.alive else results.found(job)
    if found is None:
        context["trouble"], context["remedy"] = results.trouble(job)
    else:
        context |= {**suggested.shown(found, about), "into": _into(found, about)}
    return render(request, "governance/suggestion.html", context)


@whole_lender("rules.view")
@never_cache
@require_GET
def state(request: Asked, number: int) -> HttpResponse:
    """How far it is."""
    return moved(request, results.job_or_404(number, Kind.SUGGEST))


@whole_lender("portfolio.export")
@require_GET
def file(request: Asked, number: int, ending: str) -> HttpResponseBase:
    """The candidates as CSV or XLSX."""
    job = results.job_or_404(number, Kind.SUGGEST)
    found = results.found_or_404(job)
    return tables.answer(request, f"thresholds-{job.pk}", ending, suggested.as_rows(found))


@whole_lender("rules.write")
@require_POST
def use(request: Asked, number: int) -> HttpResponse:
    """Put a threshold into the draft of a rule, its next version or a new rule, and what speaks for it beside it."""
    job = results.job_or_404(number, Kind.SUGGEST)
    found = results.found_or_404(job)
    place = request.POST.get("place", "")
    if not place.isdecimal() or int(place) >= len(found["candidates"]):
        return HttpResponseBadRequest()
    chosen = found["candidates"][int(place)]["condition"]
    try:
        draft = _draft(request, request.POST.get("rule", NEW), found, chosen)
        result = {"job": job.pk, "place": int(place), "found": found}
        transitions.attach(draft, Attachment.Kind.SUGGEST, result, draft.judged, request)
    except RefusedError as refused:
        messages.error(request, str(refused))
        return redirect("suggestion", number)
    except StaleError:
        messages.error(request, _("The draft was changed meanwhile. Try again."))
        return redirect("suggestion", number)
    messages.success(request, _("The draft now says %(condition)s.") % {"condition": chosen})
    return redirect("rule_draft", draft.rule_id)


def _draft(request: Asked, rule_id: str, found: Mapping[str, Any], chosen: str) -> Draft:
    """The draft with the threshold in it; RefusedError where its condition has none to put it in."""
    if rule_id == NEW:
        values = {"subject": found["subject"], "segment": found["segment"] or "", "when": chosen}
        return transitions.begin(values, request)
    draft = scope.open_draft(rule_id)
    rule = published.rule(rule_id)
    if draft is None and rule is None:
        raise Http404
    when = draft.values["when"] if draft else _values(rule_id)["when"]
    changed = adopting.with_threshold(when, found["measure"], chosen)
    if changed is None:
        raise RefusedError(
            _("The condition of %(rule)s compares %(measure)s with no number. Write it there yourself.")
            % {"rule": rule_id, "measure": found["measure"]}
        )
    if draft is None:
        assert rule is not None  # noqa: S101 - else there was neither
        draft = transitions.begin_next(rule, request, dates.today(settings.HOME, timezone.now()))
    return transitions.write(draft, draft.revision, {"when": changed}, request)


def _values(rule_id: str) -> dict[str, Any]:
    """What a rule says: its draft where it has one, else the version in force, else its newest; 404 of none."""
    draft, rule = scope.open_draft(rule_id), published.rule(rule_id)
    if draft is not None:
        return draft.values
    if rule is None:
        raise Http404
    live = rule.live(dates.today(settings.HOME, timezone.now())) or rule.versions[-1]
    return content.values_of(content.text_of_version(rule, live))


def _asked(rule_id: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The question as a rule puts it: its first threshold, where all else that it asks holds."""
    if not rule_id:
        return {}
    found = adopting.compared(values["when"], values["segment"], values["subject"])
    told: dict[str, Any] = {"about": rule_id, "subject": values["subject"]}
    return told if found is None else {**told, "measure": found.measure, "segment": found.beside or ""}


def _into(found: Mapping[str, Any], about: str) -> list[str]:
    """The rules into which a threshold can be put: the one it is about first, then those that have one on the measure."""
    return list(dict.fromkeys([*([about] if about else []), *(one["rule"] for one in found["present"])]))
