"""What a report says of a small branch whose every loan has a story: the grade that is suggested, the lender's own, flows, credit reports, and whose it is."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from books import harbour
from daihou.book.home import open_home
from daihou.desk.people.roles import Role
from daihou.desk.reports import transitions
from daihou.desk.reports.models import Report
from daihou.desk.reviews.models import Piece, Review
from desk.alerts.hands import asked, browser
from desk.conftest import user
from desk.reports import branch
from desk.reports.visited import attach, finished, shot, visit
from desk.scoring.conftest import built_to_show, scored, scoring
from once import once

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.desk.people.models import User
    from scoring_home import Scoring

__all__ = ["built_to_show", "scoring"]
QUIET: dict[str, Any] = {"debts": [], "debts_total": None, "ability": 4, "open": "yes", "turnover": None, "opinion": ""}
"""Answers of which none is a finding."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = harbour.taken_in(tmp_path_factory)
    return once(tmp_path_factory, "reports_branch", lambda folder: branch.build(source, folder)) / "home"


@pytest.fixture
def staff(db: None, built: Path, settings: Any, tmp_path: Path) -> dict[str, User]:
    """Officers and managers of both branches."""
    settings.HOME, settings.MEDIA_ROOT = open_home(built, {}), str(tmp_path)
    return {
        "li": user("li", (Role.MANAGER, "harbour"), language="en"),
        "chen": user("chen", (Role.MANAGER, "harbour"), language="en"),
        "he": user("he", (Role.MANAGER, "hill"), language="en"),
    }


def made(borrower_id: str, staff: dict[str, User], **more: Any) -> Report:
    sheet = visit(borrower_id, staff["li"], staff["chen"], org_id="harbour", officer_id="")
    answers = {name: value for name, value in {**sheet.answers, **QUIET, **more}.items() if value not in (None, "", [])}
    type(sheet).objects.filter(pk=sheet.pk).update(answers=answers)
    return transitions.make(finished(sheet), "en", asked(staff["li"]))


def part(report: Report, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in report.figures["parts"] if one["id"] == name)
    return found


def pairs(report: Report, name: str) -> dict[str, str]:
    return dict(part(report, name)["pairs"])


def test_a_loan_written_off_asks_for_loss_and_shows_the_lenders_own_grade(staff: dict[str, User]) -> None:
    report = made("B6", staff)
    assert (report.figures["suggested"], report.words["grade"]) == ("loss", "loss")
    assert pairs(report, "grades")["Why"].startswith("loans in the state: Written off. Source: Head of post-loan")
    assert part(report, "grades")["tables"][0]["rows"] == [["W1", "Loss", "2026-03-31"]]
    assert not part(report, "grades")["notes"]


def test_of_a_loan_that_cannot_be_measured_no_grade_is_suggested_and_one_is_chosen_with_a_reason(
    staff: dict[str, User],
) -> None:
    report, li = made("B7", staff), staff["li"]
    assert (report.figures["suggested"], report.words["grade"]) == ("", "")
    assert pairs(report, "grades") == {
        "Grade that is suggested": "none",
        "Why": "Not every loan that is owed was measured: choose a grade, and say why.",
    }
    assert part(report, "grades")["notes"] == ["No grade by the lender is delivered of these loans."]
    page = browser(li).get(f"/reports/{report.pk}/edit/").content.decode()
    assert '<option value="" selected>not chosen</option>' in page
    words = {**report.words, "conclusion": "Fine."}
    one = transitions.save(report, report.revision, words, asked(li))
    client = browser(li)
    assert "Choose a grade first." in client.get(f"/reports/{one.pk}/").content.decode()
    one = transitions.save(one, one.revision, {**words, "grade": "pass"}, asked(li))
    assert "No grade is suggested: the one you choose" in client.get(f"/reports/{one.pk}/").content.decode()
    one = transitions.save(one, one.revision, {**words, "grade": "pass", "grade_reason": "Papers seen."}, asked(li))
    assert client.post(f"/reports/{one.pk}/submit/", {"revision": one.revision}).status_code == 302


def test_who_is_measured_has_a_grade_by_days_and_the_lenders_newest_one_of_each_open_loan(
    staff: dict[str, User],
) -> None:
    report = made("B2", staff)
    assert report.figures["suggested"] in ("special_mention", "substandard")
    own = part(made("B1", staff), "grades")["tables"][0]["rows"]
    assert own == [["A1", "Special mention", "2026-03-31"]], "what is paid back is not graded"


def test_flows_and_credit_reports_are_told_with_their_source(staff: dict[str, User]) -> None:
    report = made("B1", staff)
    for name in ("flows", "bureau"):
        found = part(report, name)
        assert (found["missing"], found["source"]) == ("", "snapshot 2026-04-30, known on 2026-04-30")
    told = dict(part(report, "bureau")["tables"][0]["rows"])
    assert "585" in told.values()
    assert len(part(report, "flows")["tables"][0]["rows"]) > 3
    other = made("B2", staff)
    assert "No account" in part(other, "flows")["missing"]
    assert "No credit report" in part(other, "bureau")["missing"]


def test_a_score_is_told_with_what_it_rests_on(scoring: Scoring, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    row = scored(scoring).row(0, named=True)
    li, chen = (user(name, (Role.MANAGER, ""), language="en") for name in ("li", "chen"))
    report = transitions.make(visit(row["borrower_id"], li, chen).review, "en", asked(li))
    found = part(report, "score")
    assert found["missing"] == ""
    assert dict(found["pairs"])["Score"] == f"{row['score']:.0f}"
    assert "watch_3m" in found["source"]
    assert found["tables"][0]["rows"]


def test_money_is_told_with_its_currency_and_a_place_in_words(staff: dict[str, User]) -> None:
    place = {"latitude": 29.8683, "longitude": 121.544, "accuracy_m": 12.0}
    report = made("B2", staff, turnover=18_200_000, where=place)
    told = str(part(report, "answers")["tables"])
    assert "182,000 CNY" in told
    assert "last time 200,000 CNY" in told
    assert "latitude" not in told
    assert "29.868300, 121.544000, accurate to 12 m" in told


def test_a_picture_bears_the_time_at_which_it_was_taken(staff: dict[str, User]) -> None:
    sheet = visit("B2", staff["li"], staff["chen"], org_id="harbour", officer_id="")
    piece = attach(sheet, shot("#4a6d8c"), "front", staff["li"])
    taken = timezone.now() - dt.timedelta(days=2)
    Piece.objects.filter(pk=piece.pk).update(taken_at=taken, clock_off_s=3600)
    report = transitions.make(sheet.review, "en", asked(staff["li"]))
    right = timezone.localtime(taken - dt.timedelta(hours=1)).strftime("%Y-%m-%d %H:%M")
    assert part(report, "pictures")["pictures"][0]["at"] == right


def test_a_report_follows_its_borrower_and_having_made_it_opens_nothing(staff: dict[str, User]) -> None:
    sheet = visit("B7", staff["li"], staff["chen"], org_id="harbour", officer_id="")  # of hill, as the run says
    report = transitions.make(finished(sheet), "en", asked(staff["li"]))
    assert report.org_id == "hill", "whose it is is asked anew, not copied from the review"
    li, he = browser(staff["li"]), browser(staff["he"])
    assert li.get(f"/reports/{report.pk}/").status_code == 200, "the review is theirs still"
    Review.objects.filter(pk=sheet.review_id).update(owner=staff["he"])
    Report.objects.filter(pk=report.pk).update(org_id="harbour")  # as it was before the borrower moved
    assert li.get(f"/reports/{report.pk}/").status_code == 404
    assert li.get(f"/reports/{report.pk}/edit/").status_code == 404
    assert len(li.get("/reports/").context["rows"]) == 0
    assert len(he.get("/reports/").context["rows"]) == 1
    Review.objects.filter(pk=sheet.review_id).update(owner=None)
    assert he.post(f"/reports/{report.pk}/fill/", {"revision": report.revision}).status_code == 302
    report.refresh_from_db()
    assert report.org_id == "hill"
    Review.objects.filter(pk=sheet.review_id).update(org_id="harbour")
    Report.objects.all().update(state="approved", approved_at=timezone.now())
    assert li.post(f"/reports/of/{sheet.review_id}/").status_code == 422, (
        "the review is seen, its borrower is elsewhere"
    )
