"""What is sent, when, and never twice: with a real mail server."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction

from daihou.desk.notices import dispatch, outbox, routing
from daihou.desk.notices.choices import Kept, State, Trouble
from daihou.desk.notices.models import Delivery, Notice, Preference
from desk.notices.conftest import MORNING, post, told, work

if TYPE_CHECKING:
    from daihou.desk.people.models import User
    from desk.notices.conftest import Server

MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)


def only() -> Delivery:
    return Delivery.objects.get()


def test_an_orange_alert_is_mailed_to_its_officer_at_once(chen: User, server: Server) -> None:
    post(told(chen))
    work(MORNING)
    (mail,) = server.mails
    assert (mail["To"], mail["From"]) == ("chen@bank.example", "daihou@bank.example")
    assert "Orange alert AL-2026-000001 is new: check until 18 Mar 18:00" in mail["Subject"]
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    assert "https://desk.bank.example/alerts/123/" in text.get_content()
    assert '<a href="https://desk.bank.example/alerts/123/">' in html.get_content()
    assert (only().state, only().sent_at) == (State.SENT, MORNING)


def test_a_notice_is_written_in_the_language_of_its_reader(chen: User, server: Server) -> None:
    chen.language = "zh-hans"
    chen.save()
    post(told(chen))
    work(MORNING)
    assert "橙色预警 AL-2026-000001" in server.mails[0]["Subject"]
    assert "3月18日 18:00" in server.mails[0]["Subject"]


def test_what_is_not_urgent_waits_for_one_digest_in_the_morning(chen: User, server: Server) -> None:
    for number in range(1, 61):
        post(told(chen, f"move:{number}", "blue" if number % 2 else "yellow"))
    work(MORNING)
    assert not server.mails
    half_past_eight = (MORNING + DAY).replace(hour=8, minute=30)
    work(half_past_eight - MINUTE)
    assert not server.mails
    work(half_past_eight)
    (mail,) = server.mails
    assert "60 notices · Yellow 30 · Blue 30" in mail["Subject"]
    body = mail.get_body(("plain",))
    assert body is not None
    said = body.get_content()
    assert said.count("AL-2026-") == 50
    assert "10 more notices stand at the desk" in said
    assert said.index("Yellow alert") < said.index("Blue alert")
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.SENT}


def test_a_digest_of_friday_night_comes_on_monday(chen: User, server: Server) -> None:
    friday = dt.datetime(2026, 3, 20, 19, tzinfo=MORNING.tzinfo)
    post(told(chen, level="blue"), at=friday)
    work(friday)
    assert only().due_at == dt.datetime(2026, 3, 23, 8, 30, tzinfo=MORNING.tzinfo)


def test_quiet_hours_hold_back_orange_and_let_red_through(chen: User, server: Server) -> None:
    night = MORNING.replace(hour=23)
    post(told(chen, "move:1", "orange"), told(chen, "move:2", "red"), at=night)
    work(night)
    assert [mail["Subject"].count("Red alert") for mail in server.mails] == [1]
    seven = (MORNING + DAY).replace(hour=7)
    work(seven - MINUTE)
    assert len(server.mails) == 1
    work(seven)
    assert "Orange alert" in server.mails[1]["Subject"]


def test_red_waits_too_where_its_reader_wants_it(chen: User, server: Server) -> None:
    at_once = dict.fromkeys(("red", "orange", "yellow", "blue"), "at_once")
    Preference.objects.create(
        user=chen, levels=at_once, digest_at=dt.time(9), quiet_from=dt.time(12), quiet_to=dt.time(14), red_pierces=False
    )
    noon = MORNING.replace(hour=12)
    post(told(chen, level="red"), at=noon)
    work(noon)
    assert not server.mails
    assert only().due_at == MORNING.replace(hour=14)


def test_a_server_that_is_down_for_a_day_gets_everything_once_it_is_back(chen: User, down: None, request: Any) -> None:
    post(told(chen, level="red"))
    at, tries = MORNING, 0
    while at < MORNING + DAY:
        work(at)
        assert (only().state, only().trouble) == (State.FAILED, Trouble.UNREACHABLE)
        assert only().due_at > at
        at, tries = only().due_at, tries + 1
    assert tries == only().tries == 9
    server = request.getfixturevalue("server")
    work(at)
    assert len(server.mails) == 1
    assert (only().state, only().trouble) == (State.SENT, "")


def test_after_three_days_it_is_given_up_and_says_why(chen: User, down: None) -> None:
    post(told(chen, level="red"))
    at = MORNING
    while only().state == State.FAILED if Delivery.objects.exists() else True:
        work(at)
        at = only().due_at
    assert only().state == State.GIVEN_UP
    assert dt.timedelta(days=3) <= at - MORNING < dt.timedelta(days=3, hours=7)
    assert "refused" in only().answer


def test_told_twice_is_sent_once(chen: User, server: Server) -> None:
    post(told(chen))
    work(MORNING)
    post(told(chen), told(chen))
    work(MORNING + MINUTE)
    assert (len(server.mails), Notice.objects.count()) == (1, 1)


def test_what_is_undone_was_never_told(chen: User, server: Server) -> None:
    with transaction.atomic():
        post(told(chen))
        transaction.set_rollback(True)
    work(MORNING)
    assert not server.mails


def test_two_senders_share_out_the_parcels(chen: User, administrator: User, server: Server) -> None:
    post(told(chen, level="red"), told(administrator, "move:2", "red"))
    Preference.objects.create(user=administrator, levels={"red": "at_once"}, digest_at=dt.time(9))
    routing.route(MORNING)
    first, second = dispatch.claim(MORNING), dispatch.claim(MORNING)
    assert first is not None
    assert second is not None
    assert dispatch.claim(MORNING) is None
    assert first.recipient != second.recipient
    for parcel in (first, second):
        dispatch.send(parcel, MORNING)
    assert sorted(server.seen) == ["chen@bank.example", "root@bank.example"]


def test_what_a_sender_that_died_had_in_hand_is_unclear_and_not_sent_again(chen: User, server: Server) -> None:
    post(told(chen))
    routing.route(MORNING)
    assert dispatch.claim(MORNING) is not None
    work(MORNING + 9 * MINUTE)
    assert only().state == State.SENDING
    work(MORNING + 11 * MINUTE)
    assert (only().state, only().trouble) == (State.UNCLEAR, Trouble.CRASHED)
    work(MORNING + 5 * DAY)
    assert not server.mails


def test_a_sender_that_was_only_slow_still_says_that_it_sent(chen: User, server: Server) -> None:
    post(told(chen))
    routing.route(MORNING)
    parcel = dispatch.claim(MORNING)
    assert parcel is not None
    dispatch.expire(MORNING + 11 * MINUTE)
    dispatch.send(parcel, MORNING + 12 * MINUTE)
    assert only().state == State.SENT


def test_a_connection_that_breaks_off_in_the_midst_leaves_it_unclear(chen: User, server: Server) -> None:
    server.says = "hang up"
    post(told(chen))
    work(MORNING)
    assert (only().state, only().trouble) == (State.UNCLEAR, Trouble.BROKE_OFF)
    server.says = "250 taken"
    work(MORNING + DAY)
    assert not server.mails


@pytest.mark.parametrize(
    ("field", "said", "trouble"),
    [
        ("says", "451 try later", Trouble.REFUSED),
        ("says", "554 looks like spam", Trouble.REFUSED),
        ("says_to_recipient", "550 no such user", Trouble.ADDRESS),
    ],
)
def test_what_the_server_refuses_is_tried_again_and_tells_its_answer(
    chen: User, server: Server, field: str, said: str, trouble: str
) -> None:
    setattr(server, field, said)
    post(told(chen))
    work(MORNING)
    assert (only().state, only().trouble, only().answer) == (State.FAILED, trouble, said)
    setattr(server, field, "250 ok")
    work(MORNING + MINUTE)
    assert len(server.mails) == 1


def test_a_retry_out_of_hours_waits_until_quiet_hours_end(chen: User, down: None) -> None:
    late = MORNING.replace(hour=21, minute=59)
    post(told(chen), at=late)
    work(late)
    assert only().due_at == (MORNING + DAY).replace(hour=7)


def test_an_alert_that_was_closed_is_dropped_from_the_digest(chen: User, server: Server) -> None:
    post(told(chen, "move:1", "blue"), told(chen, "move:2", "blue", subject="alert:9"))
    work(MORNING)
    outbox.withdraw(["alert:9"], MORNING)
    work(MORNING + DAY)
    (mail,) = server.mails
    assert "AL-2026-000001" in mail["Subject"]
    assert sorted(Delivery.objects.values_list("state", flat=True)) == [State.SENT, State.WITHDRAWN]


def test_what_was_taken_back_before_it_was_routed_goes_nowhere(chen: User, server: Server) -> None:
    post(told(chen))
    outbox.withdraw(["alert:123"], MORNING)
    work(MORNING)
    assert not Delivery.objects.exists()


def test_who_left_gets_nothing_more(chen: User, server: Server) -> None:
    post(told(chen, "move:1", "blue"))
    work(MORNING)
    chen.is_active = False
    chen.save()
    post(told(chen, "move:2", "red"))
    work(MORNING + DAY)
    assert not server.mails
    assert only().state == State.WITHDRAWN
    assert Notice.objects.get(about="move:2").kept == Kept.LEFT


def test_who_has_no_mail_address_is_told_at_the_desk_and_why(chen: User, server: Server) -> None:
    chen.email = ""
    chen.save()
    post(told(chen))
    work(MORNING)
    assert Notice.objects.get().kept == Kept.NO_ADDRESS
    assert not Delivery.objects.exists()


def test_an_address_that_was_taken_away_meanwhile_is_given_up_at_once(chen: User, server: Server) -> None:
    post(told(chen, level="blue"))
    work(MORNING)
    chen.email = ""
    chen.save()
    work(MORNING + DAY)
    assert (only().state, only().trouble) == (State.GIVEN_UP, Trouble.NO_ADDRESS)


def test_without_a_mail_server_notices_stay_at_the_desk(chen: User) -> None:
    post(told(chen))
    work(MORNING)
    assert Notice.objects.get().kept == Kept.NO_SERVER


def test_a_wrong_password_is_told_as_such(chen: User, server: Server, settings: Any) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "daihou", "wrong"
    post(told(chen))
    work(MORNING)
    assert only().state == State.FAILED
    assert only().trouble in (Trouble.SIGN_IN, Trouble.INSECURE)


def test_many_are_routed_in_a_handful_of_queries(
    chen: User, server: Server, django_assert_max_num_queries: Any
) -> None:
    post(*(told(chen, f"move:{number}", "blue") for number in range(500)))
    with django_assert_max_num_queries(30):
        assert routing.route(MORNING) == 500
