"""How collectors fared, as CSV or as a workbook: with a watermark, and logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from daihou.book import money
from daihou.desk.portfolio import leaving
from daihou.desk.portfolio.leaving import Leaving

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from daihou.desk.asked import Asked
    from daihou.desk.casework.performance import Line, Share, Told


def answer(request: Asked, told: Told, asked: str, ending: str) -> HttpResponseBase:
    """The table as the file that is asked for; `asked` is the address it was asked by."""
    rows = [_cells(line) for line in told.lines] + [_cells(told.total, _("All together"))]
    title = pgettext("page", "Performance")
    made = Leaving("performance", title, columns(), lambda: [rows], len(told.lines), asked, timezone.now())
    return leaving.answer(request, made, ending)


def columns() -> list[tuple[str, int]]:
    """Headings, with widths."""
    base = settings.HOME.settings.base_currency
    return [
        (pgettext("performance", "Of whom"), 24), (pgettext("performance", "Code"), 14), (pgettext("performance", "Attempts"), 10),
        (pgettext("performance", "Messages"), 10), (pgettext("performance", "Spoke to the debtor"), 12),
        (pgettext("performance", "Contact rate"), 12), (pgettext("performance", "Interval"), 16), (pgettext("performance", "Promises"), 10),
        (pgettext("performance", "Parts judged"), 12), (pgettext("performance", "Parts kept"), 10), (pgettext("performance", "Kept share"), 12),
        (pgettext("performance", "Interval"), 16), (pgettext("performance", "Cured cases"), 10),
        (_("Recovered in %(currency)s") % {"currency": base}, 18), (pgettext("performance", "An hour talked"), 16),
        (pgettext("performance", "An hour worked"), 16), (pgettext("performance", "Minutes talked"), 10),
        (pgettext("performance", "Minutes worked"), 10),
    ]  # fmt: skip


def _cells(line: Line, label: str = "") -> list[Any]:
    figures = line.figures
    amounts = (figures.recovered, line.an_hour_talked, line.an_hour_worked)
    base = settings.HOME.settings.base_currency
    return [
        label or line.label, line.code, figures.attempts, figures.messages, figures.right, *_share(line.reached), figures.promises, figures.judged,
        figures.kept, *_share(line.kept), figures.cured, *(None if one is None else money.major(one, base) for one in amounts),
        figures.talk // 60, figures.worked // 60,
    ]  # fmt: skip


def _share(share: Share) -> tuple[str | None, str | None]:
    of = share.of
    if of.share is None or of.low is None or of.high is None:
        return None, None
    return f"{100 * of.share:.1f}%", f"{100 * of.low:.1f}–{100 * of.high:.1f}%"
