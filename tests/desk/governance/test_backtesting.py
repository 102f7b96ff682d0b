"""Backtests at the desk: what is asked, what the command is given, what is shown of what came out, and its place beside a draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from daihou.book.errors import DaihouError
from daihou.desk.governance import content, transitions
from daihou.desk.jobs.arguments import given, words
from daihou.desk.jobs.models import Job, Kind
from daihou.desk.jobs.rule_arguments import Backtest
from daihou.desk.jobs.transitions import request
from daihou.warning import checked, reading
from desk.governance.conftest import drafted, in_force, whole
from desk.governance.findings import backtest, job
from desk.governance.test_pages import button, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from daihou.desk.asked import Asked
    from daihou.desk.governance.models import Draft
    from daihou.desk.people.models import User

    By = Callable[[str], Asked]
    Browser = Callable[[str], Client]

ASKED = {"default": "dpd > 90", "within": "12", "step": "month-end"}


@pytest.fixture
def draft(by: By) -> Draft:
    """The second version of a rule that is in force with `dpd > 10`: `dpd > 20`."""
    from django.conf import settings
    from django.utils import timezone

    from daihou.desk.governance import dates, published

    rule = published.rule(in_force(by("wang"), by("zhou")))
    assert rule is not None
    begun = transitions.begin_next(rule, by("wang"), dates.today(settings.HOME, timezone.now()))
    return transitions.write(begun, begun.revision, {**whole(), "when": "dpd > 20"}, by("wang"))


# What is asked ---------------------------------------------------------------------------------------------------------


def test_all_rules_are_asked_for_by_their_command(browser: Browser) -> None:
    answer = browser("wang").post("/rules/backtest/", {**ASKED, "rules": "R-001, R-002 R-001", "by": "product"})
    made = Job.objects.get()
    assert answer.headers["Location"] == f"/rules/backtest/{made.pk}/"
    assert words(made.kind, made.arguments) == [
        "rules", "backtest", "R-001", "R-002", "--default=dpd > 90", "--within=12m", "--step=month-end", "--by=product", "--json=backtest.json",
    ]  # fmt: skip
    assert given(made.kind, made.arguments) == {}


def test_a_draft_is_given_as_a_file_that_the_command_can_read_before_all_of_it_is_written(
    browser: Browser, by: By
) -> None:
    begun = transitions.begin({"when": "dpd > 20"}, by("wang"))
    browser("wang").post(f"/rules/{begun.rule_id}/backtest/", ASKED)
    made = Job.objects.get()
    assert "--draft=.draft.yaml" in words(made.kind, made.arguments)
    (text_given,) = given(made.kind, made.arguments).values()
    (rule,) = reading.rules(text_given, "draft")
    assert not checked.problems(rule, rule.versions[0], place="draft")
    assert (rule.id, rule.versions[0].when) == (begun.rule_id, "dpd > 20")
    assert content.judged(text_given) == begun.judged


def test_a_draft_whose_condition_has_errors_is_not_asked_about(browser: Browser, by: By) -> None:
    begun = drafted(by("wang"), when="dpdd > 20")
    page = browser("wang").post(f"/rules/{begun.rule_id}/backtest/", ASKED)
    assert page.status_code == 422
    assert "The condition of the draft has errors." in text(page)
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"rules": "--version"}, "rules"), ({"default": "dpd"}, "default"), ({"within": "121"}, "within")],
)
def test_what_cannot_be_asked_is_said_at_its_field(db: None, typed: dict[str, str], field: str) -> None:
    form = Backtest({**ASKED, **typed})
    assert not form.is_valid()
    assert list(form.errors) == [field]


def test_only_who_drafts_for_the_whole_lender_may_ask(browser: Browser) -> None:
    assert browser("zhou").post("/rules/backtest/", ASKED).status_code == 403
    assert browser("lu").get("/rules/backtest/").status_code == 403
    assert "disabled" in button(browser("zhou").get("/rules/backtest/"), "Start the backtest")
    assert browser("wang").get("/rules/R-999/backtest/").status_code == 404


def test_no_other_way_starts_it_either(staff: dict[str, User]) -> None:
    with pytest.raises(DaihouError, match="does not draft rules for all of it"):
        request(Kind.BACKTEST, ASKED, staff["zhou"])


def test_its_job_says_what_was_asked_and_leads_to_what_came_out(browser: Browser, staff: dict[str, User]) -> None:
    made = job(staff["wang"], Kind.BACKTEST, backtest(), about="R-001", by="product")
    page = browser("wang").get(f"/jobs/{made.pk}/")
    assert "Backtest · R-001 · dpd > 90" in text(page)
    assert "Told apart by product" in text(page)
    assert f'href="/rules/backtest/{made.pk}/"' in page.content.decode()


# What came out ---------------------------------------------------------------------------------------------------------


def test_the_draft_stands_beside_what_is_in_force_for_all_and_for_each_group(
    browser: Browser, staff: dict[str, User]
) -> None:
    page = browser("wu").get(
        f"/rules/backtest/{job(staff['wang'], Kind.BACKTEST, backtest(), about='R-001', by='product').pk}/"
    )
    (part,) = page.context["parts"]
    assert part["beside"].heads == ("in force v1", "draft v2")
    whole_row, card, car = part["beside"].rows
    assert whole_row.cells == (
        ("4.0", "3.0"), ("25.0%", "40.0%"), ("50.0%", "45.0%"), ("60.0%", "55.0%"), ("55", "48"), ("3.0", "1.5"),
    )  # fmt: skip
    assert (card.name, card.few, car.name, car.few) == ("card", False, "car", True)
    said = text(page)
    assert "car 3 0.5 0.5 fewer than 30 defaults: no ratios" in said
    assert "7 alerts are not over yet" in said
    assert "25.0% of those it warned of, R-002 v1 did too" in said
    assert "5.0 points of defaults caught by it alone" in said
    assert "Knowledge dates: assumed" in said


def test_all_rules_together_stand_beside_each_other_too(browser: Browser, staff: dict[str, User]) -> None:
    page = browser("wu").get(f"/rules/backtest/{job(staff['wang'], Kind.BACKTEST, backtest()).pk}/")
    (part,) = page.context["parts"]
    assert part["beside"].heads == ("in force (2)", "draft (2)")
    assert part["loads"][0]["rows"] == [("K1", "3.0", 100), ("K2", "1.0", 33)]
    assert part["overlaps"][0] == ("R-001 v1", "R-002 v1", "31.2%")
    assert part["leads"]["rows"][1] == ("31–60", [10, 10])


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", ["R-002 v1", "R-001 v1", "R-001 v2"]),
        ("alerts", ["R-001 v2", "R-001 v1", "R-002 v1"]),
        ("-precision", ["R-001 v2", "R-001 v1", "R-002 v1"]),
        ("rule", ["R-001 v1", "R-001 v2", "R-002 v1"]),
        ("-rule", ["R-002 v1", "R-001 v2", "R-001 v1"]),
        ("no-such-figure", ["R-001 v1", "R-001 v2", "R-002 v1"]),
    ],
)
def test_rules_are_sorted_by_the_address(browser: Browser, staff: dict[str, User], sort: str, order: list[str]) -> None:
    page = browser("wu").get(f"/rules/backtest/{job(staff['wang'], Kind.BACKTEST, backtest()).pk}/?sort={sort}")
    assert [row.label for row in page.context["parts"][0]["rules"]] == order


def test_its_figures_are_taken_out_with_every_group(browser: Browser, staff: dict[str, User]) -> None:
    number = job(staff["wang"], Kind.BACKTEST, backtest()).pk
    lines = browser("wang").get(f"/rules/backtest/{number}/csv").content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Watches,Rules,product,Defaults,Alerts a month,Precision,")
    assert lines[1] == "Loan,R-001 v1,,40,4.0,0.25,0.5,0.6,55.0,3.0,7"
    assert lines[5] == "Loan,R-001 v2 draft,card,40,3.0,0.4,0.45,0.55,48.0,1.5,7"
    assert browser("zhou").get(f"/rules/backtest/{number}/xlsx").status_code == 200
    assert browser("he").get(f"/rules/backtest/{number}/csv").status_code == 403


@pytest.mark.parametrize("found", [None, {"format": 99}, {}])
def test_what_is_not_there_or_not_understood_says_so(
    browser: Browser, staff: dict[str, User], found: dict[str, int] | None
) -> None:
    page = browser("wu").get(f"/rules/backtest/{job(staff['wang'], Kind.BACKTEST, found).pk}/")
    assert page.status_code == 200
    assert "No answer" in text(page)


# Beside a draft --------------------------------------------------------------------------------------------------------


def test_a_backtest_is_attached_to_the_draft_that_it_judged(
    browser: Browser, draft: Draft, staff: dict[str, User]
) -> None:
    found = backtest(draft.rule_id)
    number = job(staff["wang"], Kind.BACKTEST, found, about=draft.rule_id, draft=content.runnable(draft.text)).pk
    assert "Attach to the draft" in text(browser("wang").get(f"/rules/backtest/{number}/"))
    page = browser("wang").post(f"/rules/backtest/{number}/attach/", follow=True)
    evidence = draft.evidence("backtest")
    assert evidence is not None
    assert [rule["rule"] for rule in evidence.result["found"]["results"][0]["rules"]] == [draft.rule_id] * 2
    said = text(page)
    assert "The backtest is attached to the draft." in said
    assert "Precision 25.0% 40.0%" in said
    assert "Attach a backtest of it as it now reads" not in said
    assert "Attached to the draft" in text(browser("wang").get(f"/rules/backtest/{number}/"))


def test_a_draft_that_was_changed_since_takes_no_backtest(
    browser: Browser, by: By, draft: Draft, staff: dict[str, User]
) -> None:
    number = job(
        staff["wang"], Kind.BACKTEST, backtest(draft.rule_id), about=draft.rule_id, draft=content.runnable(draft.text)
    ).pk
    changed = transitions.write(draft, draft.revision, {"when": "dpd > 40"}, by("wang"))
    assert "It was made with another text than the draft now has." in text(
        browser("wang").get(f"/rules/backtest/{number}/")
    )
    page = browser("wang").post(f"/rules/backtest/{number}/attach/", follow=True)
    assert "The draft was changed since: do the backtest again." in text(page)
    assert changed.evidence("backtest") is None


def test_a_change_of_words_alone_leaves_the_backtest_good(
    browser: Browser, by: By, draft: Draft, staff: dict[str, User]
) -> None:
    number = job(
        staff["wang"], Kind.BACKTEST, backtest(draft.rule_id), about=draft.rule_id, draft=content.runnable(draft.text)
    ).pk
    changed = transitions.write(draft, draft.revision, {"reason_en": "Said otherwise.", "level": "red"}, by("wang"))
    browser("wang").post(f"/rules/backtest/{number}/attach/")
    assert changed.evidence("backtest") is not None
