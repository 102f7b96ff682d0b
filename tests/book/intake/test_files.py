"""Every format is read alike, and a file that cannot be read says why."""

from __future__ import annotations

import json
from datetime import date, datetime  # dates of sheets and Parquet have no zone
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from collections.abc import Callable

    from book.conftest import Desk

HEADER = "payment_id,loan_id,paid_on,amount,channel\n"
ROW = "P1,L1,2026-02-01,100.10,柜面还款\n"


@pytest.mark.parametrize(
    ("encoding", "mark"), [("utf-8", ""), ("utf-8", "\ufeff"), ("gb18030", ""), ("gbk", ""), ("utf-16", "")]
)
def test_text_is_read_in_the_encodings_lenders_use(desk: Desk, encoding: str, mark: str) -> None:
    desk.send("payments", (mark + HEADER + ROW).encode(encoding))
    assert desk.rows("payments", "payment_id", "amount", "channel") == [("P1", Decimal("100.1000"), "柜面还款")]


def test_a_long_gb18030_file_is_read_to_its_end(desk: Desk) -> None:
    rows = "".join(f"P{n},L1,2026-02-01,1,柜面还款{n}\n" for n in range(300_000))
    report = desk.send("payments", (HEADER + rows).encode("gb18030"))
    assert (report.rows, report.new) == (300_000, 300_000)
    assert desk.rows("payments", "channel")[-1] == "柜面还款299999"


def test_another_encoding_is_refused_by_name(desk: Desk) -> None:
    text = HEADER + "".join(f"P{n},L1,2026-02-01,1,還款櫃檯臺灣銀行\n" for n in range(200)) + "Px,L1,2026-02-01,1,碁\n"
    with pytest.raises(DaihouError, match="neither UTF-8 nor GB18030"):
        desk.send("payments", text.encode("euc-jp", "ignore") + b"P,L1,2026-02-01,1,\xff\xff\n")


def test_a_few_broken_bytes_cost_only_their_rows(desk: Desk) -> None:
    rows = "".join(f"P{n},L1,2026-02-01,1,柜面\n" for n in range(50)).encode()
    report = desk.send("payments", HEADER.encode() + rows + b"PX,L1,2026-02-01,1,\xff\n")
    assert report.new == 50
    assert desk.reasons() == [(52, "channel", "bad_text")]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_seen_from_the_header(desk: Desk, delimiter: str) -> None:
    assert desk.send("payments", (HEADER + ROW).replace(",", delimiter)).new == 1


def test_quoted_cells_may_hold_delimiters_and_line_breaks(desk: Desk) -> None:
    desk.send("payments", HEADER + 'P1,L1,2026-02-01,1,"a, ""b""\nc"\nP2,L1,bad,1,\n')
    assert desk.rows("payments", "channel") == ['a, "b"\nc']
    assert desk.rows("quarantine", "row", "reason") == [(2, "bad_date")]


def test_a_quote_left_open_is_warned_of(desk: Desk) -> None:
    report = desk.send("payments", HEADER + ROW + 'P2,L1,2026-02-01,1,"open\nP3,L1,2026-02-01,1,x\n')
    assert any("quotation marks" in warning for warning in report.warnings)


def test_lines_that_do_not_fit_the_header_are_quarantined_with_their_line(desk: Desk) -> None:
    report = desk.send("payments", HEADER + "P1,L1\n\n" + ROW + "P2,L1,2026-02-01,1,x,y\nP3,L1,bad,1,\n")
    assert (report.rows, report.new) == (4, 1)
    assert sorted(desk.reasons()) == [(2, "", "wrong_cells"), (5, "", "wrong_cells"), (6, "paid_on", "bad_date")]
    assert {"line": "P1,L1"} in [json.loads(raw) for raw in desk.rows("quarantine", "raw")]


def test_one_bad_row_in_a_million_is_found_and_placed(desk: Desk) -> None:
    rows = [f"P{n},L1,2026-02-01,1,\n" for n in range(1_000_000)]
    rows[765_431] = "P765431,L1,2026-02-01,1O,\n"
    report = desk.send("payments", HEADER + "".join(rows))
    assert report.new == 999_999
    assert desk.rows("quarantine", "line", "column", "value", "reason") == [(765_433, "amount", "1O", "not_a_number")]


def test_typed_parquet_is_read_exactly(desk: Desk) -> None:
    path = desk.folder / "file.parquet"
    table = pa.table(
        {
            "payment_id": pa.array(["P1", "P2", "P3"]).dictionary_encode(),
            "loan_id": pa.array([7, 7, 7]),
            "paid_on": pa.array([datetime(2026, 2, 1), datetime(2026, 2, 1, 9), datetime(2026, 2, 1)]),  # noqa: DTZ001 - no zone in a file
            "amount": pa.array([0.1, 1.0, 1e6]),
            "seq": pa.array([1.0, 2.0, None]),
        }
    )
    pq.write_table(table, path)
    desk.send("payments", path)
    assert desk.rows("payments", "payment_id", "loan_id", "amount", "seq") == [
        ("P1", "7", Decimal("0.1"), 1),
        ("P3", "7", Decimal(1000000), None),
    ]
    assert desk.reasons() == [(2, "paid_on", "bad_date")]


def test_json_numbers_never_pass_through_a_float(desk: Desk) -> None:
    lines = (
        '{"security_id":"S1","valued_on":"2026-01-01","amount":12345678901234.56}\n'
        "\n[1]\n"
        '{"security_id":"S2","valued_on":"2026-01-01","amount":0.1,"more":{"a":1}}\n{"security_id":\n'
    )
    desk.send("valuations", lines, "file.jsonl")
    assert desk.rows("valuations", "amount", "attributes") == [
        (Decimal("12345678901234.56"), None),
        (Decimal("0.1"), '{"more":"{\\"a\\": \\"1\\"}"}'),
    ]
    assert desk.reasons() == [(3, "", "not_json"), (5, "", "not_json")]


def test_json_columns_that_come_late_are_not_lost(desk: Desk) -> None:
    early = [f'{{"payment_id":"P{n}","loan_id":"L1","paid_on":"2026-02-01","amount":1}}' for n in range(50_000)]
    late = '{"payment_id":"R1","loan_id":"L1","paid_on":"2026-02-01","amount":1,"reverses":"P1","shop":"7"}'
    desk.send("payments", "\n".join([*early, late]), "file.jsonl")
    assert desk.rows("payments", "reverses", "attributes")[-1] == ("P1", '{"shop":"7"}')
    with pytest.raises(DaihouError, match="phone"):
        desk.send("payments", "\n".join([*early, late.replace("shop", "phone")]), "named.jsonl")


def test_a_sheet_may_hold_dates_as_dates_numbers_or_text(desk: Desk) -> None:
    path = desk.folder / "file.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet, day = book.add_worksheet("还款"), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["payment_id", "loan_id", "paid_on", "amount"])
        sheet.write_row(1, 0, [1001, "L1", 46054, 100.1])
        sheet.write_row(2, 0, ["P2", "L1", None, 5])
        sheet.write_datetime(2, 2, datetime(2026, 2, 1), day)  # noqa: DTZ001 - no zone in a file
        sheet.write_row(3, 0, ["P3", "L1", "2026-02-01", "7.50"])
        sheet.write_row(5, 0, [6.2284e18, "L1", 46054, 1])
    desk.send("payments", path)
    assert desk.rows("payments", "payment_id", "paid_on", "amount") == [
        ("1001", date(2026, 2, 1), Decimal("100.1")),
        ("P2", date(2026, 2, 1), Decimal(5)),
        ("P3", date(2026, 2, 1), Decimal("7.5")),
    ]
    assert desk.reasons() == [(6, "payment_id", "rounded_id")]


def test_a_number_is_no_date_in_a_text_file(desk: Desk, payments: Callable[..., str]) -> None:
    desk.send("payments", payments(("P1", "L1", "46054", "1")))
    assert desk.reasons() == [(2, "paid_on", "bad_date")]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("file.csv", b"", "empty"),
        ("file.csv", HEADER.encode(), "no rows"),
        ("file.csv", b"\n\n", "no header"),
        ("file.csv", b"loan_id,loan_id,paid_on,amount,payment_id\n1,1,1,1,1\n", "named twice"),
        ("file.parquet", b"not parquet", "no parquet file"),
        ("file.xlsx", b"not a workbook", "no xlsx file"),
        ("file.xlsx", b"PK\x03\x04 cut off", "cannot be read"),
        ("file.jsonl", b"[]\n", "No line"),
        ("file.doc", b"x", "no format"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_leaves_nothing(
    desk: Desk, name: str, content: bytes, said: str
) -> None:
    with pytest.raises(DaihouError, match=said) as caught:
        desk.send("payments", content, name)
    assert name in caught.value.place
    assert caught.value.remedy
    assert not desk.home.lake.exists()
    assert not any(desk.home.staging.glob("*"))


@pytest.mark.parametrize("left", [0.2, 0.9, 0.999])
def test_a_truncated_parquet_file_is_refused(desk: Desk, left: float) -> None:
    path = desk.folder / "whole.parquet"
    ids = [f"P{n}" for n in range(10_000)]
    pq.write_table(pa.table({"payment_id": ids, "loan_id": ids, "paid_on": ids, "amount": ids}), path)
    content = path.read_bytes()
    with pytest.raises(DaihouError, match="cut off or damaged"):
        desk.send("payments", content[: int(len(content) * left)], "cut.parquet")
    assert not desk.home.lake.exists()


def test_a_file_that_is_not_there_is_named(desk: Desk) -> None:
    with pytest.raises(DaihouError, match="cannot be read"):
        desk.send("payments", Path("nowhere.csv"))


def test_missing_columns_are_named_with_the_nearest_header(desk: Desk) -> None:
    with pytest.raises(DaihouError, match=r"paid_on \(nearest header: paid_at\)") as caught:
        desk.send("payments", "payment_id,loan_id,paid_at,amount\nP1,L1,2026-02-01,1\n")
    assert "--mapping" in caught.value.remedy


def test_further_columns_are_kept_as_attributes(desk: Desk) -> None:
    desk.send(
        "payments", "payment_id,loan_id,paid_on,amount,渠道号,note\nP1,L1,2026-02-01,1,07,\nP2,L1,2026-02-01,1,,\n"
    )
    assert desk.rows("payments", "attributes") == ['{"渠道号":"07"}', None]


@pytest.mark.parametrize(
    ("table", "text", "said"),
    [
        ("people", "borrower_id,name\nB1,王\n", "vault"),
        ("transactions", "txn_id,account_id,booked_at,amount,memo\nT,A,2026-01-01T00:00:00Z,1,x\n", "memo"),
        (
            "transactions",
            "txn_id,account_id,booked_at,amount,counterparty\nT,A,2026-01-01T00:00:00Z,1,x\n",
            "counterparty",
        ),
        ("events", "event_id,subject_id,happened_at,kind,detail\nE,B,2026-01-01T00:00:00Z,tax,x\n", "detail"),
        ("borrowers", "borrower_id,kind,手机号\nB1,person,13800000000\n", "手机号"),
    ],
)
def test_nothing_that_names_people_comes_into_the_lake(desk: Desk, table: str, text: str, said: str) -> None:
    with pytest.raises(DaihouError, match=said):
        desk.send(table, text)
    assert not desk.home.lake.exists()
