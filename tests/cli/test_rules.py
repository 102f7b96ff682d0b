"""`daihou rules` from outside: what is listed, what a file is told, what is published once, and what is written out."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from daihou.book.home import open_home
from daihou.cli.main import main
from daihou.runs.watch.register import entries
from daihou.warning.reading import rules

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Run

OWN = """
- id: R-501
  name: {en: Late again, zh: 再次逾期}
  topic: arrears
  subject: loan
  versions:
    - number: 1
      from: 2026-05-10
      shadow_from: 2026-05-01
      owner: Head of risk
      level: orange
      when: dpd >= 5 and missed_12m >= 2
      message: {en: "{dpd} past due", zh: "逾期{dpd}"}
      reason: {en: It comes back, zh: 逾期复发}
"""
SECOND = """
    - number: 2
      from: 2026-07-01
      owner: Head of risk
      level: red
      when: dpd >= 3 and missed_12m >= 2
      message: {en: "{dpd} past due", zh: "逾期{dpd}"}
      reason: {en: It comes back sooner, zh: 逾期复发加快}
"""


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


Daihou = Callable[..., Ended]


@pytest.fixture
def daihou(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Daihou:
    """The command in this process, in a home of its own."""
    for name in [name for name in os.environ if name.startswith("DAIHOU")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DAIHOU_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DAIHOU_NOW", "2026-04-30T18:00:00+08:00")
    monkeypatch.setenv("DAIHOU_LANG", "en")
    monkeypatch.chdir(tmp_path)

    def called(*words: str) -> Ended:
        with pytest.raises(SystemExit) as ended:
            main(["rules", *words])
        said = capsys.readouterr()
        code = ended.value.code
        return Ended(code if isinstance(code, int) else 0, said.out, said.err)

    return called


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A file of one rule."""
    (tmp_path / "mine.yaml").write_text(OWN, "utf-8")
    return tmp_path / "mine.yaml"


def test_the_list_has_a_line_a_rule_and_says_how_many_warn(daihou: Daihou) -> None:
    ended = daihou("list")
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[0] == "R-001  v1  live  1900-01-01  yellow  loan      Newly overdue"
    assert lines[-1] == f"{len(lines) - 1} rules warn on 2026-04-30, 0 more run in shadow."


def test_the_list_of_a_day_shows_shadow_then_live_then_the_next_version(daihou: Daihou, mine: Path) -> None:
    mine.write_text(OWN + SECOND, "utf-8")
    assert daihou("apply", "mine.yaml").code == 0

    def of(day: str, *words: str) -> list[str]:
        return [
            " ".join(line.split())
            for line in daihou("list", "--as-of", day, *words).out.splitlines()
            if "R-501" in line
        ]

    assert of("2026-04-30") == []
    assert of("2026-04-30", "--all") == [
        "R-501 v1 later 2026-05-01 orange loan Late again",
        "R-501 v2 later 2026-07-01 red loan Late again",
    ]
    assert of("2026-05-09") == ["R-501 v1 shadow 2026-05-01 orange loan Late again"]
    assert of("2026-05-10") == ["R-501 v1 live 2026-05-10 orange loan Late again"]
    assert of("2026-07-01") == ["R-501 v2 live 2026-07-01 red loan Late again"]


def test_the_list_in_chinese_stands_in_columns(daihou: Daihou, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAIHOU_LANG", "zh")
    lines = daihou("list").out.splitlines()
    assert lines[0] == "R-001  v1  生效  1900-01-01  黄  贷款    新发生逾期"
    assert lines[-1] == f"2026-04-30 生效规则 {len(lines) - 1} 条，影子运行 0 条。"


def test_a_retired_rule_is_listed_only_when_all_are_asked_for(daihou: Daihou, mine: Path) -> None:
    mine.write_text(OWN + SECOND.replace("level: red", "level: red\n      retired: true"), "utf-8")
    assert "R-501 version 2: ends the rule from 2026-07-01" in daihou("apply", "mine.yaml").out
    assert "R-501" not in daihou("list", "--as-of", "2026-07-01").out
    assert "R-501  v2  retired" in daihou("list", "--as-of", "2026-07-01", "--all").out


def test_a_sound_file_ends_with_0(daihou: Daihou, mine: Path) -> None:
    ended = daihou("check", "mine.yaml")
    assert (ended.code, ended.out, ended.err) == (0, "1 rules, 1 versions: nothing is wrong.\n", "")


def test_everything_that_is_wrong_with_a_file_is_told_with_its_place(daihou: Daihou, mine: Path) -> None:
    mine.write_text(OWN.replace("level: orange", "level: amber") + OWN.replace("R-501", "R-502").replace("dpd >= 5", "ddp >= 0 or dpd >= 0"), "utf-8")  # fmt: skip
    ended = daihou("check", "mine.yaml")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines() == [
        "Error: level: amber is unknown.",
        "Where: mine.yaml, R-501 version 1",
        "Do: It is one of: red, orange, yellow, blue.",
        "Error: Column ddp is unknown.",
        "Where: mine.yaml, R-502 version 1, when: ddp >= 0 or dpd >= 0 and missed_12m >= 2",
        ended.err.splitlines()[-1],
    ]
    assert ended.err.splitlines()[-1] == "Do: Did you mean dpd? docs/reference/measures.md lists all columns."
    assert daihou("apply", "mine.yaml").code == 2


def test_it_is_told_in_chinese(daihou: Daihou, mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAIHOU_LANG", "zh")
    mine.write_text(OWN.replace("dpd >= 5 and missed_12m >= 2", "dpd >= 0"), "utf-8")
    ended = daihou("check", "mine.yaml")
    assert "错误: 无论数据如何，该条件恒为真。" in ended.err


@pytest.mark.parametrize("words", [("check", "nowhere.yaml"), ("apply", "nowhere.yaml")])
def test_a_file_that_is_not_there_ends_with_2(daihou: Daihou, words: tuple[str, str]) -> None:
    ended = daihou(*words)
    assert ended.code == 2
    assert "nowhere.yaml" in ended.err


def test_applying_publishes_once_and_says_what_it_did(daihou: Daihou, mine: Path, tmp_path: Path) -> None:
    first, again = daihou("apply", "mine.yaml", "--note", "spring review"), daihou("apply", "mine.yaml")
    assert (first.code, again.code) == (0, 0)
    assert first.out.splitlines() == [
        "R-501 version 1: in shadow from 2026-05-01, live from 2026-05-10",
        "1 versions published.",
    ]
    assert again.out == "Nothing to do: every version is known already.\n"
    (entry,) = entries(open_home(tmp_path / "home", {}))
    assert (entry.rule_id, entry.note, str(entry.recorded_on), entry.origin) == (
        "R-501",
        "spring review",
        "2026-04-30",
        "file",
    )
    assert entry.author


def test_a_published_version_cannot_be_changed_by_a_file(daihou: Daihou, mine: Path) -> None:
    daihou("apply", "mine.yaml")
    mine.write_text(OWN.replace("dpd >= 5", "dpd >= 6"), "utf-8")
    ended = daihou("apply", "mine.yaml")
    assert (ended.code, ended.out) == (2, "")
    assert "Do: Versions are never changed: give the change the number 2." in ended.err


def test_what_is_exported_is_checked_and_applied_without_a_change(daihou: Daihou, mine: Path, tmp_path: Path) -> None:
    daihou("apply", "mine.yaml")
    assert daihou("export", "--rule", "R-501", "--rule", "R-001", "-o", "out.yaml").out == "2 rules → out.yaml\n"
    written = (tmp_path / "out.yaml").read_text("utf-8")
    assert [rule.id for rule in rules(written, "out.yaml")] == ["R-001", "R-501"]
    assert "再次逾期" in written
    assert daihou("export", "--rule", "R-501", "--rule", "R-001").out == written
    assert daihou("check", "out.yaml").code == 0
    assert "Nothing to do" in daihou("apply", "out.yaml").out


def test_all_rules_are_exported_unless_some_are_named(daihou: Daihou) -> None:
    listed = daihou("list").out.splitlines()[:-1]
    assert [rule.id for rule in rules(daihou("export").out, "out")] == [line.split()[0] for line in listed]


def test_a_rule_that_is_not_there_is_answered_with_those_alike(daihou: Daihou) -> None:
    ended = daihou("export", "--rule", "R-0001")
    assert ended.code == 2
    assert "There is no rule R-0001." in ended.err
    assert "R-001" in ended.err


def test_the_acts_are_listed_in_both_languages(daihou: Daihou) -> None:
    ended = daihou("--help")
    assert ended.code == 0
    assert all(act in ended.out for act in ("list", "check", "apply", "export"))


def test_what_is_applied_beside_a_desk_stands_in_its_audit_log(run: Run, mine: Path, tmp_path: Path) -> None:
    assert run("vault", "status").returncode == 0  # makes the desk's database
    for _ in range(2):
        applied = run("rules", "apply", str(mine), "--note", "as decided in May", LOGNAME="lin")
        assert applied.returncode == 0, applied.stderr
    with closing(sqlite3.connect(tmp_path / "home" / "desk.sqlite3")) as desk:
        noted = desk.execute("select actor, action, subject_kind, subject_id, detail from audit_entry").fetchall()
    ((*entry, detail),) = noted  # once: the second time there was nothing to publish
    assert entry == ["system", "rule.apply", "rule", "R-501"]
    assert json.loads(detail) == {"by": "lin", "version": 1, "file": mine.name, "note": "as decided in May"}
