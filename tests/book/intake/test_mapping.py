"""Mapping files: a lender's own columns become contract columns; a select sees its file and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from daihou.book.errors import DaihouError
from daihou.book.intake import mapping

if TYPE_CHECKING:
    from book.conftest import Desk

OWN = """流水号;借据号;还款日期;金额(万元);类型;备注
1;L1;2026年02月01日;1.234,56;正常;x
2;L1;20260203;0,5;提前;y
3;L1;NA;1;别的;z
"""
MAPPING = """
table: payments
file: {encoding: gb18030, delimiter: ";"}
missing: ["NA"]
columns:
  payment_id: 流水号
  loan_id: 借据号
  paid_on: {from: 还款日期, date: ["%Y年%m月%d日", "%Y%m%d"]}
  amount: {from: "金额(万元)", thousands: ".", decimal: ",", scale: 10000}
  purpose: {from: 类型, values: {正常: scheduled, 提前: prepayment}}
  channel: {constant: counter}
ignore: [备注]
"""


def test_a_lenders_own_file_is_renamed_parsed_and_converted(desk: Desk) -> None:
    report = desk.send("payments", OWN.encode("gb18030"), mapping_file=desk.map(MAPPING))
    assert desk.rows("payments", "payment_id", "paid_on", "amount", "purpose", "channel", "attributes") == [
        ("1", date(2026, 2, 1), Decimal(12345600), "scheduled", "counter", None),
        ("2", date(2026, 2, 3), Decimal(5000), "prepayment", "counter", None),
    ]
    assert report.quarantined == {"missing_value": 1}


def test_codes_not_listed_stay_as_they_were_or_become_the_other(desk: Desk) -> None:
    plain = MAPPING.replace("missing:", "# missing:").replace("还款日期, date", "还款日期, date")
    desk.send("payments", OWN.replace("NA", "20260204").encode("gb18030"), mapping_file=desk.map(plain))
    assert desk.rows("quarantine", "value", "reason") == [("别的", "unknown_code")]
    other = plain.replace("prepayment}", "prepayment}, otherwise: recovery")
    report = desk.send("payments", OWN.replace("NA", "20260204").encode("gb18030"), mapping_file=desk.map(other))
    assert (report.new, report.unchanged) == (1, 2)


@pytest.mark.parametrize(
    ("rule", "cell", "stored"),
    [
        ('{from: d, date: "%m/%Y", day: last}', "02/2024", date(2024, 2, 29)),
        ('{from: d, date: "%m/%Y", day: first}', "02/2024", date(2024, 2, 1)),
        ("{from: d, date: excel}", "46054", date(2026, 2, 1)),
        ('{from: d, date: ["%d.%m.%Y", "%Y-%m-%d"]}', "2026-02-03", date(2026, 2, 3)),
        ('{from: d, date: "%d%b%Y"}', "03Feb2026", date(2026, 2, 3)),
    ],
)
def test_dates_are_read_by_their_formats(desk: Desk, rule: str, cell: str, stored: date) -> None:
    how = desk.map(f"columns:\n  paid_on: {rule}\n")
    desk.send("payments", f"payment_id,loan_id,d,amount\nP,L,{cell},1\n", mapping_file=how)
    assert desk.rows("payments", "paid_on") == [stored]


@pytest.mark.parametrize(
    ("rule", "cell", "stored"),
    [
        ("{from: r, scale: 0.01}", "4.35", "0.0435"),
        ("{from: r, scale: 0.01, round: 4}", "4.356789", "0.0436"),
        ("{from: r, round: 8}", "0.123456785", "0.12345678"),
    ],
)
def test_numbers_are_scaled_exactly_and_rounded_only_when_told(desk: Desk, rule: str, cell: str, stored: str) -> None:
    header = "loan_id,borrower_id,product,principal,disbursed_on,matures_on,r\n"
    how = desk.map(f"columns:\n  annual_rate: {rule}\n")
    desk.send("loans", f"{header}L,B,P,1,2026-01-01,2027-01-01,{cell}\n", mapping_file=how)
    assert desk.rows("loans", "annual_rate") == [Decimal(stored)]


def test_times_take_the_zone_they_are_told(desk: Desk) -> None:
    how = desk.map("columns:\n  booked_at: {from: booked_at, zone: Asia/Shanghai}\n")
    header = "txn_id,account_id,booked_at,amount\n"
    text = header + "T,A,2026-03-14 09:30:00,1\nU,A,2026-03-14T09:30,1\nV,A,2026-03-14T01:30Z,1\n"
    desk.send("transactions", text, mapping_file=how)
    assert desk.rows("transactions", "booked_at") == [datetime(2026, 3, 14, 1, 30, tzinfo=UTC)] * 3


def test_lines_above_the_header_are_skipped(desk: Desk) -> None:
    how = desk.map("file: {header_line: 3}\n")
    desk.send("payments", "report of the day\n\npayment_id,loan_id,paid_on,amount\nP,L,x,1\n", mapping_file=how)
    assert desk.reasons() == [(4, "paid_on", "bad_date")]


WIDE = "loan,start,PMT1,PMT2,PMT3\nL1,01/2016,100,NA,50\nL2,02/2016,7,8,x\n"
UNPIVOT = """
select: |
  SELECT loan || '-' || month AS payment_id, loan AS loan_id,
         last_day(strptime(start, '%m/%Y') + to_months(substr(month, 4)::INT)) AS paid_on, paid AS amount, file_line
  FROM (UNPIVOT file ON COLUMNS('PMT[0-9]+') INTO NAME month VALUE paid) WHERE paid <> 'NA'
"""


def test_a_wide_file_is_unpivoted_by_a_select(desk: Desk) -> None:
    report = desk.send("payments", WIDE, mapping_file=desk.map(UNPIVOT))
    assert desk.rows("payments", "payment_id", "paid_on", "amount") == [
        ("L1-PMT1", date(2016, 2, 29), 100),
        ("L1-PMT3", date(2016, 4, 30), 50),
        ("L2-PMT1", date(2016, 3, 31), 7),
        ("L2-PMT2", date(2016, 4, 30), 8),
    ]
    assert report.quarantined == {"not_a_number": 1}
    assert desk.reasons() == [(3, "amount", "not_a_number")]  # the line in the file, by file_line


@pytest.mark.parametrize(
    "select",
    [
        "SELECT * FROM read_csv('{secret}')",
        "SELECT * FROM '{secret}'",
        "SELECT * FROM read_text('{secret}')",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM read_csv('https://example.com/x.csv')",
        "COPY (SELECT 1) TO '{secret}.out'",
        "ATTACH '{secret}.db'",
        "SET threads = 1",
        "INSTALL httpfs",
        "SELECT 1; SELECT 2",
        "CREATE TABLE t AS SELECT 1",
        "SELECT * FROM secret_frame",
        "SELECT nothing FROM file",
        "SELEKT",
    ],
)
def test_a_select_sees_its_file_and_nothing_else(desk: Desk, select: str) -> None:
    secret = desk.write("secret.csv", "payment_id,loan_id,paid_on,amount\nS,S,2026-01-01,1\n")
    secret_frame = secret.read_text()
    assert secret_frame
    how = desk.map("select: |\n  " + select.format(secret=secret) + "\n")
    with pytest.raises(DaihouError):
        desk.send("payments", WIDE, mapping_file=how)
    assert not desk.home.lake.exists()
    assert sorted(path.name for path in desk.folder.iterdir()) == ["file.csv", "home", "mapping.yaml", "secret.csv"]


def test_a_select_that_fails_on_a_cell_says_so_and_leaves_nothing(desk: Desk) -> None:
    how = desk.map(
        "select: SELECT loan AS payment_id, loan AS loan_id, start::DATE AS paid_on, 1 AS amount FROM file\n"
    )
    with pytest.raises(DaihouError, match="fails on the file"):
        desk.send("payments", WIDE, mapping_file=how)
    assert not desk.home.lake.exists()
    assert not any(desk.home.staging.glob("*"))


def test_lines_that_are_no_rows_are_quarantined_under_a_select_too(desk: Desk) -> None:
    report = desk.send("payments", WIDE + "short\n", mapping_file=desk.map(UNPIVOT))
    assert report.quarantined == {"wrong_cells": 1, "not_a_number": 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a list", "no mapping"),
        ("a: [", "not valid YAML"),
        ("colums: {}", "'colums'"),
        ("table: loans", "for table loans"),
        ("columns: {payment: x}", "'payment'"),
        ("columns: {payment_id: {form: x}}", "'form'"),
        ("columns: {payment_id: {from: x, constant: y}}", "either"),
        ('columns: {paid_on: {from: x, date: "%m/%Y"}}', "no day"),
        ("columns: {amount: {from: x, scale: ten}}", "no number"),
        ("columns: {amount: {from: x, round: 99}}", "decimals"),
        ("columns: {amount: {from: x, zone: Mars}}", "Mars"),
        ("file: {header_line: 0}", "header_line"),
    ],
)
def test_a_mapping_that_makes_no_sense_is_named(desk: Desk, text: str, said: str) -> None:
    with pytest.raises(DaihouError, match=said) as caught:
        desk.send("payments", WIDE, mapping_file=desk.map(text))
    assert "mapping.yaml" in caught.value.place
    assert caught.value.remedy


def test_every_part_of_a_mapping_is_in_the_guide() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "guides" / "intake.md").read_text("utf-8")
    for part in (*mapping._PARTS, *mapping._FILE_PARTS, *mapping._RULE_PARTS):
        assert f"{part}:" in guide or f"`{part}`" in guide, part
