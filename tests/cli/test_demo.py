"""`daihou demo` from outside: what it shows, what it writes, and what it leaves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Run


def test_it_shows_an_invented_book_and_writes_a_picture(run: Run, tmp_path: Path) -> None:
    ended = run("demo", "--invented", "--loans", "120", "--profile", "trust")
    assert ended.returncode == 0, ended.stderr
    assert "An invented book of 120 loans" in ended.stdout
    for words in (
        "Share of loans, by days past due",
        "Share of balance",
        "written off",
        "2025-12-31",
        "One loan explained",
    ):
        assert words in ended.stdout
    assert "reversed by" in ended.stdout
    assert "in quarantine" not in ended.stdout
    for name in ("demo", "demo-rolls", "demo-vintages"):
        assert (tmp_path / "out" / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    assert 'profile = "trust"' in (tmp_path / "home" / "demo" / "daihou.toml").read_text()
    assert not (tmp_path / "home" / "lake").exists()


def test_it_shows_the_same_book_again_in_chinese(run: Run) -> None:
    first, again = (
        run("demo", "--invented", "--loans", "60", "-o", "a.png", DAIHOU_LANG="zh").stdout for _ in range(2)
    )

    def tables(said: str) -> list[str]:
        return [line for line in said.splitlines() if line.strip().startswith("202")]

    assert "笔数占比" in first
    assert len(tables(first)) == 16
    assert tables(first) == tables(again)


def test_it_throws_away_no_folder_but_its_own(run: Run, tmp_path: Path) -> None:
    theirs = tmp_path / "home" / "demo" / "thesis.txt"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("mine")
    ended = run("demo", "--invented")
    assert ended.returncode == 2
    assert "holds something else" in ended.stderr
    assert theirs.read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--data", "nowhere"), "holds no auto_loans_2017.csv"),
        (("--invented", "-o", "demo.docx"), "cannot be written"),
        (("--profile", "shop"), "Invalid value"),
    ],
)
def test_wrong_usage_ends_with_2(run: Run, words: tuple[str, ...], said: str) -> None:
    ended = run("demo", *words)
    assert ended.returncode == 2
    assert said in ended.stderr
