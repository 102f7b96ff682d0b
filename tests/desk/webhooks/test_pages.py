"""The administrator's pages: entering a hook and its secret, trying it, its deliveries, the dead letters, and who may see what."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from daihou.desk.audit.models import Entry
from daihou.desk.people.roles import Role
from daihou.desk.webhooks import routing, signing
from daihou.desk.webhooks.choices import HookState, Kind, State, Trouble
from daihou.desk.webhooks.models import Delivery, Hook
from daihou.desk.webhooks.views import hooks as views
from desk.alerts.hands import browser
from desk.conftest import user
from desk.webhooks.conftest import NOON, happened, hook

if TYPE_CHECKING:
    from django.test import Client

    from daihou.desk.people.models import User
    from desk.webhooks.receiving import Receiver

pytestmark = pytest.mark.django_db
GIVEN = {"name": "Risk lake", "url": "https://hooks.example.com/x?token=s3cret", "user": "analyst", "kinds": ["alert.raised", "run.finished"]}  # fmt: skip


@pytest.fixture
def admin(analyst: User) -> Client:
    return browser(user("admin", (Role.ADMINISTRATOR, ""), language="en"))


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content.decode()[:500]
    return answer.content.decode()


def dead(n: int, **values: str) -> None:
    """Deliveries that were given up."""
    happened(n)
    routing.route(NOON)
    given_up = {
        "state": State.DEAD,
        "trouble": Trouble.FAULT,
        "status": 500,
        "answer": "no disk",
        "ended_at": NOON,
        "tries": 8,
    }
    Delivery.objects.update(**(given_up | values))


def test_a_hook_is_entered_and_its_secret_shown_once(admin: Client) -> None:
    assert "No webhook is entered" in page(admin, "/webhooks/")
    answer = admin.post("/webhooks/new/", GIVEN)
    shown = re.search(r"whsec_[A-Za-z0-9+/=]+", answer.content.decode())
    assert shown is not None
    made = Hook.objects.get()
    assert signing.unseal(made.secret) == shown[0]
    assert (made.user.username, made.kinds, made.state) == ("analyst", GIVEN["kinds"], HookState.ACTIVE)
    assert "no-store" in answer.headers["Cache-Control"]
    for path in ("/webhooks/", f"/webhooks/{made.pk}/", f"/webhooks/{made.pk}/edit/"):
        assert "whsec_" not in page(admin, path)
    entry = Entry.objects.get(action="webhook.enter")
    assert entry.detail["host"] == "hooks.example.com"
    assert "s3cret" not in str(entry.detail)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"url": "hooks.example.com"}, "This is no address of a receiver."),
        ({"url": "http://hooks.example.com/"}, "not https"),
        ({"url": "https://10.1.2.3/"}, "DAIHOU_HOOK_HOSTS"),
        ({"url": "https://169.254.169.254/latest/"}, "DAIHOU_HOOK_HOSTS"),
        ({"user": "nobody"}, "There is no active user of this name."),
        ({"user": "admin"}, "The user may not see this: Alert raised, Run finished."),
        ({"kinds": []}, "This field is required."),
        ({"kinds": ["alert.eaten"]}, "alert.eaten"),
    ],
)
def test_what_cannot_work_is_refused_with_why(admin: Client, wrong: dict[str, str], said: str) -> None:
    answer = admin.post("/webhooks/new/", GIVEN | wrong)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Hook.objects.exists()


def test_a_hook_is_changed_paused_resumed_given_a_secret_and_removed(admin: Client, analyst: User) -> None:
    made = hook(analyst)
    sealed = made.secret
    here = f"/webhooks/{made.pk}/"
    admin.post(f"{here}edit/", GIVEN)
    made.refresh_from_db()
    assert (made.name, made.url) == ("Risk lake", GIVEN["url"])
    admin.post(f"{here}pause/")
    assert "Paused" in page(admin, here)
    admin.post(f"{here}resume/")
    answer = admin.post(f"{here}secret/")
    assert "whsec_" in answer.content.decode()
    made.refresh_from_db()
    assert made.older_secret == sealed
    assert "every request is signed by the secret before too" in page(admin, here)
    admin.post(f"{here}remove/")
    assert admin.get(here).status_code == 404
    assert list(
        Entry.objects.filter(action__startswith="webhook.").order_by("pk").values_list("action", flat=True)
    ) == [
        "webhook.change",
        "webhook.pause",
        "webhook.resume",
        "webhook.rotate",
        "webhook.remove",
    ]
    assert "Risk lake" not in page(admin, "/webhooks/")


def test_a_test_shows_what_the_receiver_said(admin: Client, analyst: User, receiver: Receiver) -> None:
    made = hook(analyst, receiver.url)
    receiver.status, receiver.text = 200, "pong <b>"
    answer = admin.post(f"/webhooks/{made.pk}/ping/", follow=True)
    assert "The receiver took it: 200" in answer.content.decode()
    assert "pong &lt;b&gt;" in answer.content.decode()
    receiver.status, receiver.text = 401, "who are you"
    said = admin.post(f"/webhooks/{made.pk}/ping/", follow=True).content.decode()
    assert "The receiver refused the request." in said
    assert "who are you" in said


def test_tests_are_limited(admin: Client, analyst: User, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST_PINGS", 2)
    made = hook(analyst, receiver.url)
    assert [admin.post(f"/webhooks/{made.pk}/ping/").status_code for _ in range(3)] == [302, 302, 429]
    assert len(receiver.got) == 2


def test_dead_letters_are_listed_filtered_and_read(admin: Client, analyst: User) -> None:
    first, second = hook(analyst, name="First"), hook(analyst, name="Second")
    dead(2)
    listed = page(admin, "/webhooks/deliveries/")
    assert listed.count("Given up</span>") == 4
    assert "The receiver answered with a fault of its own." in listed
    assert page(admin, f"/webhooks/deliveries/?hook={first.pk}").count("Given up</span>") == 2
    assert "No event matches" in page(admin, f"/webhooks/deliveries/?hook={first.pk}&kind=case.opened")
    assert "No event matches" in page(admin, "/webhooks/deliveries/?state=sent")
    assert page(admin, "/webhooks/deliveries/?hook=x&before=y&state=z&kind=1").count("Given up</span>") == 4
    one = Delivery.objects.filter(hook=second)[0]
    shown = page(admin, f"/webhooks/deliveries/{one.pk}/")
    assert "no disk" in shown
    assert one.event.uid in shown
    assert admin.get("/webhooks/deliveries/999/").status_code == 404


def test_what_an_event_is_about_is_shown_to_who_may_see_that(admin: Client, analyst: User) -> None:
    hook(analyst)
    happened(data={"borrower_id": "C-4711"})
    routing.route(NOON)
    path = f"/webhooks/deliveries/{Delivery.objects.get().pk}/"
    assert "C-4711" not in page(admin, path)
    assert "What it is about is hidden" in page(admin, path)
    both = user("both", (Role.ADMINISTRATOR, ""), (Role.ANALYST, ""), language="en")
    assert "C-4711" in page(browser(both), path)


def test_one_dead_letter_is_sent_again(admin: Client, analyst: User) -> None:
    hook(analyst)
    dead(2)
    one, other = Delivery.objects.order_by("pk")
    answer = admin.post("/webhooks/deliveries/again/", {"delivery": one.pk, "state": "dead"})
    assert answer.headers["Location"] == "/webhooks/deliveries/?state=dead"
    assert dict(Delivery.objects.values_list("pk", "state")) == {one.pk: State.WAITING, other.pk: State.DEAD}
    one.refresh_from_db()
    assert (one.tries, one.ended_at) == (0, None)


def test_all_that_a_filter_shows_is_sent_again_or_dropped(admin: Client, analyst: User) -> None:
    first, second = hook(analyst, name="First"), hook(analyst, name="Second")
    dead(3)
    admin.post("/webhooks/deliveries/again/", {"all": "1", "hook": first.pk, "kind": "", "state": "dead"})
    assert set(Delivery.objects.filter(hook=first).values_list("state", flat=True)) == {State.WAITING}
    admin.post("/webhooks/deliveries/drop/", {"all": "1", "hook": second.pk, "kind": "alert.raised", "state": ""})
    assert set(Delivery.objects.filter(hook=second).values_list("state", flat=True)) == {State.DROPPED}
    assert Entry.objects.get(action="webhook.drop").detail["n"] == 3


@pytest.mark.parametrize("given", [{}, {"all": "1", "hook": "999"}, {"all": "1", "state": "x"}, {"delivery": "x"}])
def test_what_is_not_understood_changes_nothing(admin: Client, analyst: User, given: dict[str, str]) -> None:
    hook(analyst)
    dead(2)
    admin.post("/webhooks/deliveries/drop/", given)
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.DEAD}


def test_pages_ask_as_much_for_many_rows_as_for_few(admin: Client, analyst: User) -> None:
    hook(analyst)
    dead(2)
    paths = ["/webhooks/", f"/webhooks/{Hook.objects.get().pk}/", "/webhooks/deliveries/"]
    asked = []
    for path in paths:
        with CaptureQueriesContext(connection) as few:
            page(admin, path)
        asked.append(len(few))
    for number in range(20):
        hook(analyst, name=f"H{number}")
    happened(30)
    routing.route(NOON)
    Delivery.objects.update(state=State.DEAD, trouble=Trouble.FAULT)
    for path, most in zip(paths, asked, strict=True):
        with CaptureQueriesContext(connection) as many:
            page(admin, path)
        assert len(many) <= most, path


def test_older_deliveries_are_a_page_away(admin: Client, analyst: User) -> None:
    hook(analyst)
    dead(60)
    first = page(admin, "/webhooks/deliveries/")
    older = re.search(r'href="(\?before=\d+)"', first)
    assert older is not None
    assert page(admin, f"/webhooks/deliveries/{older[1]}").count("Given up</span>") == 10


def test_a_sender_that_does_not_run_is_said(admin: Client, analyst: User) -> None:
    hook(analyst)
    happened(at=timezone.now())
    assert "is it running?" not in page(admin, "/webhooks/")
    happened(at=NOON)
    assert "is it running?" in page(admin, "/webhooks/")


def test_an_administrator_of_a_part_manages_no_hooks(analyst: User) -> None:
    part = browser(user("part", (Role.ADMINISTRATOR, "B01"), language="en"))
    made = hook(analyst)
    assert part.get("/webhooks/").status_code == 403
    assert part.get(f"/webhooks/{made.pk}/").status_code == 403
    assert part.post(f"/webhooks/{made.pk}/remove/").status_code == 403
    assert part.post("/webhooks/deliveries/again/", {"all": "1"}).status_code == 403
    assert browser(analyst).get("/webhooks/").status_code == 403
    assert Hook.objects.get().removed_at is None


def test_pages_speak_chinese(analyst: User) -> None:
    chinese = browser(user("an", (Role.ADMINISTRATOR, ""), language="zh-hans"))
    made = hook(analyst)
    dead(1)
    for path in (
        "/webhooks/",
        f"/webhooks/{made.pk}/",
        "/webhooks/deliveries/",
        f"/webhooks/deliveries/{Delivery.objects.get().pk}/",
    ):
        assert not re.search(r">\s*(Webhook|Told of|Given up|Address|Send again|Happened)", page(chinese, path)), path
    assert [str(kind.label) for kind in Kind]
