"""The audit log as CSV or JSON lines, row by row, so that its length does not matter."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from daihou.desk.audit.models import Entry

COLUMNS: Final = (
    "seq", "hash", "id", "at", "actor_id", "actor", "address", "request_id", "action", "subject_kind", "subject_id", "detail",
)  # fmt: skip
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def row(entry: Entry) -> dict[str, Any]:
    """An entry and its link by column; an entry that is not sealed yet has no link. Its time is in UTC."""
    link = getattr(entry, "link", None)
    values = {name: getattr(entry, name) for name in COLUMNS[3:]}
    return {"seq": link and link.seq, "hash": link and link.hash, "id": entry.pk, **values, "at": entry.at.isoformat()}


def json_lines(entries: Iterable[Entry]) -> Iterator[str]:
    """Entries as JSON, one a line."""
    for entry in entries:
        yield json.dumps(row(entry), ensure_ascii=False) + "\n"


def csv_lines(entries: Iterable[Entry]) -> Iterator[str]:
    """A head, and entries as CSV. Text that a spreadsheet would calculate is led by an apostrophe."""
    yield "\ufeff" + _line(COLUMNS)  # without this mark Excel reads Chinese as something else
    for entry in entries:
        values = row(entry)
        values["detail"] = json.dumps(entry.detail, ensure_ascii=False)
        yield _line(_plain(values[name]) for name in COLUMNS)


def _plain(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _line(values: Iterable[Any]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(values)
    return buffer.getvalue()
