"""Channels by Apprise: a webhook that answers, one that does not, and what of its address is kept."""

from __future__ import annotations

import json
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from daihou.desk.audit.models import Entry
from daihou.desk.notices import apprised, sealed
from daihou.desk.notices.apprised import AddressError
from daihou.desk.notices.choices import Kind, State, Trouble
from daihou.desk.notices.models import Channel, Delivery
from desk.notices.conftest import MORNING, post, told, work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.test import Client

    from daihou.desk.people.models import User

KEY = "693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa"
WECOM = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}"


@dataclass
class Hook:
    """A webhook in a thread."""

    address: str = ""
    code: int = 200
    heard: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture
def hook() -> Iterator[Hook]:
    made = Hook()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(made.code)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    served = HTTPServer(("127.0.0.1", 0), Answer)
    made.address = f"json://127.0.0.1:{served.server_port}/hook/secret-of-the-house"
    thread = threading.Thread(target=served.serve_forever)
    thread.start()
    yield made
    served.shutdown()
    served.server_close()
    thread.join()


def group(by: User, address: str, *levels: str) -> Channel:
    """A channel of the lender."""
    return Channel.objects.create(
        name="Risk room", service="JSON", tail="ouse", sealed=sealed.seal(address), levels=list(levels), language="en", made_at=MORNING, made_by=by
    )  # fmt: skip


def test_a_group_is_told_once_of_what_many_are_told_of(chen: User, administrator: User, hook: Hook) -> None:
    group(administrator, hook.address, "red")
    post(*(told(who, "move:1", "red") for who in (chen, administrator)), told(chen, "move:2", "orange"))
    work(MORNING)
    (heard,) = hook.heard
    assert "Red alert AL-2026-000001 is new" in heard["message"]
    assert "/alerts/123/" in heard["message"]
    assert Delivery.objects.get(recipient=None).state == State.SENT


def test_a_group_is_not_told_what_one_person_is_to_do(chen: User, administrator: User, hook: Hook) -> None:
    group(administrator, hook.address, "red")
    post(told(chen, level="red", kind=Kind.TO_CONFIRM))
    work(MORNING)
    assert not hook.heard


def test_a_service_that_says_no_is_asked_again(chen: User, administrator: User, hook: Hook) -> None:
    hook.code = 403
    group(administrator, hook.address, "red")
    post(told(chen, level="red"))
    work(MORNING)
    failed = Delivery.objects.get()
    assert (failed.state, failed.trouble) == (State.FAILED, Trouble.REFUSED)
    assert "403" in failed.answer
    assert "secret-of-the-house" not in failed.answer
    hook.code = 200
    work(failed.due_at)
    assert Delivery.objects.get().state == State.SENT


def test_a_service_that_is_down_is_asked_again(chen: User, administrator: User) -> None:
    group(administrator, "json://127.0.0.1:9/x", "red")
    post(told(chen, level="red"))
    work(MORNING)
    assert (Delivery.objects.get().state, Delivery.objects.get().trouble) == (State.FAILED, Trouble.UNREACHABLE)


def test_a_service_that_takes_it_and_never_answers_leaves_it_unclear(chen: User, administrator: User) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        group(administrator, f"json://127.0.0.1:{silent.getsockname()[1]}/x?rto=0.2", "red")
        post(told(chen, level="red"))
        work(MORNING)
    assert (Delivery.objects.get().state, Delivery.objects.get().trouble) == (State.UNCLEAR, Trouble.BROKE_OFF)


def test_a_channel_sealed_under_another_keyset_says_so(chen: User, administrator: User) -> None:
    channel = group(administrator, "json://127.0.0.1:9/x", "red")
    Channel.objects.filter(pk=channel.pk).update(sealed="AAAA")
    post(told(chen, level="red"))
    work(MORNING)
    assert Delivery.objects.get().trouble == Trouble.UNREADABLE


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("not an address", "unknown"),
        ("json://10.0.0.1/inside", "foreign"),
        ("mailto://me:secret@example.com", "foreign"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#one/#two", "many"),
    ],
)
def test_a_user_enters_only_services_of_a_fixed_host_and_one_recipient(address: str, why: str) -> None:
    with pytest.raises(AddressError, match=why):
        apprised.opened(address, apprised.OWN)


def test_nothing_of_this_machine_can_be_addressed_even_for_the_lender() -> None:
    for address in ("syslog://", "dbus://", "file:///etc/passwd"):
        with pytest.raises(AddressError):
            apprised.opened(address, apprised.LENDERS)


def test_an_address_cannot_ask_to_be_tried_again_by_itself() -> None:
    assert apprised.opened("json://127.0.0.1/x?retry=5", apprised.LENDERS).retry == 0


def test_an_address_is_sealed_and_never_shown_again(chen: User, browser: Callable[[User], Client]) -> None:
    page = browser(chen)
    answered = page.post("/notices/settings/channels/", {"name": "My robot", "address": WECOM}, follow=True)
    assert answered.status_code == 200
    channel = Channel.objects.get()
    assert (channel.user, channel.service, channel.tail) == (chen, "WeCom Bot", "5aaa")
    shown = page.get("/notices/settings/").content.decode()
    assert "5aaa" in shown
    assert KEY not in shown
    assert KEY not in channel.sealed
    assert KEY not in json.dumps(list(Entry.objects.values("detail", "subject_id")))
    assert sealed.unseal(channel.sealed) == WECOM


def test_a_wrong_address_is_refused_with_words(chen: User, browser: Callable[[User], Client]) -> None:
    answered = browser(chen).post("/notices/settings/channels/", {"name": "x", "address": "json://10.0.0.1/"})
    assert answered.status_code == 422
    assert "An administrator enters them for the lender" in answered.content.decode()


def test_what_waits_for_a_removed_channel_is_withdrawn_and_its_secret_is_gone(
    chen: User, browser: Callable[[User], Client]
) -> None:
    page = browser(chen)
    page.post("/notices/settings/channels/", {"name": "My robot", "address": WECOM})
    post(told(chen, level="blue"))
    work(MORNING)
    page.post(f"/notices/settings/channels/{Channel.objects.get().pk}/remove/")
    assert Delivery.objects.get().state == State.WITHDRAWN
    assert (Channel.objects.get().sealed, Channel.objects.get().tail) == ("", "")


def test_somebody_elses_channel_does_not_exist(
    chen: User, administrator: User, browser: Callable[[User], Client]
) -> None:
    browser(chen).post("/notices/settings/channels/", {"name": "My robot", "address": WECOM})
    number = Channel.objects.get().pk
    other = browser(administrator)
    assert other.post(f"/notices/settings/channels/{number}/remove/").status_code == 404
    assert other.post("/notices/test/", {"channel": number}).status_code == 404
    assert other.post(f"/notices/outbox/channels/{number}/test/").status_code == 404


def test_the_lenders_channel_is_entered_tried_and_removed(
    administrator: User, hook: Hook, browser: Callable[[User], Client]
) -> None:
    page = browser(administrator)
    given = {"name": "Risk room", "address": hook.address, "levels": ["red", "orange"], "language": "en"}
    page.post("/notices/outbox/channels/", given)
    number = Channel.objects.get().pk
    said = page.post(f"/notices/outbox/channels/{number}/test/", follow=True).content.decode()
    assert "The test was taken over" in said
    assert hook.heard[0]["message"] == "This is a test. Notices of daihou arrive here."
    hook.code = 500
    said = page.post(f"/notices/outbox/channels/{number}/test/", follow=True).content.decode()
    assert "The server refused the message." in said
    assert "500" in said
    page.post(f"/notices/outbox/channels/{number}/remove/")
    assert Channel.objects.get().removed_at is not None
    assert [entry.action for entry in Entry.objects.order_by("id")] == [
        "notice.channel_add", "notice.test", "notice.test", "notice.channel_remove",
    ]  # fmt: skip
