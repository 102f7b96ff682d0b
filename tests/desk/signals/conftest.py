"""The desk's book as signals see it, and the same book later: a payment heard of late, a rule in shadow, a date that no run watched."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl
import pytest
from django.conf import settings
from django.test import override_settings

from daihou.book.home import Home, open_home
from daihou.book.intake import deliver
from daihou.runs import store
from daihou.runs.nightly import run_all
from daihou.runs.watch import register
from daihou.warning.reading import rules as read_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

SHADOW = """
- id: R-901
  name: {en: Any day late, zh: 任何逾期}
  topic: arrears
  subject: loan
  versions:
    - number: 1
      shadow_from: 2026-07-01
      owner: Head of risk
      level: blue
      when: dpd >= 1
      message: {en: "{dpd} past due.", zh: "逾期{dpd}。"}
      reason: {en: To see how many there are., zh: 观察数量。}
"""


def frame(home: Home, table: str, pair: tuple[dt.date, dt.date]) -> pl.DataFrame:
    """The rows that a run wrote."""
    return pl.DataFrame(pl.from_arrow(store.read(home, table, *pair)))


def open_in(home: Home, day: dt.date) -> pl.DataFrame:
    """The open signals of a day from what runs wrote, with the row that opened each, and whose each is on the day."""
    own = [pair for pair in store.pairs(home) if pair[0] == pair[1] <= day]
    said = pl.concat([frame(home, "signals", pair) for pair in own]).filter(transition="opened")
    memory = frame(home, "rule_memory", (day, day)).filter(pl.col("opened_on").is_not_null())
    loans = frame(home, "snapshots", (day, day)).select(
        pl.col("loan_id", "org_id", "officer_id").cast(pl.String), now="principal_outstanding_base"
    )
    told = said.select("signal_id", "level", "borrower_id", "balance", "evidence", org="org_id", officer="officer_id")
    joined = memory.join(told, on="signal_id", how="left").join(
        loans, left_on="subject_id", right_on="loan_id", how="left"
    )
    return joined.with_columns(
        org_id=pl.coalesce("org_id", "org"), officer_id=pl.coalesce("officer_id", "officer")
    ).sort("signal_id")


@pytest.fixture(scope="session")
def day(book: list[tuple[dt.date, dt.date]]) -> dt.date:
    """The last date of the book."""
    return book[-1][0]


@pytest.fixture(scope="session")
def held(day: dt.date) -> pl.DataFrame:
    """The signals open on it."""
    return open_in(settings.HOME, day)


@dataclass(frozen=True)
class Later:
    """The book a day later."""

    home: Home
    last: dt.date
    """The last date of the book, run once more with a late payment, and once more as known the day after."""
    after: dt.date
    """The day after, with R-901 in shadow."""
    unwatched: dt.date
    """A date that was only asked as known later."""
    between: dt.date
    """A date that was run when later ones had been spoken for."""
    paid: str
    """The loan whose payment was heard of late."""


@pytest.fixture(scope="session")
def later(book: list[tuple[dt.date, dt.date]], held: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Later:
    """The book later, in a home of its own."""
    folder = tmp_path_factory.mktemp("later")
    home = open_home(shutil.copytree(settings.HOME.path, folder / "home"), {})
    last = book[-1][0]
    late = frame(home, "snapshots", (last, last)).filter(
        pl.col("dpd") > 30, pl.col("overdue_amount") > 0, pl.col("next_due_on") > last  # so that nothing is due on the day after
    ).sort("loan_id")  # fmt: skip
    opened = held.filter(rule_id="R-002", opened_on=last)["subject_id"]
    loan, owed = late.filter(pl.col("loan_id").is_in(opened.implode())).select("loan_id", "overdue_amount").row(0)
    file = folder / "late.csv"
    file.write_text(
        f"payment_id,loan_id,paid_on,amount,known_on\nLATE,{loan},{last},{owed / 100:.2f},{last}\n", "utf-8"
    )
    after, unwatched, between = (last + dt.timedelta(days=days) for days in (1, -10, -5))
    deliver(home, [file], "payments", today=last, backfill=True, progress=_quiet)
    register.publish(
        home, read_rules(SHADOW, "shadow"), author="a", reviewer="b", note="", recorded_on=last, origin="file"
    )
    run_all(home, [(last, last), (after, after), (unwatched, after), (between, between), (last, after)], _quiet)
    return Later(home, last, after, unwatched, between, loan)


@pytest.fixture
def at_later(later: Later) -> Iterator[Later]:
    """The desk of the book later."""
    with override_settings(HOME=later.home):
        yield later


def _quiet(_stage: str, _done: int, _all: int) -> None:
    """Show nothing."""


def listed(client: Client, query: str = "") -> set[str]:
    """The ids of all signals of a list, over all its pages."""
    found: set[str] = set()
    page, pages = 1, 1
    while page <= pages:
        response = client.get(f"/signals/?{query}&size=100&page={page}".replace("?&", "?"))
        assert response.status_code == 200, response.content.decode()[-2000:]
        found |= {row["signal_id"] for row in response.context["rows"]}
        pages = max(number for number in response.context["pages"] if number)
        page += 1
    return found
