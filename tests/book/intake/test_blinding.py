"""Raw texts of transactions: tokens and flags are kept in their place, and the texts nowhere, however the intake ends."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from daihou.book.errors import DaihouError
from daihou.book.intake import Blinder
from daihou.book.intake.blinding import pattern

if TYPE_CHECKING:
    from pathlib import Path

    from book.conftest import Desk

HEADER = "txn_id,account_id,booked_at,amount,counterparty,memo\n"
RAW = ("诸葛子涵", "司马文远", "给孩子的生日礼物", "诊所复查")
TEXT = (
    HEADER + "T1,A1,2026-02-01T10:00:00+08:00,100.00,诸葛子涵,2月工资 给孩子的生日礼物\n"
    "T2,A1,2026-02-02T10:00:00+08:00,-20,司马文远,诊所复查\n"
    "T3,A1,2026-02-03T10:00:00+08:00,-30,诸葛子涵,Ｃａｓｈ withdrawal; taxi, not tax\n"
    "T4,A1,2026-02-04T10:00:00+08:00,-40,,\n"
).replace("taxi, not tax", "taxi")
KEYWORDS = {"salary": ("工资", "payroll"), "cash": ("cash",), "tax": ("tax",)}


def token(text: str) -> str | None:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


BLINDER = Blinder(token, KEYWORDS)


def send(desk: Desk, text: str | Path, **options: Any) -> Any:
    return desk.send("transactions", text, blinder=BLINDER, **options)


def nowhere(folder: Path, *values: str) -> bool:
    held = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return not any(
        value.encode(encoding) in content
        for content in held
        for value in values
        for encoding in ("utf-8", "utf-16-le", "gb18030")
    )


def test_tokens_and_flags_are_kept_and_the_texts_nowhere(desk: Desk) -> None:
    report = send(desk, TEXT)
    assert (report.new, report.quarantined, report.warnings) == (4, {}, ())
    assert desk.rows("transactions", "txn_id", "counterparty_token", "memo_flags", "attributes") == [
        ("T1", token("诸葛子涵"), "salary", None),
        ("T2", token("司马文远"), None, None),
        ("T3", token("诸葛子涵"), "cash", None),
        ("T4", None, None, None),
    ]
    assert nowhere(desk.home.path, *RAW)


def test_bad_rows_are_quarantined_as_what_is_kept_and_can_be_sent_again_so(desk: Desk) -> None:
    bad = HEADER + "T1,A1,2026-02-01T10:00:00+08:00,much,诸葛子涵,2月工资\nT2,A1,司马文远\n"
    report = send(desk, bad)
    assert report.quarantined == {"not_a_number": 1, "wrong_cells": 1}
    (raw, hidden) = desk.rows("quarantine", "raw", "value")
    assert raw == (
        (
            '{"txn_id":"T1","account_id":"A1","booked_at":"2026-02-01T10:00:00+08:00","amount":"much",'
            f'"counterparty_token":"{token("诸葛子涵")}","memo_flags":"salary"}}'
        ),
        "much",
    )
    assert hidden == (None, "•••")
    assert nowhere(desk.home.path, *RAW)
    again = desk.write("again.jsonl", raw[0].replace("much", "1.00"))
    assert desk.send("transactions", again).new == 1  # no key is needed for what is blinded already
    assert desk.rows("transactions", "memo_flags") == ["salary"]


def test_a_row_refused_against_the_lake_is_quarantined_without_the_text(desk: Desk) -> None:
    send(desk, TEXT)
    other = HEADER + "T1,A1,2026-02-01T10:00:00+08:00,999,诸葛子涵,2月工资 给孩子的生日礼物\n"
    assert send(desk, other, name="other.csv").quarantined == {"duplicate_key": 1}
    assert nowhere(desk.home.path, *RAW)


def test_damaged_and_endless_texts_are_quarantined_by_their_own_name_without_the_text(desk: Desk) -> None:
    text = HEADER.encode() + b"T1,A1,2026-02-01T10:00:00+08:00,1,\xff\xfeABCDE,\n"
    text += ("T2,A1,2026-02-01T10:00:00+08:00,1,," + "长" * 4_000 + "\n").encode()
    desk.write("damaged.csv", text)
    assert send(desk, desk.folder / "damaged.csv").new == 0
    assert desk.rows("quarantine", "column", "value", "reason") == [
        ("counterparty", None, "bad_text"),
        ("memo", None, "too_long"),
    ]
    assert nowhere(desk.home.path, "ABCDE", "长长长")


def test_a_mapping_may_name_them_and_the_same_file_twice_changes_nothing(desk: Desk) -> None:
    mapping = desk.map("columns: {counterparty: 对方户名, memo: 摘要}")
    text = TEXT.replace("counterparty,memo", "对方户名,摘要")
    assert send(desk, text, mapping_file=mapping).new == 4
    assert send(desk, text, mapping_file=mapping).seen_before
    assert desk.rows("transactions", "memo_flags") == ["salary", None, "cash", None]
    assert nowhere(desk.home.path, *RAW)


@pytest.mark.parametrize("name", ["t.jsonl", "t.parquet", "t.xlsx"])
def test_every_format_is_blinded(desk: Desk, name: str) -> None:
    path = desk.folder / name
    rows = pl.DataFrame(
        {"txn_id": ["T1"], "account_id": ["A1"], "booked_at": ["2026-02-01T10:00:00+08:00"], "amount": ["1.00"],
         "counterparty": ["诸葛子涵"], "memo": ["工资"]}
    )  # fmt: skip
    write: dict[str, Any] = {".jsonl": rows.write_ndjson, ".parquet": rows.write_parquet, ".xlsx": rows.write_excel}
    write[path.suffix](path)
    assert send(desk, path).new == 1
    assert desk.rows("transactions", "counterparty_token", "memo_flags") == [(token("诸葛子涵"), "salary")]
    assert nowhere(desk.home.path, "诸葛子涵", "工资")


def test_a_column_that_comes_in_the_middle_of_json_lines_is_blinded_too(desk: Desk) -> None:
    line = '{{"txn_id":"T{0}","account_id":"A1","booked_at":"2026-02-01T10:00:00+08:00","amount":"1"{1}}}\n'
    text = "".join(line.format(number, "") for number in range(3)) + line.format(9, ',"memo":"工资 诊所复查"')
    path = desk.write("t.jsonl", text)
    assert send(desk, path).new == 4
    assert desk.rows("transactions", "memo_flags") == [None, None, None, "salary"]
    assert nowhere(desk.home.path, *RAW)


def test_without_a_key_raw_texts_are_refused(desk: Desk) -> None:
    with pytest.raises(DaihouError, match="no key here") as caught:
        desk.send("transactions", TEXT)
    assert "daihou intake" in caught.value.remedy
    assert not desk.home.lake.exists()


@pytest.mark.parametrize("name", ["摘要", "对方户名", "Remark"])
def test_a_further_column_that_seems_to_hold_them_is_refused(desk: Desk, name: str) -> None:
    text = f"txn_id,account_id,booked_at,amount,{name}\nT1,A1,2026-02-01T10:00:00+08:00,1,诊所复查\n"
    with pytest.raises(DaihouError, match="seems to hold raw text"):
        send(desk, text)
    assert send(desk, text, mapping_file=desk.map(f"ignore: [{name}]")).new == 1
    assert nowhere(desk.home.path, *RAW)


def test_a_select_is_refused_because_it_would_write_a_copy(desk: Desk) -> None:
    mapping = desk.map("select: SELECT txn_id, account_id, booked_at, amount FROM file")
    with pytest.raises(DaihouError, match="copy of the file"):
        send(desk, TEXT, mapping_file=mapping)
    plain = "txn_id,account_id,booked_at,amount\nT1,A1,2026-02-01T10:00:00+08:00,1\n"
    assert send(desk, plain, mapping_file=mapping).new == 1
    assert nowhere(desk.home.path, *RAW)


def test_a_file_with_both_forms_is_refused(desk: Desk) -> None:
    with pytest.raises(DaihouError, match="counterparty, counterparty_token"):
        send(desk, TEXT.replace("memo", "counterparty_token"))


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("counterparty_token", "诸葛子涵", "not_a_token"),
        ("counterparty_token", "6222020200001234567", "not_a_token"),
        ("memo_flags", "salary 诊所复查", "unknown_code"),
    ],
)
def test_what_a_lender_blinded_itself_is_looked_at(desk: Desk, column: str, value: str, reason: str) -> None:
    text = f"txn_id,account_id,booked_at,amount,{column}\nT1,A1,2026-02-01T10:00:00+08:00,1,{value}\n"
    assert desk.send("transactions", text).quarantined == {reason: 1}


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("cash", True),
        ("CASH advance".lower(), True),
        ("cashier", False),
        ("付cash费", True),
        ("2月工资", True),
        ("工作", False),
    ],
)
def test_latin_keywords_are_whole_words_and_chinese_ones_stand_anywhere(text: str, met: bool) -> None:
    assert pl.Series([text]).str.contains(pattern(("Cash", "工资"))).item() is met


def test_a_kind_beyond_the_list_is_taken_and_told(desk: Desk) -> None:
    text = "txn_id,account_id,booked_at,amount,counterparty_kind\nT1,A1,2026-02-01T10:00:00+08:00,1,charity\n"
    report = desk.send("transactions", text)
    assert (report.new, "counterparty_kind=charity" in report.warnings[0]) == (1, True)


def test_an_id_keeps_its_account_but_a_loan_may_be_named_later(desk: Desk) -> None:
    send(desk, "txn_id,account_id,booked_at,amount,known_on\nT1,A1,2026-02-01T10:00:00+08:00,1,2026-02-01\n")
    later = "txn_id,account_id,booked_at,amount,loan_id,known_on\nT1,A1,2026-02-01T10:00:00+08:00,1,L1,2026-02-02\n"
    assert send(desk, later, name="later.csv").new == 1
    moved = "txn_id,account_id,booked_at,amount,known_on\nT1,A2,2026-02-01T10:00:00+08:00,1,2026-02-03\n"
    assert send(desk, moved, name="moved.csv").quarantined == {"other_owner": 1}
