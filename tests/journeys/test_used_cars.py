"""The used-car book of 2017 to 2020 at the desk: a score is trained on it in March 2020, scores from then on, and turns red with the spring."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from typing import TYPE_CHECKING

import polars as pl
import pytest
from playwright.sync_api import expect

from daihou.book.home import open_home
from daihou.runs import store
from desk.desks import put_tables
from examples.test_auto_loans import ROOT, the_file
from journeys import modelling
from journeys.browser import PHONE, Seats, launched
from journeys.desk import environment, served
from journeys.used_cars_home import TRAINED_ON

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.book.home import Home

DESIGN = ROOT / "examples" / "auto_loans" / "score.yaml"
MODEL = "used_car_6m"
APRIL, MAY = dt.date(2020, 4, 30), dt.date(2020, 5, 31)


def noon(day: dt.date) -> dt.datetime:
    """Of a day, at the lender's."""
    return dt.datetime.combine(day, dt.time(12), dt.timezone(dt.timedelta(hours=8)))


def worst_scored(home: Home) -> tuple[str, float]:
    """The borrower with the least score of those who have one of April and of May, and that of May."""
    april, may = (
        pl.DataFrame(pl.from_arrow(store.read(home, "borrower_snapshots", day, day))).drop_nulls("score").sort("score", "borrower_id")
        for day in (APRIL, MAY)
    )  # fmt: skip
    return may.join(april, on="borrower_id", how="semi", maintain_order="left").select("borrower_id", "score").row(0)


@pytest.fixture(scope="module")
def used_cars(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a desk over the book until March 2020."""
    home = tmp_path_factory.mktemp("used_cars") / "home"
    put_tables(tmp_path_factory, home)
    command = [sys.executable, "-m", "journeys.used_cars_home", str(the_file())]
    subprocess.run(command, env=environment(home, at=noon(TRAINED_ON)), check=True)
    return home


def test_a_score_is_trained_approved_explained_and_watched_until_the_market_turns(
    used_cars: Path, chromium: str
) -> None:
    with served(used_cars, at=noon(TRAINED_ON)) as opened, launched(chromium) as browser:
        seats = Seats(browser, opened)
        analyst, reviewer = seats.of("analyst"), seats.of("reviewer")
        modelling.train(analyst, DESIGN.read_text("utf-8"))
        for number, role in ((1, "champion"), (2, "shadow")):
            modelling.validate(analyst, MODEL, number)
            expect(analyst.locator("main")).to_contain_text("0.9")
            modelling.approve(reviewer, MODEL, number, "By the sample of the spring of 2019.", role)
        assert seats.leave() == []

    with served(used_cars, at=noon(APRIL)) as opened, launched(chromium) as browser:
        seats = Seats(browser, opened)
        modelling.run(seats.of("analyst"))
        assert seats.leave() == []

    with served(used_cars, at=noon(MAY)) as opened, launched(chromium) as browser:
        seats = Seats(browser, opened)
        page = seats.of("analyst")
        modelling.run(page)
        page.goto(f"/models/{MODEL}/")
        # Loans of November 2019 had until May: about twice as many defaulted as were expected.
        row = page.locator("section[aria-labelledby=rates] tr", has=page.get_by_role("rowheader", name="2019-11-30"))
        page.locator("section[aria-labelledby=rates]").get_by_role("button", name="Table").click()
        expect(row).to_contain_text("red")
        manager = seats.of("manager")
        manager.goto(f"/alerts/?q={MODEL}")
        expect(manager.locator("main")).to_contain_text(f"{MODEL} v1")
        expect(manager.locator("main")).to_contain_text("More defaults than the model allows")
        worst, score = worst_scored(open_home(used_cars, {}))
        modelling.explain(seats, worst, f"{score:.0f}", "Which live loans to look at first.")
        chinese = seats.of("manager-zh", PHONE)
        chinese.goto(f"/models/{MODEL}/")
        expect(chinese.locator("main")).to_contain_text("红")
        assert chinese.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        assert seats.leave() == []
