"""The keeper of cases: follows runs, lets time pass, and goes on where something is wrong; its clock."""

from __future__ import annotations

import datetime as dt
import logging
import os
import sqlite3
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest
from django.test import override_settings
from django.utils import timezone

from daihou.book.home import open_home
from daihou.desk.casework import clock
from daihou.desk.casework.choices import Act, Track
from daihou.desk.casework.keeper import Keeper
from daihou.desk.casework.models import Case, Cursor, Row
from daihou.desk.casework.reachable import over
from desk.casework.made import agency, case, crew
from desk.casework.nights import Nights, day
from desk.desks import put_tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = dt.datetime(2026, 4, 1, 2, tzinfo=dt.UTC)
TODAY = dt.date(2026, 4, 1)


@pytest.fixture
def nights(db: None, tmp_path: Path) -> Iterator[Nights]:
    """A home whose runs a test writes."""
    home = open_home(tmp_path / "home", {})
    with override_settings(HOME=home):
        yield Nights(home)


def owner(one: Case) -> str | None:
    held = Case.objects.select_related("owner").get(pk=one.pk).owner
    return held.username if held else None


def test_what_is_set_aside_is_taken_up_on_its_day(db: None) -> None:
    due, later = case("C1", paused_until=TODAY), case("C2", paused_until=TODAY + dt.timedelta(days=1))
    assert clock.tick(NOW) == clock.Counts(resumed=1)
    due.refresh_from_db()
    later.refresh_from_db()
    assert (due.paused_until, later.paused_until) == (None, TODAY + dt.timedelta(days=1))
    move = due.moves.get(act=Act.RESUME)
    assert (move.actor, move.at) == (None, NOW)
    assert clock.tick(NOW) == clock.Counts()


def test_what_belongs_to_somebody_who_left_goes_to_the_next_by_turns_and_from_outside_to_the_queue(db: None) -> None:
    staff = crew()
    mine, outside, other = (
        case("C1", owner=staff["sun"]),
        case("C2", owner=staff["sun"], agency=agency()),
        case("C3", owner=staff["li"]),
    )
    staff["sun"].is_active = False
    staff["sun"].save()
    assert clock.tick(NOW) == clock.Counts(replaced=2)
    assert (owner(mine), owner(outside), owner(other)) == ("li", None, "li")
    outside.refresh_from_db()
    assert outside.track == Track.AGENCY
    assert clock.tick(NOW) == clock.Counts()


def test_a_case_given_to_a_manager_stays_theirs(db: None) -> None:
    staff = crew()
    one = case(owner=staff["zhou"])
    assert clock.tick(NOW) == clock.Counts()
    assert owner(one) == "zhou"


def test_a_run_is_followed_and_lists_of_the_day_are_made_after_it(nights: Nights) -> None:
    crew()
    keeper = Keeper(threading.Event())
    keeper.look()
    assert not Case.objects.exists()
    nights.loan("L1", "C1", 20)
    nights.run(0)
    keeper.look()
    assert Case.objects.get().stage == "M1"
    assert Cursor.objects.get(purpose="cases").as_of == day(0)
    today = timezone.localdate()
    lists = [] if over(today, timezone.now()) else [today]  # at night the work of the day is over, and so are its lists
    assert list(Cursor.objects.filter(purpose="lists").values_list("as_of", flat=True)) == lists
    nights.age(20)
    nights.run(1)
    keeper.look()
    assert Case.objects.get().stage == "M2"


def test_what_is_wrong_with_a_policy_is_said_once_and_tried_again(
    nights: Nights, caplog: pytest.LogCaptureFixture
) -> None:
    own = nights.home.path / "policies" / "collection.yaml"
    own.parent.mkdir(exist_ok=True)
    own.write_text("policy: collection\n")
    nights.loan("L1", "C1", 20)
    nights.run(0)
    keeper = Keeper(threading.Event())
    with caplog.at_level(logging.WARNING):
        keeper.look()
        keeper.look()
    told = [line for line in caplog.messages if line.startswith("cases wait")]
    assert len(told) == 1
    own.unlink()
    keeper.look()
    assert Case.objects.count() == 1


def test_told_to_stop_it_begins_nothing(nights: Nights) -> None:
    nights.loan("L1", "C1", 20)
    nights.run(0)
    stop = threading.Event()
    stop.set()
    Keeper(stop).look()
    assert not Case.objects.exists()
    assert not Row.objects.exists()


def test_two_keepers_bring_every_case_up_once_whichever_is_killed(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path / "home"
    nights = Nights(open_home(home, {}))
    environment = {
        **os.environ, "DAIHOU_HOME": str(home), "DJANGO_SETTINGS_MODULE": "daihou.desk.settings", "DATABASE_URL": "", "LC_ALL": "C.UTF-8"
    }  # fmt: skip
    put_tables(tmp_path_factory, home)
    nights.loan("L0", "C0", 5)
    nights.run(0)
    command = [sys.executable, "-m", "daihou.desk.casework.keeper"]
    keepers = [subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) for _ in range(2)]

    def count(rows: str) -> int:
        with sqlite3.connect(home / "desk.sqlite3", timeout=20) as db:
            return int(db.execute(f"SELECT count(*) FROM {rows}").fetchone()[0])

    def until(rows: str, wanted: int) -> None:
        deadline = time.monotonic() + 90
        while count(rows) < wanted:
            assert time.monotonic() < deadline, f"{rows}: {count(rows)}"
            time.sleep(0.2)

    try:
        until("casework_case", 1)
        for number in range(1, 2_500):  # some transactions
            nights.loan(f"L{number}", f"C{number}", 5)
        nights.run(1)
        until("casework_case", 1_001)
        keepers[0].kill()
        until("casework_case", 2_500)
        nights.age(30)
        nights.run(2)
        until("casework_casemove WHERE act = 'stage'", 2_500)
        until("audit_entry WHERE action = 'case.follow'", 3)
        keepers[1].terminate()
        assert keepers[1].wait(60) == 0, keepers[1].communicate()[1]
    finally:
        for keeper in keepers:
            keeper.kill()
            keeper.communicate()
    assert [count(f"casework_{table}") for table in ("case", "caseloan", "casemove")] == [2_500, 2_500, 5_000]
    assert count("casework_case WHERE revision = 2") == 2_500
