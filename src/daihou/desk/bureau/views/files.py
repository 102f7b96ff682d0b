"""Files of credit reports: brought in, attached to a consent, and given out; that somebody looked at one is logged."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from daihou.desk import typed
from daihou.desk.access import needs
from daihou.desk.audit.log import record
from daihou.desk.bureau import authorising, bringing, scope, storing
from daihou.desk.bureau.authorising import Given
from daihou.desk.bureau.errors import UnfitError
from daihou.desk.bureau.models import Authorisation, Result
from daihou.desk.bureau.views import borrower as of_borrower
from daihou.desk.bureau.views import one
from daihou.desk.files import arriving, fitness, keeping
from daihou.desk.files.arriving import Arrived
from daihou.desk.files.errors import DamagedError, ErasedError
from daihou.desk.files.errors import UnfitError as UnfitFileError

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from daihou.desk.asked import Asked
    from daihou.desk.bureau.models import Query

UNFIT = 422
GONE = 410


@csrf_exempt  # `taken_in` checks the token, once it is known where the file goes
@needs("bureau.query")
@require_POST
def bring(request: Asked, number: int) -> HttpResponse:
    """The report of a query, as a file."""
    query = one.found(request, number, scope.QUERY)
    try:
        return arriving.taken_in(request, _brought, query)
    except UnfitFileError as error:
        return one.page(request, query, trouble=str(error), status=UNFIT)


def _brought(request: Asked, query: Query) -> HttpResponse:
    sent = request.FILES.get("file")

    def act(query: Query, revision: int) -> None:
        if not isinstance(sent, Arrived):
            raise UnfitError(_("Choose a file first."))
        bringing.for_query(query, revision, fitness.fit(sent), request)

    return one.done(request, query.pk, scope.QUERY, act)


@csrf_exempt  # the same
@needs("bureau.authorise")
@require_POST
def authorise(request: Asked, borrower_id: str) -> HttpResponse:
    """Record a consent, with its scan where one is attached."""
    scope.reached(request, borrower_id, scope.AUTHORISE)
    try:
        return arriving.taken_in(request, _authorised, borrower_id)
    except (UnfitError, UnfitFileError) as error:
        return of_borrower.page(request, borrower_id, trouble=str(error), status=UNFIT)


def _authorised(request: Asked, borrower_id: str) -> HttpResponse:
    sent, stated = request.FILES.get("file"), request.POST
    given_on, until = typed.day(stated.get("given_on", "")), typed.day(stated.get("until", ""))
    if given_on is None or (until is None and stated.get("until")):
        raise UnfitError(_("Choose a day."))
    bureaus = stated.getlist("bureaus") or None
    given = Given(
        stated.get("document", ""),
        stated.getlist("purposes"),
        _begin(given_on),
        _begin(until) if until else None,
        bureaus,
    )
    scan = fitness.fit(sent) if isinstance(sent, Arrived) else None
    made = authorising.authorise(borrower_id, given, scan, request)
    messages.success(request, _("Saved: %(number)s.") % {"number": made.number})
    return redirect("bureau_borrower", borrower_id)


@needs("bureau.query")
@require_GET
def raw(request: Asked, number: int) -> HttpResponseBase:
    """A report as it came; that somebody looked at it is logged. One that could not be read may be about somebody else: it is for managers."""
    row = (
        scope.seen(Result.objects.select_related("query"), request.user, request.rights, scope.QUERY)
        .filter(pk=number)
        .first()
    )
    if row is None or (row.rows is None and not scope.in_reach(scope.owners(row), request.rights, scope.MANAGE)):
        raise Http404
    content = _content(row)
    if content is None:
        return HttpResponse(_("The raw report opens no more."), status=GONE, content_type="text/plain; charset=utf-8")
    record(request, "bureau.look", "report", row.report_id, {"borrower": row.borrower_id, "digest": row.digest})
    return keeping.given(content, row.name, row.mime)


@needs("bureau.query")
@require_GET
def scan(request: Asked, number: int) -> HttpResponseBase:
    """The scan of a consent; the same."""
    row = (
        scope.seen(Authorisation.objects.exclude(digest=""), request.user, request.rights, scope.QUERY)
        .filter(pk=number)
        .first()
    )
    if row is None:
        raise Http404
    content = _content(row)
    if content is None:
        return HttpResponse(_("The scan opens no more."), status=GONE, content_type="text/plain; charset=utf-8")
    record(request, "bureau.scan", "authorisation", row.number, {"borrower": row.borrower_id, "digest": row.digest})
    return keeping.given(content, row.name, row.mime, download=False)


def _content(row: Result | Authorisation) -> bytes | None:
    """What lies there; None where it was damaged, or the person was erased."""
    try:
        return storing.read(row)
    except (DamagedError, ErasedError):
        return None


def _begin(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))
