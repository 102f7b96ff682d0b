"""A list of signals as CSV or as a workbook: typed, masked, with a watermark, and no cell that a spreadsheet would compute."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter
from django.conf import settings
from django.http import FileResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from daihou.book import money
from daihou.desk.governance import labels
from daihou.desk.portfolio.sheets import BOM, FOOTER, safe
from daihou.desk.signals.rows import told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

    from django.http.response import HttpResponseBase

    from daihou.desk.portfolio.sheets import Watermark
    from daihou.desk.signals.listing import Listing

KINDS: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
WIDTHS: Final = (8, 10, 26, 10, 20, 26, 60, 12, 10, 18, 22, 18, 28)


def answer(listing: Listing, mark: Watermark, ending: str) -> HttpResponseBase:
    """The list as the file that is asked for, named by its date and its entry in the log."""
    name = f"signals-{listing.watch.day}-{mark.entry}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    if ending == "csv":
        return StreamingHttpResponse(_csv(listing, mark), content_type=KINDS[ending], headers=headers)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    _xlsx(listing, mark, file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name, content_type=KINDS[ending], headers=headers)


def _head() -> list[str]:
    base = settings.HOME.settings.base_currency
    return [
        pgettext("of a rule", "Level"), pgettext("of a rule", "Number"), _("Rule"), _("Watches"), _("Loan or borrower"), _("Borrower"),
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


def _csv(listing: Listing, mark: Watermark) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)

    def piece() -> bytes:
        text = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        return text.encode()

    buffer.write(BOM)
    writer.writerow(_head())
    yield piece()
    for rows in _rows(listing):
        writer.writerows([["" if value is None else safe(value) for value in row] for row in rows])
        yield piece()
    writer.writerow([f"# {mark}" + (f" · {mark.filter}" if mark.filter else "")])
    yield piece()


def _xlsx(listing: Listing, mark: Watermark, file: IO[bytes]) -> None:
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    places = money.exponent(settings.HOME.settings.base_currency)
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties({"author": mark.name, "comments": str(mark)})
        sheet = book.add_worksheet(_("Signals"))
        head = book.add_format({"bold": True, "bg_color": "#EEF2F5", "bottom": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        amount = book.add_format({"num_format": f"#,##0{'.' if places else ''}{'0' * places}"})
        for place, (label, width) in enumerate(zip(_head(), WIDTHS, strict=True)):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, label, head)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.set_footer("&L" + str(mark)[:FOOTER].replace("&", "&&") + "&R&P / &N")
        number = 0
        for rows in _rows(listing):
            for row in rows:
                number += 1
                for place, value in enumerate(row):
                    if isinstance(value, dt.date):
                        sheet.write_datetime(number, place, value, day)
                    elif isinstance(value, Decimal):
                        sheet.write_number(number, place, value, amount)
                    elif isinstance(value, int):
                        sheet.write_number(number, place, value)
                    elif value is not None:
                        sheet.write_string(number, place, value)
        if number:
            sheet.autofilter(0, 0, number, len(WIDTHS) - 1)
        about = book.add_worksheet(_("About"))
        about.set_column(0, 0, 24)
        about.set_column(1, 1, 90)
        lines = (
            (_("Data date"), listing.watch.day.isoformat()), (_("Filter"), mark.filter or "–"), (_("Signals"), f"{number:,}"),
            (_("Watermark"), str(mark)),
        )  # fmt: skip
        for line, (label, value) in enumerate(lines):
            about.write_string(line, 0, label, head)
            about.write_string(line, 1, value)
