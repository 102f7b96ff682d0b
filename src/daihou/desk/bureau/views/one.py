"""One query: what the gate said, what became of it, and what may be done now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from daihou.desk import typed
from daihou.desk.access import needs
from daihou.desk.bureau import asking, bringing, scope
from daihou.desk.bureau.choices import Outcome
from daihou.desk.bureau.comparing import known
from daihou.desk.bureau.errors import UnfitError
from daihou.desk.bureau.models import Query, Result
from daihou.desk.files.errors import DamagedError, ErasedError
from daihou.desk.refusals import StaleError
from daihou.desk.vault import people

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from daihou.desk.asked import Asked

UNFIT, STALE = 422, 409


def found(request: Asked, number: int, permission: str = scope.VIEW) -> Query:
    """A query for which somebody may do something; 404 else."""
    seen = scope.seen(Query.objects.select_related("asked_by"), request.user, request.rights, permission)
    query = seen.filter(pk=number).first()
    if query is None:
        raise Http404
    return query


@needs("bureau.view")
@require_GET
def query(request: Asked, number: int) -> HttpResponse:
    """The page of a query."""
    return page(request, found(request, number))


@needs("bureau.query")
@require_POST
def withdraw(request: Asked, number: int) -> HttpResponse:
    """Take it back before it leaves."""
    return done(request, number, scope.QUERY, lambda query, revision: asking.withdraw(query, revision, request))


@needs("bureau.query")
@require_POST
def result(request: Asked, number: int) -> HttpResponse:
    """Have its result asked for now."""
    return done(request, number, scope.QUERY, lambda query, revision: bringing.ask_now(query, revision, request))


@needs("bureau.manage")
@require_POST
def settle(request: Asked, number: int) -> HttpResponse:
    """Say what became of it, on the bureau's word."""
    became, because = request.POST.get("became", ""), request.POST.get("note", "")[:2_000]
    return done(
        request,
        number,
        scope.MANAGE,
        lambda query, revision: bringing.settle(query, revision, became, because, request),
    )


@needs("bureau.query")
@require_POST
def reread(request: Asked, number: int) -> HttpResponse:
    """Read what came of it once more, the last first, until one is a report."""

    def act(query: Query, _revision: int) -> None:
        rows = list(Result.objects.select_related("query").filter(query=query))
        if not rows:
            raise Http404
        for left, row in zip(reversed(range(len(rows))), rows, strict=True):
            try:
                bringing.reread(row, request)
            except (DamagedError, ErasedError) as error:
                raise UnfitError(_("The raw report opens no more.")) from error
            except UnfitError:
                if not left:
                    raise
            else:
                return

    return done(request, number, scope.QUERY, act)


def done(request: Asked, number: int, permission: str, act: Callable[[Query, int], Any]) -> HttpResponse:
    """Do something and lead back to the query; or say why not, with what was typed."""
    query = found(request, number, permission)
    stated = request.POST.get("revision", "")
    try:
        act(query, typed.revision(stated))
    except UnfitError as error:
        return page(request, query, trouble=str(error), status=UNFIT)
    except StaleError:
        return page(
            request,
            found(request, number),
            trouble=_("It was changed meanwhile. Look at what stands, and try again."),
            status=STALE,
        )
    messages.success(request, _("Saved: %(number)s.") % {"number": query.number})
    return redirect("bureau_query", number)


def page(request: Asked, query: Query, *, trouble: str = "", status: int = 200) -> HttpResponse:
    """It, with what went wrong with an act."""
    results = list(Result.objects.select_related("query", "by").filter(query=query))
    row = next((one for one in results if one.rows is not None), results[0] if results else None)
    bureau = settings.HOME.settings.bureau(query.bureau)
    reports = known(query.borrower_id) if query.report_id else []
    may = {
        name: scope.in_reach(scope.owners(query), request.rights, permission)
        for name, permission in (("query", scope.QUERY), ("manage", scope.MANAGE))
    }  # fmt: skip
    context = {
        "query": query, "results": [one for one in results if one.rows is not None or may["manage"]],
        "bureau": bureau, "name": people.masked_names([query.borrower_id]).get(query.borrower_id) or query.borrower_id,
        "report": next((one for one in reports if one.report_id == query.report_id), None), "may": may, "trouble": trouble,
        "unreadable": bringing.said(row.trouble) if row and row.trouble else "", "place": row.trouble["place"] if row and row.trouble else "",
        "becomes": [(one.value, one.label) for one in bringing.BECOMES], "currency": settings.HOME.settings.base_currency,
        "by_hand": query.under_way and (query.outcome == Outcome.UNCLEAR or bureau is None or not bureau.connected), "typed": request.POST,
    }  # fmt: skip
    return render(request, "bureau/query.html", context, status=status)
