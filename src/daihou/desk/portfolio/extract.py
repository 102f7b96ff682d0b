"""An extract: a table that leaves the desk as CSV or as a workbook, its cells typed by their values, with a watermark, and none that a spreadsheet computes."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter
from django.conf import settings
from django.http import FileResponse, StreamingHttpResponse
from django.utils.translation import gettext as _

from daihou.book import money
from daihou.desk.portfolio.sheets import BOM, FOOTER, Watermark, safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import IO

    from django.http.response import HttpResponseBase

KINDS: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Rows = list[list[Any]]


@dataclass(frozen=True, slots=True)
class Extract:
    """What is written: texts, whole numbers, dates, and amounts of the base currency as Decimal. `rows` is called once and gives them some at a time."""

    title: str
    """Of the sheet."""
    columns: Sequence[tuple[str, int]]
    """Headings, with widths in letters."""
    rows: Callable[[], Iterable[Rows]]
    about: Sequence[tuple[str, str]]
    """What the second sheet says of it."""
    counted: str
    """What its rows are called there."""


def answer(extract: Extract, mark: Watermark, name: str, ending: str) -> HttpResponseBase:
    """The extract as the file that is asked for, by one of KINDS: CSV streamed, a workbook made while somebody waits."""
    file_name = f"{name}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{file_name}"', "Cache-Control": "no-store"}
    if ending == "csv":
        return StreamingHttpResponse(_csv(extract, mark), content_type=KINDS[ending], headers=headers)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    _xlsx(extract, mark, file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=file_name, content_type=KINDS[ending], headers=headers)


def _csv(extract: Extract, mark: Watermark) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)

    def piece() -> bytes:
        text = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        return text.encode()

    buffer.write(BOM)
    writer.writerow([heading for heading, _width in extract.columns])
    yield piece()
    for rows in extract.rows():
        writer.writerows([["" if value is None else safe(value) for value in row] for row in rows])
        yield piece()
    writer.writerow([f"# {mark}" + (f" · {mark.filter}" if mark.filter else "")])
    yield piece()


def _xlsx(extract: Extract, mark: Watermark, file: IO[bytes]) -> None:
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    places = money.exponent(settings.HOME.settings.base_currency)
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties({"author": mark.name, "comments": str(mark)})
        sheet = book.add_worksheet(extract.title)
        head = book.add_format({"bold": True, "bg_color": "#EEF2F5", "bottom": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        minute = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        amount = book.add_format({"num_format": f"#,##0{'.' if places else ''}{'0' * places}"})
        for place, (heading, width) in enumerate(extract.columns):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, heading, head)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.set_footer("&L" + str(mark)[:FOOTER].replace("&", "&&") + "&R&P / &N")
        number = 0
        for rows in extract.rows():
            for row in rows:
                number += 1
                for place, value in enumerate(row):
                    if isinstance(value, dt.datetime):
                        sheet.write_datetime(number, place, value.replace(tzinfo=None), minute)
                    elif isinstance(value, dt.date):
                        sheet.write_datetime(number, place, value, day)
                    elif isinstance(value, Decimal):
                        sheet.write_number(number, place, value, amount)
                    elif isinstance(value, int):
                        sheet.write_number(number, place, value)
                    elif value is not None:
                        sheet.write_string(number, place, value)
        if number:
            sheet.autofilter(0, 0, number, len(extract.columns) - 1)
        about = book.add_worksheet(_("About"))
        about.set_column(0, 0, 24)
        about.set_column(1, 1, 90)
        lines = (
            *extract.about, (_("Filter"), mark.filter or "–"), (extract.counted, f"{number:,}"), (_("Watermark"), str(mark)),
        )  # fmt: skip
        for line, (label, value) in enumerate(lines):
            about.write_string(line, 0, label, head)
            about.write_string(line, 1, value)
