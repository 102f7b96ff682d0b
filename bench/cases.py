"""The bench of cases: `python -m bench.cases` brings the cases of 200,000 overdue borrowers up to their first night and to the next one.

It makes a home of its own and throws it away. The floor of a night is writing the same rows with bare prepared statements into tables without an index, in the
same run. PostgreSQL by DATABASE_URL.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sqlite3
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.table import Table

from daihou.book.home import open_home
from daihou.runs import store

if TYPE_CHECKING:
    from daihou.book.home import Home

NIGHT_S: Final = 60.0
DAY: Final = dt.date(2026, 6, 29)
ORGS: Final = 20
COLLECTORS: Final = 500
"""With 400 cases each at most, as policy says, they can have all of 200,000."""
CURED: Final = 0.05
"""Of overdue loans, those that pay by the next night; as many others fall into arrears."""


def night(home: Home, day: dt.date, overdue: int, number: int) -> None:
    """What a run would write: so many borrowers with five loans overdue on every four of them, and as many borrowers who pay."""
    chance = np.random.default_rng(7)
    loans = overdue * 5 // 4
    borrower = [*(np.arange(loans) % overdue), *range(overdue, 2 * overdue)]
    count = len(borrower)
    late = np.arange(count) < loans
    dpd = chance.integers(1, 210, count) + number
    paid = chance.random(count) < CURED * number
    late = np.where(late, ~paid, paid)  # who paid is replaced by as many who do not any more
    dpd = np.where(late, dpd, 0)
    amount = np.where(late, chance.integers(10**4, 10**7, count), 0)
    columns = {
        "loan_id": pa.array([f"L{each:08d}" for each in range(count)]), "borrower_id": pa.array([f"C{each:07d}" for each in borrower]),
        "org_id": pa.array([f"B{int(each) % ORGS:02d}" for each in borrower]), "product": pa.array(["consumer"] * count),
        "currency": pa.array(["CNY"] * count), "state": pa.array(np.where(late, "overdue", "current")), "dpd": pa.array(dpd, pa.int32()),
        "unpaid_due_dates": pa.array((dpd + 29) // 30, pa.int32()), "overdue_amount": pa.array(amount, pa.int64()),
        "charges_accrued": pa.array(amount // 100, pa.int64()), "total_claim": pa.array(amount + amount // 100, pa.int64()),
        "principal_outstanding": pa.array(amount * 10, pa.int64()), "principal_outstanding_base": pa.array(amount * 10, pa.int64()),
        "first_payment_missed": pa.array(np.zeros(count, bool)), "last_paid_on": pa.array([day if each else None for each in paid], pa.date32()),
    }  # fmt: skip
    schema = store.SCHEMAS["snapshots"]
    whole = [
        columns[field.name].cast(field.type) if field.name in columns else pa.nulls(count, field.type)
        for field in schema
    ]
    none = store.SCHEMAS["borrower_snapshots"].empty_table()
    files = {
        "snapshots": [store.write(home, "snapshots", day, day, [pa.Table.from_arrays(whole, schema=schema)])],
        "borrower_snapshots": [store.write(home, "borrower_snapshots", day, day, [none])],
    }
    record = {"as_of": day, "known_on": day, "batch": number + 1, "said": True, "follows": None}
    store.put(home, {(day, day): files}, {(day, day): record})


def people() -> None:
    """Collectors, each for one org."""
    from daihou.desk.people.models import Membership, User

    made = User.objects.bulk_create(User(username=f"c{n}", name=f"C {n}", language="en") for n in range(COLLECTORS))
    Membership.objects.bulk_create(
        Membership(user=user, role="collector", org_id=f"B{n % ORGS:02d}") for n, user in enumerate(made)
    )


def followed(name: str, table: Table) -> bool:
    """One night followed, beside the same rows written bare."""
    from django.utils import timezone

    from daihou.desk.casework import following
    from daihou.desk.casework.models import Case, CaseLoan, CaseMove

    last = CaseMove.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    begun, worked = time.perf_counter(), time.process_time()
    done = following.follow(timezone.now())
    seconds, worked = time.perf_counter() - begun, time.process_time() - worked
    assert done is not None
    floor = bare(
        [
            list(rows)
            for rows in (
                Case.objects.values_list(),
                CaseLoan.objects.values_list(),
                CaseMove.objects.filter(pk__gt=last).values_list(),
            )
        ]
    )
    told = f"{done.opened:,} opened, {done.updated:,} updated, {done.staged:,} of them moved, {done.closed:,} closed; {worked:.1f} s of processor"
    table.add_row(
        f"{name}: {told}", f"{seconds:.1f} s", f"{NIGHT_S:.0f} s", f"{seconds / floor:.0f} floors (the bare rows: {floor:.2f} s)"
    )  # fmt: skip
    begun = time.perf_counter()
    assert following.follow(timezone.now()) is None
    again = time.perf_counter() - begun
    table.add_row(f"{name}, asked again", f"{again * 1000:.0f} ms", "", "")
    return seconds <= NIGHT_S


def bare(tables: list[list[Any]]) -> float:
    """Seconds to write the same rows as plain texts, all in one transaction."""
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, sqlite3.connect(Path(folder) / "bare.sqlite3") as database:
        for place, rows in enumerate(filter(None, tables)):
            width = len(rows[0])
            database.execute(f"CREATE TABLE t{place} ({', '.join(f'c{n}' for n in range(width))})")
            database.executemany(
                f"INSERT INTO t{place} VALUES ({', '.join('?' * width)})",
                ([str(value) for value in row] for row in rows),
            )
    return time.perf_counter() - begun


def main() -> None:
    """Measure, print, and end with 1 where a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--overdue", type=int, default=200_000)
    asked = parser.parse_args()
    table = Table("what", "measured", "target", "compared", title="Cases")
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

        call_command("migrate", verbosity=0)
        people()
        met = []
        for number, name in enumerate(("first night", "next night")):
            night(home, DAY + dt.timedelta(days=number), asked.overdue, number)
            met.append(followed(name, table))
    Console(width=200).print(table)
    sys.exit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
