"""One review: what it is about, why it is due, what was done to it, and what may be done now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_GET

from daihou.desk.access import needs
from daihou.desk.people.models import User
from daihou.desk.people.reach import Access
from daihou.desk.people.roles import GRANTS
from daihou.desk.reviews import asking, filling, guards, listing, scope, sheets
from daihou.desk.reviews.choices import Way
from daihou.desk.reviews.models import Sheet
from daihou.policies.reviews import PAPERS

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked
    from daihou.desk.reviews.models import Review

DOING = tuple(role for role, granted in GRANTS.items() if "reviews.work" in granted)


def found(request: Asked, number: int) -> Review:
    """A review that somebody sees; 404 else."""
    review = scope.seen(request.user, request.rights).select_related("owner").filter(pk=number).first()
    if review is None:
        raise Http404
    return review


@needs("reviews.view")
@require_GET
def review(request: Asked, number: int) -> HttpResponse:
    """The page of a review."""
    return page(request, found(request, number))


def page(request: Asked, review: Review, *, trouble: str = "", status: int = 200, typed: Any = None) -> HttpResponse:
    """It, with what went wrong with an act and what was typed for it."""
    user, rights = request.user, request.rights
    against = {
        "claim": guards.against_claiming(review, user, rights), "assign": guards.against_assigning(review, user, rights, None),
        "postpone": guards.against_postponing(review, user, rights, None, None), "waive": guards.against_waiving(review, user, rights, None),
    }  # fmt: skip
    (row,) = listing.told([review])
    against["doing"] = guards.against_doing(review, user, rights)
    against["asking"] = guards.against_asking(review, user, rights, None)
    sheet = Sheet.objects.filter(review=review).first()
    context = {
        "sheet": sheet, "found": filling.findings(sheet) if sheet and sheet.result else [], "title": sheets.title(review.form),
        "row": row, "review": review, "currency": settings.HOME.settings.base_currency, "against": against, "trouble": trouble, "typed": typed or {},
        "moves": review.moves.select_related("actor").order_by("-id"), "receivers": receivers(review) if not against["assign"] else [],
        "papers": review.type in PAPERS, "askings": asking.of(review), "ways": Way.choices,
    }  # fmt: skip
    return render(request, "reviews/review.html", context, status=status)


def receivers(review: Review) -> list[User]:
    """Who may be given it."""
    held = (
        User.objects.filter(memberships__role__in=DOING, is_active=True)
        .exclude(pk=review.owner_id or 0)
        .distinct()
        .order_by("name")
    )
    return [user for user in held if scope.reaches(user, Access(user), review, "reviews.work")]
