"""`daihou contract`: an empty template that can be filled in and taken in."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from python_calamine import CalamineWorkbook

from daihou.book import contracts
from daihou.book.home import open_home
from daihou.book.intake import deliver

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Daihou


def test_a_template_names_every_column_and_its_meaning(daihou: Daihou, monkeypatch: pytest.MonkeyPatch) -> None:
    said = daihou("contract", "loans").out
    header = said.splitlines()[0].split(",")
    assert header == [*contracts.TABLES["loans"].names, "known_on"]
    assert "The lender's number of the loan" in said
    monkeypatch.setenv("DAIHOU_LANG", "zh")
    assert "贷款编号" in daihou("contract", "loans").out


def test_all_tables_are_listed(daihou: Daihou) -> None:
    said = daihou("contract", "--list").out
    assert all(name in said for name in contracts.TABLES)


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_template_filled_in_is_taken_in(daihou: Daihou, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"draws.{suffix}"
    assert daihou("contract", "draws", "-o", str(path)).code == 0
    if suffix == "csv":
        path.write_text(path.read_text("utf-8-sig") + "L1,2026-02-01,5,\n", "utf-8-sig")
        report = deliver(open_home(tmp_path / "home", {}), [path], "draws", today=date(2026, 3, 1))
        assert report.new == 1
    else:
        book = CalamineWorkbook.from_path(str(path))
        assert book.sheet_names == ["draws", "meanings"]
        assert book.get_sheet_by_index(0).to_python() == [["loan_id", "drawn_on", "amount", "known_on"]]
        assert len(book.get_sheet_by_index(1).to_python()) == 5


@pytest.mark.parametrize("words", [("draws", "-o", "x.doc"), ("nothing",), ("draws", "-o", "no/such/folder.csv")])
def test_wrong_usage_ends_with_2(daihou: Daihou, words: tuple[str, ...]) -> None:
    ended = daihou("contract", *words)
    assert ended.code == 2
    assert ended.err.startswith("Error: ")
