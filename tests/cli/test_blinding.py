"""Transactions taken in by `daihou intake`: raw texts nowhere in the home, tokens that outlive a rotation, and no second keyset."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import polars as pl
import pytest

from daihou.book import lake
from daihou.book.home import open_home
from daihou.vault.keyset import keyset_path, rotate_tokens

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Run

HEADER = "txn_id,account_id,booked_at,amount,counterparty,memo\n"
ROW = "T{0},A1,2026-02-0{0}T10:00:00+08:00,100,{1},2月工资 给孩子的生日礼物\n"
RAW = ("诸葛子涵", "诸葛 子涵", "给孩子的生日礼物")


@pytest.mark.usefixtures("tables")
def test_raw_texts_become_tokens_and_flags_that_a_rotation_leaves_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "first.csv").write_text(HEADER + ROW.format(1, "诸葛子涵") + "T9,A1,soon,x,诸葛子涵\n", "utf-8")
    (tmp_path / "second.csv").write_text(HEADER + ROW.format(2, "诸葛 子涵"), "utf-8")
    first = run("intake", "first.csv", "--table", "transactions")
    assert (first.returncode, "new 1" in first.stdout) == (1, True)  # one line is cut short
    home = open_home(tmp_path / "home", {})
    rotate_tokens(home, on=dt.date(2026, 3, 1))
    assert run("intake", "second.csv", "--table", "transactions").returncode == 0
    kept = pl.DataFrame(pl.from_arrow(lake.read(home, "transactions", ["counterparty_token", "memo_flags"]).read_all()))
    assert kept["memo_flags"].to_list() == ["salary", "salary"]
    assert kept["counterparty_token"].n_unique() == 1
    assert kept["counterparty_token"].str.contains("^[0-9a-f]{32}$").all()
    held = [path.read_bytes() for path in home.path.rglob("*") if path.is_file()]
    assert not any(text.encode(as_) in content for content in held for text in RAW for as_ in ("utf-8", "utf-16-le"))
    assert not any(text in first.stdout + first.stderr for text in RAW)

    keyset_path(home).unlink()
    (tmp_path / "third.csv").write_text(HEADER + ROW.format(3, "司马文远"), "utf-8")
    refused = run("intake", "third.csv", "--table", "transactions")
    assert (refused.returncode, "keyset is missing" in refused.stderr) == (2, True)
    assert not keyset_path(home).exists()
