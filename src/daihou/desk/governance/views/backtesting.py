"""Backtests of rules: the span, the job that walks it, what came out, and its place beside a draft."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from daihou.book.errors import DaihouError
from daihou.desk import errors
from daihou.desk.governance import backtested as told
from daihou.desk.governance import checks, content, labels, past, published, results, scope, tables, transitions
from daihou.desk.governance.models import Attachment
from daihou.desk.governance.scope import whole_lender
from daihou.desk.governance.views.moving import moved
from daihou.desk.jobs import course
from daihou.desk.jobs import transitions as jobs
from daihou.desk.jobs.arguments import plain
from daihou.desk.jobs.models import Kind
from daihou.desk.jobs.rule_arguments import Backtest as Asking
from daihou.desk.refusals import RefusedError
from daihou.runs.watch.backtest_json import from_dict
from daihou.warning.past import has_past

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from daihou.desk.asked import Asked
    from daihou.desk.governance.models import Draft
    from daihou.desk.jobs.models import Job
    from daihou.runs.watch.backtest import Backtest


@whole_lender("rules.view")
@require_http_methods(["GET", "HEAD", "POST"])
def backtest(request: Asked, rule_id: str = "") -> HttpResponse:
    """The span of a backtest, of all rules or about one, its draft beside what is live; sent, its job begins."""
    draft = scope.open_draft(rule_id) if rule_id else None
    if rule_id and draft is None and published.rule(rule_id) is None:
        raise Http404
    if rule_id and not has_past(_subject(draft, rule_id)):
        return past.refused(request, rule_id, _("Backtest"))
    no_writing = scope.without_writing(request)
    if request.method == "POST" and no_writing:
        return errors.forbidden(request)
    unrunnable = draft is not None and not draft.retires and checks.runnable(draft.text) is None
    form = Asking(request.POST) if request.method == "POST" else Asking(initial={"about": rule_id})
    if form.is_bound and form.is_valid() and not unrunnable:
        arguments = {**plain(form), "about": rule_id, "draft": _given(draft)}
        try:
            job = jobs.request(Kind.BACKTEST, arguments, request.user, request)
        except DaihouError as error:
            messages.error(request, " ".join(labels.told(error)))
        else:
            return redirect("backtested", job.pk)
    context = {
        "form": form,
        "rule_id": rule_id,
        "draft": draft,
        "unrunnable": unrunnable,
        "no_writing": no_writing,
        "jobs": [(job, told.heading(job)) for job in results.recent(Kind.BACKTEST, rule_id)],
    }
    return render(request, "governance/backtests.html", context, status=422 if form.is_bound else 200)


def _subject(draft: Draft | None, rule_id: str) -> str:
    """What a rule watches, by its draft where it has one."""
    rule = published.rule(rule_id)
    return rule.subject if rule is not None else str(draft.values["subject"] if draft is not None else "")


@whole_lender("rules.view")
@never_cache
@require_GET
def backtested(request: Asked, number: int) -> HttpResponse:
    """What a backtest found, or how far it is."""
    job = results.job_or_404(number, Kind.BACKTEST)
    about = job.arguments.get("about", "")
    draft = scope.open_draft(about) if about else None
    context: dict[str, Any] = {
        **course.of(job),
        "state_url": f"{request.path}state/",
        "about": about,
        "heading": told.heading(job),
        "draft": draft,
        "fits": draft is not None and _fits(draft, job),
        "attached": draft is not None
        and draft.attachments.filter(kind=Attachment.Kind.BACKTEST, result__job=job.pk).exists(),
        "no_writing": scope.without_writing(request),
    }
    found = None if job.alive else _found(job)
    if found is None:
        context["trouble"], context["remedy"] = results.trouble(job)
    else:
        context |= told.shown(found, about, request.GET.get("sort") or told.FIRST)
    return render(request, "governance/backtested.html", context)


@whole_lender("rules.view")
@never_cache
@require_GET
def state(request: Asked, number: int) -> HttpResponse:
    """How far it is."""
    return moved(request, results.job_or_404(number, Kind.BACKTEST))


@whole_lender("portfolio.export")
@require_GET
def file(request: Asked, number: int, ending: str) -> HttpResponseBase:
    """Every rule, set and group as CSV or XLSX."""
    job = results.job_or_404(number, Kind.BACKTEST)
    found = _found(job)
    if found is None:
        raise Http404
    return tables.answer(request, f"backtest-{job.pk}", ending, told.as_rows(found))


@whole_lender("rules.write")
@require_POST
def attach(request: Asked, number: int) -> HttpResponse:
    """Keep what came out beside the draft that it judged, if the draft still reads so."""
    job = results.job_or_404(number, Kind.BACKTEST)
    about = job.arguments.get("about", "")
    draft = scope.open_draft(about) if about else None
    if draft is None or _found(job) is None:
        raise Http404
    if not _fits(draft, job):
        messages.error(request, _("The draft was changed since: do the backtest again."))
        return redirect("backtested", number)
    result = {"job": job.pk, "found": _narrowed(results.found_or_404(job), about)}
    try:
        transitions.attach(draft, Attachment.Kind.BACKTEST, result, draft.judged, request)
    except RefusedError as refused:
        messages.error(request, str(refused))
        return redirect("backtested", number)
    messages.success(request, _("The backtest is attached to the draft."))
    return redirect("rule_draft" if draft.writable else "rule_review", about)


def _given(draft: Draft | None) -> str:
    """What the command is given of a draft: nothing of one that ends its rule."""
    return "" if draft is None or draft.retires else content.runnable(draft.text)


def _fits(draft: Draft, job: Job) -> bool:
    """Whether the job judged the draft as it now reads."""
    judged = job.arguments.get("draft")
    return judged is not None and content.judged(judged) == draft.judged


def _found(job: Job) -> Backtest | None:
    """What the command found; None where it found nothing, or a later daihou wrote it."""
    said = results.found(job)
    try:
        return None if said is None else from_dict(said)
    except (KeyError, ValueError):
        return None


def _narrowed(said: dict[str, Any], about: str) -> dict[str, Any]:
    """What is kept beside a draft: of single rules those of its number alone."""
    return {
        **said,
        "results": [
            {**one, "rules": [rule for rule in one["rules"] if rule["rule"] == about]}
            for one in said["results"]
            if any(rule["rule"] == about for rule in one["rules"])
        ],
    }
