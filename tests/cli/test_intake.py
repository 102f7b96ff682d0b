"""`daihou intake` from outside: what it says, where, and how it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Daihou, Run

GOOD = "payment_id,loan_id,paid_on,amount\nP1,L1,2026-02-01,1\n"
BAD = GOOD + "P2,L1,soon,1\n"


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text(GOOD)
    (tmp_path / "bad.csv").write_text(BAD)
    (tmp_path / "empty.csv").write_text("")


def test_a_good_file_ends_with_0_and_its_counts_on_stdout(run: Run) -> None:
    ended = run("intake", "good.csv", "--table", "payments")
    assert ended.returncode == 0
    assert "good.csv → payments: rows 1, new 1" in ended.stdout
    assert ended.stderr == ""


def test_a_file_with_bad_rows_ends_with_1_and_says_why_on_stderr(run: Run) -> None:
    ended = run("intake", "bad.csv", "--table", "payments")
    assert ended.returncode == 1
    assert "new 1" in ended.stdout
    assert "quarantined 1" in ended.stdout
    assert "bad.csv:3 paid_on 'soon': paid_on is no date" in ended.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("empty.csv", "--table", "payments"), "The file is empty"),
        (("good.csv", "--table", "paymants"), "no table 'paymants'"),
        (("good.csv", "--table", "loans"), "Required column missing"),
        (("good.csv", "--table", "payments", "--known-on", "soon"), "'soon' is no date"),
        (("good.csv", "--table", "payments", "--mapping", "none.yaml"), "mapping cannot be read"),
        (("good.csv", "--table", "payments", "--replace"), "--replace is for instalments"),
        (("good.csv",), "Missing option"),
    ],
)
def test_wrong_usage_ends_with_2_and_three_short_lines(
    daihou: Daihou, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    ended = daihou("intake", *words)
    assert ended.code == 2
    assert said in ended.err
    assert "Traceback" not in ended.err
    assert ended.out == ""
    assert not (tmp_path / "home" / "lake").exists()


def test_wrong_usage_of_what_goes_to_the_vault_ends_so_too(run: Run, tmp_path: Path) -> None:
    ended = run("intake", "good.csv", "--table", "people")
    assert ended.returncode == 2
    assert "Required column missing" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
    assert not (tmp_path / "home" / "lake").exists()


def test_a_file_sent_twice_says_so(daihou: Daihou) -> None:
    daihou("intake", "good.csv", "--table", "payments")
    assert "taken in before as batch 1" in daihou("intake", "good.csv", "--table", "payments").out


def test_it_speaks_chinese_when_asked(daihou: Daihou, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAIHOU_LANG", "zh")
    ended = daihou("intake", "bad.csv", "--table", "payments")
    assert "新增 1" in ended.out
    assert "paid_on 不是" in ended.err


def test_the_home_says_what_is_wrong_with_it(daihou: Daihou, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "daihou.toml").write_text("colour = 1")
    ended = daihou("intake", "good.csv", "--table", "payments")
    assert ended.code == 2
    assert "Unknown setting: colour" in ended.err
