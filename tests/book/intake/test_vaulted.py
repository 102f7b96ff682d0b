"""A table of the vault: its rows go to a sink, and nothing of what names people is written anywhere else, however the intake ends."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from daihou.book import business_date
from daihou.book.errors import DaihouError
from daihou.book.intake import Kept

if TYPE_CHECKING:
    from pathlib import Path

    from book.conftest import Desk

NAMES = ("欧阳明哲", "司马文远", "诸葛子涵")
TEXT = "borrower_id,name,phones\nB1,欧阳明哲,13800000001\nB2,司马文远,13800000002\nB3,诸葛子涵,13800000003\n"

INTAKE = """
import os, sys
from datetime import date
from pathlib import Path
from daihou.book.home import open_home
from daihou.book.intake import deliver
sys.path.insert(0, str(Path(sys.argv[4]).parent))
from test_vaulted import Shelf

at = sys.argv[3]
shelf = Shelf(Path(sys.argv[2]).parent / "shelf.json", killed_in=at if at.startswith("put") else None)

def step(name):
    if name == at:
        os._exit(9)  # as kill -9: nothing is cleaned up

deliver(open_home(Path(sys.argv[1]), {}), [Path(sys.argv[2])], "people", today=date(2026, 3, 1), step=step, sinks={"people": shelf})
"""


class Shelf:
    """A sink that keeps rows in a file."""

    def __init__(self, path: Path, refused: tuple[str, ...] = (), killed_in: str | None = None) -> None:
        self.path, self.refused, self.killed_in, self.calls = path, frozenset(refused), killed_in, 0

    @property
    def rows(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.path.read_text("utf-8")) if self.path.exists() else {}
        return found

    def put(self, rows: pl.DataFrame) -> Kept:
        self.calls += 1
        if self.killed_in == f"put {self.calls}":
            import os

            os._exit(9)
        before, after, new, unchanged = self.rows, self.rows, 0, 0
        for row in rows.iter_rows(named=True):
            number = row["borrower_id"]
            if number in self.refused:
                continue
            said = {name: str(value) for name, value in row.items() if value is not None}
            unchanged += before.get(number) == said
            new += before.get(number) != said
            after[number] = said
        self.path.write_text(json.dumps(after), "utf-8")
        return Kept(new, unchanged, self.refused & set(rows["borrower_id"].to_list()))


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "shelf.json")


def send(desk: Desk, shelf: Shelf, text: str | Path, **options: Any) -> Any:
    return desk.send("people", text, sinks={"people": shelf}, **options)


def nowhere(folder: Path, *values: str) -> bool:
    """Whether no file of a folder holds one of the values."""
    held = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return not any(
        value.encode(encoding) in content
        for content in held
        for value in values
        for encoding in ("utf-8", "utf-16-le", "gb18030")
    )


def test_the_rows_go_to_the_sink_and_nothing_of_them_to_the_home(desk: Desk, shelf: Shelf) -> None:
    report = send(desk, shelf, TEXT)
    assert (report.rows, report.new, report.unchanged, report.quarantined) == (3, 3, 0, {})
    assert shelf.rows["B2"] == {
        "borrower_id": "B2",
        "name": "司马文远",
        "phones": "13800000002",
        "known_on": "2026-03-01",
    }
    assert desk.rows("deliveries", "table", "new", "known_from") == [("people", 3, date(2026, 3, 1))]
    assert not (desk.home.lake / "people").exists()
    assert nowhere(desk.home.path, *NAMES, "13800000001")


def test_bad_rows_are_quarantined_without_what_stood_in_them(desk: Desk, shelf: Shelf) -> None:
    bad = "borrower_id,name,known_on\nB1,欧阳明哲,2026-02-01\n,司马文远,2026-02-01\nB3,诸葛子涵,诸葛子涵\nB4,诸葛子涵\n"
    report = send(desk, shelf, bad)
    assert (report.new, report.quarantined) == (1, {"missing_value": 1, "bad_date": 1, "wrong_cells": 1})
    assert sorted(desk.rows("quarantine", "line", "column", "value", "reason", "raw"), key=str) == [
        (3, "borrower_id", None, "missing_value", None),
        (4, "known_on", "•••", "bad_date", None),
        (5, "", "•••", "wrong_cells", None),
    ]
    assert not any(name in str(report.examples) for name in NAMES)
    assert nowhere(desk.home.path, *NAMES)


def test_two_rows_of_one_person_and_day_that_differ_are_told_and_the_first_counts(desk: Desk, shelf: Shelf) -> None:
    report = send(desk, shelf, TEXT + "B1,欧阳明哲,13800000001\nB2,诸葛子涵,13800000009\n")
    assert (report.new, report.unchanged, report.quarantined) == (3, 1, {"duplicate_key": 1})
    assert shelf.rows["B2"]["name"] == "司马文远"
    assert desk.rows("quarantine", "line", "column", "value") == [(6, "borrower_id", "•••")]


def test_the_same_file_twice_changes_nothing(desk: Desk, shelf: Shelf) -> None:
    send(desk, shelf, TEXT)
    calls = shelf.calls
    again = send(desk, shelf, TEXT)
    assert (again.seen_before, again.new, again.unchanged) == (True, 0, 3)
    assert shelf.calls == calls


def test_what_the_sink_refuses_is_quarantined_and_tried_again_with_the_very_same_file(desk: Desk, shelf: Shelf) -> None:
    refusing = Shelf(shelf.path, refused=("B2",))
    assert send(desk, refusing, TEXT).quarantined == {"erased": 1}
    assert send(desk, refusing, TEXT).quarantined == {"erased": 1}
    assert desk.rows("quarantine", "line", "reason") == [(3, "erased")]  # once
    assert send(desk, shelf, TEXT).new == 1
    assert set(shelf.rows) == {"B1", "B2", "B3"}


@pytest.mark.parametrize(
    "step",
    [
        "hashing",
        "staging",
        "put 1",
        "put 3",
        "handing over",
        "deciding",
        "committing quarantine",
        "registering",
        "clearing",
    ],
)
def test_killed_at_any_step_the_next_call_ends_as_if_nothing_had_been(desk: Desk, shelf: Shelf, step: str) -> None:
    rows = "".join(f"B{number},司马文远,1380000{number:04d}\n" for number in range(2_500))
    path = desk.write("people.csv", f"borrower_id,name,phones\n{rows},诸葛子涵,1\n")
    killed = [sys.executable, "-c", INTAKE, str(desk.home.path), str(path), step, __file__]
    assert subprocess.run(killed, check=False).returncode == 9
    assert nowhere(desk.home.path, *NAMES, "13800002499")
    send(desk, shelf, path)
    assert len(shelf.rows) == 2_500
    assert desk.rows("quarantine", "line", "reason") == [(2_502, "missing_value")]
    assert desk.rows("deliveries", "batch", "rows", "quarantined") == [(1, 2_501, 1)]
    assert not any(desk.home.staging.glob("*"))


def test_a_file_that_cannot_be_read_to_its_end_hands_nothing_over(desk: Desk, shelf: Shelf) -> None:
    path = desk.folder / "people.parquet"
    pl.DataFrame({"borrower_id": [f"B{n}" for n in range(400_000)], "name": ["张三"] * 400_000}).write_parquet(
        path, row_group_size=100_000
    )
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 4_000] = b"x" * 4_000
    path.write_bytes(bytes(content))
    with pytest.raises(DaihouError, match="damaged"):
        send(desk, shelf, path)
    assert not shelf.rows


def test_columns_beyond_the_contract_are_left_out_and_told(desk: Desk, shelf: Shelf) -> None:
    report = send(desk, shelf, "borrower_id,name,备注\nB1,欧阳明哲,x\n")
    assert "备注" in report.warnings[0]
    assert "备注" not in shelf.rows["B1"]


def test_a_column_that_seems_to_be_meant_is_not_left_out_in_silence(desk: Desk, shelf: Shelf) -> None:
    with pytest.raises(DaihouError, match="手机号"):
        send(desk, shelf, "borrower_id,name,手机号\nB1,欧阳明哲,13800000001\n")
    mapping = desk.map("columns: {phones: 手机号}")
    assert send(desk, shelf, "borrower_id,name,手机号\nB1,欧阳明哲,13800000001\n", mapping_file=mapping).new == 1
    assert shelf.rows["B1"]["phones"] == "13800000001"


def test_a_select_is_refused_because_it_would_write_a_copy(desk: Desk, shelf: Shelf) -> None:
    with pytest.raises(DaihouError, match="copy of the file"):
        send(desk, shelf, TEXT, mapping_file=desk.map("select: SELECT * FROM file"))
    assert nowhere(desk.home.path, *NAMES)


def test_a_sealed_date_is_no_matter_to_the_vault(desk: Desk, shelf: Shelf) -> None:
    business_date.seal(desk.home, date(2026, 2, 28), 0)
    report = send(desk, shelf, "borrower_id,name,known_on\nB1,欧阳明哲,2026-01-01\n")
    assert (report.new, report.quarantined) == (1, {})


@pytest.mark.parametrize("name", ["people.jsonl", "people.parquet", "people.xlsx"])
def test_every_format_is_read(desk: Desk, shelf: Shelf, name: str) -> None:
    path = desk.folder / name
    rows = pl.DataFrame({"borrower_id": ["B1"], "name": ["欧阳明哲"]})
    write: dict[str, Any] = {".jsonl": rows.write_ndjson, ".parquet": rows.write_parquet, ".xlsx": rows.write_excel}
    write[path.suffix](path)
    assert send(desk, shelf, path).new == 1
    assert shelf.rows["B1"]["name"] == "欧阳明哲"


def test_without_a_sink_the_table_is_refused(desk: Desk) -> None:
    with pytest.raises(DaihouError, match="no vault here"):
        desk.send("people", TEXT)
    assert not desk.home.lake.exists()
