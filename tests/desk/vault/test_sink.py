"""The sink of intake: persons and companies told apart by the lake, also when borrowers come after people."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from daihou.book.home import Home, open_home
from daihou.book.intake import deliver
from daihou.desk.vault import people
from daihou.desk.vault.erasure import erase, readmit
from daihou.desk.vault.sink import PeopleSink, relearn_kinds

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 3, 1)
FIRM = "江海精密制造有限公司"

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home", {})


def send(home: Home, table: str, text: str) -> dict[str, int]:
    path = home.path.parent / f"{table}.csv"
    path.write_text(text, "utf-8")
    report = deliver(home, [path], table, today=TODAY, sinks={"people": PeopleSink(home)})
    return {"new": report.new, "unchanged": report.unchanged, **report.quarantined}


def test_what_is_a_company_in_the_lake_is_shown_whole(home: Home) -> None:
    send(home, "borrowers", "borrower_id,kind\nB1,person\nB2,company\n")
    assert send(home, "people", f"borrower_id,name,phones\nB1,张三,13812341234;13912341234\nB2,{FIRM},\n") == {
        "new": 2,
        "unchanged": 0,
    }
    assert people.masked_names(["B1", "B2"]) == {"B1": "张*", "B2": FIRM}
    assert people.find("13912341234") == ["B1"]


def test_borrowers_that_come_later_correct_who_is_a_company(home: Home) -> None:
    send(home, "people", f"borrower_id,name\nB1,张三\nB2,{FIRM}\n")
    assert people.masked_names(["B2"])["B2"].startswith("江*")
    send(home, "borrowers", "borrower_id,kind\nB1,person\nB2,company\n")
    assert relearn_kinds(home) == 1
    assert relearn_kinds(home) == 0
    assert people.masked_names(["B1", "B2"]) == {"B1": "张*", "B2": FIRM}


def test_a_file_with_an_erased_person_is_taken_but_for_them(home: Home) -> None:
    first = "borrower_id,name\nB1,张三\nB2,李四\n"
    send(home, "people", first)
    erase("B1", "root", "asked by letter")
    second = "borrower_id,name\nB1,张三\nB2,李五\n"
    assert send(home, "people", second) == {"new": 1, "unchanged": 0, "erased": 1}
    assert people.masked("B1") is None
    readmit("B1", "root", "new loan taken out")
    assert send(home, "people", second) == {
        "new": 1,
        "unchanged": 0,
    }  # the very same file: only what was refused is tried again
    assert people.masked_names(["B1", "B2"]) == {"B1": "张*", "B2": "李*"}
