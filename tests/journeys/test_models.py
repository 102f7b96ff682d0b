"""A model is trained, validated and approved by two people at the desk; the next run scores by it, and a score is explained to its customer."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import polars as pl
import pytest
from playwright.sync_api import expect

from daihou.runs import store
from journeys.browser import PHONE, Seats, launched
from journeys.desk import Desk, environment, served
from journeys.models_home import DESIGN, PROFILE
from journeys.test_accessibility import findings

if TYPE_CHECKING:
    from collections.abc import Iterator

JOB_MS: Final = 180_000


@pytest.fixture(scope="module")
def own(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Seats]]:
    """A desk of its own, over a book that ends yesterday; and who sits at it."""
    home = tmp_path_factory.mktemp("models") / "home"
    home.mkdir()
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
    page.get_by_role("textbox", name="Design").fill(design)
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_role("heading", name="What came of it")).to_be_visible(timeout=JOB_MS)
    expect(page.get_by_role("link", name="watch_3m v2")).to_be_visible()
    page.get_by_role("link", name="watch_3m v1").click()
    expect(page.locator("main")).to_contain_text("Not validated yet")
    page.get_by_role("button", name="Validate", exact=True).click()
    expect(page.get_by_role("heading", name="What came of it")).to_be_visible(timeout=JOB_MS)
    page.get_by_role("link", name="watch_3m v1").click()
    expect(page.locator("#findings")).to_have_text("Validation")
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
    other.goto("/models/")
    other.get_by_role("link", name=re.compile("^v1")).first.click()
    other.get_by_label("Note").first.fill("Fit for the order of calls.")
    other.locator("form[action$='/approve/']").get_by_role("button", name="Approve").click()
    expect(other.locator("main")).to_contain_text("Champion from")

    # The next run scores by it.
    page.goto("/jobs/start/run/")
    page.get_by_role("button", name=re.compile("Start", re.IGNORECASE)).last.click()
    expect(page.locator("#state")).to_contain_text(re.compile("All went well|It is done"), timeout=JOB_MS)
    day = max(as_of for as_of, known in store.pairs(desk.home) if as_of == known)
    scores = pl.DataFrame(pl.from_arrow(store.read(desk.home, "borrower_snapshots", day, day))).filter(
        pl.col("score").is_not_null()
    )
    worst = scores.sort("score", "borrower_id").row(0, named=True)

    # It stands on the borrower's page with its reasons and its course, and is explained to the customer.
    reader = seats.of("manager")
    reader.goto(f"/borrowers/{worst['borrower_id']}/")
    card = reader.locator("section[aria-labelledby=score-card]")
    expect(card.locator(".score")).to_have_text(f"{worst['score']:.0f}")
    expect(card.locator("[data-chart] svg").first).to_be_visible()
    card.get_by_role("link", name="Explain to the customer").click()
    expect(reader.locator(".letter")).to_contain_text(f"{worst['score']:.0f}")
    expect(reader.locator(".letter")).to_contain_text("Says whom to call first.")
    phone = seats.of("manager", PHONE)
    phone.goto(reader.url)
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0]

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
    assert seats.leave() == []


def test_the_pages_of_models_are_open_to_all(own: tuple[Desk, Seats]) -> None:
    desk, seats = own
    day = max(as_of for as_of, known in store.pairs(desk.home) if as_of == known)
    rows = pl.DataFrame(pl.from_arrow(store.read(desk.home, "borrower_snapshots", day, day))).filter(
        pl.col("score").is_not_null()
    )
    borrower = rows.sort("score", "borrower_id")["borrower_id"][0]
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
    assert seats.leave() == []
