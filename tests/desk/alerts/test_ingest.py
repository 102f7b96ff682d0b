"""Signals taken in as alerts: what merges, what rises, what ceases; from where a desk begins; killed, doubled, and out of order."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from daihou.book.errors import DaihouError
from daihou.book.home import open_home
from daihou.book.intake import deliver
from daihou.desk.alerts import deadlines, ingest, merging, transitions, whose
from daihou.desk.alerts.choices import Act, Stage
from daihou.desk.alerts.keeper import Keeper
from daihou.desk.alerts.models import Alert, AlertSignal, Cursor, Move
from daihou.desk.audit.models import Entry
from daihou.desk.following import OvertakenError
from daihou.desk.people.roles import Role
from daihou.runs.policies import text_of
from desk.alerts.hands import asked, hands
from desk.alerts.nights import Nights, day
from desk.conftest import user
from desk.desks import put_tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def nights(db: None, tmp_path: Path) -> Iterator[Nights]:
    """A home whose runs a test writes, with a borrower of two loans."""
    home = open_home(tmp_path / "home", {})
    with override_settings(HOME=home):
        made = Nights(home)
        made.loan("L1", "C1")
        made.loan("L2", "C1")
        yield made


@pytest.fixture
def begun(nights: Nights) -> Nights:
    """The same with its first date taken in, on which nothing was said."""
    nights.run(0)
    ingest.take(timezone.now())
    return nights


def moment(hour: int = 10) -> dt.datetime:
    """An hour of Thursday, the fifth of March 2026."""
    return dt.datetime(2026, 3, 5, hour, tzinfo=timezone.get_default_timezone())


def acts(alert: Alert) -> list[str]:
    return list(alert.moves.values_list("act", flat=True))


def taken() -> None:
    ingest.take(moment())


def test_signals_of_one_borrower_and_topic_are_one_alert_and_of_another_topic_another(begun: Nights) -> None:
    first, second, third = begun.run(1, ("R-001", "L1"), ("R-002", "L2"), ("R-113", "L1"))
    taken()
    arrears, flow = Alert.objects.get(topic="arrears"), Alert.objects.get(topic="cash_flow")
    assert (arrears.level, arrears.rule_id, arrears.version, arrears.signals_open) == ("orange", "R-002", 1, 2)
    assert arrears.lead is not None
    assert arrears.lead.signal_id == second
    assert set(arrears.signals.values_list("signal_id", flat=True)) == {first, second}
    assert [signal.signal_id for signal in flow.signals.all()] == [third]
    assert acts(arrears) == [Act.RAISE, Act.MERGE]
    assert arrears.moves.get(act=Act.MERGE).detail["signal_id"] == first
    assert (arrears.exposure, arrears.org_id, arrears.raised_on) == (200_000, "X1", day(1))
    assert (arrears.lead.evidence, arrears.lead.condition) == ('{"dpd": 45}', "dpd > 30")


def test_the_check_is_due_by_the_colour_or_by_the_rule_where_that_is_sooner(begun: Nights) -> None:
    begun.run(1, ("R-001", "L1"))
    taken()
    alert = Alert.objects.get()
    assert alert.due_at == deadlines.after(moment(), 2), "R-001 asks for 2 work days, yellow for 3"


def test_a_worse_signal_raises_the_level_and_another_does_not(begun: Nights) -> None:
    begun.run(1, ("R-002", "L1"))
    taken()
    begun.run(2, ("R-001", "L2"))
    taken()
    alert = Alert.objects.get()
    assert (alert.level, acts(alert)) == ("orange", [Act.RAISE, Act.MERGE])
    begun.run(3, ("R-003", "L2"))
    taken()
    before, alert = alert, Alert.objects.get()
    assert (alert.level, alert.rank, alert.rule_id) == ("red", 0, "R-003")
    assert alert.due_at is not None
    assert before.due_at is not None
    assert alert.due_at < before.due_at
    risen = alert.moves.get(act=Act.LEVEL)
    assert (risen.level_before, risen.level_after, risen.actor) == ("orange", "red", None)
    assert alert.revision == before.revision + 1


def test_what_a_person_lowered_stays_until_something_worse_is_said(begun: Nights) -> None:
    staff = hands()
    begun.run(1, ("R-002", "L1"))
    taken()
    alert = Alert.objects.get()
    transitions.set_level(alert, alert.revision, "blue", "Collateral is good.", asked(staff["he"]))
    begun.run(2, ("R-999", "L2"))
    taken()
    assert Alert.objects.get(topic="arrears").level == "blue", "an old signal raises nothing again"
    begun.run(3, ("R-001", "L2"))
    taken()
    assert Alert.objects.get(topic="arrears").level == "yellow"


def test_a_worse_signal_wakes_and_one_as_bad_lets_rest(begun: Nights) -> None:
    begun.run(1, ("R-002", "L1"))
    taken()
    Alert.objects.update(snoozed_until=day(30))
    begun.run(2, ("R-001", "L2"))
    taken()
    assert Alert.objects.get().snoozed
    begun.run(3, ("R-003", "L2"))
    taken()
    alert = Alert.objects.get()
    assert not alert.snoozed
    assert alert.moves.get(act=Act.LEVEL).detail["woken"] is True


def test_when_the_last_signal_ceases_lifting_is_proposed_and_nothing_is_closed(begun: Nights) -> None:
    first, second = begun.run(1, ("R-001", "L1"), ("R-002", "L2"))
    taken()
    begun.run(2, ended={second: "cleared"})
    taken()
    alert = Alert.objects.get()
    assert (alert.level, alert.rule_id, alert.signals_open, alert.ceased_on) == ("orange", "R-001", 1, None)
    begun.run(3, ended={first: "ended"})
    taken()
    alert = Alert.objects.get()
    assert (alert.signals_open, alert.signals_all, alert.ceased_on, alert.open) == (0, 2, day(3), True)
    assert alert.rule_id == "R-002", "with none open the worst ever leads"
    assert [made.detail["last"] for made in alert.moves.filter(act=Act.CEASE)] == [False, True]
    ended = AlertSignal.objects.get(signal_id=first)
    assert (ended.ended_on, ended.ended_by) == (day(3), "ended")
    begun.run(4, ("R-001", "L1"))
    taken()
    assert Alert.objects.get().ceased_on is None


def test_a_rule_withdrawn_is_said_as_such(begun: Nights) -> None:
    (signal,) = begun.run(1, ("R-001", "L1"))
    taken()
    begun.run(2, ended={signal: "retired"})
    taken()
    alert = Alert.objects.get()
    assert acts(alert) == [Act.RAISE, Act.RULE_WITHDRAWN]
    assert alert.ceased_on == day(2)


def test_a_rule_that_stands_nowhere_any_more_makes_an_alert_of_another_topic(begun: Nights) -> None:
    begun.run(1, ("R-999", "L1"))
    taken()
    assert Alert.objects.get().topic == "other"


def test_signals_in_shadow_make_no_alert(begun: Nights) -> None:
    begun.run(1, ("R-001", "L1"), shadow=True)
    taken()
    assert not Alert.objects.exists()


def test_a_closed_alert_is_not_opened_again_by_what_comes_after(begun: Nights) -> None:
    (first,) = begun.run(1, ("R-001", "L1"))
    taken()
    closed = Alert.objects.get()
    Alert.objects.update(stage=Stage.CLOSED, closed_at=moment(), due_at=None, outcome="false_alarm")
    begun.run(2, ("R-002", "L2"), ended={first: "cleared"})
    taken()
    alert = Alert.objects.get(closed_at=None)
    assert (alert.signals_all, alert.rule_id) == (1, "R-002")
    closed.refresh_from_db()
    assert (closed.signals_open, acts(closed)) == (0, [Act.RAISE])


def test_a_desk_that_begins_takes_over_what_is_open_and_no_history(nights: Nights) -> None:
    first, second = nights.run(0, ("R-001", "L1"), ("R-002", "L2"))
    nights.run(1, ("R-113", "L1"), ended={first: "cleared"})
    assert ingest.take(moment()).dates == (day(1),)
    assert set(AlertSignal.objects.values_list("signal_id", "opened_on")) >= {(second, day(0))}
    assert AlertSignal.objects.count() == 2
    assert set(Alert.objects.values_list("raised_on", flat=True)) == {day(1)}
    assert ingest.take(moment()).dates == ()
    entry = Entry.objects.get(action="alert.ingest")
    assert (entry.subject_id, entry.actor) == (day(1).isoformat(), "system")
    assert entry.detail == {"signals": 2, "raised": 2, "merged": 0, "ended": 0, "moved": 0, "taken_over": True}


def test_dates_are_taken_in_by_the_line_of_what_each_followed(begun: Nights) -> None:
    begun.run(1, ("R-001", "L1"))
    begun.run(4, ("R-002", "L1"))
    begun.run(3, ("R-113", "L1"))  # run after the fourth, which knows nothing of it
    begun.run(9, ("R-003", "L1"), said=False)  # a look ahead
    found = ingest.take(moment())
    assert (found.dates, found.left_out) == ((day(1), day(4)), (day(3),))
    begun.run(2, ("R-113", "L2"))
    assert ingest.take(moment()).left_out == (day(2), day(3))
    assert not Alert.objects.filter(topic="cash_flow").exists()
    assert Alert.objects.get().level == "orange"


def test_killed_between_two_parts_of_a_date_it_goes_on_where_it_was(
    begun: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        begun.loan(f"M{number}", f"D{number}")
    begun.run(1, *(("R-001", f"M{number}") for number in range(7)))
    monkeypatch.setattr(ingest, "MOST", 3)
    real = merging.merge
    calls: list[int] = []

    def dies(rows: Any, known: Any) -> None:
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(len(rows))
        real(rows, known)

    monkeypatch.setattr(ingest, "merge", dies)
    with pytest.raises(KeyboardInterrupt):
        taken()
    assert (Alert.objects.count(), calls) == (6, [3, 3])
    assert Cursor.objects.get().after
    monkeypatch.setattr(ingest, "merge", real)
    assert ingest.take(moment()).dates == (day(1),)
    assert (Alert.objects.count(), Move.objects.count(), AlertSignal.objects.count()) == (7, 7, 7)
    assert Entry.objects.get(action="alert.ingest", subject_id=day(1).isoformat()).detail["raised"] == 7
    Cursor.objects.update(as_of=day(0), after="")  # a database put back beside newer alerts
    taken()
    assert (Alert.objects.count(), Move.objects.count()) == (7, 7), "what is there is not taken in again"


def test_a_date_taken_over_and_killed_is_taken_over_still(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        nights.loan(f"M{number}", f"D{number}")
    nights.run(0, *(("R-001", f"M{number}") for number in range(4)))
    nights.run(1)
    monkeypatch.setattr(ingest, "MOST", 2)
    stop = threading.Event()
    real = merging.merge

    def stops(rows: Any, known: Any) -> None:
        real(rows, known)
        stop.set()

    monkeypatch.setattr(ingest, "merge", stops)
    assert ingest.take(moment(), stop).dates == ()
    nights.run(2, ("R-002", "L1"))
    assert Alert.objects.count() == 2
    assert ingest.take(moment()).dates == (day(1),), "begun with one date, it is begun with that"
    assert ingest.take(moment()).dates == (day(2),)
    assert Alert.objects.count() == 5


def test_of_two_at_once_the_second_writes_nothing(begun: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    begun.run(1, ("R-001", "L1"))
    real = ingest._rows

    def overtaken(*args: Any, **kwargs: Any) -> Any:
        rows = real(*args, **kwargs)
        monkeypatch.setattr(ingest, "_rows", real)
        taken()  # while this one has looked and not yet written, another takes it all in
        return rows

    monkeypatch.setattr(ingest, "_rows", overtaken)
    with pytest.raises(OvertakenError):
        taken()
    assert (Alert.objects.count(), Move.objects.count()) == (1, 1)


def test_a_borrower_who_moves_takes_the_alert_along(begun: Nights) -> None:
    old = user("old", (Role.OFFICER, "X1"), officer_id="O1")
    new = user("new", (Role.OFFICER, "X2"), officer_id="O2")
    begun.loan("L1", "C1", "X1", "O1", principal_outstanding_base=300_000)
    begun.run(1, ("R-001", "L1"))
    taken()
    alert = Alert.objects.get()
    assert (alert.owner, alert.officer_id) == (old, "O1")
    begun.loan("L1", "C1", "X2", "O2", principal_outstanding_base=250_000)
    begun.run(2)
    taken()
    alert = Alert.objects.get()
    assert (alert.org_id, alert.officer_id, alert.owner, alert.exposure) == ("X2", "O2", new, 350_000)
    moved, given = alert.moves.filter(act__in=(Act.MOVE, Act.ASSIGN))
    assert (moved.detail["org_id_before"], moved.detail["org_id"], given.detail["owner"]) == ("X1", "X2", new.pk)
    entry = Entry.objects.get(action="alert.ingest", subject_id=day(2).isoformat())
    assert entry.detail["moved"] == 1


def test_an_exposure_that_changes_is_no_act_and_disturbs_nobody(begun: Nights) -> None:
    begun.run(1, ("R-001", "L1"))
    taken()
    before = Alert.objects.get()
    begun.loan("L2", "C1", principal_outstanding_base=500_000)
    begun.run(2)
    taken()
    alert = Alert.objects.get()
    assert (alert.exposure, alert.revision, acts(alert)) == (600_000, before.revision, [Act.RAISE])


def test_the_org_that_leads_a_borrower_is_taken_from_the_facts(begun: Nights, tmp_path: Path) -> None:
    facts = tmp_path / "borrowers.csv"
    facts.write_text(
        f"borrower_id,kind,org_id,lead_org_id,officer_id,known_on\nC1,company,X1,X9,O1,{day(0)}\nC9,company,X3,,O3,{day(0)}\n"
    )
    deliver(settings.HOME, [facts], "borrowers", today=day(1), progress=lambda *_: None)
    begun.run(1, ("R-001", "L1"))
    taken()
    assert (Alert.objects.get().org_id, Alert.objects.get().lead_org_id) == ("X1", "X9")
    found = whose.of(["C1", "C9", "nobody"])
    assert (found["C9"].org_id, found["C9"].officer_id, found["C9"].exposure) == ("X3", "O3", 0)
    assert "nobody" not in found


def test_a_wrong_policy_is_named_and_nothing_is_taken_in(begun: Nights) -> None:
    begun.run(1, ("R-001", "L1"))
    folder = settings.HOME.path / "policies"
    folder.mkdir()
    shipped, _ = text_of(settings.HOME, "policies/common", "alerts")
    (folder / "alerts.yaml").write_text(shipped.replace("due_hour: 18", "due_hour: 30"), "utf-8")
    with pytest.raises(DaihouError) as wrong:
        taken()
    assert "alerts.yaml" in str(wrong.value)
    assert "due_hour" in str(wrong.value)
    assert not Alert.objects.exists()
    (folder / "alerts.yaml").unlink()
    assert ingest.take(moment()).dates == (day(1),)


def test_the_keeper_says_once_what_is_wrong_and_goes_on_when_it_is_mended(
    begun: Nights, caplog: pytest.LogCaptureFixture
) -> None:
    begun.run(1, ("R-001", "L1"))
    folder = settings.HOME.path / "policies"
    folder.mkdir()
    (folder / "alerts.yaml").write_text("policy: alerts\n", "utf-8")
    keeper = Keeper(threading.Event())
    keeper.look()
    keeper.look()
    (said,) = [record.getMessage() for record in caplog.records if record.name.endswith("keeper")]
    assert "alerts.yaml" in said
    assert not Alert.objects.exists()
    (folder / "alerts.yaml").unlink()
    keeper.look()
    assert Alert.objects.count() == 1
    begun.run(-5)  # a date before what was taken in
    keeper.look()
    begun.run(3)
    begun.run(2)
    keeper.look()
    keeper.look()
    told = [record.getMessage() for record in caplog.records if "not taken in" in record.getMessage()]
    assert told == [f"the signals of {day(2)} are not taken in: a later date had been run before"]


def test_the_queries_of_a_date_do_not_grow_with_its_signals(begun: Nights) -> None:
    def queries(number: int, count: int) -> int:
        for each in range(count):
            begun.loan(f"N{number}.{each}", f"E{number}.{each}")
        begun.run(number, *(("R-001", f"N{number}.{each}") for each in range(count)))
        with CaptureQueriesContext(connection) as told:
            taken()
        return sum(not one["sql"].startswith("INSERT") for one in told.captured_queries)

    few = queries(1, 9)
    assert queries(2, 900) == few
    assert Alert.objects.count() == 909


def test_two_keepers_take_everything_in_once_whichever_is_killed(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path / "home"
    nights = Nights(open_home(home, {}))
    environment = {
        **os.environ, "DAIHOU_HOME": str(home), "DJANGO_SETTINGS_MODULE": "daihou.desk.settings", "DATABASE_URL": "", "LC_ALL": "C.UTF-8"
    }  # fmt: skip
    put_tables(tmp_path_factory, home)
    nights.run(0)
    command = [sys.executable, "-m", "daihou.desk.alerts.keeper"]
    keepers = [subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) for _ in range(2)]

    def count(table: str) -> int:
        with sqlite3.connect(home / "desk.sqlite3", timeout=20) as db:
            return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

    def until(table: str, wanted: int) -> None:
        deadline = time.monotonic() + 90
        while count(table) < wanted:
            assert time.monotonic() < deadline, f"{table}: {count(table)}"
            time.sleep(0.2)

    try:
        until("alerts_cursor", 1)
        for number in range(40):
            nights.loan(f"L{number}", f"C{number}")
        nights.run(1, *(("R-001", f"L{number}") for number in range(20)))
        until("alerts_alert", 20)
        keepers[0].kill()
        nights.run(2, *(("R-001", f"L{number}") for number in range(20, 40)))
        until("alerts_alert", 40)
        keepers[1].terminate()
        assert keepers[1].wait(20) == 0, keepers[1].communicate()[1]
    finally:
        for keeper in keepers:
            keeper.kill()
            keeper.communicate()
    assert [count(f"alerts_{table}") for table in ("alert", "alertsignal", "move")] == [40, 40, 40]
