"""Pages of jobs: all of them, one with its progress and output, and the forms that start one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from daihou.book.business_date import business_date
from daihou.desk.access import needs
from daihou.desk.audit.log import record
from daihou.desk.jobs import course, transitions, wording
from daihou.desk.jobs.arguments import History, Run, plain
from daihou.desk.jobs.folder import Folder
from daihou.desk.jobs.models import HELD, Job, Kind, Status

if TYPE_CHECKING:
    from django.http import HttpResponse, HttpResponseBase

    from daihou.desk.asked import Asked

PAGE: Final = 25
STARTED: Final[dict[str, tuple[type[Run | History], Any, Any]]] = {
    Kind.RUN: (Run, gettext_lazy("Start a run"), gettext_lazy("Measures every loan on one date and writes it down.")),
    Kind.HISTORY: (
        History,
        gettext_lazy("Start a history"),
        gettext_lazy("Measures every loan on many dates in one pass and writes each down like a run."),
    ),
}
"""What can be started from here: its form, title and explanation. Intake and export start from their own pages."""
SHOWN: Final = [status for status in Status if status is not Status.CANCELLING]
"""Statuses to filter by; a job that is being cancelled still runs."""


@needs("jobs.view")
@require_GET
def jobs(request: Asked) -> HttpResponse:
    """All jobs, the newest first; kind, status and page stand in the address."""
    found = Job.objects.select_related("requested_by").defer("output")
    kind, status = request.GET.get("kind", ""), request.GET.get("status", "")
    if kind in Kind.values:
        found = found.filter(kind=kind)
    if status in Status.values:
        found = found.filter(status__in=HELD if status == Status.RUNNING else [status])
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    rows = [(each, wording.summary(each.kind, each.arguments)) for each in page]
    context = {"page": page, "rows": rows, "kinds": Kind, "statuses": SHOWN, "kind": kind, "status": status}
    return render(request, "jobs/jobs.html", context)


@needs("jobs.view")
@require_GET
def job(request: Asked, number: int) -> HttpResponse:
    """One job: what it was told, how far it is, what came of it."""
    return render(request, "jobs/job.html", _one(request, number))


@needs("jobs.view")
@require_GET
def state(request: Asked, number: int) -> HttpResponse:
    """The part of the page that changes while the job lives; at its end the whole page is loaded again, once."""
    context = _one(request, number)
    response = render(request, "jobs/state.html", context)
    if not context["job"].alive:
        response["HX-Refresh"] = "true"
    return response


def _one(request: Asked, number: int) -> dict[str, Any]:
    found = get_object_or_404(Job.objects.select_related("requested_by"), pk=number)
    return {
        **course.of(found),
        "summary": wording.summary(found.kind, found.arguments),
        "arguments": wording.lines(found.arguments),
        "shows_output": _shows_output(request, found),
        "shows_files": _reaches_all(request),
    }


def _shows_output(request: Asked, found: Job) -> bool:
    """Output counts over the whole lender: for who sees all of it, or asked for it."""
    rights = request.rights
    return bool(found.requested_by_id == request.user.pk or rights.reach("jobs.view").everything)


def _reaches_all(request: Asked) -> bool:
    return bool(request.rights.reach("portfolio.export").everything)


@needs("jobs.start")
@require_http_methods(["GET", "POST"])
def start(request: Asked, kind: str) -> HttpResponse:
    """The form of a run or a history, and its start."""
    if kind not in STARTED:
        raise Http404
    shape, title, meaning = STARTED[kind]
    today = business_date(settings.HOME.settings, timezone.now())
    form = shape(request.POST) if request.method == "POST" else shape(initial={"as_of": today, "to": today})
    if form.is_bound and form.is_valid():
        return _started(request, kind, plain(form))
    context = {"form": form, "title": title, "meaning": meaning}
    return render(request, "jobs/start.html", context, status=422 if form.is_bound else 200)


@needs("jobs.start")
@require_POST
def again(request: Asked, number: int) -> HttpResponse:
    """Start a job once more with the same arguments."""
    old = get_object_or_404(Job, pk=number)
    return _started(request, old.kind, old.arguments)


def _started(request: Asked, kind: str, arguments: dict[str, Any]) -> HttpResponse:
    made = transitions.request(kind, arguments, request.user, request)  # somebody is signed in
    messages.success(request, _("Job %(number)d waits for a worker.") % {"number": made.pk}, extra_tags="green")
    return redirect("job", made.pk)


@needs("jobs.start")
@require_POST
def cancel(request: Asked, number: int) -> HttpResponse:
    """Cancel a job."""
    found = get_object_or_404(Job, pk=number)
    if not transitions.cancel(found, request.user, timezone.now(), request):  # somebody is signed in
        messages.info(request, _("The job has ended already, or is being cancelled."), extra_tags="blue")
    return redirect("job", number)


@needs("jobs.view")
@require_GET
def file(request: Asked, number: int, name: str) -> HttpResponseBase:
    """A file that an export wrote, for who may export every loan."""
    found = get_object_or_404(Job, pk=number, kind=Kind.EXPORT)
    if not _reaches_all(request):
        raise PermissionDenied
    path = Folder(found.pk).path / name
    if name not in found.files or not path.is_file():
        raise Http404
    record(request, "job.download", "job", str(found.pk), {"file": name, "arguments": found.arguments})
    return FileResponse(path.open("rb"), as_attachment=True, filename=name)
