"""A list of loans as CSV or as a workbook: amounts in currency units, codes as they are read, no cell that a spreadsheet would compute."""

from __future__ import annotations

import csv as csv_format
import datetime as dt
import io
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter
from django.conf import settings
from django.utils.translation import gettext as _

from daihou.book import money
from daihou.desk.people import orgs
from daihou.desk.portfolio.columns import code_label
from daihou.desk.vault import people

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

    from daihou.desk.portfolio.columns import Column
    from daihou.desk.portfolio.listing import Listing

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""With these a spreadsheet takes a text for a formula."""
BOM: Final = "\ufeff"  # without it Excel reads Chinese as something else
FOOTER: Final = 120
"""Letters of a footer: Excel takes no file whose footer is longer than 255, and each `&` counts twice."""
WIDTHS: Final = {"amount": 18, "base_amount": 18, "date": 12, "id": 18, "codes": 28}


@dataclass(frozen=True, slots=True)
class Watermark:
    """Who took it out, when, by which entry of the audit log, and with what filter."""

    username: str
    name: str
    at: dt.datetime
    entry: int
    filter: str

    def __str__(self) -> str:
        return _("Exported by %(name)s (%(username)s) at %(at)s, audit entry %(entry)s") % {
            "name": self.name, "username": self.username, "at": f"{self.at:%Y-%m-%d %H:%M}", "entry": self.entry,
        }  # fmt: skip


def csv(found: Listing, mark: Watermark) -> Iterator[bytes]:
    """The file in pieces; its last line is the watermark."""
    buffer = io.StringIO()
    writer = csv_format.writer(buffer)

    def piece() -> bytes:
        told = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        return told.encode()

    buffer.write(BOM)
    writer.writerow([*(column.label for column in found.columns), _("Currency")])
    yield piece()
    for rows in _rows(found):
        for row in rows:
            writer.writerow([safe(value) for value in row])
        yield piece()
    writer.writerow([f"# {mark}" + (f" · {mark.filter}" if mark.filter else "")])
    yield piece()


def xlsx(found: Listing, mark: Watermark, file: IO[bytes]) -> None:
    """The workbook: typed cells, a frozen header, and the watermark in the page's footer and on a sheet of its own."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties({"author": mark.name, "comments": str(mark)})
        sheet = book.add_worksheet(_("Loans"))
        head = book.add_format({"bold": True, "bg_color": "#EEF2F5", "bottom": 1})
        styles = _Styles(book)
        for place, column in enumerate(found.columns):
            sheet.set_column(place, place, WIDTHS.get(column.measure.unit, max(2 * len(column.label), 10)))
            sheet.write_string(0, place, column.label, head)
        sheet.write_string(0, len(found.columns), _("Currency"), head)
        sheet.freeze_panes(1, 1)
        sheet.set_landscape()
        sheet.set_footer("&L" + str(mark)[:FOOTER].replace("&", "&&") + "&R&P / &N")
        number = 0
        for rows in _rows(found):
            for row in rows:
                number += 1
                for place, (shown, value) in enumerate(zip((*found.columns, None), row, strict=True)):
                    _write(sheet, number, place, value, shown and styles.of(shown, row[-1]))
        if number:
            sheet.autofilter(0, 0, number, len(found.columns))
        about = book.add_worksheet(_("About"))
        about.set_column(0, 0, 24)
        about.set_column(1, 1, 90)
        lines = (
            (_("Data date"), found.moment.as_of.isoformat()), (_("Known on"), found.moment.known_on.isoformat()), (_("Filter"), mark.filter or "–"),
            (_("Loans"), f"{number:,}"), (_("Watermark"), str(mark)),
        )  # fmt: skip
        for line, (label, value) in enumerate(lines):
            about.write_string(line, 0, label, head)
            about.write_string(line, 1, value)


class _Styles:
    """The formats of a workbook, each made once: amounts with the decimals of their own currency."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.made: dict[str, Any] = {}
        self.base = settings.HOME.settings.base_currency

    def of(self, column: Column, currency: str | None) -> Any:
        """The format of a cell; None for plain ones."""
        unit = column.measure.unit
        if unit in ("amount", "base_amount"):
            code = self.base if unit == "base_amount" else currency or self.base
            return self._with(f"#,##0{'.' if money.exponent(code) else ''}{'0' * money.exponent(code)}")
        if unit == "date":
            return self._with("yyyy-mm-dd")
        return self._with("0.00%") if unit in ("rate", "share") else None

    def _with(self, form: str) -> Any:
        if form not in self.made:
            self.made[form] = self.book.add_format({"num_format": form})
        return self.made[form]


def _rows(found: Listing) -> Iterator[list[list[Any]]]:
    """All rows with plain values, a batch at a time; names stay masked."""
    base = settings.HOME.settings.base_currency
    tree = orgs.tree()
    for batch in found.stream():
        held = batch.to_pylist()
        names = people.masked_names({row["borrower_id"] for row in held}) if "borrower_id" in batch.schema.names else {}
        yield [[*(_value(column, row, names, tree, base) for column in found.columns), row["currency"]] for row in held]


def _value(column: Column, row: dict[str, Any], names: dict[str, str], tree: orgs.Tree, base: str) -> Any:
    value, unit = row[column.name], column.measure.unit
    if value is None:
        return None
    if unit == "amount":
        return money.major(value, row["currency"])
    if unit == "base_amount":
        return money.major(value, base)
    if column.name == "org_id":
        return tree.name(value)
    if column.name == "borrower_id":
        return f"{value} {names[value]}" if value in names else value
    if unit == "flag":
        return _("Yes") if value else _("No")
    return code_label(column.name, value) if unit == "code" else value


def safe(value: Any) -> Any:
    """A text that a spreadsheet would compute gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _write(sheet: Any, row: int, place: int, value: Any, style: Any) -> None:
    if value is None:
        return
    if isinstance(value, str):
        sheet.write_string(row, place, value)
    elif isinstance(value, dt.date):
        sheet.write_datetime(row, place, value, style)
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(row, place, value, style)
    else:
        sheet.write_string(row, place, str(value))
