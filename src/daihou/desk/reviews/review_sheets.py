"""A list of reviews as CSV or as a workbook: what is due and why, what was done and found; masked, with a watermark, and logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from daihou.book import money
from daihou.book.errors import DaihouError
from daihou.desk.batches import batches
from daihou.desk.governance import labels
from daihou.desk.portfolio import leaving
from daihou.desk.portfolio.leaving import Leaving
from daihou.desk.reviews import filling, listing
from daihou.desk.reviews.models import Sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http.response import HttpResponseBase

    from daihou.desk.asked import Asked
    from daihou.desk.reviews.listing import Row
    from daihou.desk.reviews.models import Review


def answer(request: Asked, found: QuerySet[Review], asked: str, ending: str) -> HttpResponseBase:
    """The reviews in their order as the file that is asked for; `asked` is the address. DaihouError where they are too many for a workbook."""
    title = pgettext("page", "Reviews")
    made = Leaving(
        "reviews",
        title,
        _columns(),
        lambda: map(_rows, batches(found.select_related("owner"))),
        found.count(),
        asked,
        timezone.now(),
    )
    return leaving.answer(request, made, ending)


def _rows(reviews: Sequence[Review]) -> list[list[Any]]:
    sheets = {one.review_id: one for one in Sheet.objects.filter(review__in=[one.pk for one in reviews])}
    return [_cells(row, sheets.get(row.review.pk)) for row in listing.told(reviews)]


def _columns() -> list[tuple[str, int]]:
    base = settings.HOME.settings.base_currency
    return [
        (pgettext("of a review", "Number"), 18), (pgettext("of a review", "Type"), 18), (pgettext("of a review", "Site"), 10), (_("Borrower"), 28),
        (pgettext("of a review", "Loan"), 20), (_("Exposure in %(currency)s") % {"currency": base}, 18), (pgettext("of a rule", "Level"), 8),
        (_("Org"), 22), (pgettext("of a review", "Who does it"), 14), (pgettext("of a review", "Due"), 12), (pgettext("of a review", "Why"), 50),
        (pgettext("of a review", "State"), 12), (pgettext("of a review", "Done on"), 12), (pgettext("of a review", "Found"), 50),
        (pgettext("of a review", "Willingness"), 10), (pgettext("of a review", "Ability"), 10), (pgettext("of a review", "Asked for"), 30),
    ]  # fmt: skip


def _found(sheet: Sheet | None) -> str:
    """What a finished sheet found, in words; by its codes where the form that names them cannot be read any more."""
    if sheet is None or not sheet.result:
        return ""
    try:
        found = [label for label, _level in filling.findings(sheet)]
    except DaihouError:
        found = [code for code, _level in sheet.result.get("findings", ())]
    return ("；" if labels.chinese() else "; ").join(found)


def _cells(row: Row, sheet: Sheet | None) -> list[Any]:
    review, base = row.review, settings.HOME.settings.base_currency
    whose = review.borrower_id if row.name == review.borrower_id else f"{review.borrower_id} {row.name}"
    ratings = sheet.result.get("ratings", {}) if sheet is not None else {}
    return [
        review.number, str(review.get_type_display()), str(review.get_site_display()), whose, review.loan_id, money.major(review.exposure, base),
        str(review.get_level_display()), row.org, str(review.owner or ""), review.due_on, row.why, str(review.get_state_display()), review.done_on,
        _found(sheet), ratings.get("willingness"), ratings.get("ability"), row.asked,
    ]  # fmt: skip
