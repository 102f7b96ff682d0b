"""The bench of collection: `python -m bench.collection` makes the lists of a day for 200,000 overdue borrowers, and judges 100,000 promises.

It makes a home of its own and throws it away. The floor of the lists is writing the same rows with bare prepared statements into a table without an
index; the floor of judging is one pass over the promises in bare SQL. Both are of the same run. PostgreSQL by DATABASE_URL.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from rich.console import Console
from rich.table import Table

from bench.alerts import bare, best
from daihou.book.home import open_home
from daihou.policies.collection import BY_DAYS, LADDER

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.book.home import Home

LISTS_S, JUDGED_S = 60.0, 30.0
DAY: Final = dt.date(2026, 6, 30)
ORGS: Final = tuple(f"B{number:02d}" for number in range(1, 21))
COLLECTORS: Final = 500
CHUNK: Final = 5_000


def people() -> list[Any]:
    """Collectors, each for one org."""
    from daihou.desk.people.models import Membership, User

    made = [User(username=f"k{n}", name=f"K {n}", language="en") for n in range(COLLECTORS)]
    made = User.objects.bulk_create(made)
    Membership.objects.bulk_create(
        Membership(user=user, role="collector", org_id=ORGS[n % len(ORGS)]) for n, user in enumerate(made)
    )
    return made


def overdue(count: int, collectors: list[Any], now: dt.datetime) -> None:
    """Open cases of as many borrowers: two of three in somebody's hands, half called in the last week, some with circumstances or a promise."""
    from daihou.desk.casework.models import Case, CaseLoan
    from daihou.desk.contacts.models import Circumstance, Contact, Point

    chance = random.Random(1)
    for first in range(0, count, CHUNK):
        cases = [_case(number, collectors, now, chance) for number in range(first, min(first + CHUNK, count))]
        Case.objects.bulk_create(cases)
        CaseLoan.objects.bulk_create(
            CaseLoan(
                case=case,
                loan_id=f"L{case.borrower_id}",
                state="overdue",
                stage=case.stage,
                currency="CNY",
                claim=case.claim,
            )
            for case in cases
        )
        Point.objects.bulk_create(
            Point(person_id=case.borrower_id, kind="phone", token=case.borrower_id, made_at=now) for case in cases
        )
        Contact.objects.bulk_create(
            Contact(
                key=f"c{case.borrower_id}-{ago}", person_id=case.borrower_id, debtor_id=case.borrower_id, loan_ids=[], channel="phone", party="debtor",
                purpose="collect", asked_at=now, at=now - dt.timedelta(days=ago, hours=5), outcome=chance.choice(["no_answer", "conversation"]),
            )
            for case in cases if case.pk % 2 for ago in range(chance.randint(1, 4))
        )  # fmt: skip
        Circumstance.objects.bulk_create(
            Circumstance(
                person_id=case.borrower_id, kind=chance.choice(["dispute", "hardship", "opt_out", "death", "message_consent"]), from_at=now, ground="-",
                entered_at=now,
            )
            for case in cases if case.pk % 20 == 0
        )  # fmt: skip


def _case(number: int, collectors: list[Any], now: dt.datetime, chance: random.Random) -> Any:
    from daihou.desk.casework.models import Case

    stage = BY_DAYS[number % len(BY_DAYS)]
    return Case(
        borrower_id=f"C{number:07d}", stage=stage, rank=LADDER.index(stage), staged_on=DAY, opened_on=DAY, opened_at=now - dt.timedelta(days=number % 60),
        org_id=ORGS[number % len(ORGS)], owner=collectors[number % COLLECTORS] if number % 3 else None, as_of=DAY, currency="CNY",
        claim=chance.randint(10**4, 10**8), promises_broken=number % 5,
    )  # fmt: skip


def listing(count: int, collectors: list[Any], table: Table) -> bool:
    """The lists of a day made, made again, and made once a tenth of them was worked."""
    from django.utils import timezone

    from daihou.desk.casework import lists
    from daihou.desk.casework.models import Row

    night = timezone.make_aware(dt.datetime.combine(DAY, dt.time(2)))
    overdue(count, collectors, night)
    seconds, worked, made = _timed(lambda: lists.make(DAY, night))
    rows = [list(Row.objects.values_list())]
    floor = best(lambda: bare(rows), 3)
    table.add_row(
        f"lists of a day: {made.rows:,} rows of {count:,} borrowers ({worked:.1f} s of processor)", f"{seconds:.1f} s", f"{LISTS_S:.0f} s",
        f"{seconds / floor:.0f} floors (the bare rows: {floor:.2f} s)",
    )  # fmt: skip
    again, _, same = _timed(lambda: lists.make(DAY, night))
    assert (same.rows, same.written, same.removed) == (made.rows, 0, 0)
    table.add_row("the same again, with nothing to write", f"{again:.1f} s", f"{LISTS_S:.0f} s", "")
    Row.objects.filter(place__lte=6).update(done_at=night)
    morning = night + dt.timedelta(hours=9)
    later, _, anew = _timed(lambda: lists.make(DAY, morning))
    table.add_row(
        f"made anew at eleven: {anew.done:,} done, {anew.written:,} written", f"{later:.1f} s", f"{LISTS_S:.0f} s", ""
    )
    return max(seconds, again, later) <= LISTS_S


def judging(home: Home, folder: Path, count: int, collectors: list[Any], table: Table) -> bool:
    """Promises on as many loans judged after the first run that tells what became of them, and after one that changes nothing."""
    from django.db import connection
    from django.utils import timezone

    from daihou.book.intake import deliver
    from daihou.desk.casework import promises
    from daihou.desk.casework.models import Promise, PromisePart
    from daihou.runs.nightly import run

    for name, frame in _book(count).items():
        frame.write_parquet(folder / f"{name}.parquet")
        deliver(home, [folder / f"{name}.parquet"], name, today=DAY)
    run(home, DAY, DAY, lambda *_: None)
    now = timezone.now()
    cases = _cases_of(count)
    for first in range(0, count, CHUNK):
        made = Promise.objects.bulk_create(
            Promise(
                key=f"p{number}", case_id=cases[number % len(cases)], loan_ids=[f"P{number}"], currency="CNY", made_on=DAY - dt.timedelta(days=20),
                made_at=now, made_by=collectors[0],
            )
            for number in range(first, min(first + CHUNK, count))
        )  # fmt: skip
        PromisePart.objects.bulk_create(
            PromisePart(promise=one, due_on=DAY - dt.timedelta(days=10), amount=50_000) for one in made
        )

    def bare_pass() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT * FROM casework_promise JOIN casework_promisepart ON promise_id = casework_promise.id"
            )
            cursor.fetchall()

    floor = best(bare_pass, 3)
    for name in ("all of them end", "nothing changes"):
        seconds, worked, counts = _timed(lambda: promises.judge_all(now))
        table.add_row(
            f"{counts.judged:,} promises judged, {name}: {counts.moved:,} moved ({worked:.1f} s of processor)", f"{seconds:.1f} s", f"{JUDGED_S:.0f} s",
            f"{seconds / floor:.0f} floors (read in bare SQL: {floor:.2f} s)",
        )  # fmt: skip
        if seconds > JUDGED_S:
            return False
    return True


def _book(count: int) -> dict[str, pl.DataFrame]:
    """Loans of one instalment that was due before a promise was made; on two of three something was paid after it."""
    begun, due, paid = (DAY - dt.timedelta(days=days) for days in (90, 40, 12))
    numbers = pl.DataFrame({"n": pl.arange(count, eager=True)})
    loan = pl.format("P{}", "n").alias("loan_id")
    loans = numbers.select(
        loan, pl.format("C{}", "n").alias("borrower_id"), pl.lit("consumer").alias("product"), pl.lit("1000.00").alias("principal"),
        disbursed_on=pl.lit(begun), matures_on=pl.lit(due), currency=pl.lit("CNY"), org_id=pl.lit("B01"), asset_class=pl.lit("personal"),
        repayment_method=pl.lit("bullet"), known_on=pl.lit(begun),
    )  # fmt: skip
    instalments = numbers.select(
        loan, seq=1, due_on=pl.lit(due), principal=pl.lit("1000.00"), interest=pl.lit("10.00"), known_on=pl.lit(begun)
    )
    payments = numbers.filter(pl.col("n") % 3 > 0).select(
        pl.format("M{}", "n").alias("payment_id"), loan, paid_on=pl.lit(paid), amount=pl.when(pl.col("n") % 2 > 0).then(pl.lit("500.00")).otherwise(pl.lit("90.00")),
        known_on=pl.lit(paid),
    )  # fmt: skip
    return {"loans": loans, "instalments": instalments, "payments": payments}


def _cases_of(count: int) -> list[int]:
    from daihou.desk.casework.models import Case

    return list(Case.objects.order_by("pk").values_list("pk", flat=True)[:count])


def _timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds by the clock and of the processor, and what came of it."""
    begun, worked = time.perf_counter(), time.process_time()
    found = work()
    return time.perf_counter() - begun, time.process_time() - worked, found


def main() -> None:
    """Measure, print, and end with 1 where a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--borrowers", type=int, default=200_000)
    parser.add_argument("--promises", type=int, default=100_000)
    asked = parser.parse_args()
    table = Table("what", "measured", "target", "compared", title="Collection")
    with tempfile.TemporaryDirectory(prefix="daihou-bench-") as name:
        folder = Path(name)
        home = open_home(folder / "home", {})
        os.environ |= {
            "DAIHOU_HOME": str(home.path),
            "DJANGO_SETTINGS_MODULE": "daihou.desk.settings",
            "DAIHOU_HOSTS": "testserver",
        }

        import django

        django.setup()

        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        collectors = people()
        met = [listing(asked.borrowers, collectors, table), judging(home, folder, asked.promises, collectors, table)]
    Console(width=180).print(table)
    sys.exit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
