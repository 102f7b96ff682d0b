"""`daihou demo` from outside: what it shows, what it writes, and what it leaves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Run

STORIES = {
    "bank": ("bank", "A branch going bad", "quarter end", "From 2025-07 on branch B03 goes bad"),
    "trust": ("a trust company", "A guarantee circle", "guarantees", "8 companies"),
    "online": (
        "an online lender",
        "A funding platform whose first payments fail",
        "FPD7",
        "What platform P3 brings turns bad from 2025-10 on",
    ),
}


@pytest.mark.parametrize("profile", STORIES)
def test_it_tells_the_story_of_the_book_and_draws_pictures(run: Run, tmp_path: Path, profile: str) -> None:
    ended = run("demo", "--loans", "3000", "--profile", profile)
    assert ended.returncode == 0, ended.stderr
    for words in (
        "Share of loans, by days past due",
        "Share of balance",
        "A month later, by due dates missed",
        "written off",
        "2026-06-30",
        "One loan explained",
        *STORIES[profile][1:],
    ):
        assert words in ended.stdout
    assert "A simulated book of 3,000 loans" in ended.stdout
    assert "reversed by" in ended.stdout
    assert "in quarantine" not in ended.stdout
    for name in ("demo", "demo-rolls", "demo-vintages"):
        assert (tmp_path / "out" / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    assert f'profile = "{profile}"' in (tmp_path / "home" / "demo" / "daihou.toml").read_text()
    assert not (tmp_path / "home" / "lake").exists()


def test_it_shows_the_same_book_again_in_chinese(run: Run) -> None:
    first, again = (run("demo", "--loans", "1000", "-o", "a.png", DAIHOU_LANG="zh").stdout for _ in range(2))

    def tables(said: str) -> list[str]:
        return [line for line in said.splitlines() if line.strip().startswith("202")]

    assert "笔数占比" in first
    assert "支行" in first
    assert len(tables(first)) == 24
    assert tables(first) == tables(again)


def test_it_throws_away_no_folder_but_its_own(run: Run, tmp_path: Path) -> None:
    theirs = tmp_path / "home" / "demo" / "thesis.txt"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("mine")
    ended = run("demo")
    assert ended.returncode == 2
    assert "holds something else" in ended.stderr
    assert theirs.read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--data", "nowhere"), "holds no auto_loans_2017.csv"),
        (("-o", "demo.docx"), "cannot be written"),
        (("--profile", "shop"), "Invalid value"),
        (("--loans", "3"), "Invalid value"),
    ],
)
def test_wrong_usage_ends_with_2(run: Run, words: tuple[str, ...], said: str) -> None:
    ended = run("demo", *words)
    assert ended.returncode == 2
    assert said in ended.stderr
