"""Pages of reviews: the list, the calendar, the page of one and its acts, by role and reach."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import TYPE_CHECKING, Any

import pytest
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone, translation
from python_calamine import CalamineWorkbook

from daihou.book.home import open_home
from daihou.desk.audit.models import Entry
from daihou.desk.notices.models import Notice
from daihou.desk.notices.wording import sentence
from daihou.desk.people.roles import Role
from daihou.desk.portfolio.models import SavedView
from daihou.desk.reviews import clock
from daihou.desk.reviews.choices import Act, State, Type
from daihou.desk.reviews.models import Review, Sheet
from daihou.desk.vault import people as vaulted
from daihou.vault.person import PersonRecord
from desk.alerts.hands import browser
from desk.conftest import user

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from django.test import Client

    from daihou.desk.people.models import User

TODAY = dt.date(2026, 3, 5)
NOW = dt.datetime(2026, 3, 5, 2, tzinfo=dt.UTC)


@pytest.fixture
def home(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A home, and Thursday 5 March 2026 at the desk."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    with override_settings(HOME=open_home(tmp_path / "home", {})):
        yield


@pytest.fixture
def staff(home: None) -> dict[str, User]:
    """A manager of branch B01, her officer, another branch's officer, an auditor."""
    return {
        "wang": user("wang", (Role.MANAGER, "B01"), language="en"),
        "li": user("li", (Role.OFFICER, "B01"), officer_id="O1", language="en"),
        "far": user("far", (Role.OFFICER, "B02"), officer_id="O9", language="en"),
        "zheng": user("zheng", (Role.AUDITOR, ""), language="en"),
    }


def made(subject: str = "C1", due: dt.date = dt.date(2026, 3, 10), **more: Any) -> Review:
    """A regular inspection of a borrower of branch B01, whose customer manager is O1."""
    stated = {
        "plan": "regular", "about": "borrower", "subject": subject, "anchor": "never", "type": Type.REGULAR, "site": "on", "form": "regular",
        "line": 3, "borrower_id": subject, "due_on": due, "planned_on": TODAY, "planned_at": NOW, "org_id": "B01", "officer_id": "O1",
        "exposure": 1_000_000,
    }  # fmt: skip
    return Review.objects.create(**(stated | more))


def rows(client: Client, query: str = "") -> list[int]:
    answer = client.get(f"/reviews/{query}")
    assert answer.status_code == 200
    return [row.review.pk for row in answer.context["rows"]]


def test_the_list_shows_what_is_in_reach_by_view_type_day_and_number(staff: dict[str, User]) -> None:
    late = made("C1", TODAY - dt.timedelta(days=2), owner=staff["li"])
    soon = made("C2", type=Type.SPECIAL, plan="special", line=None)
    over = made("C3", state=State.DONE, done_on=TODAY, ended_at=NOW)
    elsewhere = made("C4", org_id="B02", officer_id="O9")
    wang, li, zheng = browser(staff["wang"]), browser(staff["li"]), browser(staff["zheng"])
    assert rows(wang) == [late.pk, soon.pk]
    assert rows(li) == [late.pk, soon.pk]
    assert rows(zheng) == [late.pk, soon.pk, elsewhere.pk]
    assert rows(browser(staff["far"])) == [elsewhere.pk]
    assert rows(wang, "?view=late") == [late.pk]
    assert rows(wang, "?view=week") == [soon.pk]
    assert rows(wang, "?view=nobody") == [soon.pk]
    assert rows(wang, "?view=done") == [over.pk]
    assert rows(li, "?view=mine") == [late.pk]
    assert rows(wang, "?type=special") == [soon.pk]
    assert rows(wang, "?due=2026-03-10") == [soon.pk]
    assert rows(wang, f"?q={soon.number}") == [soon.pk]
    assert rows(wang, "?q=C1") == [late.pk]
    assert rows(wang, "?q=C4") == []
    assert rows(wang, "?view=nonsense&type=x&due=31&page=z") == [late.pk, soon.pk]


def test_a_row_says_why(staff: dict[str, User]) -> None:
    made("C1", line=0, anchor="2026-02-10 #1")
    made("C2", plan="special", line=None)
    made("L3", plan="before_maturity", about="loan", loan_id="L3", anchor="2026-06-08 -90", line=None)
    made("L4", plan="first", about="loan", loan_id="L4", anchor="2026-02-23", line=None)
    made("C5", plan="by_hand", why="Rent was raised.")
    found = {row.review.subject: row.why for row in browser(staff["wang"]).get("/reviews/").context["rows"]}
    assert found == {
        "C1": "Every month · Worst open alert: Red · Last done on 2026-02-10",
        "C2": "As long as it holds: Worst open alert: Red, Orange",
        "L3": "90 days before maturity on 2026-06-08",
        "L4": "After paying out on 2026-02-23",
        "C5": "Rent was raised.",
    }


def test_an_empty_list_says_what_will_fill_it(staff: dict[str, User]) -> None:
    client = browser(staff["wang"])
    assert "The next run plans reviews" in client.get("/reviews/").content.decode()
    assert "No review like that" in client.get("/reviews/?q=nobody").content.decode()


def test_the_calendar_counts_by_day(staff: dict[str, User]) -> None:
    made("C1", owner=staff["li"])
    made("C2")
    made("C3", dt.date(2026, 3, 9), state=State.DONE, done_on=TODAY, ended_at=NOW)
    weeks = browser(staff["wang"]).get("/reviews/calendar/?month=2026-03").context["weeks"]
    days = {day.on: day for week in weeks for day in week}
    tenth = days[dt.date(2026, 3, 10)]
    assert (tenth.open, tenth.types, tenth.worked, tenth.late) == (2, (("Regular inspection", 2),), True, False)
    assert (days[dt.date(2026, 3, 9)].open, days[dt.date(2026, 3, 9)].done) == (0, 1)
    assert not days[dt.date(2026, 3, 8)].worked
    mine = browser(staff["li"]).get("/reviews/calendar/?month=2026-03&whose=me").context["weeks"]
    assert sum(day.open for week in mine for day in week) == 1
    assert browser(staff["li"]).get("/reviews/calendar/?month=nonsense").context["first"] == dt.date(2026, 3, 1)


def act(client: Client, review: Review, name: str, **said: Any) -> int:
    said = {"revision": Review.objects.get(pk=review.pk).revision, **said}
    return client.post(reverse(f"review_{name}", args=[review.pk]), said).status_code


def test_an_officer_claims_what_is_nobodys(staff: dict[str, User]) -> None:
    review = made()
    assert act(browser(staff["far"]), review, "claim") == 404
    assert act(browser(staff["zheng"]), review, "claim") == 403
    assert act(browser(staff["li"]), review, "claim", revision=7) == 409
    assert act(browser(staff["li"]), review, "claim") == 302
    assert act(browser(staff["wang"]), review, "claim") == 422
    review.refresh_from_db()
    assert (review.owner, review.moves.get().act) == (staff["li"], Act.CLAIM)
    assert Entry.objects.get(action="review.claim").subject_id == review.number


def test_a_manager_assigns_postpones_and_waives(staff: dict[str, User]) -> None:
    review, wang = made(), browser(staff["wang"])
    assert act(browser(staff["li"]), review, "assign", owner=staff["li"].pk) == 403
    assert act(wang, review, "assign", owner=staff["far"].pk) == 422
    assert act(wang, review, "assign", owner="x") == 422
    assert act(wang, review, "assign", owner=staff["li"].pk) == 302
    assert Notice.objects.get().recipient == staff["li"]
    for to, note in (("2026-03-08", "holiday"), ("2026-03-04", "too late"), ("2026-03-10", "same day"), ("2026-03-12", ""),
        ("2026-05-06", "beyond the policy"), ("x", "why not")):  # fmt: skip
        assert act(wang, review, "postpone", to=to, note=note) == 422, to
    assert act(wang, review, "postpone", to="2026-03-12", note="The shop is closed.") == 302
    review.refresh_from_db()
    assert (review.due_on, review.postponed) == (dt.date(2026, 3, 12), True)
    assert act(wang, review, "waive", note="") == 422
    assert act(wang, review, "waive", note="Paid off next week.") == 302
    review.refresh_from_db()
    assert (review.state, review.done_on) == (State.WAIVED, TODAY)
    assert act(wang, review, "waive", note="Once more.") == 422
    page = wang.get(f"/reviews/{review.pk}/").content.decode()
    assert "The shop is closed." in page
    assert "2026-03-10 → 2026-03-12" in page
    assert list(Entry.objects.filter(subject_id=review.number).values_list("action", flat=True).order_by("pk")) == [
        "review.assign", "review.postpone", "review.waive",
    ]  # fmt: skip


def test_what_is_late_is_told_to_managers_once(staff: dict[str, User]) -> None:
    made("C1", dt.date(2026, 2, 26), owner=staff["li"])  # six work days before, a Saturday made up for among them
    made("C2", dt.date(2026, 2, 27), owner=staff["li"])
    assert clock.tick(NOW) == clock.Counts(escalated=1, replaced=0)
    assert clock.tick(NOW) == clock.Counts(0, 0)
    assert [(notice.recipient, notice.kind) for notice in Notice.objects.all()] == [(staff["wang"], "review_late")]


def test_of_many_that_are_late_a_manager_gets_one_notice(staff: dict[str, User]) -> None:
    for number in range(4):
        made(f"C{number}", dt.date(2026, 2, 20), owner=staff["li"])
    assert clock.tick(NOW).escalated == 4
    (notice,) = Notice.objects.all()
    assert (notice.recipient, notice.kind, notice.path) == (staff["wang"], "review_late", "/reviews/?view=late")
    with translation.override("en"):
        assert sentence(notice) == "Reviews overdue: 4 more."
    made("C9", dt.date(2026, 2, 20), owner=staff["li"])
    clock.tick(NOW + dt.timedelta(minutes=1))
    assert Notice.objects.count() == 2


def test_what_belongs_to_somebody_who_left_goes_to_another(staff: dict[str, User]) -> None:
    review = made(owner=staff["far"])
    assert clock.tick(NOW) == clock.Counts(0, replaced=1)
    review.refresh_from_db()
    assert review.owner == staff["li"]


def test_ones_own_reviews_wait_in_my_work(staff: dict[str, User]) -> None:
    made(owner=staff["li"])
    assert "Do a review" in browser(staff["li"]).get("/work/").content.decode()


def test_a_list_leaves_as_a_file_masked_marked_and_logged(staff: dict[str, User]) -> None:
    vaulted.put([("C1", "person", PersonRecord("张三", "110101199003071234", ()), TODAY)])
    late = made("C1", TODAY - dt.timedelta(days=2), owner=staff["li"], level="orange")
    done = made("C2", state=State.DONE, done_on=TODAY, ended_at=NOW)
    result = {"ratings": {"willingness": 2, "ability": 4}, "findings": [["closed_down", "red"]]}
    Sheet.objects.create(
        review=done, form="regular", version=1, digest="", saved_at=NOW, saved_by=staff["li"], result=result
    )
    made("C4", org_id="B02", officer_id="O9")
    wang = browser(staff["wang"])
    text = b"".join(wang.get("/reviews/export.csv?view=late&page=3")).decode("utf-8-sig")
    head, row, mark = csv.reader(io.StringIO(text))
    told = dict(zip(head, row, strict=True))
    assert (told["Number"], told["Borrower"], told["Due"], told["Who does it"], told["Level"]) == (
        late.number, "C1 张*", "2026-03-03", "Li", "Orange",
    )  # fmt: skip
    assert told["Exposure in CNY"] == "10000.00"
    entry = Entry.objects.get(action="portfolio.export")
    assert entry.detail == {"as": "csv", "reviews": 1, "filter": "view=late"}
    assert f"audit entry {entry.pk}" in mark[0]
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(wang.get("/reviews/export.xlsx?view=done"))))
    names, cells = book.get_sheet_by_index(0).to_python()
    of = dict(zip(names, cells, strict=True))
    assert [of[name] for name in ("Willingness", "Ability", "State")] == [2, 4, "Done"]
    assert of["Found"] == "closed_down", "the form is not the one that was filled in"
    assert wang.get("/reviews/export.pdf").status_code == 404
    theirs = b"".join(browser(staff["far"]).get("/reviews/export.csv")).decode()
    assert ("C4" in theirs, "C1" in theirs, theirs.count("\n")) == (True, False, 3)
    assert "/reviews/export.xlsx?view=open" in wang.get("/reviews/").content.decode()


def test_a_view_is_kept_under_its_name_shared_and_dropped(staff: dict[str, User]) -> None:
    late = made("C1", TODAY - dt.timedelta(days=2))
    made("C2")
    wang, zheng = browser(staff["wang"]), browser(staff["zheng"])
    said = {"name": "Late visits", "query": "view=late&type=regular&page=3&nonsense=1", "shared": "on"}
    answer = wang.post("/reviews/view/", said)
    assert (answer.status_code, answer["Location"]) == (302, "/reviews/?view=late&type=regular")
    view = SavedView.objects.get()
    assert (view.page, view.query) == ("reviews", "view=late&type=regular")
    assert rows(zheng, f"?{view.query}") == [late.pk]
    page = zheng.get(f"/reviews/?{view.query}").content.decode()
    assert '<a href="?view=late&amp;type=regular" class="on" aria-current="page">Late visits</a>' in page
    assert page.count('aria-current="page">') == 2  # the menu, and the view
    drop = reverse("delete_view", args=[view.pk])
    assert drop not in page
    assert drop in wang.get("/reviews/").content.decode()
    assert zheng.post(drop).status_code == 404
    answer = wang.post(drop)
    assert (answer.status_code, answer["Location"], SavedView.objects.count()) == (302, "/reviews/", 0)
