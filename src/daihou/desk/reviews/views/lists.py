"""The list of reviews, and the calendar."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from daihou.book.days import add_months
from daihou.desk import typed
from daihou.desk.access import needs
from daihou.desk.people.models import User
from daihou.desk.portfolio import saved
from daihou.desk.portfolio.leaving import KINDS
from daihou.desk.reviews import chosen as choice
from daihou.desk.reviews import listing, review_sheets, scope
from daihou.desk.reviews import month as calendar
from daihou.desk.reviews.choices import Type
from daihou.desk.reviews.models import OPEN, Cursor
from daihou.desk.reviews.views.one import DOING

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from daihou.desk.asked import Asked
    from daihou.desk.portfolio.models import SavedView

PAGE: Final = 50
VIEWS: Final = "reviews"
"""Under this views of the list are saved."""
MOST_RECEIVERS: Final = 200


@needs("reviews.view")
@require_GET
def listed(request: Asked) -> HttpResponse:
    """The reviews in reach that the address asks for."""
    wanted = choice.chosen(request.GET)
    seen = scope.seen(request.user, request.rights)
    found = seen.filter(wanted.condition(request.user, request.rights)).select_related("owner")
    page = Paginator(found.order_by(*wanted.ordering), PAGE).get_page(request.GET.get("page"))
    kept = _kept(request, wanted)
    counted = ("open", "mine", "late", "week", "nobody", "papers")
    views = [
        (code, label, seen.filter(choice.view_of(code, request.user, request.rights)).count() if code in counted else None)
        for code, label in choice.VIEWS.items()
    ]  # fmt: skip
    context = {
        "rows": listing.told(list(page.object_list)), "page": page, "chosen": wanted, "views": views, "types": Type.choices,
        "cursor": Cursor.objects.first(), "currency": settings.HOME.settings.base_currency,
        "receivers": _receivers(request), "query": request.GET.urlencode(), "kept": kept, "on_kept": any(on for _view, on, _own in kept),
    }  # fmt: skip
    return render(request, "reviews/reviews.html", context)


def _kept(request: Asked, wanted: choice.Chosen) -> list[tuple[SavedView, bool, bool]]:
    """Saved views, one's own and shared ones: whether each is the list in hand, and whether it is one's own."""
    return [
        (view, choice.chosen(QueryDict(view.query)) == wanted, view.user_id == request.user.pk)
        for view in saved.views(request, VIEWS)
    ]


@needs("reviews.view")
@require_POST
def save_view(request: Asked) -> HttpResponse:
    """Keep the list in hand under a name."""
    address = choice.chosen(QueryDict(request.POST.get("query", ""))).address
    saved.keep(request, VIEWS, address)
    return redirect(f"{reverse('reviews')}?{address}")


@needs("portfolio.export")
@require_GET
def export(request: Asked, ending: str) -> HttpResponseBase:
    """The reviews that the address asks for as CSV or XLSX: masked, marked and logged."""
    if ending not in KINDS or not request.rights.may("reviews.view"):
        raise Http404
    wanted = choice.chosen(request.GET)
    seen = scope.seen(request.user, request.rights, "portfolio.export")
    found = seen.filter(wanted.condition(request.user, request.rights)).order_by(*wanted.ordering)
    return review_sheets.answer(request, found, wanted.address, ending)


def _receivers(request: Asked) -> list[User]:
    """Whom a manager may give reviews to; whether each may be given that very one, the act says."""
    if not request.rights.may("reviews.manage"):
        return []
    doing = User.objects.filter(memberships__role__in=DOING, is_active=True).distinct().order_by("name")
    return list(doing[:MOST_RECEIVERS])


@needs("reviews.view")
@require_GET
def month(request: Asked) -> HttpResponse:
    """A month of reviews by the days on which they are due, one's own or all in reach."""
    today = timezone.localdate()
    asked = typed.day(f"{request.GET.get('month', '')}-01") or today.replace(day=1)
    first = min(max(asked, dt.date(1990, 1, 1)), dt.date(2190, 1, 1))
    seen, whose = scope.seen(request.user, request.rights), request.GET.get("whose", "")
    if whose == "me":
        seen = seen.filter(owner__in=sorted({request.user.pk, *request.rights.stands_in_for}))
    context = {
        "weeks": calendar.weeks(seen, first), "first": first, "before": add_months(first, -1), "after": add_months(first, 1), "whose": whose,
        "open": seen.filter(OPEN).count(), "late": seen.filter(OPEN, due_on__lt=today).count(), "today": today,
    }  # fmt: skip
    return render(request, "reviews/calendar.html", context)
