"""`daihou vault`, and people taken in by `daihou intake`: nobody in clear anywhere in the home, keys rotated, people erased."""

from __future__ import annotations

import csv
import io
import os
import pty
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from desk.desks import put_tables

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Run

PEOPLE = (
    "borrower_id,name,id_no,phones,emails,address\n"
    "B1,欧阳明哲,330100199003071234,13800000001;13900000001,mingzhe@example.com,江州市城南区幸福路12号\n"
    "B2,江州恒远机械制造有限公司,91330100MA0012345X,057112345678,,江州市城北区光明街3号\n"
    "B3,司马文远,330100198801011111,13800000003,,江州市城东区青年路9号\n"
    ",诸葛子涵,330100197703071111,13800000004,,江州市城西区和平路8号\n"
)
VALUES = [
    *("欧阳明哲", "恒远机械", "司马文远", "诸葛子涵", "330100199003071234", "91330100MA0012345X", "330100197703071111"),
    *("13800000001", "13900000001", "057112345678", "13800000004", "mingzhe", "幸福路", "和平路"),
]


def outside() -> dict[str, str]:
    """The environment without the settings of the test process."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("DAIHOU", "DJANGO"))}


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The people above, taken in after their borrowers into a home to copy; and what was said of it."""
    folder = tmp_path_factory.mktemp("once")
    put_tables(tmp_path_factory, folder / "home")
    (folder / "borrowers.csv").write_text("borrower_id,kind\nB1,person\nB2,company\n", "utf-8")
    (folder / "people.csv").write_text(PEOPLE, "utf-8")
    settings = outside() | {"DAIHOU_HOME": str(folder / "home"), "DAIHOU_LANG": "en"}

    def take(table: str) -> subprocess.CompletedProcess[str]:
        words = ["-c", "from daihou.cli.main import main; main()", "intake", f"{table}.csv", "--table", table]
        return subprocess.run([sys.executable, *words], env=settings, cwd=folder, capture_output=True, text=True)

    assert take("borrowers").returncode == 0
    return folder, take("people")


@pytest.fixture
def taken(once: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """What was said when they were taken in; the test has a home of its own that holds them."""
    shutil.copytree(once[0], tmp_path, dirs_exist_ok=True)
    return once[1]


def in_clear(home: Path) -> list[tuple[str, str]]:
    """Every value that some file of the home holds in clear."""
    held = {str(path): path.read_bytes() for path in home.rglob("*") if path.is_file()}
    return [
        (name, value)
        for name, content in held.items()
        for value in VALUES
        if any(value.encode(encoding) in content for encoding in ("utf-8", "utf-16-le", "gb18030"))
    ]


def test_people_are_taken_in_and_nobody_is_in_clear_anywhere_in_the_home(
    taken: subprocess.CompletedProcess[str], run: Run, tmp_path: Path
) -> None:
    assert taken.returncode == 1
    assert "people.csv → people: rows 4, new 3" in taken.stdout
    assert "people.csv:5 borrower_id: borrower_id is required and empty" in taken.stderr
    assert not any(value in taken.stdout + taken.stderr for value in VALUES)
    assert (tmp_path / "home" / "desk.sqlite3").stat().st_size > 0
    assert in_clear(tmp_path / "home") == []
    exported = run("export", "quarantine", "-o", "quarantine.csv")
    assert exported.returncode == 0
    assert not any(value in (tmp_path / "quarantine.csv").read_text("utf-8") for value in VALUES)


def test_the_same_people_again_change_nothing(taken: subprocess.CompletedProcess[str], run: Run) -> None:
    assert "taken in before as batch 2" in run("intake", "people.csv", "--table", "people").stdout


def test_status_tells_the_keys_and_how_many_people(
    taken: subprocess.CompletedProcess[str], run: Run, tmp_path: Path
) -> None:
    ended = run("vault", "status")
    assert ended.returncode == 0
    assert "People: 3 sealed, 0 erased" in ended.stdout
    assert ended.stdout.count("in use") == 2
    (tmp_path / "home" / "vault" / "keyset.json").chmod(0o644)
    ended = run("vault", "status", DAIHOU_LANG="zh")
    assert ended.returncode == 1
    assert "chmod 600" in ended.stderr
    assert "已加密 3" in ended.stdout


@pytest.mark.usefixtures("tables")
def test_status_of_an_empty_home_makes_no_keyset(run: Run, tmp_path: Path) -> None:
    assert "The vault is empty" in run("vault", "status").stdout
    assert not (tmp_path / "home" / "vault").exists()


@pytest.mark.parametrize("act", ["rotate", "rotate-tokens"])
def test_after_a_rotation_nothing_is_left_under_the_old_key(
    taken: subprocess.CompletedProcess[str], run: Run, act: str
) -> None:
    assert "3 " in run("vault", act).stdout
    ended = run("vault", "status")
    assert ended.returncode == 0
    assert ended.stdout.count("in use") == 2
    assert ended.stdout.count("old") == 1
    assert "taken in before" in run("intake", "people.csv", "--table", "people").stdout


def test_a_lost_keyset_is_said_and_no_other_is_made(
    taken: subprocess.CompletedProcess[str], run: Run, tmp_path: Path
) -> None:
    (tmp_path / "home" / "vault" / "keyset.json").unlink()
    (tmp_path / "more.csv").write_text("borrower_id,name\nB9,司马文远\n", "utf-8")
    for words in (("vault", "status"), ("vault", "rotate"), ("intake", "more.csv", "--table", "people")):
        ended = run(*words)
        assert ended.returncode == 2
        assert "keyset is missing" in ended.stderr
    assert not (tmp_path / "home" / "vault" / "keyset.json").exists()


def test_erasing_needs_a_reason_and_a_yes(taken: subprocess.CompletedProcess[str], run: Run) -> None:
    ended = run("vault", "erase", "B1", "--reason", "asked by letter")
    assert (ended.returncode, "--yes" in ended.stderr) == (2, True)
    ended = run("vault", "erase", "B1", "--yes")
    assert (ended.returncode, "A reason is needed" in ended.stderr) == (2, True)
    ended = run("vault", "erase", "--yes", "--reason", "asked by letter")
    assert (ended.returncode, "takes borrower numbers" in ended.stderr) == (2, True)
    assert "3 sealed, 0 erased" in run("vault", "status").stdout


def test_an_erased_person_is_refused_until_readmitted(
    taken: subprocess.CompletedProcess[str], run: Run, tmp_path: Path
) -> None:
    ended = run("vault", "erase", "B1", "B3", "--reason", "asked by letter", "--yes")
    assert ended.returncode == 0
    assert "Backups from before still hold them" in ended.stdout
    assert "1 sealed, 2 erased" in run("vault", "status").stdout
    listed = list(csv.DictReader(io.StringIO(run("vault", "erasures").stdout)))
    assert [(row["borrower_id"], row["reason"]) for row in listed] == [
        ("B1", "asked by letter"),
        ("B3", "asked by letter"),
    ]
    (tmp_path / "again.csv").write_text("borrower_id,name\nB1,欧阳明哲\n", "utf-8")
    ended = run("intake", "again.csv", "--table", "people")
    assert (ended.returncode, "daihou vault readmit" in ended.stderr) == (1, True)
    assert run("vault", "readmit", "B1", "--reason", "new loan taken out").returncode == 0
    assert "new 1" in run("intake", "again.csv", "--table", "people").stdout
    assert "2 sealed, 1 erased" in run("vault", "status").stdout
    assert in_clear(tmp_path / "home") == []


def test_on_a_terminal_it_asks_and_shows_the_masked_name(
    taken: subprocess.CompletedProcess[str], run: Run, tmp_path: Path
) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, b"n\n")
    settings = outside() | {"DAIHOU_HOME": str(tmp_path / "home"), "DAIHOU_LANG": "en"}
    command = [
        sys.executable,
        "-c",
        "from daihou.cli.main import main; main()",
        "vault",
        "erase",
        "B1",
        "--reason",
        "asked by letter",
    ]
    ended = subprocess.run(command, env=settings, stdin=theirs, capture_output=True, text=True, check=False)
    os.close(ours)
    os.close(theirs)
    assert ended.returncode == 2
    assert "B1 欧阳**" in ended.stdout
    assert "3 sealed, 0 erased" in run("vault", "status").stdout


def test_of_an_erased_person_no_key_is_left_in_any_file(
    taken: subprocess.CompletedProcess[str], run: Run, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "home" / "desk.sqlite3")) as database:
        (wrapped, sealed), *_ = database.execute("SELECT wrapped, sealed FROM vault_person WHERE borrower_id = 'B1'")
    run("vault", "erase", "B1", "--reason", "asked by letter", "--yes")
    held = [path.read_bytes() for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert not any(wrapped in content or sealed in content for content in held)
