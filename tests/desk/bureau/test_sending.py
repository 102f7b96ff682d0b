"""Sending to a bureau that is a real server: what it answers, and what nobody knows. Never two requests for one query."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from daihou.desk.audit.models import Entry
from daihou.desk.bureau import authorising, sending, settling, storing
from daihou.desk.bureau.connectors import known
from daihou.desk.bureau.connectors.connector import Answer
from daihou.desk.bureau.models import Query, Result
from daihou.desk.bureau.trial import server
from daihou.desk.bureau.trial.behaviour import Book, Fate, Manner, report
from daihou.desk.vault.erasure import erase
from desk.alerts.hands import asked
from desk.bureau.asks import DAY, LI, MINUTE, NOW, authorised, bureau_open, connect, only, rules, wanted, work

if TYPE_CHECKING:
    from daihou.desk.people.models import User

Staff = dict[str, "User"]


@pytest.fixture
def waiting(staff: Staff, book: Book) -> Query:
    """A query that may be sent."""
    authorised(staff["wang"])
    return wanted(staff["wang"])


def fated(book: Book, fate: Fate, **more: Any) -> None:
    """Let this become of every query."""
    book.manner = Manner({fate: 1.0}, **more)


def test_an_answer_is_kept_sealed_read_charged_and_logged(waiting: Query, book: Book, settings: Any) -> None:
    book.manner = Manner(cost="8.50")
    work()
    query = only()
    assert (query.outcome, query.cost, query.report_id, query.sent_at, query.ended_at) == (
        "answered",
        Decimal("8.50"),
        query.number,
        NOW,
        NOW,
    )
    (sent,) = book.asked
    assert sent["number"] == query.sent_number != query.number
    assert sent["person"] == {"kind": "person", "name": "李娜", "id_no": "11010119900101001X"}
    assert (sent["reason"], sent["authorisation"]) == ("post_loan_management", "HT-2025-001")
    result = Result.objects.get(query=query)
    assert result.rows["report"]["queried_on"] == "2026-03-14"
    assert len(result.rows["lines"]) >= 2
    assert (result.of_bureau, result.mapping, result.trouble) == (f"T-{query.sent_number}", "plain_json", None)
    assert "李娜".encode() not in (settings.MEDIA_ROOT / result.content.name).read_bytes()
    assert b"11010119900101001X" in storing.read(result)
    assert [one.action for one in Entry.objects.filter(subject_id=query.number).order_by("id")] == [
        "bureau.query",
        "bureau.send",
        "bureau.answer",
    ]
    assert "11010119900101001X" not in str(list(Entry.objects.values_list("detail", flat=True)))


def test_a_bureau_that_does_not_say_what_it_cost_costs_what_was_expected(waiting: Query, book: Book) -> None:
    book.manner = Manner(cost="")
    work()
    assert only().cost == Decimal("10.00")


@pytest.mark.parametrize("fate", ["hang", "drop_after", "cut"])
def test_a_bureau_that_times_out_after_charging_is_asked_for_the_result_and_never_charged_twice(
    waiting: Query, book: Book, fate: Fate
) -> None:
    fated(book, fate, hangs=3.0, idempotent=False)
    sending.step(NOW)
    query = only()
    assert (query.outcome, query.trouble, query.cost, query.sent_at) == ("unclear", "broke_off", None, NOW)
    assert query.counted_cost == Decimal("10.00")
    work(NOW + MINUTE / 2)
    assert book.questions == []  # not yet
    work(NOW + MINUTE)
    query = only()
    assert (query.outcome, query.cost, query.tries_of_result) == ("answered", Decimal("10.00"), 1)
    assert len(book.posts) == len(book.asked) == 1
    assert Result.objects.get().rows is not None


def test_while_it_is_unclear_nobody_asks_about_the_person_again(waiting: Query, book: Book, staff: Staff) -> None:
    fated(book, "hang", hangs=3.0)
    sending.step(NOW)
    assert rules(wanted(staff["he"], now=NOW + 40 * DAY)) == ["unclear"]


def test_a_bureau_that_never_took_it_up_is_believed_after_an_hour(waiting: Query, book: Book, staff: Staff) -> None:
    fated(book, "drop_before")
    sending.step(NOW)
    for minutes in (1, 3, 8, 23):
        work(NOW + minutes * MINUTE)
        assert (only().outcome, only().trouble) == ("unclear", "unknown")
    work(NOW + 83 * MINUTE)
    query = only()
    assert (query.outcome, query.cost, query.trouble) == ("failed", Decimal(0), "unknown")
    assert book.asked == []
    assert len(book.posts) == 1
    assert len(book.questions) == 5
    assert wanted(staff["wang"], now=NOW + 90 * MINUTE).outcome == "waiting"


def test_waits_grow_and_after_the_last_of_them_it_is_left_to_people(waiting: Query, book: Book) -> None:
    fated(book, "later", ready_after=3600.0)
    sending.step(NOW)
    assert only().trouble == "taken"
    at, waits = NOW, []
    while (due := only().due_at) is not None:
        waits.append(round((due - at) / MINUTE))
        at = due
        work(at)
    assert waits == [1, 2, 5, 15, 60, 240, 1440, 1440]
    query = only()
    assert (query.outcome, query.tries_of_result, query.cost) == ("unclear", 8, None)
    work(at + 100 * DAY)
    assert len(book.questions) == 8
    assert len(book.posts) == 1


def test_a_bureau_that_answers_later_is_asked_by_number(waiting: Query, book: Book) -> None:
    fated(book, "later")
    work()
    work(NOW + MINUTE)
    assert only().outcome == "answered"
    assert book.questions == [only().sent_number]


def test_the_same_result_twice_is_once(waiting: Query, book: Book) -> None:
    fated(book, "twice")
    claimed = sending.claim(NOW)
    assert claimed is not None
    sending.send(claimed, NOW)
    found = known.of("pbc").result(waiting.sent_number)
    assert isinstance(found, Answer)
    assert settling.answered(claimed.query, found, NOW) is False
    assert Result.objects.count() == 1
    assert Entry.objects.filter(action="bureau.answer").count() == 1


def test_garbage_is_kept_and_the_query_stays_unclear_so_that_none_is_sent_anew(
    waiting: Query, book: Book, staff: Staff
) -> None:
    fated(book, "garbage")
    work()
    query = only()
    assert (query.outcome, query.trouble, query.cost, query.report_id) == ("unclear", "unreadable", Decimal("10.00"), "")  # fmt: skip
    result = Result.objects.get()
    assert (result.rows, result.queried_on) == (None, None)
    assert "no whole JSON" in result.trouble["en"][0]
    assert "JSON" in result.trouble["zh"][0]
    assert storing.read(result).startswith(b"<html>")
    assert rules(wanted(staff["wang"])) == ["unclear"]
    work(NOW + MINUTE)
    assert Result.objects.count() == 1  # the same once more
    book.manner = Manner()
    work(NOW + 3 * MINUTE)
    query.refresh_from_db()
    assert (query.outcome, query.trouble, query.report_id, len(book.posts)) == ("answered", "", query.number, 1)
    assert [one.rows is None for one in Result.objects.order_by("pk")] == [True, False]


def test_a_report_of_somebody_else_is_not_taken(waiting: Query, book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    def mixed_up(query: dict[str, Any], date: str) -> dict[str, Any]:
        return report(query | {"person": {"id_no": "110101198004040044"}}, date)

    monkeypatch.setattr(server, "report", mixed_up)
    work()
    result = Result.objects.get()
    assert result.rows is None
    assert "somebody else" in result.trouble["en"][0]


@pytest.mark.parametrize(
    ("fate", "outcome", "trouble"), [("decline", "declined", "refused"), ("busy", "failed", "refused")]
)
def test_what_is_declined_or_not_taken_costs_nothing(
    waiting: Query, book: Book, fate: Fate, outcome: str, trouble: str
) -> None:
    fated(book, fate)
    work()
    query = only()
    assert (query.outcome, query.cost, query.trouble) == (outcome, Decimal(0), trouble)
    assert Entry.objects.get(action="bureau.end").detail["outcome"] == outcome
    work(NOW + DAY)
    assert len(book.posts) == 1


def test_a_bureau_that_is_not_there_was_told_nothing(staff: Staff, settings: Any) -> None:
    with bureau_open() as (_, url):
        pass
    connect(settings, url)
    authorised(staff["wang"])
    wanted(staff["wang"])
    work()
    assert (only().outcome, only().trouble) == ("failed", "unreachable")


def test_the_token_comes_from_the_environment_and_without_it_nothing_is_sent(
    staff: Staff, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with bureau_open() as (book, url):
        connect(settings, url, token_env="TEST_BUREAU_TOKEN")  # noqa: S106 - the name of a variable
        authorised(staff["wang"])
        wanted(staff["wang"])
        work()
        assert (only().outcome, only().trouble, book.posts) == ("failed", "sign_in", [])
        monkeypatch.setenv("TEST_BUREAU_TOKEN", "s3cret")
        wanted(staff["wang"])
        work()
        assert book.tokens == {"Bearer s3cret"}
        assert "s3cret" not in repr(known.of("pbc"))


def test_the_gate_is_asked_once_more_before_it_leaves(waiting: Query, book: Book, staff: Staff) -> None:
    from daihou.desk.bureau.models import Authorisation

    authorising.revoke(Authorisation.objects.get(), "asked by letter", asked(staff["wang"]))
    work()
    query = only()
    assert (query.outcome, rules(query), query.sent_at, book.posts) == ("refused", ["consent"], None, [])
    assert Entry.objects.filter(action="bureau.refuse", subject_id=query.number).count() == 1


def test_of_who_is_not_in_the_vault_nothing_is_sent(waiting: Query, book: Book) -> None:
    erase(LI, "test", "asked by letter on 17 March")
    work()
    assert (only().outcome, only().trouble, book.posts) == ("failed", "nobody", [])


def test_of_who_was_erased_meanwhile_nothing_is_kept_but_the_cost(waiting: Query, book: Book) -> None:
    fated(book, "later")
    work()
    erase(LI, "test", "asked by letter on 17 March")
    work(NOW + MINUTE)
    assert (only().outcome, only().cost, only().trouble) == ("answered", Decimal("10.00"), "nobody")
    assert not Result.objects.exists()


def test_a_bureau_without_a_connection_is_sent_nothing(staff: Staff) -> None:
    authorised(staff["wang"])
    wanted(staff["wang"])
    work()
    assert only().outcome == "waiting"


def test_facts_that_cannot_be_read_hold_back_one_query(
    waiting: Query, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("broken")

    with monkeypatch.context() as patch:
        patch.setattr(sending, "standing", broken)
        work()
        assert (only().outcome, only().due_at) == ("waiting", NOW + dt.timedelta(minutes=5))
    work(NOW + MINUTE)
    assert only().outcome == "waiting"
    work(NOW + 5 * MINUTE)
    assert only().outcome == "answered"
