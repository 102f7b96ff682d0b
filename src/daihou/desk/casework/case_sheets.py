"""A list of cases as CSV or as a workbook: masked, with a watermark, and logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from daihou.book import money
from daihou.desk.casework import chosen as choice
from daihou.desk.casework import listing
from daihou.desk.portfolio import leaving
from daihou.desk.portfolio.leaving import Leaving

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from django.http import QueryDict
    from django.http.response import HttpResponseBase

    from daihou.desk.asked import Asked
    from daihou.desk.casework.listing import Listing, Shown


def answer(
    request: Asked, found: Listing, query: QueryDict, keys: Collection[int] | None, ending: str
) -> HttpResponseBase:
    """A list as the file that is asked for, or of it only the cases of some keys; DaihouError where it is too long for a workbook."""
    today = timezone.localdate(found.now)

    def written() -> Iterator[list[list[Any]]]:
        for batch in found.stream(keys):
            yield [_cells(row) for row in listing.told(batch, today)]

    count = (found.found if keys is None else found.found.filter(pk__in=keys)).count()
    asked = choice.kept(query).urlencode()
    made = Leaving("cases", pgettext("page", "Cases"), _columns(), written, count, asked, found.now, keys)
    return leaving.answer(request, made, ending)


def _columns() -> list[tuple[str, int]]:
    return [
        (pgettext("of a case", "Number"), 18), (_("Borrower"), 28), (pgettext("of a case", "Stage"), 10), (pgettext("of a case", "Track"), 10),
        (pgettext("of a case", "Agency"), 20), (pgettext("of a case", "Claim"), 16), (_("Currency"), 8), (pgettext("of a case", "Days past due"), 12),
        (pgettext("of a case", "Loans"), 8), (pgettext("of a case", "Org"), 22), (pgettext("of a case", "Collector"), 14),
        (pgettext("of a case", "Opened on"), 12), (pgettext("of a case", "Last conversation"), 17), (pgettext("of a case", "Next promise"), 12),
        (pgettext("of a case", "Promises kept"), 10), (pgettext("of a case", "Promises broken"), 10), (pgettext("of a case", "Set aside until"), 12),
        (pgettext("of a case", "Closed on"), 12), (pgettext("of a case", "End"), 14),
    ]  # fmt: skip


def _cells(row: Shown) -> list[Any]:
    case = row.case
    whose = case.borrower_id if row.name == case.borrower_id else f"{case.borrower_id} {row.name}"
    spoke = timezone.localtime(case.spoke_at).replace(tzinfo=None) if case.spoke_at else None
    return [
        case.number, whose, str(case.get_stage_display()), str(case.get_track_display()), str(case.agency or ""),
        money.major(case.claim, case.currency), case.currency, case.dpd, case.loans, row.org, str(case.owner or ""), case.opened_on, spoke,
        row.due_on, case.promises_kept, case.promises_broken, case.paused_until, case.closed_on,
        str(case.get_closing_display()) if case.closing else "",
    ]  # fmt: skip
