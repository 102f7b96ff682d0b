"""A real home: a simulated book taken in and measured at every month end, its people in the vault, and a user of each role.

`python -m journeys.home` makes it in DAIHOU_HOME, or completes one that is there: the demo's has a book and perhaps no users.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from blinded import blinder
from daihou.book import money
from daihou.book.intake import deliver
from daihou.cli.demo import MARK
from daihou.cli.desk import bring_up_to_date, django_ready
from daihou.runs import store
from daihou.runs.history import dates, pairs
from daihou.runs.nightly import run_all
from daihou.simulation.book import PEOPLE, simulate
from daihou.simulation.parameters import shipped
from daihou.vault.person import from_row
from journeys import alerts_at_work, collection_at_work
from journeys.cast import CAST, LATE, PASSWORD
from journeys.rules_at_work import begin

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from daihou.book.home import Home
    from journeys.cast import Player

LIVE: Final = ("current", "overdue", "unmeasured")
BAD: Final = """payment_id,loan_id,paid_on,amount,channel,备注
K1,L-0001,2026-13-40,1200.00,counter,=HYPERLINK("x")
K2,L-0001,2026-03-01,1.000005,counter,-5
K3,,2026-03-01,500.00,transfer,补录
K4,L-0002,2026-03-01,五百元,counter,手工
K5,L-0002,20260301,88.20,transfer,+cmd
"""
"""Rows that are refused, each for its own reason."""
FORMULA: Final = "=1+1"
"""Where a borrower lives, by the lender's file: a spreadsheet must not compute it."""


def _quiet(_stage: str, _done: int, _all: int) -> None:
    """Show nothing."""


def snapshot(home: Home, as_of: dt.date, known_on: dt.date) -> pl.DataFrame:
    """What a run found of every loan."""
    return pl.DataFrame(pl.from_arrow(store.read(home, "snapshots", as_of, known_on)))


def make(home: Home, loans: int, months: int, sent: Path) -> None:
    """Take a book in and measure it at every month end."""
    made = simulate(shipped("bank"), loans, months, 1, sent, _quiet)
    for table in made.rows:
        files = [Path(file) for file in made.files(table)]
        deliver(home, files, table, today=made.last_on, progress=_quiet, blinder=blinder(home))
    run_all(home, pairs(dates(made.first_on, made.last_on, "month-end"), None), _quiet)


def enrich(home: Home, folder: Path) -> None:
    """What a lender has besides: rows in quarantine, a payment heard of late, a text that looks like a formula, totals that tie."""
    *_, before, last = sorted({as_of for as_of, _ in store.pairs(home)})
    late = snapshot(home, before, before).filter(
        pl.col("state").cast(pl.String) == "overdue", pl.col("overdue_amount") > 0
    )
    loan, owed = late.sort("overdue_amount", "loan_id").select("loan_id", "overdue_amount").row(0)
    heard = f"payment_id,loan_id,paid_on,amount,known_on\nLATE,{loan},{before},{money.major(owed, home.settings.base_currency)},{last}\n"
    odd = pl.read_parquet(folder / "borrowers-000.parquet").filter(borrower_id=late["borrower_id"].max())
    odd = odd.sort("known_on").tail(1).with_columns(region=pl.lit(FORMULA), known_on=pl.lit(last))
    for table, content in (("payments", BAD), ("payments", heard), ("borrowers", odd.write_csv())):
        path = folder / f"counter-{len(content)}-{table}.csv"
        path.write_text(content, "utf-8")
        deliver(home, [path], table, today=last, backfill=True, progress=_quiet)
    run_all(home, [(before, last), (last, last)], _quiet)
    tie(home, last, folder)
    run_all(home, [(last, last)], _quiet)


def tie(home: Home, day: dt.date, folder: Path) -> None:
    """Send the totals of the general ledger for a day; they agree with ours."""
    live = snapshot(home, day, day).filter(pl.col("state").cast(pl.String).is_in(LIVE))
    lines = ["as_of,currency,loans,balance,overdue,known_on"]
    for (currency,), part in live.group_by(["currency"], maintain_order=True):
        sums = [
            money.major(int(part[name].sum()), str(currency)) for name in ("principal_outstanding", "overdue_amount")
        ]
        lines.append(f"{day},{currency},{part.height},{sums[0]},{sums[1]},{day}")
    path = folder / "control-totals.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    deliver(home, [path], "control_totals", today=day, backfill=True, progress=_quiet)


def seal_people(sent: Path) -> None:
    """Put who the borrowers are into the vault."""
    from daihou.desk.vault import people

    rows = [row for file in sorted(sent.glob(f"{PEOPLE}*")) for row in pl.read_parquet(file).iter_rows(named=True)]
    people.put((row["borrower_id"], "person", from_row(row), row["known_on"]) for row in rows)


def enter_users(home: Home, players: Iterable[Player]) -> None:
    """Enter some of the cast, each with a mail address; officers carry a number of their branch."""
    from django.contrib.auth.hashers import make_password

    from daihou.desk.people.models import Membership, User

    last = snapshot(home, *max(pair for pair in store.pairs(home) if pair[0] == pair[1]))
    kept = make_password(PASSWORD)  # once for all: it takes a while, by intention
    for player in players:
        if found := User.objects.filter(username=player.username).first():
            if (home.path / MARK).exists():  # the demo gave a password that nobody else knows
                found.password, found.language = kept, player.language
                found.save()
            continue
        officers = last.filter(pl.col("org_id") == player.org_id)["officer_id"].drop_nulls().unique().sort()
        made = User.objects.create(
            username=player.username, password=kept, name=player.name, language=player.language, email=f"{player.username}@bank.example",
            officer_id="" if player.officer is None else officers[player.officer], must_change_password=player.new,
        )  # fmt: skip
        Membership.objects.create(user=made, role=player.role, org_id=player.org_id)


def main() -> None:
    """Make the home that DAIHOU_HOME names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loans", type=int, default=400)
    parser.add_argument("--months", type=int, default=14)
    asked = parser.parse_args()
    home = django_ready()
    bring_up_to_date()
    sent = home.path / "sent"
    if not store.pairs(home):
        make(home, asked.loans, asked.months, sent)
    if all(as_of == known_on for as_of, known_on in store.pairs(home)):
        enrich(home, sent)
    from daihou.desk.vault.models import Person

    if not Person.objects.exists():
        seal_people(sent)
    enter_users(home, CAST)
    from daihou.desk.jobs.models import Job

    if not Job.objects.exists():
        begin(home, max(as_of for as_of, _ in store.pairs(home)))
    if not (home.path / alerts_at_work.NOTED).exists():
        alerts_at_work.take_in()
        enter_users(home, LATE)
        alerts_at_work.begin(home)
    if not (home.path / collection_at_work.NOTED).exists():
        collection_at_work.begin(home)


if __name__ == "__main__":
    main()
