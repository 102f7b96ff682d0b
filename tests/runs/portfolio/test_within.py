"""The book within a condition: cubes and snapshots tell the same of a part, also on dates on which the part has no loan."""

from __future__ import annotations

import shutil
from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest

from books import harbour
from books.harbour import END, LATER
from daihou.book.errors import DaihouError
from daihou.book.home import open_home
from daihou.runs import store
from daihou.runs.nightly import run_all
from daihou.runs.portfolio.cubes import cubes_of
from daihou.runs.portfolio.panel import EVERYTHING
from daihou.runs.portfolio.portfolio import portfolio, portfolio_of
from once import once

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.book.home import Home

OWN = [
    (day, day)
    for day in (
        date(2025, 10, 31),
        date(2025, 11, 30),
        date(2025, 12, 31),
        date(2026, 1, 31),
        date(2026, 2, 28),
        date(2026, 3, 31),
        END,
    )
]
PINNED = [(date(2026, 3, 31), LATER), (END, LATER)]
PARTS = {
    "everything": EVERYTHING,
    "an org": pl.col("org_id") == "hill",
    "a product": pl.col("product") == "auto",
    "two": (pl.col("org_id") == "hill") & (pl.col("product") == "shop"),
    "a product that comes late": pl.col("product").is_in(["card"]),
    "a region": pl.col("region") == "Ningbo",
    "nothing": pl.lit(value=False),
    "unknown": pl.col("org_id") == "nowhere",
}


def silent(_step: str, _done: int, _all: int) -> None:
    """Show nothing."""


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Harbour Branch at seven month ends; two of them once more by a later knowledge."""

    def build(folder: Path) -> None:
        home = open_home(shutil.copytree(harbour.taken_in(tmp_path_factory), folder / "home"), {})
        harbour.send(home, folder, harbour.NEWS)
        run_all(home, [*OWN, *PINNED], silent)

    return open_home(once(tmp_path_factory, "within", build) / "home", {})


@pytest.mark.parametrize("pairs", [OWN, OWN[2:5], PINNED, OWN[-1:]], ids=["all", "some", "pinned", "one"])
@pytest.mark.parametrize("part", PARTS)
def test_cubes_and_snapshots_tell_the_same_of_a_part(moved: Home, part: str, pairs: list[tuple[date, date]]) -> None:
    fast, slow = cubes_of(moved, pairs).within(PARTS[part]), portfolio_of(moved, pairs, PARTS[part])
    assert fast.dates == slow.dates == [day for day, _ in pairs]
    assert fast.missing == slow.missing
    for scheme in ("buckets_atomic", "buckets_m_stages"):
        assert fast.ageing(scheme).equals(slow.ageing(scheme))
        assert fast.ageing(scheme, by=["product"]).equals(slow.ageing(scheme, by=["product"]))
    assert fast.rolls().equals(slow.rolls())
    assert fast.first_payments().equals(slow.first_payments())
    for cohort in ("month", "quarter"):
        assert fast.vintages(30, cohort).equals(slow.vintages(30, cohort))
    assert fast.within(PARTS[part]).rolls().equals(fast.rolls())


@pytest.mark.parametrize("part", PARTS)
def test_a_part_holds_just_its_loans(moved: Home, part: str) -> None:
    frame = pl.from_arrow(store.read(moved, "snapshots", END, END))
    assert isinstance(frame, pl.DataFrame)
    right = frame.filter(PARTS[part])
    found = portfolio_of(moved, OWN, PARTS[part]).panel.filter(pl.col("as_of") == END).collect()
    assert sorted(found["loan_id"]) == sorted(right["loan_id"])
    told = cubes_of(moved, OWN).within(PARTS[part]).ageing().filter(pl.col("as_of") == END)
    assert told["loans"].sum() == len(right)


def test_a_date_on_which_a_part_has_no_loan_is_no_gap(moved: Home) -> None:
    """The only card comes in December: November is empty, and was run, so nothing before the card is unknown."""
    steps = portfolio_of(moved, OWN, pl.col("product") == "card").rolls()
    assert steps["as_of"].unique().sort().to_list() == [day for day, _ in OWN]
    december = steps.filter(pl.col("as_of") == date(2025, 12, 31))
    assert december["loans_before"].to_list() == [0] * december.height


def test_a_part_that_is_gone_by_the_last_date_has_no_first_payments_of_an_earlier_one(moved: Home) -> None:
    early = portfolio_of(moved, OWN, (pl.col("dpd") == 0) & (pl.col("loan_id") == "A1"))
    assert early.panel.collect()["as_of"].to_list() == [date(2026, 1, 31), date(2026, 2, 28)]
    assert early.first_payments().height == 0


def test_everything_is_the_portfolio_as_it_always_was(moved: Home) -> None:
    assert portfolio_of(moved, OWN).rolls().equals(portfolio(moved).rolls())
    assert portfolio_of(moved, PINNED).ageing().equals(portfolio(moved, known_on=LATER).ageing())


def test_pairs_that_were_not_run_are_refused(moved: Home) -> None:
    with pytest.raises(DaihouError):
        cubes_of(moved, [(date(2026, 4, 1), date(2026, 4, 1))])
