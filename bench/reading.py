"""The bench of what programs read: `python -m bench.reading --home HOME` asks for pages of 100 of 100,000 open alerts, and of 1,000 of a home's loans.

Alerts are those of `bench.alerts`, in a home that it makes and throws away; loans are those of the newest run of HOME, of which only the shelf is written.
The floor of alerts is one page of rows by their key in bare SQL, that of loans reading the same columns of as many rows as they lie. Both are of the same run.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.table import Table

from bench import alerts as nights
from daihou.book.home import open_home

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.book.home import Home

PAGE_MS: Final = 300.0
ALERTS, LOANS = 100, 1_000
"""Rows of a page."""
TRIES: Final = 15
DEEP: Final = 20
"""Pages that are turned before the one that is measured as deep in the list."""


class Reader:
    """A program that reads the whole lender."""

    def __init__(self, by: Any) -> None:
        from django.test import Client

        from daihou.desk.asked import Asked
        from daihou.desk.people.models import Membership
        from daihou.desk.people.reach import Access
        from daihou.desk.programs import transitions
        from daihou.desk.programs.scopes import SCOPES

        request = Asked()
        request.user, request.id, request.rights = by, "bench", Access(by)
        values = {
            "name": "bench", "purpose": "", "scopes": list(SCOPES), "tables": [], "requests_per_second": 1_000_000, "rows_per_second": 1_000_000,
        }  # fmt: skip
        now = dt.datetime.now(dt.UTC)
        program = transitions.enter("bench", values, request, now)
        program.user.serves_program = True
        program.user.save()
        Membership.objects.create(user=program.user, role="manager", org_id="")
        self._token = transitions.issue_token(program, 30, request, now)
        self._client = Client()

    def get(self, address: str) -> Any:
        """The answer, which must be one."""
        response = self._client.get(f"/api/v1{address}", headers={"Authorization": f"Bearer {self._token}"})
        assert response.status_code == 200, response.content.decode()[:500]
        return response.json()

    def deep(self, address: str) -> str:
        """The address of a page deep in a list."""
        at = address
        for _ in range(DEEP):
            at = f"{address}&after={self.get(at)['next']}"
        return at


def measured(name: str, reader: Reader, address: str, floor: Callable[[], object], table: Table) -> bool:
    """One page, asked again and again, beside its floor."""
    (first,) = nights.timed(partial(reader.get, address), 1)
    worked = time.process_time()
    times = nights.timed(partial(reader.get, address), TRIES)
    worked = (time.process_time() - worked) / TRIES * 1000
    least = statistics.median(nights.timed(floor, TRIES))
    middle = statistics.median(times)
    told = f"first {first * 1000:.0f} ms, best {min(times) * 1000:.0f}, worst {max(times) * 1000:.0f}; {worked:.0f} of processor"
    table.add_row(
        f"{name}: median of {TRIES} ({told})", f"{middle * 1000:.0f} ms", f"{PAGE_MS:.0f} ms", f"{middle / least:.1f} floors ({least * 1000:.1f} ms)"
    )  # fmt: skip
    return middle * 1000 <= PAGE_MS


def of_alerts(home: Home, reader: Reader, alerts: int, table: Table) -> bool:
    """Pages of alerts: the newest, the most urgent, a filter, and one deep in the list."""
    from django.db import connection

    nights.taking(home, 10_000, table)
    nights.grown(alerts)

    def floor() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM alerts_alert WHERE closed_at IS NULL ORDER BY id DESC LIMIT {ALERTS}")
            cursor.fetchall()

    pages = {
        "newest first": f"/alerts?limit={ALERTS}", "by deadline": f"/alerts?limit={ALERTS}&sort=due", "by level": f"/alerts?limit={ALERTS}&sort=level",
        "red ones by exposure": f"/alerts?limit={ALERTS}&level=red&sort=exposure",
    }  # fmt: skip
    pages |= {
        f"{name}, page {DEEP + 1}": reader.deep(pages[name]) for name in ("newest first", "by deadline", "by level")
    }
    told = f"{ALERTS} of {alerts:,} alerts, "
    met = [measured(told + name, reader, address, floor, table) for name, address in pages.items()]
    return all(met)


def of_loans(reader: Reader, table: Table) -> bool:
    """Pages of standings: all, a filter, deep in the list; and of every column."""
    from daihou.api.reading import asked
    from daihou.api.reading.kinds import KINDS, LOAN
    from daihou.api.reading.standings import STANDING
    from daihou.desk.portfolio import reading

    newest = asked.newest()
    source, borrowers = LOAN.sql(newest), KINDS["borrower"].sql(newest)
    count = reading.rows(f"SELECT count(*) AS n FROM {source}")[0]["n"]
    own, every = (", ".join(f'"{name}"' for name in names) for names in (STANDING, LOAN.measures))
    pages = {
        "as they are": f"/standings?limit={LOANS}", "over 30 days": f"/standings?limit={LOANS}&where=dpd > 30",
        "every column": f"/snapshots/loan?limit={LOANS}", "borrowers": f"/snapshots/borrower?limit={LOANS}",
    }  # fmt: skip
    pages[f"as they are, page {DEEP + 1}"] = reader.deep(pages["as they are"])
    met = True
    for name, address in pages.items():
        names = every if name == "every column" else own
        of = borrowers if name == "borrowers" else source
        floor = partial(reading.rows, f"SELECT {'*' if name == 'borrowers' else names} FROM {of} LIMIT {LOANS}")
        met = measured(f"{LOANS:,} of {count:,} loans, {name}", reader, address, floor, table) and met
    return met


def main() -> None:
    """Measure, print, and end with 1 where a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--alerts", type=int, default=100_000)
    asked = parser.parse_args()
    table = Table("what", "measured", "target", "compared", title="What programs read")
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

        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        reader = Reader(nights.people())
        met = [of_alerts(home, reader, asked.alerts, table)]
        if asked.home is not None:
            with override_settings(HOME=open_home(asked.home)):
                met.append(of_loans(reader, table))
    Console(width=180).print(table)
    sys.exit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
