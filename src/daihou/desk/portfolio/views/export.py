"""What a list shows as a file: the same filter, columns and order; streamed, with a watermark, and logged."""

from __future__ import annotations

import datetime as dt
import tempfile
from typing import TYPE_CHECKING, Final

from django.http import FileResponse, Http404, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from daihou.book.errors import DaihouError
from daihou.desk import errors
from daihou.desk.access import needs
from daihou.desk.audit.limits import exceeded
from daihou.desk.audit.log import record
from daihou.desk.portfolio import sheets
from daihou.desk.portfolio.views.loans import KINDS, asked

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from daihou.desk.asked import Asked

ACTION: Final = "portfolio.export"
MOST_AN_HOUR: Final = 60
"""Exports of one user; somebody who needs more is carrying the book away."""
SHEET_ROWS = 200_000
"""Rows of a workbook made while somebody waits; more go into CSV, which is streamed."""


@needs("portfolio.export")
@require_GET
def export(request: Asked, kind: str, ending: str) -> HttpResponseBase:
    """The list in hand as CSV or XLSX."""
    if kind not in KINDS or ending not in ("csv", "xlsx"):
        raise Http404
    if exceeded(request.user, ACTION, dt.timedelta(hours=1), MOST_AN_HOUR):
        return errors.often(request, MOST_AN_HOUR)
    found = asked(request, KINDS[kind], "portfolio.export")
    sums = found.sums()
    if ending == "xlsx" and sums["loans"] > SHEET_ROWS:
        raise DaihouError(
            f"{sums['loans']:,} loans are more than a workbook is made of here ({SHEET_ROWS:,}).",
            "Narrow the filter, or export CSV.",
            zh=(f"共 {sums['loans']:,} 笔，超过 Excel 导出上限 {SHEET_ROWS:,} 笔。", "请缩小筛选范围，或导出 CSV。"),
        )
    entry = record(
        request, ACTION, "list", kind,
        {
            "as": ending, "loans": sums["loans"], "as_of": found.moment.as_of.isoformat(), "known_on": found.moment.known_on.isoformat(),
            "filter": found.filter.text, "columns": [column.name for column in found.columns], "address": request.GET.urlencode(),
        },
    )  # fmt: skip
    who, name = request.user.get_username(), request.user.name
    mark = sheets.Watermark(who, name, timezone.localtime(), entry.pk, found.filter.text)
    file_name = f"{kind}-{found.moment.as_of}-{found.moment.known_on}-{entry.pk}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{file_name}"', "Cache-Control": "no-store"}
    if ending == "csv":
        return StreamingHttpResponse(sheets.csv(found, mark), content_type="text/csv; charset=utf-8", headers=headers)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    sheets.xlsx(found, mark, file)
    file.seek(0)
    kind_of_file = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return FileResponse(file, as_attachment=True, filename=file_name, content_type=kind_of_file, headers=headers)
