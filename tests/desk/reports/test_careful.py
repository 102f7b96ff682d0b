"""What must not happen to a report: signed before the visit ends, about somebody erased, lost or doubled by two saves, kept twice; and who hears of it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from daihou.desk.notices.models import Notice
from daihou.desk.notices.wording import sentence
from daihou.desk.refusals import StaleError
from daihou.desk.reports import differences, transitions
from daihou.desk.reports.choices import State
from daihou.desk.reports.models import Report
from daihou.desk.vault import erasure, people
from daihou.vault.person import PersonRecord
from desk.alerts.hands import asked, browser
from desk.reports.test_course import act, home, ready, report, sheet, staff
from desk.reports.visited import finished

if TYPE_CHECKING:
    from daihou.desk.people.models import User
    from daihou.desk.reviews.models import Sheet

__all__ = ["home", "report", "sheet", "staff"]


def checked(report: Report, staff: dict[str, User]) -> Report:
    ready(report, staff)
    act(staff["li"], report, "submit")
    act(staff["wang"], report, "check")
    return Report.objects.select_related("review", "made_by", "saved_by").get(pk=report.pk)


def test_a_report_is_signed_once_its_review_is_done_with_figures_from_after_it(
    sheet: Sheet, staff: dict[str, User]
) -> None:
    early = transitions.make(sheet.review, "en", asked(staff["li"]))
    ready(early, staff)
    refused = act(staff["li"], early, "submit")
    assert (refused.status_code, "The review is not finished." in refused.content.decode()) == (422, True)
    finished(sheet)
    refused = act(staff["li"], early, "submit")
    assert (refused.status_code, "from before the review was finished" in refused.content.decode()) == (422, True)
    assert act(staff["li"], early, "fill").status_code == 302
    assert act(staff["li"], early, "submit").status_code == 302


def test_a_report_about_who_was_erased_is_not_approved_and_says_why(report: Report, staff: dict[str, User]) -> None:
    one = checked(report, staff)
    people.put([("C1", "person", PersonRecord(name="张三"), dt.date(2026, 1, 1))])
    erasure.erase("C1", "test", "asked for it by letter")
    refused = act(staff["sun"], one, "approve")
    assert (refused.status_code, "somebody who was erased" in refused.content.decode()) == (422, True)
    one.refresh_from_db()
    assert one.state == State.CHECKED


def test_who_comes_second_with_an_approval_leaves_no_file(report: Report, staff: dict[str, User]) -> None:
    one = checked(report, staff)
    place, digest = Path(settings.MEDIA_ROOT) / "reports" / str(one.pk), "0" * 64

    def late(state: str) -> None:
        place.mkdir(parents=True, exist_ok=True)
        (place / digest).write_bytes(b"sealed")
        Report.objects.filter(pk=one.pk).update(revision=one.revision + 1)
        with pytest.raises(StaleError):
            transitions._final(
                one, one.revision, "", asked(staff["sun"]), one.made_at, f"reports/{one.pk}/{digest}", digest
            )

    late(State.CHECKED)
    assert not (place / digest).exists()
    Report.objects.filter(pk=one.pk).update(pdf=f"reports/{one.pk}/{digest}")
    late(State.CHECKED)
    assert (place / digest).exists(), "it is what the first one kept"


def test_a_save_whose_answer_was_lost_is_ones_own(report: Report, staff: dict[str, User]) -> None:
    seen, li = report.revision, browser(staff["li"])
    address = f"/reports/{report.pk}"
    assert li.post(f"{address}/type/", {"revision": seen, "risk": "A", "uid": "one"}).status_code == 200
    again = li.post(f"{address}/type/", {"revision": seen, "risk": "A and B", "uid": "one"})
    assert again.status_code == 200, "the page never heard of the first"
    assert li.post(f"{address}/save/", {"revision": seen, "risk": "A, B and C", "uid": "one"}).status_code == 302
    act(staff["chen"], report, "type", risk="Chen's", uid="two")
    lost = li.post(f"{address}/type/", {"revision": seen, "risk": "A, B, C and D", "uid": "one"})
    assert (lost.status_code, "Somebody else" in lost.json()["trouble"]) == (409, True)
    other = li.post(f"{address}/type/", {"revision": seen, "risk": "x", "uid": "two"})
    assert other.status_code == 409, "an id is no key to what somebody else saved"
    report.refresh_from_db()
    assert report.words["risk"] == "Chen's"


def test_who_wrote_in_two_windows_is_told_of_themselves(report: Report, staff: dict[str, User]) -> None:
    seen, li = report.revision, browser(staff["li"])
    act(staff["li"], report, "type", risk="In one window")
    both = li.post(f"/reports/{report.pk}/save/", {"revision": seen, "risk": "In the other"})
    assert (both.status_code, "You changed it in another window" in both.content.decode()) == (409, True)


def test_whom_a_report_waits_for_hears_of_it_and_nobody_else(report: Report, staff: dict[str, User]) -> None:
    def waiting() -> list[tuple[str, str]]:
        rows = Notice.objects.filter(withdrawn_at=None).order_by("pk")
        return [(one.recipient.username, one.kind) for one in rows]

    ready(report, staff)
    act(staff["li"], report, "submit")
    assert waiting() == [("wang", "report_check"), ("zhao", "report_check")]
    one = Notice.objects.get(recipient=staff["wang"])
    assert one.path == f"/reports/{report.pk}/"
    assert sentence(one) == f"Inspection report {report.number} waits to be checked."
    act(staff["wang"], report, "check")
    assert {kind for _who, kind in waiting()} == {"report_approve"}
    assert "wang" not in dict(waiting()), "who checked it does not approve it"
    act(staff["sun"], report, "approve/return", note="Say more.")
    assert waiting() == [("li", "report_back")]
    act(staff["li"], report, "submit")
    assert waiting() == [("wang", "report_check"), ("zhao", "report_check")], "what was asked for is done"


def test_texts_of_any_length_are_compared_whole() -> None:
    hard = {
        "one line": ("甲乙" * 3_000, "乙甲" * 3_000), "lines": ("甲\n乙\n" * 1_500, "乙\n甲\n" * 1_500),
        "changed everywhere": ("".join("甲乙" * 110 + f"{n}。同。" for n in range(24)), ("乙甲" * 110 + "。同。") * 24),
    }  # fmt: skip
    for name, (old, new) in hard.items():
        told = list(differences.pieces(old, new))
        assert "".join(one.text for one in told if one.kind != "new") == old, name
        assert "".join(one.text for one in told if one.kind != "gone") == new, name


def test_a_sign_that_changed_in_a_long_text_is_told_alone() -> None:
    text = "库存偏高，回款放缓。" * 300
    new = text[:1500] + "应" + text[1501:]
    told = list(differences.pieces(text, new))
    assert [(one.kind, one.text) for one in told if one.kind != "same"] == [("gone", text[1500]), ("new", "应")]
