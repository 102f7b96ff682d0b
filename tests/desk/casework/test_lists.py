"""The lists of a day as they are written: who stands on whose, why, and what making them again changes."""

from __future__ import annotations

import datetime as dt
import itertools
import threading
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from daihou.desk.casework import lists, reasons
from daihou.desk.casework.choices import Act, ArrangementKind
from daihou.desk.casework.models import Arrangement, CaseMove, Cursor, Promise, PromisePart, Row
from daihou.desk.contacts.models import Circumstance, Contact, Point
from daihou.desk.people.models import Absence
from desk.casework.made import agency, case, crew

if TYPE_CHECKING:
    from daihou.desk.casework.models import Case
    from daihou.desk.people.models import User

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 4, 1)
"""A Wednesday."""
KEYS = itertools.count(1)


def at(hour: int, day: dt.date = DAY) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(hour)))


NIGHT = at(2)
"""When the lists of the day are made."""


@pytest.fixture
def people() -> dict[str, User]:
    return crew()


def made(day: dt.date = DAY, now: dt.datetime = NIGHT) -> dict[int, list[str]]:
    """By owner, the borrowers in order."""
    lists.make(day, now)
    found: dict[int, list[str]] = {}
    for row in Row.objects.filter(day=day).select_related("case").order_by("owner", "place"):
        found.setdefault(row.owner_id, []).append(row.case.borrower_id)
    return found


def promise(of: Case, by: User, due_on: dt.date, amount: int = 50_000, state: str = "open") -> Promise:
    held = Promise.objects.create(
        key=f"k{next(KEYS)}", case=of, loan_ids=[], currency="CNY", made_on=DAY - dt.timedelta(days=5), made_at=NIGHT, made_by=by, state=state
    )  # fmt: skip
    PromisePart.objects.create(promise=held, due_on=due_on, amount=amount, state=state)
    return held


def contact(person: str, when: dt.datetime, outcome: str = "no_answer", **more: Any) -> Contact:
    stated = {
        "key": f"c{next(KEYS)}",
        "person_id": person,
        "debtor_id": person,
        "channel": "phone",
        "party": "debtor",
        "purpose": "collect",
    }
    return Contact.objects.create(**(stated | more), asked_at=when, at=when, outcome=outcome)


def stands(person: str, kind: str, **more: Any) -> Circumstance:
    return Circumstance.objects.create(
        person_id=person, kind=kind, from_at=at(9, dt.date(2026, 3, 1)), ground="said so", entered_at=NIGHT, **more
    )


def test_each_collector_has_a_list_in_order_with_its_reasons(people: dict[str, User]) -> None:
    sun = people["sun"]
    case("small", "M2", owner=sun, claim=10_000)
    case("large", "M2", owner=sun, claim=1_844_072)
    case("called", "M6", owner=sun, call_at=at(15), claim=1)
    promise(case("promised", "M3", owner=sun), sun, DAY)
    case("others", owner=people["li"])
    assert made() == {sun.pk: ["called", "promised", "large", "small"], people["li"].pk: ["others"]}
    rows = {row.case.borrower_id: row for row in Row.objects.select_related("case")}
    assert [rows[name].reason for name in ("called", "promised", "large")] == [
        "call_agreed",
        "promise_due",
        "expected_recovery",
    ]
    assert rows["large"].values == {
        "claim": 1_844_072, "currency": "CNY", "chance": 350_000, "expected": 645_425, "seconds": 360, "channel": "phone", "broken": 0,
        "silent_days": rows["large"].values["silent_days"],
    }  # fmt: skip


def test_what_is_closed_with_an_agency_resting_or_handed_up_is_on_no_list(people: dict[str, User]) -> None:
    sun = people["sun"]
    case("closed", owner=sun, closed_on=DAY)
    case("away", owner=sun, agency=agency())
    case("rests", owner=sun, paused_until=DAY + dt.timedelta(days=1))
    case("wakes", owner=sun, paused_until=DAY)
    case("up", owner=sun, handed_up_at=NIGHT)
    assert made() == {sun.pk: ["wakes"]}


def test_who_promised_is_left_in_peace_until_the_day(people: dict[str, User]) -> None:
    sun = people["sun"]
    held = case("C1", owner=sun)
    promise(held, sun, DAY + dt.timedelta(days=1))
    assert made() == {}
    assert made(DAY + dt.timedelta(days=1), at(2, DAY + dt.timedelta(days=1))) == {sun.pk: ["C1"]}
    type(held).objects.update(call_at=at(10))  # but what was agreed is done
    assert made() == {sun.pk: ["C1"]}


def test_a_promise_that_fell_due_while_nobody_worked_is_on_the_next_list(people: dict[str, User]) -> None:
    sun = people["sun"]
    promise(case("C1", owner=sun), sun, DAY + dt.timedelta(days=3))
    made(DAY + dt.timedelta(days=2), at(2, DAY + dt.timedelta(days=2)))
    made(DAY + dt.timedelta(days=5), at(2, DAY + dt.timedelta(days=5)))
    assert Row.objects.get().reason == "promise_due"
    made(DAY + dt.timedelta(days=6), at(2, DAY + dt.timedelta(days=6)))
    assert Row.objects.get(day=DAY + dt.timedelta(days=6)).reason == "expected_recovery"


def test_what_a_plan_asks_is_told_as_such(people: dict[str, User]) -> None:
    sun = people["sun"]
    held = case("C1", owner=sun)
    asked = promise(held, sun, DAY, 70_000)
    Arrangement.objects.create(
        case=held,
        kind=ArrangementKind.INSTALMENTS,
        currency="CNY",
        reason="plan",
        made_at=NIGHT,
        made_by=sun,
        promise=asked,
    )
    made()
    row = Row.objects.get()
    assert (row.reason, row.values["due"], row.values["due_on"]) == ("plan_part_due", 70_000, DAY.isoformat())


def test_a_promise_broken_since_the_last_lists_is_told_once(people: dict[str, User]) -> None:
    sun = people["sun"]
    held = case("C1", owner=sun, promises_broken=1)
    broken = promise(held, sun, DAY - dt.timedelta(days=4), state="broken")
    made(DAY - dt.timedelta(days=1), at(2, DAY - dt.timedelta(days=1)))
    made(now=at(0))
    assert Row.objects.get(day=DAY).reason == "expected_recovery"
    CaseMove.objects.create(
        case=held, at=at(1), act=Act.PROMISE_JUDGED, stage_after="M1", detail={"promise": broken.pk, "state": "broken"}
    )
    for hour in (
        2,
        3,
    ):  # the run of the night judged it: however often the lists of the day are made, it is news on them
        made(now=at(hour))
        assert Row.objects.get(day=DAY).reason == "promise_broken"
    made(DAY + dt.timedelta(days=1), at(2, DAY + dt.timedelta(days=1)))
    assert Row.objects.get(day=DAY + dt.timedelta(days=1)).reason == "expected_recovery"


def test_a_promise_broken_and_kept_after_all_is_no_news(people: dict[str, User]) -> None:
    held = case("C1", owner=people["sun"])
    kept = promise(held, people["sun"], DAY - dt.timedelta(days=4), state="kept")
    CaseMove.objects.create(
        case=held, at=at(1), act=Act.PROMISE_JUDGED, stage_after="M1", detail={"promise": kept.pk, "state": "broken"}
    )
    made()
    assert Row.objects.get().reason == "expected_recovery"


def test_what_has_no_owner_goes_to_collectors_of_its_org_by_turns_and_never_to_who_leads(
    people: dict[str, User],
) -> None:
    for number in range(4):
        case(f"C{number}", claim=1_000 + number)
    case("elsewhere", org_id="X9")
    found = made()
    assert {owner: len(rows) for owner, rows in found.items()} == {people["sun"].pk: 2, people["li"].pk: 2}


def test_a_manager_has_a_list_of_what_is_theirs(people: dict[str, User]) -> None:
    case("C1", owner=people["he"])
    case("C2")
    assert made()[people["he"].pk] == ["C1"]


def test_the_cases_of_who_is_away_are_on_the_list_of_who_stands_in(people: dict[str, User]) -> None:
    case("C1", owner=people["sun"])
    Absence.objects.create(user=people["sun"], stand_in=people["li"], from_on=DAY, to_on=DAY, entered_by=people["he"])
    assert made() == {people["li"].pk: ["C1"]}
    assert made(DAY + dt.timedelta(days=1), at(2, DAY + dt.timedelta(days=1))) == {people["sun"].pk: ["C1"]}


def test_the_cases_of_who_left_are_given_to_others(people: dict[str, User]) -> None:
    case("C1", owner=people["sun"])
    type(people["sun"]).objects.filter(pk=people["sun"].pk).update(is_active=False)
    assert made() == {people["li"].pk: ["C1"]}


def test_who_may_not_be_contacted_on_the_day_is_on_no_list(people: dict[str, User]) -> None:
    sun = people["sun"]
    for name in ("dead", "spoken", "open"):
        case(name, owner=sun)
    stands("dead", "death")
    for hour in (9, 10, 11):
        contact("spoken", at(hour), "conversation")
    assert made() == {sun.pk: ["open", "spoken"]}
    ways = {row.case.borrower_id: row.values["channel"] for row in Row.objects.select_related("case")}
    assert ways == {"open": "phone", "spoken": "sms"}  # the calls of the day are used up


def test_in_the_evening_there_is_nobody_left_to_call_and_the_lists_stay_as_they_are(people: dict[str, User]) -> None:
    case("C1", owner=people["sun"])
    assert made(now=at(23)) == {}
    made()
    case("C2", owner=people["sun"])
    assert made(now=at(22)) == {people["sun"].pk: ["C1"]}
    assert made(now=at(21)) == {people["sun"].pk: ["C1", "C2"]}


def test_who_wants_no_calls_may_still_be_written_to_and_one_number_is_not_all(people: dict[str, User]) -> None:
    sun = people["sun"]
    numbers: dict[str, Point] = {}
    for name in ("written", "other", "other"):
        numbers[name] = Point.objects.create(person_id=name, kind="phone", token=f"{name}{len(numbers)}", made_at=NIGHT)
    for name in numbers:
        case(name, owner=sun)
    stands("written", "opt_out", channel="phone")
    stands("other", "opt_out", point=numbers["other"])
    made()
    assert {row.case.borrower_id: row.values["channel"] for row in Row.objects.select_related("case")} == {
        "written": "sms",
        "other": "phone",
    }


def test_made_again_nothing_is_written(people: dict[str, User]) -> None:
    for number in range(3):
        case(f"C{number}", owner=people["sun"])
    first = lists.make(DAY, NIGHT)
    kept = list(Row.objects.values_list("pk", "place"))
    again = lists.make(DAY, at(3))
    assert (first.rows, first.written, again.rows, again.written, again.removed) == (3, 3, 3, 0, 0)
    assert list(Row.objects.values_list("pk", "place")) == kept
    assert Cursor.objects.get(purpose="lists").at == at(3)


def test_what_was_worked_stays_and_what_is_open_is_made_anew(people: dict[str, User]) -> None:
    sun = people["sun"]
    for number in range(4):
        case(f"C{number}", owner=sun, claim=1_000 * (9 - number))
    made()
    Row.objects.filter(place=2).update(done_at=at(9), result="no_answer")
    case("late", owner=sun, claim=9_500)
    type(case("gone", owner=sun, claim=20)).objects.filter(borrower_id="C2").update(closed_at=at(9))
    found = made(now=at(10))
    assert found == {sun.pk: ["late", "C1", "C0", "C3", "gone"]}
    assert Row.objects.get(place=2).result == "no_answer"


def test_what_is_done_counts_against_the_time_of_the_day(people: dict[str, User]) -> None:
    sun = people["sun"]
    for number in range(70):
        case(f"C{number:02d}", "M2", owner=sun)
    assert len(made()[sun.pk]) == 66  # 400 minutes, 6 each
    Row.objects.filter(place__lte=10).update(done_at=at(9))
    assert len(made(now=at(10))[sun.pk]) == 66


def test_a_case_that_changes_hands_changes_lists(people: dict[str, User]) -> None:
    held = case("C1", owner=people["sun"])
    case("C2", owner=people["li"])
    made()
    type(held).objects.filter(pk=held.pk).update(owner=people["li"])
    assert made(now=at(9)) == {people["li"].pk: ["C1", "C2"]}


class Stopping(threading.Event):
    """Says stop from the second time on that it is asked: after the first list was written."""

    asked = 0

    def is_set(self) -> bool:
        self.asked += 1
        return self.asked > 1


def test_told_to_stop_it_leaves_whole_lists_and_goes_on_the_next_time(
    people: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("sun", "li"):
        for number in range(3):
            case(f"{name}{number}", owner=people[name])
    monkeypatch.setattr(lists, "TOGETHER", 3)
    assert lists.make(DAY, NIGHT, Stopping()).written == 3
    assert not Cursor.objects.filter(purpose="lists").exists()
    assert lists.make(DAY, NIGHT).written == 3
    assert Row.objects.values("owner").distinct().count() == 2


def test_as_many_questions_for_many_cases_as_for_one(people: dict[str, User]) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            made()
        Row.objects.all().delete()
        return len(queries)

    case("C0", owner=people["sun"])
    contact("C0", at(9, DAY - dt.timedelta(days=1)))
    made()
    Row.objects.all().delete()
    one = asked()
    for number in range(1, 30):
        case(f"C{number}", owner=people["sun"])
        contact(f"C{number}", at(9, DAY - dt.timedelta(days=1)))
        stands(f"C{number}", "message_consent")
    assert asked() <= one + 2  # what stands of them


def test_amounts_in_other_currencies_are_weighed_in_the_base_currency(people: dict[str, User]) -> None:
    case("yuan", owner=people["sun"], claim=100_000)
    case("yen", owner=people["sun"], claim=900_000, currency="JPY")
    assert made() == {people["sun"].pk: ["yuan", "yen"]}  # without a rate it comes last
    assert Row.objects.get(case__borrower_id="yen").values["claim"] == 900_000


@pytest.mark.parametrize(
    ("reason", "values", "en", "zh"),
    [
        ("expected_recovery", {}, "18,440.72 × 35% ÷ 6 min", "18,440.72 × 35% ÷ 6 分钟"),
        ("first_payment", {"chance": 245_000}, "18,440.72 × 24.5% ÷ 6 min", "18,440.72 × 24.5% ÷ 6 分钟"),
        (
            "promise_due",
            {"due": 50_000, "due_on": "2026-04-01"},
            "500.00 by 2026-04-01",
            "2026-04-01 到期 500.00",
        ),
        ("promise_broken", {"broken": 2}, "2 promises broken", "已失约 2 次"),
        ("out_of_touch", {"silent_days": 41}, "41 days without a conversation", "已 41 天未通话"),
        (
            "call_agreed",
            {"call_at": "2026-04-01T07:00:00+00:00"},
            "Agreed for 2026-04-01 15:00",
            "约定 2026-04-01 15:00 联系",
        ),
    ],
)
def test_a_reason_says_what_speaks_for_it(reason: str, values: dict[str, Any], en: str, zh: str) -> None:
    stated = {"claim": 1_844_072, "currency": "CNY", "chance": 350_000, "expected": 645_425, "seconds": 360, **values}
    for language, said in (("en", en), ("zh-hans", zh)):
        with translation.override(language):
            told = reasons.why(Row(reason=reason, values=stated))
            assert told.told == said
            assert told.expected == "6,454.25"


def test_every_reason_has_a_name() -> None:
    from daihou.collection.ordering import REASONS

    assert set(reasons.NAMES) == set(REASONS)
