"""The bench of alerts: `python -m bench.alerts` takes 10,000 signals of one night in, and opens the inbox over 100,000 open alerts.

It makes a home of its own and throws it away. The floor of taking in is writing the same rows with bare prepared statements into a table
without an index; the floor of the inbox is its one page of rows and their count in bare SQL. Both are of the same run. PostgreSQL by DATABASE_URL.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from rich.console import Console
from rich.table import Table

from daihou.book.home import open_home
from daihou.profiles.rules import shipped_text
from daihou.runs import store
from daihou.runs.watch.moved import signal_id
from daihou.warning.reading import rules as read_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from daihou.book.home import Home
    from daihou.warning.rule import Rule

TAKEN_S, INBOX_MS = 20.0, 300.0
DAY: Final = dt.date(2026, 6, 29)
ORGS: Final = tuple(f"B{number:02d}" for number in range(1, 21))
OFFICERS: Final = 200
TRIES: Final = 15


def night(home: Home, day: dt.date, loans: int, signals: int, follows: dt.date | None, rules: Sequence[Rule]) -> None:
    """What a run would write of a date: loans, and that many signals on them."""
    chance = random.Random(day.toordinal())
    held: list[dict[str, Any]] = [
        {
            "loan_id": f"L{number:06d}", "borrower_id": f"C{number * 2 // 3:06d}", "org_id": ORGS[number * 2 // 3 % len(ORGS)],
            "officer_id": f"O{number * 2 // 3 % OFFICERS:03d}", "state": "overdue", "currency": "CNY", "dpd": chance.randint(1, 120),
            "principal_outstanding_base": chance.randint(10**5, 10**9),
        }
        for number in range(loans)
    ]  # fmt: skip
    said = []
    for number in range(signals):
        loan, rule = held[number % loans], rules[number // loans % len(rules)]
        said.append(
            {
                "signal_id": signal_id(rule.id, 1, loan["loan_id"], day), "rule_id": rule.id, "version": 1, "shadow": False, "subject": "loan",
                "subject_id": loan["loan_id"], "borrower_id": loan["borrower_id"], "org_id": loan["org_id"], "officer_id": loan["officer_id"],
                "currency": "CNY", "balance": loan["principal_outstanding_base"], "level": rule.versions[0].level, "transition": "opened",
                "opened_on": day, "condition": "dpd > 30", "evidence": f'{{"dpd": {loan["dpd"]}}}', "hits": 1, "clears": 0,
            }
        )  # fmt: skip
    exposure: dict[str, int] = {}
    for loan in held:
        exposure[loan["borrower_id"]] = exposure.get(loan["borrower_id"], 0) + loan["principal_outstanding_base"]
    tables: dict[str, list[dict[str, Any]]] = {
        "signals": said, "rule_memory": said, "snapshots": held,
        "borrower_snapshots": [{"borrower_id": key, "exposure": value} for key, value in exposure.items()],
    }  # fmt: skip
    files = {
        name: [store.write(home, name, day, day, [pa.Table.from_pylist(rows, store.SCHEMAS[name])])]
        for name, rows in tables.items()
    }
    record = {"as_of": day, "known_on": day, "batch": 1, "said": True, "follows": follows}
    store.put(home, {(day, day): files}, {(day, day): record})


def people() -> Any:
    """An officer for each number, each for one org, and a manager of the whole lender, who is answered."""
    from daihou.desk.people.models import Membership, User

    made = [User(username=f"o{n}", name=f"O {n}", officer_id=f"O{n:03d}", language="en") for n in range(OFFICERS)]
    made = User.objects.bulk_create(made)
    Membership.objects.bulk_create(
        Membership(user=user, role="officer", org_id=ORGS[n % len(ORGS)]) for n, user in enumerate(made)
    )
    manager = User.objects.create(username="manager", name="Manager", language="en")
    Membership.objects.create(user=manager, role="manager", org_id="")
    return manager


def taking(home: Home, signals: int, table: Table) -> bool:
    """A night taken in by a desk that had begun before."""
    from django.utils import timezone

    from daihou.desk.alerts import ingest
    from daihou.desk.alerts.models import Alert, AlertSignal, Move

    rules = [rule for rule in read_rules(shipped_text("common"), "common") if rule.subject == "loan"]
    before = DAY - dt.timedelta(days=1)
    night(home, before, signals * 4 // 5, 0, None, rules)
    ingest.take(timezone.now())
    night(home, DAY, signals * 4 // 5, signals, before, rules)
    begun, worked = time.perf_counter(), time.process_time()
    taken = ingest.take(timezone.now())
    seconds, worked = time.perf_counter() - begun, time.process_time() - worked
    assert taken.dates == (DAY,)
    assert AlertSignal.objects.count() == signals
    rows = [list(model.objects.values_list()) for model in (Alert, AlertSignal, Move)]
    floor = best(lambda: bare(rows), 3)
    table.add_row(
        f"{signals:,} signals taken in: {len(rows[0]):,} alerts, {len(rows[2]):,} moves ({worked:.1f} s of processor)",
        f"{seconds:.1f} s", f"{TAKEN_S:.0f} s", f"{seconds / floor:.0f} floors (the bare rows: {floor:.2f} s)",
    )  # fmt: skip
    return seconds <= TAKEN_S


def bare(tables: list[list[Any]]) -> None:
    """The same rows written as plain texts, all in one transaction."""
    with tempfile.TemporaryDirectory() as folder, sqlite3.connect(Path(folder) / "bare.sqlite3") as database:
        for place, rows in enumerate(tables):
            width = len(rows[0])
            database.execute(f"CREATE TABLE t{place} ({', '.join(f'c{n}' for n in range(width))})")
            database.executemany(
                f"INSERT INTO t{place} VALUES ({', '.join('?' * width)})",
                ([str(value) for value in row] for row in rows),
            )


def inbox(manager: Any, alerts: int, table: Table) -> bool:
    """The first page of the inbox over many open alerts of the whole lender: as it opens for its manager, and all that is open."""
    from django.db import connection
    from django.test import Client

    from daihou.desk.alerts import trends
    from daihou.desk.alerts.models import Alert

    grown(alerts)
    trends.prepare()
    browser = Client()
    browser.force_login(manager)

    def rows() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM alerts_alert WHERE closed_at IS NULL ORDER BY due_at, id LIMIT 50")
            cursor.fetchall()
            cursor.execute("SELECT count(*) FROM alerts_alert WHERE closed_at IS NULL")
            cursor.fetchall()

    def page(address: str) -> None:
        answer = browser.get(address, follow=True)
        assert answer.status_code == 200, answer.status_code

    count = Alert.objects.filter(closed_at=None).count()
    floor = statistics.median(timed(rows, TRIES))
    met = True
    for name, address in (("as it opens", "/alerts/"), ("all open", "/alerts/?closed=0")):
        (first,) = timed(partial(page, address), 1)
        worked = time.process_time()
        times = timed(partial(page, address), TRIES)
        worked = (time.process_time() - worked) / TRIES * 1000
        middle = statistics.median(times) * 1000
        told = f"first {first * 1000:.0f} ms, best {min(times) * 1000:.0f}, worst {max(times) * 1000:.0f}; {worked:.0f} of processor"
        table.add_row(
            f"inbox over {count:,} open alerts, {name}: median of {TRIES} ({told})",
            f"{middle:.0f} ms", f"{INBOX_MS:.0f} ms", f"{middle / floor / 1000:.1f} floors (page and count in bare SQL: {floor * 1000:.1f} ms)",
        )  # fmt: skip
        met = met and middle <= INBOX_MS
    return met


def grown(alerts: int) -> None:
    """More open alerts like those that are there, of other borrowers, until there are that many; each with its signal and its first move."""
    from daihou.desk.alerts.choices import Act
    from daihou.desk.alerts.models import Alert, AlertSignal, Move
    from daihou.policies.alerts import STAGES

    like = list(Alert.objects.select_related("lead")[:5_000])
    lacking = alerts - Alert.objects.filter(closed_at=None).count()
    for first in range(0, lacking, len(like)):
        made, signals = [], []
        for place, one in enumerate(like[: lacking - first]):
            lead = one.lead
            assert lead is not None
            copy = Alert(**{**_plain(one), "borrower_id": f"D{first + place:06d}", "lead_id": None})
            copy.stage = STAGES[(first + place) % len(STAGES)]
            copy.due_at = one.staged_at + dt.timedelta(hours=(first + place) % 2_000 - 500)
            made.append(copy)
            signals.append(AlertSignal(**{**_plain(lead), "signal_id": f"{first + place:024x}"}))
        Alert.objects.bulk_create(made)
        for one, signal in zip(made, signals, strict=True):
            signal.alert = one
        AlertSignal.objects.bulk_create(signals)
        for one, signal in zip(made, signals, strict=True):
            one.lead = signal
        Alert.objects.bulk_update(made, ["lead"], batch_size=500)
        Move.objects.bulk_create(
            Move(alert=one, at=one.raised_at, act=Act.RAISE, stage_after=one.stage, level_after=one.level)
            for one in made
        )


def _plain(row: Any) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key}  # noqa: SLF001 - Django's way to a model's fields


def timed(work: Callable[[], object], tries: int) -> list[float]:
    """Seconds of each of some tries."""
    found = []
    for _ in range(tries):
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return found


def best(work: Callable[[], object], tries: int) -> float:
    """The least seconds of some tries."""
    return min(timed(work, tries))


def main() -> None:
    """Measure, print, and end with 1 where a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--signals", type=int, default=10_000)
    parser.add_argument("--alerts", type=int, default=100_000)
    asked = parser.parse_args()
    table = Table("what", "measured", "target", "compared", title="Alerts")
    with tempfile.TemporaryDirectory(prefix="daihou-bench-") as folder:
        home = open_home(Path(folder))
        os.environ |= {
            "DAIHOU_HOME": folder,
            "DJANGO_SETTINGS_MODULE": "daihou.desk.settings",
            "DAIHOU_HOSTS": "testserver",
        }

        import django

        django.setup()

        from django.core.management import call_command
        from django.test import override_settings

        plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
        files = {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}, "staticfiles": plain}
        with override_settings(STORAGES=files):
            call_command("migrate", verbosity=0)
            call_command("createcachetable", verbosity=0)
            manager = people()
            met = [taking(home, asked.signals, table), inbox(manager, asked.alerts, table)]
    Console(width=180).print(table)
    sys.exit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
