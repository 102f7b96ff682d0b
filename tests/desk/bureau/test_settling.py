"""What people say and bring beside what the bureau says: who comes when, what is asked again, and who is told of what stays unclear."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from daihou.desk.audit.models import Entry
from daihou.desk.bureau import authorising, bringing, sending, settling, storing
from daihou.desk.bureau.connectors.connector import Answer, DeclinedError
from daihou.desk.bureau.errors import UnfitError
from daihou.desk.bureau.models import Authorisation, Query, Result
from daihou.desk.bureau.trial.behaviour import Book, Manner, report
from daihou.desk.notices.models import Notice
from daihou.desk.notices.wording import sentence
from daihou.desk.people.models import Membership
from desk.alerts.hands import asked, browser
from desk.bureau.asks import COMPANY, DAY, MINUTE, NOW, authorised, only, wanted, work
from desk.bureau.test_pages import plain

if TYPE_CHECKING:
    from daihou.desk.bureau.sending import Claimed
    from daihou.desk.people.models import User

Staff = dict[str, "User"]
LIS = {"person": {"id_no": "11010119900101001X"}, "number": "N"}


@pytest.fixture
def waiting(staff: Staff) -> Query:
    """A query at a bureau without a connection."""
    authorised(staff["wang"])
    return wanted(staff["wang"])


@pytest.fixture
def claimed(staff: Staff, book: Book) -> Claimed:
    """One that is on its way."""
    authorised(staff["wang"])
    wanted(staff["wang"])
    found = sending.claim(NOW)
    assert found is not None
    return found


def bring(by: User, content: bytes = b"") -> Result:
    file = storing.incoming(content or plain(), "r.json", "application/json")
    return bringing.for_query(only(), only().revision, file, asked(by))


def answer(cost: str = "8.50") -> Answer:
    return Answer(json.dumps(report(LIS, "2026-03-14")).encode(), "application/json", Decimal(cost))


def test_no_report_is_brought_once_the_consent_is_withdrawn(waiting: Query, staff: Staff) -> None:
    authorising.revoke(Authorisation.objects.get(), "asked by letter", asked(staff["wang"]))
    with pytest.raises(UnfitError, match="does not allow it any more"):
        bring(staff["wang"])
    assert (only().outcome, Result.objects.count()) == ("waiting", 0)


def test_a_report_that_is_older_than_the_query_does_not_answer_it(waiting: Query, staff: Staff) -> None:
    for day in ("2019-05-01", "2026-03-15"):
        with pytest.raises(UnfitError, match="older than the query"):
            bring(staff["wang"], plain(date=day, credits=[]))
    bring(staff["wang"], plain(date="2026-03-16"))
    assert only().outcome == "answered"


def test_a_report_is_at_hand_by_its_own_day(staff: Staff, book: Book) -> None:
    book.manner = Manner(date="2026-02-20")
    authorised(staff["wang"])
    wanted(staff["wang"])
    work()
    assert wanted(staff["he"], now=NOW + DAY).outcome == "cached"
    assert wanted(staff["he"], now=NOW + 5 * DAY).outcome == "waiting"  # 30 days old


@pytest.mark.parametrize("gone", ["role", "reach", "user"])
def test_who_may_not_ask_any_more_sends_nothing(waiting: Query, staff: Staff, gone: str, request: Any) -> None:
    book = request.getfixturevalue("book")
    wang = staff["wang"]
    match gone:
        case "role":
            Membership.objects.filter(user=wang).update(role="collector")
        case "reach":
            Membership.objects.filter(user=wang).update(org_id="X2")
        case "user":
            type(wang).objects.filter(pk=wang.pk).update(is_active=False)
    work()
    assert (only().outcome, only().trouble, only().sent_at, book.posts) == ("withdrawn", "no_role", None, [])
    assert Entry.objects.get(action="bureau.end").detail["trouble"] == "no_role"


def test_a_report_that_arrives_after_somebody_settled_it_is_kept_and_its_cost_stands(
    claimed: Claimed, staff: Staff
) -> None:
    bringing.settle(only(), only().revision, "failed", "told by telephone", asked(staff["he"]))
    assert settling.answered(claimed.query, answer(), NOW) is True
    query = only()
    assert (query.outcome, query.cost, query.trouble, query.report_id) == ("answered", Decimal("8.50"), "", query.number)  # fmt: skip
    assert Result.objects.get().rows is not None
    assert Entry.objects.get(action="bureau.answer").detail["cost"] == "8.50"
    assert settling.answered(claimed.query, answer("9"), NOW) is False


def test_a_decline_after_somebody_settled_it_says_what_it_cost(claimed: Claimed, staff: Staff) -> None:
    bringing.settle(only(), only().revision, "failed", "told by telephone", asked(staff["he"]))
    sending._declined(claimed.query, DeclinedError("refused", cost=Decimal(3)), NOW)
    assert (only().outcome, only().cost) == ("declined", Decimal(3))


def test_what_cannot_be_read_and_arrives_after_somebody_settled_it_is_kept_and_read_later(
    claimed: Claimed, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    from daihou.desk.bureau import reading

    bringing.settle(only(), only().revision, "failed", "told by telephone", asked(staff["he"]))
    with monkeypatch.context() as patch:
        patch.setattr(reading, "mapping", None)
        assert settling.answered(claimed.query, answer(), NOW) is True
    assert (only().outcome, only().cost, only().trouble) == ("failed", Decimal("8.50"), "by_hand")
    bringing.reread(Result.objects.get(), asked(staff["he"]))
    assert (only().outcome, only().cost, only().report_id) == ("answered", Decimal("8.50"), only().number)


def test_a_report_that_was_brought_meanwhile_stays_and_only_its_cost_is_corrected(
    claimed: Claimed, staff: Staff
) -> None:
    brought = bring(staff["wang"])
    assert settling.answered(claimed.query, answer(), NOW) is False
    assert (only().outcome, only().cost, Result.objects.get()) == ("answered", Decimal("8.50"), brought)
    assert Entry.objects.get(action="bureau.answer").detail["cost"] == "8.50"


def test_what_could_not_be_read_is_answered_by_a_file(claimed: Claimed, book: Book, staff: Staff) -> None:
    book.manner = Manner({"garbage": 1.0})
    sending.send(claimed, NOW)
    bring(staff["wang"])
    assert (only().outcome, only().trouble) == ("answered", "by_hand")
    assert sorted(one.rows is None for one in Result.objects.all()) == [False, True]


def test_a_report_that_could_not_be_read_is_not_lost_behind_what_came_after_it(
    claimed: Claimed, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    from daihou.desk.bureau import reading

    with monkeypatch.context() as patch:
        patch.setattr(reading, "mapping", None)
        settling.answered(claimed.query, answer(), NOW)
    settling.answered(claimed.query, Answer(b"<html>busy</html>", "text/html", None), NOW)
    assert browser(staff["wang"]).post(f"/bureau/queries/{only().pk}/reread/").status_code == 302
    assert (only().outcome, only().report_id) == ("answered", only().number)
    assert [one.rows is None for one in Result.objects.order_by("pk")] == [False, True]


def test_managers_are_told_once_of_what_stays_unclear(staff: Staff, book: Book) -> None:
    book.manner = Manner({"later": 1.0}, ready_after=3600.0)
    for borrower in ("P1", COMPANY):
        authorised(staff["wang"], borrower)
        wanted(staff["wang"], borrower)
    work()
    for minutes in (1, 3, 8, 23, 83, 323, 1763):
        work(NOW + minutes * MINUTE)
    assert not Notice.objects.exists()
    work(NOW + 3203 * MINUTE)
    assert Query.objects.filter(outcome="unclear", due_at=None).count() == 2
    notice = Notice.objects.get()
    assert (notice.recipient, notice.path) == (staff["he"], "/bureau/?view=stuck")
    assert sentence(notice) == "What became of credit queries stays unclear: they wait for you to settle them."
