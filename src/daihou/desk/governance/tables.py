"""A table of a page of rules as a file: CSV or a workbook, with a watermark, and logged."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter
from django.http import FileResponse, Http404, HttpResponse
from django.utils import timezone

from daihou.desk import errors
from daihou.desk.audit.limits import exceeded
from daihou.desk.audit.log import record
from daihou.desk.portfolio.sheets import BOM, FOOTER, Watermark, safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http.response import HttpResponseBase

    from daihou.desk.asked import Asked

ACTION: Final = "figures.export"
MOST_AN_HOUR: Final = 60
KINDS: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
WIDE: Final = 28


def answer(request: Asked, name: str, ending: str, rows: Sequence[Sequence[Any]]) -> HttpResponseBase:
    """Rows, the heading first, as the file that is asked for."""
    if ending not in KINDS:
        raise Http404
    if exceeded(request.user, ACTION, dt.timedelta(hours=1), MOST_AN_HOUR):
        return errors.often(request, MOST_AN_HOUR)
    entry = record(request, ACTION, "chart", name, {"as": ending, "rows": len(rows) - 1})
    mark = Watermark(request.user.get_username(), request.user.name, timezone.localtime(), entry.pk, "")
    headers = {"Content-Disposition": f'attachment; filename="{name}.{ending}"', "Cache-Control": "no-store"}
    if ending == "csv":
        return HttpResponse(_csv(rows, mark), content_type=KINDS[ending], headers=headers)
    return FileResponse(_xlsx(rows, mark), as_attachment=True, filename=f"{name}.{ending}", content_type=KINDS[ending])


def _csv(rows: Sequence[Sequence[Any]], mark: Watermark) -> str:
    buffer = io.StringIO()
    buffer.write(BOM)
    writer = csv.writer(buffer)
    writer.writerows([["" if value is None else safe(value) for value in row] for row in rows])
    writer.writerow([f"# {mark}"])
    return buffer.getvalue()


def _xlsx(rows: Sequence[Sequence[Any]], mark: Watermark) -> io.BytesIO:
    file = io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties({"author": mark.name, "comments": str(mark)})
        sheet, head = book.add_worksheet(), book.add_format({"bold": True, "bg_color": "#EEF2F5", "bottom": 1})
        sheet.set_column(0, 0, WIDE)
        sheet.set_column(1, len(rows[0]) - 1, WIDE / 2)
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                if value is not None:
                    sheet.write(number, place, value, None if number else head)
        sheet.freeze_panes(1, 1)
        sheet.set_footer("&L" + str(mark)[:FOOTER].replace("&", "&&") + "&R&P / &N")
    file.seek(0)
    return file
