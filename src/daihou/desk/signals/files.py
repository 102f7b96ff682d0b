"""A list of signals as CSV or as a workbook: its columns and cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from daihou.book import money
from daihou.desk.governance import labels
from daihou.desk.portfolio import extract
from daihou.desk.portfolio.extract import Extract
from daihou.desk.signals.rows import told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http.response import HttpResponseBase

    from daihou.desk.portfolio.sheets import Watermark
    from daihou.desk.signals.listing import Listing

KINDS: Final = extract.KINDS
WIDTHS: Final = (8, 10, 26, 10, 20, 26, 60, 12, 10, 18, 22, 18, 28)


def answer(listing: Listing, mark: Watermark, ending: str) -> HttpResponseBase:
    """The list as the file that is asked for, named by its date and its entry in the log."""
    day = listing.watch.day
    columns = list(zip(_head(), WIDTHS, strict=True))
    about = [(_("Data date"), day.isoformat())]
    made = Extract(_("Signals"), columns, lambda: _rows(listing), about, _("Signals"))
    return extract.answer(made, mark, f"signals-{day}-{mark.entry}", ending)


def _head() -> list[str]:
    base = settings.HOME.settings.base_currency
    return [
        pgettext("of a rule", "Level"), pgettext("of a rule", "Number"), _("Rule"), _("Watches"), pgettext("of a signal", "About"), _("Borrower"),
        pgettext("signal", "Message"), _("Opened on"), _("Days open"), _("Balance in %(currency)s") % {"currency": base}, _("Org"), _("Officer"), _("Signal"),
    ]  # fmt: skip


def _rows(listing: Listing) -> Iterator[list[list[Any]]]:
    """All rows with plain values, some thousands at a time."""
    for batch in listing.stream():
        yield [_cells(row) for row in told(batch, listing.watch.day)]


def _cells(row: dict[str, Any]) -> list[Any]:
    balance = row["balance"]
    whose = f"{row['borrower_id']} {row['name']}" if row["name"] else row["borrower_id"]
    return [
        str(labels.LEVELS.get(row["level"], row["level"] or "")), row["rule_id"], row["rule_name"], str(labels.SUBJECTS[row["subject"]]),
        row["subject_id"], whose, row["message"], row["opened_on"], row["days"],
        None if balance is None else money.major(balance, settings.HOME.settings.base_currency), row["org_name"],
        row["officer_name"] or row["officer_id"], row["signal_id"],
    ]  # fmt: skip
