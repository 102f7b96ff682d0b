"""The bench of reviews: `python -m bench.reviews` plans the reviews of 1,000,000 live loans on their first night, on the next one, and after risk changed.

It makes a home of its own and throws it away. The floor of a night is writing the same rows with bare prepared statements into a table without an index, in the
same run. PostgreSQL by DATABASE_URL.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.table import Table

from bench.cases import bare
from daihou.book.home import open_home
from daihou.runs import store

if TYPE_CHECKING:
    from daihou.book.home import Home

NIGHT_S: Final = 20.0
DAY: Final = dt.date(2026, 6, 29)
ORGS: Final = 50
OFFICERS: Final = 1_000
ALERTS: Final = 0.02
"""Of borrowers, those with an open alert; half of them another night by night."""


def night(home: Home, day: dt.date, loans: int) -> None:
    """What a run would write: loans of four borrowers on every five, a tenth of small firms and a twentieth of companies, paid out within three years."""
    chance = np.random.default_rng(7)
    borrower = np.arange(loans) % (loans * 4 // 5)
    classes = np.where(borrower % 20 == 0, "corporate", np.where(borrower % 10 == 1, "small_business", np.where(borrower % 4 == 2, "card", "personal")))  # fmt: skip
    paid_out = (np.datetime64(DAY) - chance.integers(1, 1096, loans).astype("timedelta64[D]")).astype("datetime64[D]")
    amount = chance.integers(10**6, 10**8, loans)
    officer = borrower % OFFICERS
    columns = {
        "loan_id": pa.array([f"L{each:08d}" for each in range(loans)]), "borrower_id": pa.array([f"C{each:07d}" for each in borrower]),
        "org_id": pa.array([f"B{int(each) % ORGS:02d}" for each in officer]), "officer_id": pa.array([f"O{int(each):04d}" for each in officer]),
        "product": pa.array(["loan"] * loans), "currency": pa.array(["CNY"] * loans), "state": pa.array(["current"] * loans),
        "dpd": pa.array(np.zeros(loans), pa.int32()), "asset_class": pa.array(classes), "disbursed_on": pa.array(paid_out),
        "matures_on": pa.array(paid_out + np.timedelta64(1100, "D")), "loan_amount": pa.array(amount * 2),
        "principal_outstanding": pa.array(amount), "principal_outstanding_base": pa.array(amount),
    }  # fmt: skip
    ids, at = np.unique(borrower, return_inverse=True)
    owed = np.bincount(at, weights=amount).astype(np.int64)
    of_borrowers = {
        "borrower_id": pa.array([f"C{each:07d}" for each in ids]), "exposure": pa.array(owed),
        "worst_dpd": pa.array(np.where(ids % 50 == 0, 10, 0), pa.int32()), "loans": pa.array(np.ones(len(ids)), pa.int32()),
    }  # fmt: skip
    files = {
        name: [store.write(home, name, day, day, [_table(name, stated, count)])]
        for name, stated, count in (("snapshots", columns, loans), ("borrower_snapshots", of_borrowers, len(ids)))
    }
    record = {"as_of": day, "known_on": day, "batch": day.toordinal(), "said": True, "follows": None}
    store.put(home, {(day, day): files}, {(day, day): record})


def _table(name: str, stated: dict[str, Any], count: int) -> pa.Table:
    schema = store.SCHEMAS[name]
    whole = [stated[one.name].cast(one.type) if one.name in stated else pa.nulls(count, one.type) for one in schema]
    return pa.Table.from_arrays(whole, schema=schema)


def people() -> None:
    """Customer managers, each with their own customers."""
    from daihou.desk.people.models import Membership, User

    made = User.objects.bulk_create(User(username=f"o{n}", name=f"O {n}", language="en", officer_id=f"O{n:04d}") for n in range(OFFICERS))  # fmt: skip
    Membership.objects.bulk_create(
        Membership(user=user, role="officer", org_id=f"B{n % ORGS:02d}") for n, user in enumerate(made)
    )


def alerts(loans: int, number: int) -> None:
    """The open alerts of a night, and that they are taken in."""
    from django.utils import timezone

    from daihou.desk.alerts.models import Alert, Cursor

    Alert.objects.all().delete()
    now, borrowers = timezone.now(), loans * 4 // 5
    every = int(1 / ALERTS)
    Alert.objects.bulk_create(
        Alert(
            borrower_id=f"C{each + (number if each // every % 2 else 0):07d}", topic="arrears", level="orange", rank=1, rule_id="R-001", version=1, raised_on=DAY,
            raised_at=now, staged_at=now, due_at=now,
        )
        for each in range(0, borrowers - every, every)
    )  # fmt: skip
    Cursor.objects.update_or_create(pk=1, defaults={"as_of": DAY + dt.timedelta(days=number), "after": "", "at": now})


def followed(name: str, table: Table) -> bool:
    """One night followed, beside the same rows written bare."""
    from django.utils import timezone

    from daihou.desk.reviews import following
    from daihou.desk.reviews.models import Review, ReviewMove

    last = ReviewMove.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    before = Review.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    begun, worked = time.perf_counter(), time.process_time()
    done = following.follow(timezone.now())
    seconds, worked = time.perf_counter() - begun, time.process_time() - worked
    assert done is not None
    rows = (Review.objects.filter(pk__gt=before).values_list(), ReviewMove.objects.filter(pk__gt=last).values_list())
    floor = bare([list(one) for one in rows if one.exists()])
    told = f"{done.made:,} made, {done.moved:,} moved, {done.withdrawn:,} withdrawn, {done.again:,} planned again; {worked:.1f} s of processor"
    table.add_row(f"{name}: {told}", f"{seconds:.1f} s", f"{NIGHT_S:.0f} s", f"{seconds / max(floor, 1e-3):.0f} floors (the bare rows: {floor:.2f} s)")  # fmt: skip
    return seconds <= NIGHT_S


def measure(loans: int) -> bool:
    """All of it, in the home that is set up; whether every night was in time."""
    from django.conf import settings

    table = Table("", "measured", "target", "compared")
    people()
    met = True
    for number, name in enumerate(("first night", "the next", "a month later")):
        day = DAY + dt.timedelta(days=30 if number == 2 else number)
        night(settings.HOME, day, loans)
        alerts(loans, (day - DAY).days)
        met &= followed(name, table)
    Console(width=170).print(table)
    return met


def main() -> None:
    """Measure in a home of its own; 1 where a night took too long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loans", type=int, default=1_000_000)
    loans = parser.parse_args().loans
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DAIHOU_HOME"] = str(Path(folder) / "home")
        open_home(Path(folder) / "home", {})
        from daihou.cli.desk import bring_up_to_date, django_ready

        django_ready()
        bring_up_to_date()
        met = measure(loans)
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
