"""A report from the page of its review to the PDF that is kept: who may do what, what each act leaves, and what two people do at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from daihou.book.home import open_home
from daihou.desk.audit.models import Entry
from daihou.desk.people.roles import Role
from daihou.desk.refusals import StaleError
from daihou.desk.reports import transitions
from daihou.desk.reports.choices import Act, State
from daihou.desk.reports.models import Report, ReportMove, Version
from daihou.desk.reports.words import digest
from desk.alerts.hands import asked, browser
from desk.conftest import user
from desk.reports.visited import attach, finished, shot, visit
from desk.reviews.test_pages import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daihou.desk.people.models import User
    from daihou.desk.reviews.models import Sheet


@pytest.fixture
def home(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A home without any data, and Thursday 5 March 2026 at the desk."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    with override_settings(HOME=open_home(tmp_path / "home", {}), MEDIA_ROOT=str(tmp_path / "files")):
        yield


@pytest.fixture
def staff(home: None) -> dict[str, User]:
    """Of branch B01 an officer, another officer in charge of the same customers, a manager and a reviewer; a second manager, an auditor, and an officer elsewhere."""
    return {
        "li": user("li", (Role.OFFICER, "B01"), officer_id="O1", language="en"),
        "chen": user("chen", (Role.OFFICER, "B01"), officer_id="O1", language="en"),
        "wang": user("wang", (Role.MANAGER, "B01"), language="en"),
        "zhao": user("zhao", (Role.MANAGER, "B01"), language="en"),
        "sun": user("sun", (Role.REVIEWER, "B01"), language="en"),
        "zheng": user("zheng", (Role.AUDITOR, ""), language="en"),
        "far": user("far", (Role.OFFICER, "B02"), officer_id="O9", language="en"),
    }


@pytest.fixture
def sheet(staff: dict[str, User]) -> Sheet:
    made = visit("C1", staff["li"], staff["chen"])
    attach(made, shot("#4a6d8c"), "front", staff["li"])
    return made


@pytest.fixture
def report(sheet: Sheet, staff: dict[str, User]) -> Report:
    return transitions.make(finished(sheet), "en", asked(staff["li"]))


def act(of: User, report: Report, name: str, **sent: Any) -> Any:
    report.refresh_from_db()
    return browser(of).post(f"/reports/{report.pk}/{name}/", {"revision": report.revision, **sent})


def taken(answer: Any) -> bytes:
    """A file that was given out."""
    return b"".join(answer.streaming_content)


def ready(report: Report, staff: dict[str, User]) -> None:
    assert act(staff["li"], report, "save", conclusion="To be watched.", grade="special_mention").status_code == 302


def test_one_click_on_the_review_makes_it(sheet: Sheet, staff: dict[str, User]) -> None:
    li = browser(staff["li"])
    page = li.get(f"/reviews/{sheet.review_id}/").content.decode()
    assert f"/reports/of/{sheet.review_id}/" in page
    assert li.post(f"/reports/of/{sheet.review_id}/", {"language": "en"}).status_code == 302
    report = Report.objects.get()
    assert (report.number, report.state, report.language) == (f"IR-2026-{report.pk:06d}", State.DRAFT, "en")
    assert (report.org_id, report.officer_id, report.borrower_id) == ("B01", "O1", "C1")
    assert Version.objects.get().digest == digest(report.content)
    assert Entry.objects.get(action="report.make").detail["digest"] == digest(report.content)
    again = li.post(f"/reports/of/{sheet.review_id}/", {"language": "en"})
    assert again["Location"] == f"/reports/{report.pk}/", "one at work is gone to"
    assert report.number in li.get(f"/reviews/{sheet.review_id}/").content.decode()


def test_a_review_that_nobody_began_has_nothing_to_report(sheet: Sheet, staff: dict[str, User]) -> None:
    type(sheet.review).objects.filter(pk=sheet.review_id).update(state="planned", begun_at=None)
    assert browser(staff["li"]).post(f"/reports/of/{sheet.review_id}/").status_code == 422
    assert browser(staff["far"]).post(f"/reports/of/{sheet.review_id}/").status_code == 404
    assert not Report.objects.exists()


def test_without_any_data_it_says_so_part_by_part(report: Report) -> None:
    parts = {part["id"]: part for part in report.figures["parts"]}
    assert (report.as_of, report.words["grade"]) == (None, "special_mention")
    assert all(parts[name]["missing"] for name in ("loans", "score", "flows", "statements", "bureau", "alerts"))
    assert parts["findings"]["tables"][0]["rows"][0][0] == "Red"
    assert "private" not in str(parts["answers"]), "answers are told in words, not codes"
    assert [one["label"] for one in parts["pictures"]["pictures"]] == ["The front with its sign"]
    assert report.words["summary"] == "The inspection has 3 findings. 0 alerts are open."


def test_it_goes_from_who_writes_over_two_others_to_a_pdf_that_is_kept(report: Report, staff: dict[str, User]) -> None:
    li, wang, sun = staff["li"], staff["wang"], staff["sun"]
    refused = act(li, report, "submit")
    assert (refused.status_code, "Write a conclusion first." in refused.content.decode()) == (422, True)
    ready(report, staff)
    assert act(li, report, "submit").status_code == 302
    assert act(li, report, "save", conclusion="Other.").status_code == 422, "it is out of hand"
    assert act(sun, report, "approve").status_code == 422, "not before it is checked"
    assert act(wang, report, "check", note="Agreed.").status_code == 302
    third = act(wang, report, "approve")
    assert "A third person approves it." in third.content.decode()
    assert act(sun, report, "approve").status_code == 302
    report.refresh_from_db()
    assert (report.state, report.approved_at) == (State.APPROVED, NOW)
    acts = list(ReportMove.objects.values_list("act", "actor__username", "version"))
    assert acts == [
        ("make", "li", 1),
        ("save", "li", 2),
        ("submit", "li", 2),
        ("check", "wang", 2),
        ("approve", "sun", 2),
    ]
    sealed = Path(report.pdf.path).read_bytes()
    assert sealed.startswith(b"daihou sealed file")
    assert Entry.objects.get(action="report.approve").detail["pdf"] == report.pdf_digest
    looked = browser(staff["zheng"]).get(f"/reports/{report.pk}/pdf/")
    assert taken(looked).startswith(b"%PDF")
    assert Entry.objects.get(action="report.look").detail == {"digest": report.pdf_digest}
    for name in ("save", "fill", "submit", "check", "approve"):
        assert act(staff["zhao"], report, name, conclusion="Other.").status_code == 422, "what is approved stays"
    Path(report.pdf.path).write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    assert browser(staff["zheng"]).get(f"/reports/{report.pk}/pdf/").status_code == 410


def test_whoever_wrote_a_word_neither_checks_nor_approves(report: Report, staff: dict[str, User]) -> None:
    wang, zhao = staff["wang"], staff["zhao"]
    assert act(wang, report, "type", summary="By Wang.").status_code == 200, "typed, not saved as a version"
    ready(report, staff)
    assert list(Version.objects.values_list("number", "made_by__username")) == [(1, "li"), (2, "wang"), (3, "li")]
    assert act(staff["li"], report, "submit").status_code == 302
    assert "Somebody else checks it." in act(wang, report, "check").content.decode()
    assert act(zhao, report, "check").status_code == 302
    assert "Somebody else approves it." in act(wang, report, "approve").content.decode()
    assert act(staff["zheng"], report, "check").status_code == 403
    assert act(staff["far"], report, "save").status_code == 404


def test_who_submits_what_others_wrote_has_written_it_too(report: Report, staff: dict[str, User]) -> None:
    ready(report, staff)
    assert act(staff["wang"], report, "submit").status_code == 302
    assert act(staff["wang"], report, "check").status_code == 422
    assert act(staff["zhao"], report, "check").status_code == 302


def test_it_is_returned_with_a_reason_and_signed_anew(report: Report, staff: dict[str, User]) -> None:
    ready(report, staff)
    act(staff["li"], report, "submit")
    assert act(staff["wang"], report, "check/return", note="?").status_code == 422
    assert act(staff["wang"], report, "check/return", note="Say more of the stock.").status_code == 302
    page = browser(staff["li"]).get(f"/reports/{report.pk}/")
    assert "Say more of the stock." in page.content.decode()
    assert [one.name for one in page.context["doc"].signed] == ["", "", ""]
    act(staff["li"], report, "save", risk="Stock is slow.")
    act(staff["li"], report, "submit")
    act(staff["wang"], report, "check")
    assert act(staff["wang"], report, "approve/return", note="Not mine").status_code == 422
    assert act(staff["sun"], report, "approve/return", note="Grade it lower.").status_code == 302
    report.refresh_from_db()
    assert report.state == State.RETURNED
    assert ReportMove.objects.filter(act=Act.SEND_BACK).count() == 2


def test_another_grade_than_the_one_suggested_needs_a_reason(report: Report, staff: dict[str, User]) -> None:
    act(staff["li"], report, "save", conclusion="Fine.", grade="pass")
    assert "needs a reason" in act(staff["li"], report, "submit").content.decode()
    act(staff["li"], report, "save", grade_reason="The private debt is repaid.")
    assert act(staff["li"], report, "submit").status_code == 302


def test_figures_that_a_page_sends_are_not_read(report: Report, staff: dict[str, User]) -> None:
    before = report.figures
    sent = {
        "figures": "{}",
        "parts": "x",
        "suggested": "pass",
        "as_of": "1999-01-01",
        "state": "approved",
        "pdf": "x",
        "grade": "best",
    }
    assert act(staff["li"], report, "save", risk="Mine.", **sent).status_code == 302
    report.refresh_from_db()
    assert (report.figures, report.as_of, report.state, report.pdf.name) == (before, None, State.DRAFT, "")
    assert (report.words["risk"], report.words["grade"]) == ("Mine.", "special_mention")


def test_of_two_who_write_the_second_is_shown_both(report: Report, staff: dict[str, User]) -> None:
    seen = report.revision
    assert act(staff["chen"], report, "save", risk="Chen: debts rise.").status_code == 302
    li = browser(staff["li"])
    typed = li.post(f"/reports/{report.pk}/type/", {"revision": seen, "risk": "Li: debts fall."})
    assert (typed.status_code, "Save to see both" in typed.json()["trouble"]) == (409, True)
    both = li.post(f"/reports/{report.pk}/save/", {"revision": seen, "risk": "Li: debts fall.", "sources": ""})
    page = both.content.decode()
    assert both.status_code == 409
    assert "Chen: debts rise." in page
    assert "Li: debts fall.</textarea>" in page
    assert [one["name"] for one in both.context["differing"]] == ["risk"]
    report.refresh_from_db()
    assert report.words["risk"] == "Chen: debts rise.", "nothing is lost before it is decided"
    assert act(staff["li"], report, "save", risk="Both: debts moved.").status_code == 302


def test_figures_are_taken_anew_and_the_words_stay(report: Report, sheet: Sheet, staff: dict[str, User]) -> None:
    act(staff["li"], report, "save", risk="Stays.")
    type(sheet).objects.filter(pk=sheet.pk).update(
        answers={**sheet.answers, "open": "closed", "closed_since": "2026-02-01"}
    )
    assert act(staff["chen"], report, "fill").status_code == 302
    report.refresh_from_db()
    assert report.words["risk"] == "Stays."
    page = browser(staff["li"]).get(f"/reports/{report.pk}/versions/")
    changed = {one.label: (one.before, one.after) for one in page.context["figures"]}
    assert changed["Was it open for business when you came? · Answer"] == ("Partly", "Closed")
    assert not page.context["words"]
    earlier = browser(staff["li"]).get(f"/reports/{report.pk}/versions/?a=1&b=2")
    assert [(str(one.label), one.pieces[-1].text) for one in earlier.context["words"]] == [("Risk analysis", "Stays.")]
    assert browser(staff["li"]).get(f"/reports/{report.pk}/versions/?a=x&b=99999999").status_code == 200
    assert browser(staff["far"]).get(f"/reports/{report.pk}/versions/").status_code == 404


def test_the_list_shows_what_is_in_reach_by_state(report: Report, staff: dict[str, User]) -> None:
    def rows(of: str, view: str = "") -> int:
        return len(browser(staff[of]).get(f"/reports/?view={view}").context["rows"])

    assert [rows(who) for who in ("li", "wang", "sun", "zheng", "far")] == [1, 1, 1, 1, 0]
    assert [rows("li", view) for view in ("mine", "draft", "submitted", "all", "nonsense")] == [1, 1, 0, 1, 1]
    assert "No report here" in browser(staff["far"]).get("/reports/").content.decode()


def test_nothing_is_written_where_somebody_was_first(report: Report, staff: dict[str, User]) -> None:
    ready(report, staff)
    old = Report.objects.select_related("review", "saved_by").get(pk=report.pk)
    act(staff["li"], report, "submit")
    with pytest.raises(StaleError):
        transitions.submit(old, old.revision, "", asked(staff["li"]))
    assert ReportMove.objects.filter(act=Act.SUBMIT).count() == 1
    assert browser(staff["wang"]).post(f"/reports/{report.pk}/check/", {"revision": "1"}).status_code == 409
    assert not ReportMove.objects.filter(act=Act.CHECK).exists()


def test_a_home_has_no_file_of_a_report_before_it_is_approved(report: Report) -> None:
    assert not (Path(settings.MEDIA_ROOT) / "reports").exists()
    assert report.pdf.name == ""
