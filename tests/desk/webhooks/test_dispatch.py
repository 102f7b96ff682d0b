"""What is sent, when it is tried again, when it is given up; against a receiver that is real. Nothing waits: the moments are given."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from daihou.desk.audit.models import Entry
from daihou.desk.people.models import Membership
from daihou.desk.webhooks import dispatch, retrying, routing, signing, transitions
from daihou.desk.webhooks.choices import HookState, State, Trouble
from daihou.desk.webhooks.models import Delivery, Hook, HookEvent
from daihou.desk.webhooks.pruning import KEPT, KEPT_DEAD, prune
from desk.alerts.hands import asked
from desk.conftest import user
from desk.webhooks.conftest import NOON, happened, hook

if TYPE_CHECKING:
    from daihou.desk.people.models import User
    from desk.webhooks.receiving import Got, Receiver

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)


def work(now: dt.datetime | None = None) -> int:
    """Route and send all that is due, one after the other; how many requests were made."""
    at = now or timezone.now()
    routing.route(at)
    sent = 0
    while claimed := dispatch.claim(at, 8):
        for each in claimed:
            dispatch.send(each)
            sent += 1
    return sent


def only() -> Delivery:
    return Delivery.objects.select_related("hook", "event").get()


def due_now() -> None:
    """Let the pauses pass."""
    Delivery.objects.update(due_at=NOON)
    Hook.objects.update(rests_until=None)


def signed(got: Got, secret: str) -> str:
    """The signature that a receiver computes."""
    words = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
    digest = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), words, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def test_an_event_is_sent_once_and_says_what_happened(receiver: Receiver, analyst: User) -> None:
    made = hook(analyst, receiver.url)
    (event,) = happened(data={"number": "AL-2026-000001", "level": "red"})
    assert work() == 1
    assert work() == 0
    (got,) = receiver.got
    assert json.loads(got.body) == {
        "id": event.uid,
        "kind": "alert.raised",
        "at": "2026-03-17T12:00:00+08:00",
        "sequence": event.pk,
        "data": {"number": "AL-2026-000001", "level": "red"},
        "links": {"desk": "http://localhost/alerts/1/"},
    }
    assert got.id == event.uid
    delivery = only()
    assert (delivery.state, delivery.status, delivery.tries, delivery.trouble) == (State.SENT, 204, 1, "")
    made.refresh_from_db()
    assert made.answered_at is not None


def test_a_request_is_signed_by_the_secret_of_its_hook(receiver: Receiver, analyst: User) -> None:
    made = hook(analyst, receiver.url)
    happened()
    work()
    (got,) = receiver.got
    secret = signing.unseal(made.secret)
    assert got.headers["webhook-signature"] == signed(got, secret)
    assert got.headers["webhook-signature"] != signed(got, signing.fresh())
    assert abs(int(got.headers["webhook-timestamp"]) - timezone.now().timestamp()) < 60
    assert secret not in made.secret
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32


def test_after_a_new_secret_requests_are_signed_by_both_for_a_day(receiver: Receiver, analyst: User) -> None:
    made = hook(analyst, receiver.url)
    old = signing.unseal(made.secret)
    new, until = transitions.rotate(made, asked(analyst))
    happened()
    work()
    assert receiver.got[0].headers["webhook-signature"].split() == [
        signed(receiver.got[0], new),
        signed(receiver.got[0], old),
    ]
    made.refresh_from_db()
    assert signing.of(made, until - MINUTE) == [new, old]
    assert signing.of(made, until) == [new]


def test_what_fails_is_tried_eight_times_over_a_day_and_then_kept_for_people(receiver: Receiver, analyst: User) -> None:
    hook(analyst, receiver.url)
    receiver.status, receiver.text = 500, "no disk"
    happened()
    waits = []
    for _ in range(retrying.TRIES):
        before = timezone.now()
        assert work() == 1
        assert work() == 0
        waits.append(only().due_at - before)
        due_now()
        Delivery.objects.update(first_due_at=timezone.now())
    delivery = only()
    assert (delivery.state, delivery.tries, delivery.trouble, delivery.answer) == (State.DEAD, 8, "fault", "no disk")
    assert [trouble for _at, trouble, _status, _ms in delivery.course] == ["fault"] * 8
    for wait, pause in zip(waits, retrying.PAUSES, strict=False):
        assert pause * 0.79 <= wait <= pause * 1.21 + MINUTE / 2
    assert 20 * 3600 < sum(pause.total_seconds() for pause in retrying.PAUSES) < 25 * 3600
    assert len(set(receiver.ids)) == 1
    assert work() == 0


def test_pauses_differ_by_chance(analyst: User) -> None:
    assert len({retrying.again_at(3, NOON, 0) for _ in range(20)}) > 10


def test_what_waited_three_days_is_given_up_however_often_it_was_tried() -> None:
    assert not retrying.is_over(1, NOON, NOON + 2 * DAY)
    assert retrying.is_over(1, NOON, NOON + 3 * DAY)


def test_after_a_failure_the_event_arrives(receiver: Receiver, analyst: User) -> None:
    made = hook(analyst, receiver.url)
    receiver.first = [500, 404]
    happened()
    for _ in range(3):
        work()
        due_now()
    assert only().state == State.SENT
    assert [status for _at, _trouble, status, _ms in only().course] == [500, 404, 204]
    made.refresh_from_db()
    assert (made.failures, made.rests_until) == (0, None)


def test_a_receiver_in_trouble_gets_one_request_and_a_rest_that_grows(receiver: Receiver, analyst: User) -> None:
    made = hook(analyst, receiver.url)
    receiver.status = 500
    happened(20)
    routing.route(NOON)
    for number, rest in enumerate(retrying.RESTS, 1):
        now = timezone.now()
        (one, *others) = dispatch.claim(now, 8)
        assert len(others) == (3 if number == 1 else 0)
        Delivery.objects.filter(pk__in=[each.delivery.pk for each in others]).update(state=State.WAITING)
        dispatch.send(one)
        made.refresh_from_db()
        assert made.failures == number
        assert made.rests_until is not None
        assert rest <= made.rests_until - now < rest + 30 * MINUTE / 30
        assert not dispatch.claim(now, 8)
        Hook.objects.update(rests_until=None)
    assert len(receiver.got) == len(retrying.RESTS)


def test_another_hook_goes_on_beside_one_that_fails(receiver: Receiver, analyst: User) -> None:
    hook(analyst, f"http://127.0.0.1:{receiver.port}/bad", name="bad", failures=9, rests_until=timezone.now() + DAY)
    good = hook(analyst, receiver.url, name="good")
    happened(6)
    assert work() == 6
    assert Delivery.objects.filter(hook=good, state=State.SENT).count() == 6


def test_no_hook_takes_more_than_half_of_the_threads(receiver: Receiver, analyst: User) -> None:
    first, second = hook(analyst, receiver.url, name="a"), hook(analyst, receiver.url, name="b")
    happened(9)
    routing.route(NOON)
    claimed = dispatch.claim(timezone.now(), 8)
    assert sorted(each.hook.pk for each in claimed) == [first.pk] * 4 + [second.pk] * 4
    assert not dispatch.claim(timezone.now(), 8)


def test_what_the_receiver_asks_to_wait_is_waited_and_a_day_at_most(receiver: Receiver, analyst: User) -> None:
    made = hook(analyst, receiver.url)
    receiver.status, receiver.answers = 429, {"Retry-After": "3600"}
    happened()
    before = timezone.now()
    work()
    made.refresh_from_db()
    assert only().trouble == Trouble.BUSY
    assert only().due_at >= before + dt.timedelta(hours=1)
    assert made.rests_until is not None
    assert made.rests_until >= before + dt.timedelta(hours=1)
    receiver.answers = {"Retry-After": "99999999"}
    due_now()
    work()
    assert only().due_at <= timezone.now() + DAY + MINUTE


def test_a_receiver_that_wants_no_more_is_switched_off_and_what_waits_given_up(
    receiver: Receiver, analyst: User
) -> None:
    made = hook(analyst, receiver.url)
    receiver.status = 410
    happened(6)
    routing.route(NOON)
    dispatch.send(dispatch.claim(timezone.now(), 1)[0])
    made.refresh_from_db()
    assert made.state == HookState.OFF
    assert set(Delivery.objects.values_list("state", "trouble")) == {(State.DEAD, Trouble.GONE)}
    assert Entry.objects.get(action="webhook.gone").detail == {"given_up": 5}
    happened()
    assert work() == 0
    assert Delivery.objects.count() == 6
    receiver.status = 204
    transitions.resume(made, asked(analyst))
    assert transitions.send_again(Delivery.objects.all(), asked(analyst)) == 6
    assert work() == 6
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.SENT}


def test_what_was_in_hand_while_its_hook_was_switched_off_is_given_up_too(receiver: Receiver, analyst: User) -> None:
    made = hook(analyst, receiver.url)
    receiver.status = 500
    happened(2)
    routing.route(NOON)
    first, second = dispatch.claim(timezone.now(), 2)
    dispatch.switch_off(made, timezone.now())
    dispatch.send(first)
    transitions.remove(made, asked(analyst))
    dispatch.send(second)
    assert list(Delivery.objects.order_by("pk").values_list("state", flat=True)) == [State.DROPPED, State.DEAD]
    assert work() == 0


def test_what_its_user_may_not_see_any_more_is_not_sent(receiver: Receiver, analyst: User) -> None:
    hook(analyst, receiver.url)
    happened()
    routing.route(NOON)
    Membership.objects.all().delete()
    work()
    assert not receiver.got
    assert (only().state, only().trouble) == (State.DEAD, Trouble.NO_RIGHT)


def test_a_deactivated_user_is_told_of_nothing(receiver: Receiver) -> None:
    gone = user("gone", ("analyst", ""))
    hook(gone, receiver.url)
    happened()
    routing.route(NOON)
    gone.is_active = False
    gone.save()
    work()
    assert not receiver.got
    assert only().state == State.DEAD


def test_a_paused_hook_waits_and_loses_nothing(receiver: Receiver, analyst: User) -> None:
    made = hook(analyst, receiver.url)
    assert transitions.pause(made, asked(analyst))
    assert not transitions.pause(made, asked(analyst))
    happened(3)
    assert work() == 0
    assert transitions.resume(made, asked(analyst))
    assert work() == 3


def test_a_removed_hook_is_told_nothing_and_its_secret_is_gone(receiver: Receiver, analyst: User) -> None:
    made = hook(analyst, receiver.url)
    happened()
    routing.route(NOON)
    assert transitions.remove(made, asked(analyst))
    made.refresh_from_db()
    assert (made.secret, made.older_secret) == ("", "")
    assert work() == 0
    assert only().state == State.DROPPED


def test_a_secret_that_cannot_be_read_sends_nothing(receiver: Receiver, analyst: User) -> None:
    hook(analyst, receiver.url, secret="bm90aGluZw==")  # noqa: S106 - sealed under no keyset
    happened()
    work()
    assert not receiver.got
    assert only().trouble == Trouble.UNREADABLE


def test_what_a_dead_sender_had_in_hand_is_sent_again_under_the_same_id(receiver: Receiver, analyst: User) -> None:
    hook(analyst, receiver.url)
    (event,) = happened()
    routing.route(NOON)
    now = timezone.now()
    assert len(dispatch.claim(now, 8)) == 1  # and nobody sends it
    assert dispatch.expire(now + dispatch.LEASE) == 0
    assert dispatch.expire(now + dispatch.LEASE + MINUTE) == 1
    assert (only().state, only().trouble) == (State.FAILED, Trouble.CRASHED)
    work(now + dispatch.LEASE + MINUTE)
    assert (only().state, only().tries, receiver.ids) == (State.SENT, 2, [event.uid])


def test_what_kills_its_sender_every_time_is_given_up(receiver: Receiver, analyst: User) -> None:
    hook(analyst, receiver.url)
    happened()
    routing.route(NOON)
    now = timezone.now()
    for _ in range(retrying.TRIES):
        assert len(dispatch.claim(now, 8)) == 1
        now += dispatch.LEASE + MINUTE
        dispatch.expire(now)
    assert (only().state, only().trouble) == (State.DEAD, Trouble.CRASHED)


def test_a_sender_that_comes_back_after_its_time_marks_nothing(receiver: Receiver, analyst: User) -> None:
    hook(analyst, receiver.url)
    happened()
    routing.route(NOON)
    now = timezone.now()
    (late,) = dispatch.claim(now, 8)
    dispatch.expire(now + 2 * dispatch.LEASE)
    (other,) = dispatch.claim(now + 2 * dispatch.LEASE, 8)
    outcome = dispatch.Outcome(Trouble.FAULT, 500, "", 0.0, 1)
    assert not dispatch.settle(late, outcome, now)
    assert only().state == State.SENDING
    assert dispatch.settle(other, outcome, now)


def test_send_again_begins_anew_and_dropping_ends_it(receiver: Receiver, analyst: User) -> None:
    made = hook(analyst, receiver.url)
    happened(3)
    routing.route(NOON)
    first, second, third = Delivery.objects.order_by("pk")
    Delivery.objects.update(state=State.DEAD, tries=8, trouble=Trouble.FAULT, ended_at=NOON)
    request = asked(analyst)
    assert transitions.send_again(Delivery.objects.filter(pk=first.pk), request) == 1
    assert transitions.drop(Delivery.objects.filter(pk=second.pk), request) == 1
    assert transitions.drop(Delivery.objects.filter(pk=second.pk), request) == 0
    assert transitions.send_again(Delivery.objects.filter(pk=second.pk), request) == 0
    assert work() == 1
    states = dict(Delivery.objects.values_list("pk", "state"))
    assert states == {first.pk: State.SENT, second.pk: State.DROPPED, third.pk: State.DEAD}
    entry = Entry.objects.get(action="webhook.resend")
    assert (entry.subject_id, entry.detail["n"]) == (str(made.pk), 1)


def test_a_test_says_which_hook_it_is_and_leaves_no_delivery(receiver: Receiver, analyst: User) -> None:
    made = hook(analyst, receiver.url)
    receiver.status, receiver.text = 200, "pong"
    trial = transitions.ping(made, asked(analyst))
    assert (trial.good, trial.status, trial.answer) == (True, 200, "pong")
    assert json.loads(receiver.got[0].body)["kind"] == "ping"
    assert receiver.got[0].headers["webhook-signature"] == signed(receiver.got[0], signing.unseal(made.secret))
    receiver.status = 401
    trial = transitions.ping(made, asked(analyst))
    assert (trial.good, trial.status, trial.trouble) == (False, 401, "The receiver refused the request.")
    assert not Delivery.objects.exists()
    assert Entry.objects.filter(action="webhook.test").count() == 2


def test_what_is_over_is_deleted_and_what_was_given_up_is_kept_long(receiver: Receiver, analyst: User) -> None:
    hook(analyst, receiver.url)
    happened(3, at=NOON)
    happened(at=NOON, org_id="B02", kind="case.opened")
    routing.route(NOON)
    sent, dead, waiting, dropped = Delivery.objects.order_by("pk")
    Delivery.objects.filter(pk=sent.pk).update(state=State.SENT, ended_at=NOON)
    Delivery.objects.filter(pk=dead.pk).update(state=State.DEAD, ended_at=NOON)
    Delivery.objects.filter(pk=dropped.pk).update(state=State.DROPPED, ended_at=NOON)
    assert prune(NOON + KEPT) == 0
    prune(NOON + KEPT + MINUTE)
    prune(NOON + KEPT + MINUTE)
    assert set(Delivery.objects.values_list("pk", flat=True)) == {dead.pk, waiting.pk}
    assert HookEvent.objects.count() == 2
    prune(NOON + KEPT_DEAD + MINUTE)
    assert set(Delivery.objects.values_list("pk", flat=True)) == {waiting.pk}
