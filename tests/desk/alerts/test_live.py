"""What the stream said, taken in as alerts: what opens, is withdrawn and stands again the same day; and what becomes of it when the night has spoken."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from daihou.book.home import open_home
from daihou.desk.alerts import deadlines, ingest, merging, rows, rules, watches, whose
from daihou.desk.alerts.choices import Act, Outcome, Stage
from daihou.desk.alerts.live import Live
from daihou.desk.alerts.models import Alert, AlertSignal, Cursor, Move
from daihou.desk.following import OvertakenError
from daihou.desk.notices.models import Notice
from daihou.desk.people.roles import Role
from daihou.desk.portfolio import moments
from daihou.runs.log.log import open_log
from daihou.runs.stream import told
from daihou.runs.stream.between import opening
from daihou.runs.stream.told import Saying
from daihou.runs.watch.moved import signal_id
from desk.alerts.nights import LEVELS, Nights, day
from desk.conftest import user
from desk.desks import put_tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Stream:
    """What a stream says, by hand."""

    def __init__(self, nights: Nights) -> None:
        self.nights = nights
        self.log = open_log(nights.home)
        self.live = Live(self.log)

    def say(self, number: int, *sayings: tuple[str, str, str], opened: int | None = None, **more: Any) -> list[str]:
        """Say transitions of (transition, rule, loan) on a date, of signals that opened on it or on another; the ids."""
        rows = [self.saying(number, *each, opened=opened, more=more) for each in sayings]
        with self.log.store.writing() as writing:
            told.say(writing, rows, 1, 0.0, 0.0)
        return [one.signal_id for one in rows]

    def saying(
        self, number: int, transition: Any, rule_id: str, loan_id: str, *, opened: int | None, more: dict[str, Any]
    ) -> Saying:
        loan = self.nights.loans[loan_id]
        on = day(number if opened is None else opened)
        row = {
            "signal_id": signal_id(rule_id, 1, loan_id, on), "rule_id": rule_id, "version": 1, "shadow": False, "subject": "loan",
            "subject_id": loan_id, "borrower_id": loan["borrower_id"], "org_id": loan["org_id"], "officer_id": loan["officer_id"],
            "currency": "CNY", "balance": 100_000, "level": LEVELS.get(rule_id, ""), "transition": "opened", "opened_on": on.isoformat(),
            "condition": "dpd > 30", "evidence": '{"dpd": 45}', **more,
        }  # fmt: skip
        return Saying(day(number), row["signal_id"], transition, row)

    def take(self) -> int:
        """Take everything in; how many batches it took."""
        count = 0
        while self.live.take(moment()):
            count += 1
        return count


@pytest.fixture
def nights(db: None, tmp_path: Path) -> Iterator[Nights]:
    """A home whose runs a test writes, with a borrower of two loans, its first night taken in."""
    home = open_home(tmp_path / "home", {})
    with override_settings(HOME=home):
        made = Nights(home)
        made.loan("L1", "C1")
        made.loan("L2", "C1")
        made.run(0)
        ingest.take(moment())
        yield made


@pytest.fixture
def stream(nights: Nights) -> Stream:
    return Stream(nights)


def moment(hour: int = 10) -> dt.datetime:
    """An hour of Thursday, the fifth of March 2026."""
    return dt.datetime(2026, 3, 5, hour, tzinfo=timezone.get_default_timezone())


def acts(alert: Alert) -> list[str]:
    return list(alert.moves.values_list("act", flat=True))


def the(**which: Any) -> AlertSignal:
    return AlertSignal.objects.get(**which)


def test_what_the_stream_says_raises_an_alert_and_joins_it(stream: Stream) -> None:
    (first,) = stream.say(1, ("opened", "R-001", "L1"))
    assert stream.take() == 1
    alert = Alert.objects.get()
    assert (alert.level, alert.topic, alert.org_id, alert.raised_on) == ("yellow", "arrears", "X1", day(1))
    assert (alert.lead and alert.lead.signal_id, alert.exposure) == (first, 100_000), "as the row says it"
    stream.say(1, ("opened", "R-003", "L2"))
    stream.take()
    alert.refresh_from_db()
    assert (alert.level, alert.signals_open, acts(alert)) == ("red", 2, [Act.RAISE, Act.MERGE, Act.LEVEL])
    assert the(signal_id=first).told_on == day(1)
    assert stream.take() == 0


def test_whose_a_borrower_is_comes_from_the_newest_run(stream: Stream) -> None:
    officer = user("wang", (Role.OFFICER, "X1"), officer_id="W01")
    stream.nights.loan("L1", "C1", officer_id="W01", principal_outstanding_base=300_000)
    stream.nights.run(1)
    stream.live.everybody = whose.everybody(moments.moment(QueryDict()))
    stream.nights.loan("L9", "C9", org_id="X7")
    stream.say(2, ("opened", "R-001", "L2"), ("opened", "R-001", "L9"))
    stream.take()
    known, new = Alert.objects.get(borrower_id="C1"), Alert.objects.get(borrower_id="C9")
    assert (known.exposure, known.officer_id, known.owner) == (400_000, "W01", officer)
    assert (new.exposure, new.org_id) == (100_000, "X7"), "a loan that no run has seen: as the stream says"
    assert Notice.objects.get().recipient == officer


def test_everybody_is_as_the_lake_tells_of_some(stream: Stream) -> None:
    stream.nights.loan("L3", "C3", org_id="", officer_id="O3", principal_outstanding_base=5)
    stream.nights.run(1)
    newest = moments.moment(QueryDict())
    ids = ["C1", "C3", "nobody"]
    assert whose.everybody(newest).of(ids) == whose.of(ids, newest)


def test_withdrawn_the_same_day_it_proposes_to_lift_and_says_why(stream: Stream) -> None:
    stream.say(1, ("opened", "R-001", "L1"))
    stream.take()
    (signal,) = stream.say(1, ("withdrawn", "R-001", "L1"))
    stream.take()
    alert = Alert.objects.get()
    assert (alert.open, alert.ceased_on, acts(alert)) == (True, day(1), [Act.RAISE, Act.CEASE])
    assert (the(signal_id=signal).ended_by, the(signal_id=signal).ended_on) == ("withdrawn", day(1))
    stream.say(1, ("resumed", "R-001", "L1"))
    stream.take()
    alert.refresh_from_db()
    assert (alert.ceased_on, alert.signals_open, acts(alert)[-1]) == (None, 1, Act.RESUME)
    assert (the(signal_id=signal).ended_by, the(signal_id=signal).ended_on) == ("", None)


def test_opened_and_withdrawn_before_anybody_looked_is_no_alert(stream: Stream) -> None:
    stream.say(1, ("opened", "R-001", "L1"), ("withdrawn", "R-001", "L1"))
    stream.take()
    assert not Alert.objects.exists()
    assert Cursor.objects.get().told == 2
    stream.say(1, ("resumed", "R-001", "L1"))
    stream.take()
    assert Alert.objects.get().signals_open == 1


def test_a_signal_of_the_night_ends_and_stands_again_within_the_day(stream: Stream) -> None:
    (signal,) = stream.nights.run(1, ("R-001", "L1"))
    ingest.take(moment())
    stream.say(2, ("cleared", "R-001", "L1"), opened=1)
    stream.take()
    assert (the().ended_by, the().told_on, Alert.objects.get().ceased_on) == ("cleared", day(2), day(2))
    stream.say(2, ("resumed", "R-001", "L1"), opened=1)
    stream.take()
    assert (the().signal_id, the().ended_on, Alert.objects.get().ceased_on) == (signal, None, None)


@pytest.mark.parametrize(("outcome", "count"), [(Outcome.LIFTED, 2), (Outcome.FALSE_ALARM, 1)])
def test_what_stands_again_after_a_lifting_is_raised_anew_and_a_false_alarm_stays_one(
    stream: Stream, outcome: str, count: int
) -> None:
    stream.nights.run(1, ("R-001", "L1"))
    ingest.take(moment())
    stream.say(2, ("cleared", "R-001", "L1"), opened=1)
    stream.take()
    Alert.objects.update(stage=Stage.CLOSED, closed_at=moment(), due_at=None, outcome=outcome)
    stream.say(2, ("resumed", "R-001", "L1"), opened=1)
    stream.take()
    assert Alert.objects.count() == count
    closed = Alert.objects.get(outcome=outcome)
    assert (closed.signals_all, closed.signals_open) == (1, 2 - count), "what it was closed on stays beside it"
    assert AlertSignal.objects.filter(ended_on=None).count() == 1
    if count == 2:
        anew = Alert.objects.get(closed_at=None)
        assert (acts(anew), anew.raised_on) == ([Act.RAISE], day(2))
        stream.nights.run(2)
        ingest.take(moment())
        assert AlertSignal.objects.filter(ended_on=None).count() == 1, "the night has it open, and once"


def test_the_night_brings_nothing_twice_and_withdraws_what_it_does_not_say(stream: Stream) -> None:
    stream.nights.loan("M1", "D1")
    both, alone = stream.say(1, ("opened", "R-001", "L1"), ("opened", "R-002", "M1"))
    stream.take()
    said, missed = stream.nights.run(1, ("R-001", "L1"), ("R-113", "L2"))
    ingest.take(moment())
    assert said == both
    assert AlertSignal.objects.count() == 3
    assert (the(signal_id=alone).ended_by, the(signal_id=alone).ended_on) == ("withdrawn", day(1))
    assert the(signal_id=missed).alert.topic == "cash_flow"
    assert the(signal_id=both).ended_on is None
    assert acts(the(signal_id=both).alert) == [Act.RAISE]
    assert not AlertSignal.objects.exclude(told_on=None).exists()


def test_the_night_takes_back_an_end_that_the_stream_alone_said(stream: Stream) -> None:
    kept, ended = stream.nights.run(1, ("R-001", "L1"), ("R-002", "L2"))
    ingest.take(moment())
    stream.say(2, ("cleared", "R-001", "L1"), ("cleared", "R-002", "L2"), opened=1)
    stream.take()
    stream.nights.run(2, ended={ended: "cleared"})
    ingest.take(moment())
    assert the(signal_id=kept).ended_on is None
    assert the(signal_id=ended).ended_on == day(2)
    assert Alert.objects.get().ceased_on is None


def test_a_date_that_no_night_spoke_for_is_settled_by_the_next(stream: Stream) -> None:
    (old,) = stream.say(1, ("opened", "R-001", "L1"))
    stream.take()
    stream.nights.run(2, ("R-001", "L1"))
    ingest.take(moment())
    alert = Alert.objects.get()
    assert (the(signal_id=old).ended_by, alert.signals_open, alert.ceased_on) == ("withdrawn", 1, None)


def test_what_the_stream_says_of_a_date_after_its_night_counts_no_more(stream: Stream) -> None:
    stream.nights.run(1)
    ingest.take(moment())
    stream.say(1, ("opened", "R-001", "L1"))
    assert stream.take() == 1
    assert not Alert.objects.exists()


def test_a_watch_within_the_day_is_an_alert_of_its_own_topic_that_no_night_takes_back(stream: Stream) -> None:
    evidence = '{"count": 3, "times": 3, "within_hours": 24, "last_at": "2026-03-03T09:30:00+08:00"}'
    (signal,) = stream.say(
        1, ("opened", "B-201", "L1"), level="orange", condition="3 × application / 24 h", evidence=evidence
    )
    stream.take()
    alert = Alert.objects.select_related("lead").get()
    assert (alert.topic, alert.level, the().told_on) == ("events", "orange", None)
    assert alert.due_at == deadlines.after(moment(), 1), "as the watch asks"
    with translation.override("en"):
        assert rows.reason(alert) == "3 applications with other lenders within 24 hours, the last at 03-03 09:30."
        assert rules.rule_name("B-201") == "Many applications elsewhere within a day"
    stream.nights.run(1)
    ingest.take(moment())
    assert the().ended_on is None, "no night judges it"
    stream.say(1, ("cleared", "B-201", "L1"))
    stream.take()
    assert (the(signal_id=signal).ended_by, Alert.objects.get().ceased_on) == ("cleared", day(1))


def test_ids_of_watches_begin_as_the_stream_says() -> None:
    assert watches.PREFIX == opening.PREFIX


def test_an_end_of_what_a_run_has_yet_to_bring_waits_for_it(stream: Stream) -> None:
    stream.nights.run(1, ("R-001", "L1"))
    stream.say(2, ("opened", "R-113", "L1"))
    stream.say(2, ("cleared", "R-001", "L1"), opened=1)
    assert stream.live.take(moment(), lambda: True) == 1, "what is before it is taken in"
    assert stream.live.take(moment(), lambda: True) == 0
    assert stream.live.waits
    ingest.take(moment())
    assert stream.live.take(moment(), lambda: False) == 1
    assert the(rule_id="R-001").ended_by == "cleared"
    assert the(rule_id="R-113").ended_on is None


def test_of_two_at_once_one_takes_it_in(stream: Stream) -> None:
    other = Live(stream.log)
    assert other.take(moment()) == 0
    stream.say(1, ("opened", "R-001", "L1"))
    stream.take()
    stream.say(1, ("opened", "R-002", "L2"))
    with pytest.raises(OvertakenError):
        other.take(moment())
    assert other.take(moment()) == 1, "it reads again how far it is"
    assert stream.log.store.rows("SELECT count(*) FROM signals") == [(2,)]
    assert (AlertSignal.objects.count(), Alert.objects.count()) == (2, 1)


def test_killed_before_the_end_of_a_batch_nothing_of_it_stays(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    stream.say(1, ("opened", "R-001", "L1"))
    real = merging.merge

    def dies(rows: Any, known: Any) -> None:
        real(rows, known)
        raise KeyboardInterrupt

    monkeypatch.setattr("daihou.desk.alerts.live.merge", dies)
    with pytest.raises(KeyboardInterrupt):
        stream.take()
    assert (Alert.objects.count(), Cursor.objects.get().told) == (0, 0)
    monkeypatch.setattr("daihou.desk.alerts.live.merge", real)
    stream.take()
    assert (Alert.objects.count(), Move.objects.count(), Cursor.objects.get().told) == (1, 1, 1)


def test_a_log_that_was_begun_anew_is_read_from_its_beginning(stream: Stream) -> None:
    Cursor.objects.update(told=99)
    stream.say(1, ("opened", "R-001", "L1"))
    stream.take()
    assert (Alert.objects.count(), Cursor.objects.get().told) == (1, 1)


def test_a_stream_before_the_first_night_is_heard(db: None, tmp_path: Path) -> None:
    home = open_home(tmp_path / "new", {})
    with override_settings(HOME=home):
        nights = Nights(home)
        nights.loan("L1", "C1")
        stream = Stream(nights)
        (signal,) = stream.say(0, ("opened", "R-001", "L1"))
        stream.take()
        assert Alert.objects.get().raised_on == day(0)
        assert nights.run(0, ("R-001", "L1")) == [signal]
        assert ingest.take(moment()).dates == (day(0),)
        assert AlertSignal.objects.count() == 1


def test_queries_do_not_grow_with_what_is_said(stream: Stream) -> None:
    def queries(number: int, count: int) -> int:
        for each in range(count):
            stream.nights.loan(f"N{number}.{each}", f"E{number}.{each}")
        stream.say(number, *(("opened", "R-001", f"N{number}.{each}") for each in range(count)))
        with CaptureQueriesContext(connection) as found:
            stream.take()
        return sum(not one["sql"].startswith("INSERT") for one in found.captured_queries)

    queries(1, 1)
    few = queries(2, 9)
    assert queries(3, 900) == few


def test_killed_again_and_again_the_keeper_takes_in_everything_once(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path / "home"
    nights = Nights(open_home(home, {}))
    environment = {
        **os.environ, "DAIHOU_HOME": str(home), "DJANGO_SETTINGS_MODULE": "daihou.desk.settings", "DATABASE_URL": "", "LC_ALL": "C.UTF-8"
    }  # fmt: skip
    put_tables(tmp_path_factory, home)
    for number in range(90):
        nights.loan(f"L{number}", f"C{number}")
    nights.run(0)
    stream, said = Stream(nights), 0

    def count(table: str) -> int:
        with sqlite3.connect(home / "desk.sqlite3", timeout=20) as db:
            return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

    def until(wanted: int) -> None:
        began = time.monotonic()
        while count("alerts_alertsignal") < wanted:
            assert time.monotonic() < began + 90
            time.sleep(0.002)

    def started() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "daihou.desk.alerts.keeper"], env=environment)

    keeper = started()
    try:
        for _ in range(2):
            until(said)
            for _ in range(30):
                stream.say(1, ("opened", "R-001", f"L{said}"))
                said += 1
                time.sleep(0.01)
            keeper.kill()
            keeper.wait()
            keeper = started()
        until(said)
        for _ in range(20):
            stream.say(1, ("opened", "R-001", f"L{said}"))
            said += 1
            until(said)
        keeper.terminate()
        assert keeper.wait(20) == 0
    finally:
        keeper.kill()
        keeper.wait()
    assert [count(f"alerts_{table}") for table in ("alert", "alertsignal", "move")] == [said, said, said]
