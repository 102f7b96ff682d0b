"""A preview says of the start of a file what the delivery of it will say, and stores nothing."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter

from daihou.book import contracts, lake
from daihou.book.errors import DaihouError
from daihou.book.intake.content import examine
from daihou.book.intake.mapping import FileMapping, parse
from daihou.book.intake.order import Order
from daihou.book.intake.preview import Preview, check_order, preview

if TYPE_CHECKING:
    from pathlib import Path

    from book.conftest import Desk

HEADER = "payment_id,loan_id,paid_on,amount\n"


def order(desk: Desk, table: str = "payments", mapping: FileMapping | None = None, **more: Any) -> Order:
    asked = {
        "known_on": None,
        "today": date(2026, 3, 1),
        "sealed_through": None,
        "replace": False,
        "backfill": False,
        **more,
    }
    return Order(
        desk.home, contracts.table(table), mapping or FileMapping(), covered=None, progress=lambda *_: None, step=lambda _: None, **asked
    )  # fmt: skip


def look(desk: Desk, path: Path, **more: Any) -> Preview:
    rows = more.pop("rows", 1_000)
    return preview(order(desk, **more), examine(path, lambda _: None), rows)


def said(found: Preview) -> list[tuple[int, str, str]]:
    assert found.rejects is not None
    return [(row["line"], row["column"], row["reason"]) for row in found.rejects.to_pylist()]


def test_it_says_what_the_delivery_says_and_stores_nothing(desk: Desk) -> None:
    text = HEADER + "P1,L1,2026-02-01,1\nP2,L1,2026-02-30,1\nP3,L1\nP4,L1,2026-02-01,x\n"
    path = desk.write("file.csv", text)
    found = look(desk, path)
    assert (found.judged, found.whole, found.delimiter) == (4, True, ",")
    assert not desk.home.lake.exists()
    desk.send("payments", path)
    assert sorted(said(found)) == sorted(desk.reasons())


def test_it_reads_no_further_than_asked(desk: Desk) -> None:
    path = desk.write("file.csv", HEADER + "".join(f"P{n},L1,2026-02-01,1\n" for n in range(50)))
    found = look(desk, path, rows=10)
    assert (found.judged, found.whole, found.cells.height) == (10, False, 10)


def test_missing_columns_are_told_and_the_rows_still_shown(desk: Desk) -> None:
    found = look(desk, desk.write("file.csv", "id;amount\n1;2\n"))
    assert found.refused is not None
    assert "Required column missing" in found.refused.message
    assert found.delimiter == ";"
    assert found.cells.rows() == [("1", "2")]
    assert "payment_id" in found.how.absent


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_every_encoding_is_shown_as_text(desk: Desk, encoding: str) -> None:
    path = desk.write("file.csv", "payment_id\tloan_id\tpaid_on\tamount\t渠道\nP1\tL1\t2026-02-01\t1\t柜面\n", encoding)
    found = look(desk, path)
    assert (found.content.encoding, found.delimiter) == (encoding, "\t")
    assert found.cells["渠道"].to_list() == ["柜面"]
    assert found.how.extra == ("渠道",)


def test_json_lines_and_sheets_are_looked_at_alike(desk: Desk) -> None:
    lines = look(desk, desk.write("a.jsonl", '{"payment_id":"P1","loan_id":"借","paid_on":"2026-02-01","amount":1}\n'))
    assert (lines.judged, lines.whole, said(lines)) == (1, True, [])
    path = desk.folder / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["payment_id", "loan_id", "paid_on", "amount"])
        sheet.write_row(1, 0, ["P1", "L1", "2026-02-01", "abc"])
    assert said(look(desk, path)) == [(2, "amount", "not_a_number")]


def test_a_query_of_a_mapping_is_not_run(desk: Desk) -> None:
    mapping = parse({"select": "SELECT * FROM file, range(1000000000000)"}, contracts.table("payments"))
    found = look(desk, desk.write("file.csv", "a\n1\n"), mapping=mapping)
    assert (found.judged, found.rejects) == (0, None)


def test_what_intake_would_refuse_is_refused_before(desk: Desk) -> None:
    for asked in ({"replace": True}, {"known_on": date(2026, 1, 1), "sealed_through": date(2026, 2, 1)}):
        with pytest.raises(DaihouError):
            check_order(order(desk, **asked))
    check_order(order(desk, table="instalments", replace=True))
    assert lake.last_batch(desk.home) == 0
