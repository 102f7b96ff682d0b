"""`daihou demo` from outside: what it shows, what it writes, and what it leaves alone."""

from __future__ import annotations

import http.cookiejar
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
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


ORGS = {"bank": ("B01", "B03"), "trust": ("T01", "T01"), "online": ("ONLINE", "ONLINE")}
"""The first of each book, and the one that goes bad, or the first again."""
OFFICERS = {"bank": ("B01-01", "B01-02", "B01-03", "B03-01", "B03-02", "B03-03")}
"""Who look after customers: where one org is shown, its first six."""


def desk_of(home: Path) -> tuple[set[tuple[str, str, str, str, int]], int]:
    """Users with role, org, officer number and whether the password must be changed; and how many people are in the vault."""
    desk = sqlite3.connect(home / "desk.sqlite3")
    try:
        users = desk.execute(
            "SELECT username, role, org_id, officer_id, must_change_password FROM people_user JOIN people_membership"
            " ON people_membership.user_id = people_user.id"
        )
        return set(users), desk.execute("SELECT count(*) FROM vault_person").fetchone()[0]
    finally:
        desk.close()


def check_alerts(said: str, folder: Path) -> None:
    """What the last run raised, and how far the people of the demo have come with it."""
    desk = sqlite3.connect(folder / "home" / "demo" / "desk.sqlite3")
    try:
        found = desk.execute("SELECT stage, count(*), count(owner_id) FROM alerts_alert GROUP BY stage").fetchall()
        acted = desk.execute("SELECT count(DISTINCT alert_id) FROM alerts_move WHERE actor_id IS NOT NULL").fetchone()[
            0
        ]
    finally:
        desk.close()
    told = re.search(r"([\d,]+) alerts raised by the last run, (\d+) of them worked on", said)
    assert told
    assert int(told[1].replace(",", "")) == sum(count for _, count, _ in found)
    assert int(told[2]) == acted
    assert {stage for stage, _, _ in found} >= {"check", "confirm", "closed"}
    assert sum(owned for _, _, owned in found) > acted


def check_collection(said: str, folder: Path) -> None:
    """The cases, the calls of days gone by with what they came to, what was refused, and the lists of today."""
    desk = sqlite3.connect(folder / "home" / "demo" / "desk.sqlite3")

    def of(query: str) -> int:
        (found,) = desk.execute(f"SELECT count(*) FROM {query}").fetchone()
        return int(found)

    try:
        counts = [
            of("casework_case WHERE closed_at IS NULL"),
            of("casework_row WHERE day = (SELECT max(day) FROM casework_row)"),
            of("contacts_contact"),
            of("casework_promise WHERE state IN ('kept', 'late')"),
            of("casework_promise WHERE state IN ('broken', 'partly')"),
            of("contacts_refusal WHERE place = 0"),
        ]
        rules = {rule for (rule,) in desk.execute("SELECT DISTINCT rule FROM contacts_refusal")}
        mine = of(
            "casework_row JOIN people_user ON people_user.id = owner_id WHERE username = 'collector' AND done_at IS NULL"
            " AND day = (SELECT max(day) FROM casework_row)"
        )
        beside = [
            of(name) for name in ("casework_complaint", "casework_sample", "contacts_circumstance", "casework_agency")
        ]
        under_way = of("contacts_contact WHERE outcome = 'pending'")
    finally:
        desk.close()
    told = re.search(
        r"([\d,]+) cases in collection, ([\d,]+) on the lists of today; of ([\d,]+) contacts gone by came (\d+) promises kept and (\d+) broken,"
        r" (\d+) more were refused",
        said,
    )
    assert told
    assert [int(one.replace(",", "")) for one in told.groups()] == counts
    assert all(counts)
    assert mine
    assert all(beside)
    assert under_way == 0
    assert rules >= {"hours", "opted_out", "disputed"}


def check_story(said: str, folder: Path, profile: str) -> None:
    """What is shown of a book, its pictures, and the desk that it leaves."""
    for words in (
        "Share of loans, by days past due",
        "Share of balance",
        "A month later, by due dates missed",
        "written off",
        "2026-06-30",
        "One loan explained",
        *STORIES[profile][1:],
    ):
        assert words in said
    assert "A simulated book of 1,000 loans" in said
    assert "reversed by" in said
    assert "in quarantine" not in said
    for name in ("demo", "demo-rolls", "demo-vintages"):
        assert (folder / "out" / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    assert f'profile = "{profile}"' in (folder / "home" / "demo" / "daihou.toml").read_text()
    assert not (folder / "home" / "lake").exists()

    first, bad = ORGS[profile]
    users, people = desk_of(folder / "home" / "demo")
    assert users == {
        ("manager", "manager", "", "", 0),
        ("branch", "manager", bad, "", 0),
        ("collector", "collector", bad, "", 0),
        ("collector2", "collector", bad, "", 0),
        ("collector3", "collector", first, "", 0),
        ("reviewer", "reviewer", bad, "", 0),
        ("analyst", "analyst", "", "", 0),
        ("viewer", "viewer", "", "", 0),
        ("auditor", "auditor", "", "", 0),
        ("administrator", "administrator", "", "", 0),
        *(
            (f"officer{place if place > 1 else ''}", "officer", number.split("-")[0], number, 0)
            for place, number in enumerate(OFFICERS.get(profile) or [f"{first}-0{turn}" for turn in range(1, 7)], 1)
        ),
    }
    check_alerts(said, folder)
    check_collection(said, folder)
    assert f"{people:,} invented people sealed in the vault" in said
    assert all(re.search(rf"^ {user[0]} ", said, re.MULTILINE) for user in users)


def tables(said: str) -> list[list[str]]:
    """The rows that begin with a date, by their cells."""
    return [line.split() for line in said.splitlines() if line.strip().startswith("202")]


@pytest.mark.soak
def test_it_tells_the_story_of_a_platform_draws_pictures_and_leaves_a_desk(run: Run, tmp_path: Path) -> None:
    ended = run(
        "demo", "--no-serve", "--loans", "1000", "--profile", "online", DATABASE_URL="postgres://nobody@127.0.0.1:1/none"
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    check_story(ended.stdout, tmp_path, "online")
    assert f"DAIHOU_HOME='{tmp_path / 'home' / 'demo'}' daihou serve" in ended.stdout


@pytest.mark.soak
def test_it_tells_the_story_of_a_circle_and_shows_the_same_book_again_in_chinese(run: Run, tmp_path: Path) -> None:
    words = ("demo", "--no-serve", "--loans", "1000", "--profile", "trust")
    first = run(*words)
    assert first.returncode == 0, first.stderr
    check_story(first.stdout, tmp_path, "trust")

    again = run(*words, "-o", "a.png", DAIHOU_LANG="zh")
    assert again.returncode == 0, again.stderr
    assert "笔数占比" in again.stdout
    assert "互保圈风险" in again.stdout
    assert (tmp_path / "a.png").exists()
    assert len(tables(again.stdout)) == 16  # eight quarter ends, of loans and of balance
    assert tables(first.stdout) == tables(again.stdout)


@pytest.fixture
def started(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DAIHOU", "DJANGO", "DATABASE"))}
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        words = ["demo", "--loans", "1000", "--port", str(taken.getsockname()[1])]
        process = subprocess.Popen(
            [sys.executable, "-m", "daihou.cli.main", *words],
            env=kept | {"DAIHOU_HOME": str(tmp_path / "home"), "DAIHOU_LANG": "en", "COLUMNS": "200"},
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        yield process
    process.kill()
    process.communicate()


def test_it_tells_the_story_of_a_branch_and_opens_the_desk_at_the_next_free_port_until_ctrl_c(
    started: subprocess.Popen[str], run: Run, tmp_path: Path
) -> None:
    assert started.stdout is not None
    said = ""
    while "daihou is open at" not in said:
        line = started.stdout.readline()
        assert line, started.communicate()[1]
        said += line
    check_story(said, tmp_path, "bank")
    (address,) = re.findall(r"open at (http://127\.0\.0\.1:\d+)", said)
    (password,) = re.findall(r"Password of all: (\S+)", said)
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def page(path: str, **sent: str) -> tuple[str, str]:
        with browser.open(address + path, urllib.parse.urlencode(sent).encode() if sent else None, 30) as answer:
            assert answer.status == 200
            return answer.url, answer.read().decode()

    (token,) = set(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page("/accounts/login/")[1]))
    page("/accounts/login/", login="manager", password=password, csrfmiddlewaretoken=token)
    url, overview = page("/portfolio/")
    assert url == f"{address}/portfolio/"
    assert "Wang Min" in overview
    assert "2026-06-30" in overview

    second = run("demo", "--no-serve", "--loans", "1000")
    assert second.returncode == 2
    assert "Another demo is open here" in second.stderr
    assert page("/portfolio/")[0] == url

    started.send_signal(signal.SIGINT)
    _, stderr = started.communicate(timeout=20)
    assert started.returncode == 0
    assert "Traceback" not in stderr


def test_it_throws_away_no_folder_but_its_own(run: Run, tmp_path: Path) -> None:
    theirs = tmp_path / "home" / "demo" / "thesis.txt"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("mine")
    ended = run("demo", "--no-serve")
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
