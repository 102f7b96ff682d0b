"""A model is trained, validated and approved by two people at the desk; the next run scores by it, and a score is explained to its customer."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import polars as pl
import pytest
from playwright.sync_api import expect

from daihou.runs import store
from desk.desks import put_tables
from journeys import modelling
from journeys.browser import Seats, launched
from journeys.desk import Desk, environment, served
from journeys.models_home import DESIGN, PROFILE
from journeys.test_accessibility import findings

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def own(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Seats]]:
    """A desk of its own, over a book that ends yesterday; and who sits at it."""
    home = tmp_path_factory.mktemp("models") / "home"
    put_tables(tmp_path_factory, home)
    (home / "daihou.toml").write_text(f'profile = "{PROFILE}"\n', "utf-8")
    subprocess.run([sys.executable, "-m", "journeys.models_home"], env=environment(home), check=True)
    with served(home) as opened, launched(chromium) as browser:
        yield Desk(opened, home), Seats(browser, opened)


def test_a_model_goes_from_training_to_a_score_that_is_explained(own: tuple[Desk, Seats]) -> None:
    desk, seats = own
    page = seats.of("analyst")
    page.goto("/models/")
    expect(page.get_by_text("No model yet")).to_be_visible()
    page.locator("main").get_by_role("link", name="Train a model").first.click()

    # A slip is told at its key; put right, the job trains a card and a challenger.
    design = (desk.path / DESIGN).read_text("utf-8")
    page.get_by_role("textbox", name="Design").fill(design.replace("name: late_days_3m", "name: late_day_3m"))
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_role("alert")).to_contain_text("features, late_day_3m")
    modelling.train(page, design)
    expect(page.get_by_role("link", name="watch_3m v2")).to_be_visible()
    modelling.validate(page, "watch_3m", 1)
    page.get_by_text("Approve", exact=True).first.click()
    expect(page.locator("#no-approving")).to_contain_text("reviewers and managers")
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel").click()
    assert download.value.suggested_filename == "watch_3m-v1.xlsx"

    # The report is a page of its own, which loads nothing else.
    page.get_by_role("link", name="Validation report").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()

    # Somebody else approves it, from today.
    other = seats.of("reviewer")
    modelling.approve(other, "watch_3m", 1, "Fit for the order of calls.")

    # The next run scores by it.
    modelling.run(page)
    day = max(as_of for as_of, known in store.pairs(desk.home) if as_of == known)
    scores = pl.DataFrame(pl.from_arrow(store.read(desk.home, "borrower_snapshots", day, day))).filter(
        pl.col("score").is_not_null()
    )
    worst = scores.sort("score", "borrower_id").row(0, named=True)

    # It stands on the borrower's page with its reasons and its course, and is explained to the customer.
    modelling.explain(seats, worst["borrower_id"], f"{worst['score']:.0f}", "Says whom to call first.")

    # Its watch has begun.
    other.goto("/models/watch_3m/")
    expect(other.locator("#csi")).to_be_visible()
    expect(other.locator("[data-chart] svg").first).to_be_visible()
    auditor = seats.of("auditor")
    auditor.goto("/audit/")
    for act in (
        "Trained a scoring model",
        "Validated a scoring model",
        "Approved a scoring model",
        "Explained a score to a customer",
    ):
        expect(auditor.locator("main")).to_contain_text(act)
    all_can_use_them(seats, worst["borrower_id"])
    assert seats.leave() == []


def all_can_use_them(seats: Seats, borrower: str) -> None:
    """The pages of models, once there is something on them, in both languages and both themes."""
    pages = {
        "manager-zh": ["/models/", "/models/watch_3m/", "/models/watch_3m/1/", "/models/watch_3m/2/", f"/borrowers/{borrower}/", f"/borrowers/{borrower}/score/"],
        "analyst-zh": ["/models/train/", "/models/watch_3m/overlay/?measure=unemployment&value=0.06", "/models/jobs/1/"],
    }  # fmt: skip
    wrong = {}
    for who, addresses in pages.items():
        page = seats.of(who)
        for address in addresses:
            page.emulate_media(color_scheme="light")
            page.goto(address)
            expect(page.locator("[hx-trigger=load]")).to_have_count(0)  # what loads late is there
            light = findings(page)
            page.emulate_media(color_scheme="dark")
            dark = findings(page, ["color-contrast"])
            if light or dark:
                wrong[address] = [*light, *(("dark", *found) for found in dark)]
    assert wrong == {}
