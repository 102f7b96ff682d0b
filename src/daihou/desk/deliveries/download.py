"""Rows of quarantine as a file to be corrected and sent again: the columns as sent, and beside them why each row was refused."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter

from daihou.book import contracts
from daihou.book.errors import DaihouError
from daihou.desk.deliveries import quarantine, wording
from daihou.desk.deliveries.cells import safe, safe_in_sheet
from daihou.desk.deliveries.policy import DOWNLOAD_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daihou.desk.deliveries.quarantine import Selection

REASON: Final = "_reason"
WHERE: Final = "_where"
TEXT: Final = "_text"
OURS: Final = (REASON, WHERE, TEXT)
"""Columns that are not the sender's: taken out again when the file comes back."""
KINDS: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class BadRows:
    """Rows of one table, with the columns that any of them has."""

    table: str
    columns: tuple[str, ...]
    rows: tuple[dict[str, str], ...]


def bad_rows(selection: Selection) -> BadRows:
    """The rows of a selection; DaihouError where they are of several tables, none, or too many."""
    tables, count = selection.tables(), selection.count()
    if not count:
        raise DaihouError(
            "No row in quarantine fits.",
            "Take a filter away.",
            zh=("没有符合条件的隔离记录。", "请放宽筛选条件。"),
        )
    if any(name in contracts.TABLES and contracts.TABLES[name].vault for name in tables):
        raise DaihouError(
            f"What stood in rows of {', '.join(tables)} is not kept in quarantine, since it names people.",
            "Correct them where they came from: the batch names each file and line.",
            zh=(
                f"表 {'、'.join(tables)} 含个人身份信息，隔离区不保存其内容。",
                "请按批次所列文件及行号在源头更正。",
            ),
        )
    if len(tables) > 1:
        raise DaihouError(
            f"The rows are of {len(tables)} tables, which have columns of their own: {', '.join(tables)}.",
            "Choose one table, then download.",
            zh=(f"所选记录属于 {len(tables)} 张表，各表字段不同：{'、'.join(tables)}。", "请先选定一张表再下载。"),
        )
    if count > DOWNLOAD_ROWS:
        raise DaihouError(
            f"{count:,} rows are more than the {DOWNLOAD_ROWS:,} of one download.",
            "Choose a batch or a reason, or use `daihou export quarantine`.",
            zh=(
                f"共 {count:,} 行，超过单次下载上限 {DOWNLOAD_ROWS:,} 行。",
                "请再按批次或原因筛选，或使用 `daihou export quarantine`。",
            ),
        )
    rows = tuple(_row(row) for row in quarantine.everything(selection).iter_rows(named=True))
    names = {name for row in rows for name in row} - set(OURS)
    columns = (*quarantine.in_order(tables[0], names), REASON, WHERE)
    return BadRows(tables[0], (*columns, TEXT) if any(TEXT in row for row in rows) else columns, rows)


def _row(row: dict[str, Any]) -> dict[str, str]:
    text = quarantine.line_text(row)
    message = row["message_zh"] if wording.chinese() else row["message_en"]
    said = {REASON: f"{row['reason']}: {message}", WHERE: f"{row['file']}:{row['line']}"}
    return {**quarantine.sent(row), **said, **({TEXT: text} if text else {})}


def as_csv(bad: BadRows) -> Iterator[bytes]:
    """The rows as CSV, piece by piece: UTF-8 with a byte order mark, so that a spreadsheet reads Chinese."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([safe(name) for name in bad.columns])
    yield b"\xef\xbb\xbf"
    for number, row in enumerate(bad.rows, 1):
        writer.writerow([safe(row.get(name, "")) for name in bad.columns])
        if number % 1_000 == 0:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def as_xlsx(bad: BadRows, target: Any) -> None:
    """The rows as a sheet whose cells are all texts, so that ids keep their noughts and nothing acts as a formula."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet(bad.table[:31])
        head, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        for place, name in enumerate(bad.columns):
            sheet.set_column(place, place, 60 if name == REASON else max(len(name) + 2, 14), text)
            sheet.write_string(0, place, safe_in_sheet(name), head)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(bad.rows, 1):
            for place, name in enumerate(bad.columns):
                if row.get(name):
                    sheet.write_string(number, place, safe_in_sheet(row[name]), text)
