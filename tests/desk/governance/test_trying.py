"""A draft tried on the book of the newest run, and what that run counted of the rules in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from daihou.desk.governance import transitions, trying
from daihou.desk.governance.models import Draft
from daihou.desk.refusals import RefusedError
from desk.governance.conftest import drafted, form
from desk.governance.test_pages import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from daihou.desk.asked import Asked

    By = Callable[[str], Asked]
    Browser = Callable[[str], Client]


@pytest.fixture
def live(loans: pl.DataFrame) -> pl.DataFrame:
    """The loans that are watched, counted here by other means than the watch's own."""
    return loans.filter(pl.col("state").cast(pl.String).is_in(["current", "overdue", "unmeasured"]))


def test_a_try_counts_the_book_as_it_is(by: By, live: pl.DataFrame) -> None:
    draft = drafted(by("wang"), when="dpd > 10", segment="term_months >= 12")
    result = trying.attempt(draft, by("wang")).result
    inside = live.filter(
        (pl.col("term_months") >= 12).fill_null(value=True)
    )  # where the term is not known, it may apply
    assert result["subjects"] == len(live)
    assert result["hits"] == live.filter(pl.col("term_months") >= 12, pl.col("dpd") > 10).height > 0
    assert result["missing"][-1] == ["dpd", inside["dpd"].null_count()]
    assert result["live"] is None, "a new rule has no version in force"
    assert draft.evidence("trial") is not None


def test_a_try_says_what_changes_against_the_version_in_force(by: By, browser: Browser, live: pl.DataFrame) -> None:
    browser("wang").post("/rules/R-002/next/")
    draft = Draft.objects.get()
    page = browser("wang").post("/rules/R-002/draft/try/", form(draft, when="dpd > 60"), follow=True)
    result = Draft.objects.get().attachments.get().result
    now, then = (live.filter(pl.col("dpd") > days) for days in (60, 30))
    assert (result["hits"], result["live"]) == (now.height, then.height)
    lost = then.filter(pl.col("dpd") <= 60)["loan_id"].sort().to_list()
    assert (result["gained"], result["lost"], result["lost_ids"]) == (0, len(lost), lost[:20])
    assert lost
    assert f"Lost {len(lost)}" in text(page)


def test_what_cannot_run_is_not_tried_and_stays_as_typed(by: By, browser: Browser) -> None:
    draft = drafted(by("wang"))
    page = browser("wang").post(f"/rules/{draft.rule_id}/draft/try/", form(draft, when="dpd >"), follow=True)
    assert "It cannot be tried while its condition has errors." in text(page)
    assert page.context["values"]["when"] == "dpd >"


def test_a_rule_can_be_tried_before_its_texts_and_its_day_are_written(by: By, live: pl.DataFrame) -> None:
    draft = transitions.begin({"when": "dpd > 30"}, by("wang"))
    assert trying.attempt(draft, by("wang")).result["hits"] == live.filter(pl.col("dpd") > 30).height
    with pytest.raises(RefusedError):
        transitions.submit(draft, draft.revision, "The law leaves no choice.", by("wang"))


def test_the_list_shows_what_the_newest_run_counted_to_who_sees_all(browser: Browser, live: pl.DataFrame) -> None:
    page = browser("wu").get("/rules/")
    counts = next(counts for row, counts in page.context["rows"] if row.id == "R-001")
    assert (counts.subjects, counts.hits) == (len(live), live.filter(pl.col("dpd") >= 1).height)
    part = browser("lu").get("/rules/")
    assert not any(counts for _, counts in part.context["rows"])
    assert "counts are of the whole lender" in text(part)


def test_the_check_says_how_often_a_column_is_missing(browser: Browser, live: pl.DataFrame) -> None:
    page = browser("wang").post("/rules/check/", {"when": "dpd > 3", "subject": "loan", "id": "R-501"})
    ((_, missing),) = page.context["named"]
    assert missing == live["dpd"].null_count() / len(live)
