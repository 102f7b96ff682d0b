"""Pages of rules: what each shows, to whom, and what it says where something may not be done."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings

from daihou.book import lake
from daihou.book.home import Home, Settings
from daihou.desk.asked import Asked
from daihou.desk.audit.models import Entry
from daihou.desk.governance import published, transitions
from daihou.desk.governance.models import Draft
from daihou.desk.people.models import User
from daihou.runs import store
from daihou.runs.watch import register
from daihou.runs.watch.tables import WATCHED
from daihou.warning import reading
from desk.governance.conftest import drafted, first_day, form, in_force, submitted, tried, whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.test import Client

    By = Callable[[str], Asked]
    Browser = Callable[[str], Client]

HTMX = {"HX-Request": "true"}


def text(response: Any) -> str:
    """What a page says, without its marks."""
    said = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(html.unescape(said).split())


def button(response: Any, label: str) -> str:
    """The mark of a button, to see whether it is disabled."""
    found = re.search(rf"<button[^>]*>(?:<svg.*?</svg>)?{label}", response.content.decode(), re.DOTALL)
    assert found, f"there is no button {label}"
    return found[0]


def listed(response: Any) -> list[str]:
    """The rules of the list."""
    return [row.id for row, _ in response.context["rows"]]


# The list --------------------------------------------------------------------------------------------------------------


def test_the_list_shows_what_ships_and_what_is_on_its_way(browser: Browser, by: By) -> None:
    draft = submitted(by("wang"))
    page = browser("wu").get("/rules/")
    assert {"R-001", "R-002", draft.rule_id} <= set(listed(page))
    row = next(row for row, _ in page.context["rows"] if row.id == draft.rule_id)
    assert (row.live, row.draft) == (None, draft)
    assert "Overdue and large" in text(page)
    assert "v1 Waits for review" in text(page)


@pytest.mark.parametrize(
    ("query", "all_have"),
    [
        ("topic=cash_flow", {"topic": "cash_flow"}),
        ("level=red", {"level": "red"}),
        ("subject=borrower&level=orange", {"subject": "borrower", "level": "orange"}),
    ],
)
def test_the_list_is_filtered_by_its_address(browser: Browser, query: str, all_have: dict[str, str]) -> None:
    every, some = (browser("wu").get(f"/rules/{asked}").context["rows"] for asked in ("", f"?{query}"))
    assert 0 < len(some) < len(every)
    for row, _ in some:
        assert {name: getattr(row, name) for name in all_have} == all_have


def test_the_list_finds_drafts_by_their_state(browser: Browser, by: By) -> None:
    waits, written = submitted(by("wang")), drafted(by("li"))
    assert listed(browser("wu").get("/rules/?state=review")) == [waits.rule_id]
    assert listed(browser("wu").get("/rules/?state=draft")) == [waits.rule_id, written.rule_id]
    assert listed(browser("wu").get("/rules/?q=newly+OVER")) == ["R-001", "R-365"]


def test_a_filter_that_leaves_nothing_says_so(browser: Browser) -> None:
    page = browser("wu").get("/rules/?q=no-such-rule")
    assert "No rule matches" in text(page)
    assert "Remove the filter" in text(page)


def test_an_unknown_value_in_the_address_asks_for_nothing(browser: Browser) -> None:
    assert listed(browser("wu").get("/rules/?level=purple")) == listed(browser("wu").get("/rules/"))


def test_a_registered_version_that_is_not_understood_is_named(browser: Browser) -> None:
    row = {
        "rule_id": "R-701", "version": 1, "text": "- id: R-701", "author": "x", "reviewer": "y", "note": "",
        "recorded_on": dt.date(2026, 1, 1), "origin": "file",
    }  # fmt: skip
    lake.append(settings.HOME, register.REGISTER, pa.Table.from_pylist([row], lake.schema(register.REGISTER)))
    assert "R-701 version 1 cannot judge and is left out" in text(browser("wu").get("/rules/"))


# Who may what ----------------------------------------------------------------------------------------------------------


def test_who_may_not_draft_is_told_why(browser: Browser) -> None:
    page = browser("wu").get("/rules/")
    assert "disabled" in button(page, "New rule")
    assert "Rules are drafted by risk analysts of the whole lender." in text(page)
    page = browser("zhou").get("/rules/R-001/")
    assert "disabled" in button(page, "Draft the next version")
    assert "disabled" not in button(browser("wang").get("/rules/R-001/"), "Draft the next version")


@pytest.mark.parametrize("path", ["new/", "check/", "R-001/next/", "R-001/retire/", "R-001/draft/try/"])
def test_a_role_for_a_part_of_the_lender_drafts_nothing(browser: Browser, path: str) -> None:
    assert browser("he").post(f"/rules/{path}").status_code == 403
    assert not Draft.objects.exists()


def test_a_reviewer_of_a_part_approves_nothing(browser: Browser, by: By) -> None:
    draft = submitted(by("wang"))
    sent = browser("lu").post(f"/rules/{draft.rule_id}/review/approve/", {"revision": draft.revision})
    assert sent.status_code == 403
    page = browser("lu").get(f"/rules/{draft.rule_id}/review/")
    assert "disabled" in button(page, "Approve and publish")
    assert "Rules are reviewed by reviewers and managers of the whole lender." in text(page)


# Writing ---------------------------------------------------------------------------------------------------------------


def test_a_new_rule_begins_with_the_next_number_of_the_lenders_own(browser: Browser) -> None:
    made = browser("wang").post("/rules/new/", follow=True)
    assert made.redirect_chain[-1][0] == "/rules/R-501/draft/"
    assert "Nothing is written yet." in text(made)


def test_what_is_typed_is_kept_as_it_is_typed(browser: Browser, by: By) -> None:
    draft = transitions.begin({}, by("wang"))
    kept = browser("wang").post(
        f"/rules/{draft.rule_id}/draft/", form(draft, when="dpd >", confirm="two"), headers=HTMX
    )
    now = Draft.objects.get(pk=draft.pk)
    assert (now.values["when"], now.values["confirm"], now.revision) == ("dpd >", "two", 2)
    assert 'id="revision" value="2"' in kept.content.decode(), "the page learns what it must show next time"
    assert "Saved at" in text(kept)


def test_of_two_tabs_the_second_is_told_and_keeps_its_text(browser: Browser, by: By) -> None:
    seen = drafted(by("wang"))
    first, second = form(seen, when="dpd > 20"), form(seen, when="dpd > 30", owner="Head of credit")
    browser("wang").post(f"/rules/{seen.rule_id}/draft/", first)
    page = browser("li").post(f"/rules/{seen.rule_id}/draft/", second)
    assert page.status_code == 409
    assert "The draft was changed in the meantime. Last by Wang" in text(page)
    assert page.context["form"]["when"].value() == "dpd > 30", "what was typed stays in its field"
    assert {row.name for row in page.context["differences"] or page.context["conflict"]["differences"]} == {
        "when",
        "owner",
    }
    assert Draft.objects.get(pk=seen.pk).values["when"] == "dpd > 20"

    over = Draft.objects.get(pk=seen.pk).revision
    browser("li").post(f"/rules/{seen.rule_id}/draft/", {**second, "over": over})
    assert Draft.objects.get(pk=seen.pk).values["when"] == "dpd > 30"
    newest = Entry.objects.filter(action="rule.write").first()
    assert newest is not None
    assert newest.detail["before"]["when"] == "dpd > 20", "what was written over stands in the log"


def test_saving_while_typing_tells_of_a_conflict_beside_the_form(browser: Browser, by: By) -> None:
    seen = drafted(by("wang"))
    transitions.write(seen, seen.revision, {"when": "dpd > 20"}, by("li"))
    told = browser("wang").post(f"/rules/{seen.rule_id}/draft/", form(seen, when="dpd > 30"), headers=HTMX)
    assert told.headers["HX-Retarget"] == "#trouble"
    assert "dpd > 20" in text(told)
    assert "dpd > 30" in text(told)


def test_what_is_reviewed_cannot_be_written(browser: Browser, by: By) -> None:
    draft = submitted(by("wang"))
    assert (
        browser("wang").get(f"/rules/{draft.rule_id}/draft/").headers["Location"] == f"/rules/{draft.rule_id}/review/"
    )
    sent = browser("wang").post(f"/rules/{draft.rule_id}/draft/", form(draft, when="dpd > 1"), headers=HTMX)
    assert "It is being reviewed." in text(sent)
    assert Draft.objects.get(pk=draft.pk).values["when"] == "dpd > 10"


def test_what_a_rule_watches_stays(browser: Browser, by: By) -> None:
    rule = published.rule("R-001")
    assert rule is not None
    draft = transitions.begin_next(rule, by("wang"), dt.date(2026, 6, 1))
    browser("wang").post(f"/rules/{draft.rule_id}/draft/", form(draft, subject="borrower"))
    assert Draft.objects.get(pk=draft.pk).values["subject"] == "loan"


def test_the_page_says_when_evidence_is_for_an_older_text(browser: Browser, by: By) -> None:
    draft = tried(drafted(by("wang")), by("wang"))
    assert "7 hits today" in text(browser("wang").get(f"/rules/{draft.rule_id}/draft/"))
    transitions.write(draft, draft.revision, {"when": "dpd > 11"}, by("wang"))
    page = browser("wang").get(f"/rules/{draft.rule_id}/draft/")
    assert "For an older text" in text(page)
    assert "Try it on today's book as it now reads." in text(page)


# The check -------------------------------------------------------------------------------------------------------------


def check(browser: Browser, condition: str, **more: str) -> Any:
    return browser("wang").post(
        "/rules/check/", {**whole(when=condition, id="R-501", topic="arrears", subject="loan", **more)}
    )


def test_a_condition_that_can_run_is_told_in_words_with_its_columns(browser: Browser) -> None:
    page = check(browser, "dpd > 30 and overdue_amount >= 5000", clear="dpd = 0")
    said = text(page)
    assert said.startswith("Can run Reads ")
    assert [column.field.name for column, _ in page.context["named"]] == ["dpd", "overdue_amount"]
    assert "Days from the due date of the oldest uncovered instalment" in said
    assert page.context["examined"].spoken.keys() == {"when", "clear"}


@pytest.mark.parametrize(
    ("condition", "says", "place"),
    [
        ("dpd > 30 / 0", "divided by zero", "/ 0"),
        ("dpd > overdue_amount", "Units differ: a number of days and an amount", "overdue_amount"),
        ("dpd > 45%", "cannot be compared with a percentage", "45%"),
        ("dpd >= 0", "always", ""),
        ("dpd > 5 and dpd < 3", "never", ""),
        ("(" * 201 + "dpd > 3" + ")" * 201, "more than 200 levels deep", "dpd>3"),
        ("sum(dpd) > 3", "calls a function; there are none", "sum(dpd)"),
        ("select dpd from loans", "is not part of the language", "select"),
        ("dpd > 3; drop table loans", "';' at character 8 is not allowed", "; drop"),
        ("", "Nothing is written yet", ""),
    ],
)
def test_a_condition_that_cannot_run_is_refused_at_its_place(
    browser: Browser, condition: str, says: str, place: str
) -> None:
    page = check(browser, condition)
    (problem,) = page.context["examined"].of_conditions
    assert problem.field == "when"
    assert says in problem.message
    assert place in problem.place.replace(" ", "") or place in problem.place
    assert "1 error" in text(page)


def test_a_misspelt_measure_is_answered_with_the_one_meant(browser: Browser) -> None:
    page = check(browser, "dpdd > 30 and overdue_amont > 5")
    (problem,) = page.context["examined"].of_conditions
    assert [(hint.word, hint.name) for hint in problem.hints] == [("dpdd", "dpd"), ("overdue_amont", "overdue_amount")]
    assert 'data-replace="dpdd" data-with="dpd"' in page.content.decode()
    assert 'data-unknown="dpdd overdue_amont"' in page.content.decode()


def test_errors_are_told_of_every_condition(browser: Browser) -> None:
    page = check(browser, "dpd > 30", segment="term_month > 3", clear="dpd =")
    assert [problem.field for problem in page.context["examined"].of_conditions] == ["segment", "clear"]


# Review ----------------------------------------------------------------------------------------------------------------


def test_the_maker_sees_why_they_cannot_decide(browser: Browser, by: By) -> None:
    draft = tried(drafted(by("wang")), by("wang"))
    draft = transitions.submit(draft, draft.revision, "The law leaves no choice.", by("zhou"))
    page = browser("zhou").get(f"/rules/{draft.rule_id}/review/")
    assert "disabled" in button(page, "Approve and publish")
    assert "You wrote or submitted it yourself. Somebody else reviews it." in text(page)
    browser("zhou").post(f"/rules/{draft.rule_id}/review/approve/", {"revision": draft.revision})
    assert Draft.objects.get(pk=draft.pk).state == "submitted"


def test_a_rule_is_drafted_submitted_and_approved_by_pages_alone(browser: Browser) -> None:
    wang, zhou = browser("wang"), browser("zhou")
    wang.post("/rules/new/")
    draft = Draft.objects.get()
    wang.post("/rules/R-501/draft/", form(draft, **whole()))
    tried(Draft.objects.get(), _asked(wang))
    refused = wang.post("/rules/R-501/draft/submit/", form(Draft.objects.get()), follow=True)
    assert "Attach a backtest of it as it now reads, or state why there is none." in text(refused)
    told = wang.post(
        "/rules/R-501/draft/submit/", form(Draft.objects.get(), without_backtest="A law says so."), follow=True
    )
    assert "It waits for review by somebody else." in text(told)

    page = zhou.get("/rules/R-501/review/")
    assert "Submitted without a backtest: A law says so." in text(page)
    assert "disabled" not in button(page, "Approve and publish")
    done = zhou.post(
        "/rules/R-501/review/approve/", {"revision": page.context["draft"].revision, "note": "Seen."}, follow=True
    )
    assert done.redirect_chain[-1][0] == "/rules/R-501/"
    assert "Version 1 is approved and published." in text(done)
    assert published.entries("R-501")[1].reviewer == "zhou"
    again = zhou.post("/rules/R-501/review/approve/", {"revision": 1}, follow=True)
    assert "It was decided in the meantime." in text(again)


def _asked(client: Client) -> Asked:
    request = Asked()
    request.user = User.objects.get(pk=client.session["_auth_user_id"])
    return request


def test_a_return_without_words_is_refused_and_with_words_reaches_the_author(browser: Browser, by: By) -> None:
    draft = submitted(by("wang"))
    sent = browser("zhou").post(
        f"/rules/{draft.rule_id}/review/return/", {"revision": draft.revision, "note": ""}, follow=True
    )
    assert "Say what is to be changed" in text(sent)
    browser("zhou").post(
        f"/rules/{draft.rule_id}/review/return/", {"revision": draft.revision, "note": "Widen the segment."}
    )
    page = browser("wang").get(f"/rules/{draft.rule_id}/draft/")
    assert "Returned by Zhou" in text(page)
    assert "Widen the segment." in text(page)


def test_a_page_that_was_open_too_long_decides_nothing(browser: Browser, by: By) -> None:
    draft = submitted(by("wang"))
    sent = browser("zhou").post(
        f"/rules/{draft.rule_id}/review/approve/", {"revision": draft.revision - 1}, follow=True
    )
    assert "It was changed after you opened it, and is not decided." in text(sent)
    assert published.rule(draft.rule_id) is None


def test_the_review_marks_what_differs_from_the_version_in_force(browser: Browser, by: By) -> None:
    rule = published.rule("R-002")
    assert rule is not None
    draft = transitions.begin_next(rule, by("wang"), dt.date(2026, 6, 1))
    transitions.write(draft, draft.revision, {"when": "dpd > 40", "from": first_day()}, by("wang"))
    page = browser("zhou").get("/rules/R-002/review/")
    changed = {
        row.name: [(line.before, line.after) for line in row.lines] for row in page.context["rows"] if row.changed
    }
    assert changed == {"from": [("from ever", first_day())], "when": [("dpd > 30", "dpd > 40")]}


# One rule --------------------------------------------------------------------------------------------------------------


def test_a_rule_shows_its_condition_its_settings_and_who_approved_it(browser: Browser, by: By) -> None:
    rule_id = in_force(by("wang"), by("zhou"), segment="term_months > 3", cooldown_days="30", confirm="2")
    page = browser("wu").get(f"/rules/{rule_id}/")
    said = text(page)
    for part in (
        "Overdue and large",
        "30 days",
        "2 runs in a row",
        "Head of risk",
        "wang",
        "zhou",
        "Found in the review of 2026.",
    ):
        assert part in said, part
    assert '<span class="f">term_months</span>' in page.content.decode()


def test_any_two_versions_can_be_laid_beside_each_other(browser: Browser, by: By) -> None:
    rule_id = in_force(by("wang"), by("zhou"))
    rule = published.rule(rule_id)
    assert rule is not None
    draft = transitions.begin_next(rule, by("wang"), dt.date.fromisoformat(first_day()))
    draft = transitions.write(
        draft, draft.revision, whole(when="dpd > 10\nand term_months > 3", level="red"), by("wang")
    )
    draft = transitions.submit(tried(draft, by("wang")), draft.revision, "The law leaves no choice.", by("wang"))
    transitions.approve(draft, draft.revision, "", by("zhou"))
    page = browser("wu").get(f"/rules/{rule_id}/?a=1&b=2")
    rows = {
        row.name: [(line.before, line.after, line.changed) for line in row.lines]
        for row in page.context["compared"]["rows"]
    }
    assert rows == {
        "level": [("Orange", "Red", True)],
        "when": [("dpd > 10", "dpd > 10", False), ("", "and term_months > 3", True)],
    }
    assert browser("wu").get(f"/rules/{rule_id}/?a=1&b=9").context["compared"] is None


def test_a_rule_says_which_of_its_data_have_gone_silent_and_who_owns_it_in_either_language(
    browser: Browser, staff: dict[str, User], tmp_path: Path
) -> None:
    home, day = Home(tmp_path, Settings(profile="bank")), dt.date(2026, 4, 30)
    row = {"rule_id": "R-303", "version": 1, "shadow": False, "subject": "borrower", "level": "yellow", "subjects": 9, "holds": 0, "unknown": 9, "open": 2,
           "opened": 0, "closed": 0, "heard": '{"debt_service_share_3m": "2026-04-30", "lending_rate_change_12m": "2025-12-31"}'}  # fmt: skip
    rows = pa.Table.from_pylist([{**row, "as_of": day, "known_on": day}], WATCHED)
    record = {"as_of": day, "known_on": day, "said": True}
    store.put(home, {(day, day): {"watched": [store.write(home, "watched", day, day, [rows])]}}, {(day, day): record})
    with override_settings(HOME=home):
        said = text(browser("wu").get("/rules/R-303/"))
        assert "lending_rate_change_12m has had no value since 2025-12-31" in said
        assert "debt_service_share_3m has had no value" not in said
        assert "owner Head of risk" in said
        User.objects.filter(pk=staff["wu"].pk).update(language="zh-hans")
        said = text(browser("wu").get("/rules/R-303/"))
    assert "lending_rate_change_12m 自 2025-12-31 之后无取值，规则无法据此判断是否预警。" in said
    assert "风险管理部负责人" in said
    assert "Head of risk" not in said


def test_a_rule_whose_newest_version_cannot_be_read_says_that_it_rests(browser: Browser, by: By) -> None:
    rule_id = in_force(by("wang"), by("zhou"))
    strange = {"rule_id": rule_id, "version": 2, "text": f"- {{id: {rule_id}, colour: red}}", "author": "", "reviewer": "",
               "note": "", "recorded_on": dt.date(2026, 5, 1), "origin": "file"}  # fmt: skip
    lake.append(settings.HOME, register.REGISTER, pa.Table.from_pylist([strange], lake.schema(register.REGISTER)))
    for address in ("/rules/", f"/rules/{rule_id}/"):
        said = text(browser("wu").get(address))
        assert f"Version 2 of {rule_id} in the register cannot be read, so the rule rests" in said
        assert "Publish it anew as version 3" in said
    assert published.newest(rule_id) == 2


def test_a_rule_that_only_has_a_draft_is_read_where_it_is_reviewed(browser: Browser, by: By) -> None:
    draft = submitted(by("wang"))
    assert browser("wu").get(f"/rules/{draft.rule_id}/").headers["Location"] == f"/rules/{draft.rule_id}/review/"
    assert browser("wu").get("/rules/R-999/").status_code == 404


def test_the_end_of_a_rule_shows_what_ends(browser: Browser) -> None:
    page = browser("wang").post("/rules/R-001/retire/", follow=True)
    assert page.redirect_chain[-1][0] == "/rules/R-001/draft/"
    assert [field.name for field in page.context["form"]] == ["owner", "reason_zh", "reason_en", "from"]
    assert "Ends the rule" in text(page)
    again = browser("li").post("/rules/R-001/retire/", follow=True)
    assert "The rule has a draft already." in text(again)


def test_the_history_names_every_step(browser: Browser, by: By) -> None:
    rule_id = in_force(by("wang"), by("zhou"))
    said = text(browser("wu").get(f"/rules/{rule_id}/history/"))
    for step in (
        "Wang Begun",
        "Wang Submitted for review The law leaves no choice.",
        "Zhou Approved",
        "Zhou Published",
    ):
        assert step in said, step
    assert "ships with daihou" in text(browser("wu").get("/rules/R-001/history/"))


def test_a_withdrawn_draft_stays_readable(browser: Browser, by: By) -> None:
    draft = drafted(by("wang"))
    page = browser("wang").post(f"/rules/{draft.rule_id}/draft/withdraw/", {"revision": draft.revision}, follow=True)
    assert "The draft is withdrawn." in text(page)
    assert "Withdrawn" in text(browser("wu").get(f"/rules/{draft.rule_id}/history/"))


# Files -----------------------------------------------------------------------------------------------------------------


def test_one_rule_and_all_rules_come_out_as_yaml_that_reads_back(browser: Browser, by: By) -> None:
    rule_id = in_force(by("wang"), by("zhou"))
    one, every = (browser("wu").get(f"/rules/{path}") for path in (f"{rule_id}/yaml/", "export/"))
    assert reading.rules(one.content.decode(), "file") == (published.rule(rule_id),)
    assert reading.rules(every.content.decode(), "file") == published.rulebook().rules
    assert Entry.objects.filter(action="rule.export", subject_id=rule_id).count() == 1


def brought(client: Client, content: str | bytes) -> Any:
    sent = SimpleUploadedFile("mine.yaml", content.encode() if isinstance(content, str) else content)
    return client.post("/rules/import/", {"file": sent})


def test_a_file_becomes_drafts_of_what_it_says_anew(browser: Browser) -> None:
    rules = [rule for rule in published.rulebook().rules if rule.id in ("R-001", "R-002")]
    changed = reading.text(rules).replace("dpd > 30", "dpd > 29")
    page = brought(browser("wang"), changed)
    assert (page.context["brought"].drafts, page.context["brought"].same) == (("R-002",), ("R-001",))
    draft = Draft.objects.get()
    assert (draft.rule_id, draft.number, draft.values["when"], draft.state) == ("R-002", 2, "dpd > 29", "drafting")


def test_a_file_with_an_error_begins_nothing_and_names_its_place(browser: Browser) -> None:
    rules = [rule for rule in published.rulebook().rules if rule.id in ("R-001", "R-002")]
    page = brought(browser("wang"), reading.text(rules).replace("level: orange", "levl: orange"))
    assert page.status_code == 422
    assert "Unknown key: levl." in text(page)
    assert "mine.yaml, R-002 version 1" in text(page)
    assert not Draft.objects.exists()


def test_a_file_that_is_no_text_is_refused(browser: Browser) -> None:
    assert "The file is not written in UTF-8." in text(brought(browser("wang"), b"\xff\xfe\x00"))


def test_a_rule_with_a_draft_is_not_brought_twice(browser: Browser) -> None:
    rules = [rule for rule in published.rulebook().rules if rule.id == "R-002"]
    changed = reading.text(rules).replace("dpd > 30", "dpd > 29")
    brought(browser("wang"), changed)
    assert "The rule has a draft already." in text(brought(browser("li"), changed))
    assert Draft.objects.count() == 1
