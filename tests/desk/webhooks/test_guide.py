"""The receiver of the guide, as it stands there: it takes what the desk sends, once, and nothing else."""

from __future__ import annotations

import datetime as dt
import re
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from django.utils import timezone

from daihou.desk.webhooks import dispatch, routing, signing, transitions
from daihou.desk.webhooks.choices import Kind, State
from daihou.desk.webhooks.models import Delivery, HookEvent
from desk.alerts.hands import asked
from desk.webhooks.conftest import happened, hook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.server import ThreadingHTTPServer

    from daihou.desk.people.models import User

pytestmark = pytest.mark.django_db
GUIDE: Final = Path("docs/guides/webhooks.md").read_text("utf-8")


class Example:
    """What the guide says, running."""

    def __init__(self, secret: str) -> None:
        (code,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
        self.names: dict[str, Any] = {}
        exec(code, self.names)  # noqa: S102 - the guide's own example
        self.took: list[dict[str, Any]] = []
        self.server: ThreadingHTTPServer = self.names["receiver"](0, secret, self.took.append)
        handler: Any = self.server.RequestHandlerClass
        handler.log_message = lambda *_: None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.server_address[1]}/"


@pytest.fixture
def example(local: None) -> Iterator[tuple[Example, str]]:
    secret = signing.fresh()
    made = Example(secret)
    thread = threading.Thread(target=made.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made, secret
    made.server.shutdown()
    made.server.server_close()


def work() -> None:
    now = timezone.now()
    routing.route(now)
    while claimed := dispatch.claim(now, 8):
        for each in claimed:
            dispatch.send(each)


def test_it_takes_what_the_desk_sends_and_the_same_only_once(analyst: User, example: tuple[Example, str]) -> None:
    receiver, secret = example
    hook(analyst, receiver.url, secret=signing.seal(secret))
    happened(2)
    work()
    assert [one["id"] for one in receiver.took] == list(HookEvent.objects.order_by("pk").values_list("uid", flat=True))
    Delivery.objects.update(state=State.DEAD)
    transitions.send_again(Delivery.objects.all(), asked(analyst))
    work()
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.SENT}
    assert len(receiver.took) == 2


def test_it_goes_on_with_the_old_secret_while_both_sign(analyst: User, example: tuple[Example, str]) -> None:
    receiver, secret = example
    made = hook(analyst, receiver.url, secret=signing.seal(secret))
    transitions.rotate(made, asked(analyst))
    happened()
    work()
    assert len(receiver.took) == 1


def test_it_refuses_what_another_secret_signed(analyst: User, example: tuple[Example, str]) -> None:
    receiver, _secret = example
    hook(analyst, receiver.url)
    happened()
    work()
    assert not receiver.took
    assert Delivery.objects.get().status == 401


@pytest.mark.parametrize("wrong", ["body", "old", "none"])
def test_it_refuses_what_was_changed_or_kept(example: tuple[Example, str], wrong: str) -> None:
    receiver, secret = example
    at = timezone.now() if wrong != "old" else timezone.now() - dt.timedelta(minutes=6)
    headers = signing.headers("evt_1", at, b"{}", [secret])
    if wrong == "none":
        headers["webhook-signature"] = ""
    asked_for = urllib.request.Request(  # noqa: S310 - this machine
        receiver.url, b'{"a":1}' if wrong == "body" else b"{}", headers, method="POST"
    )
    with pytest.raises(urllib.error.HTTPError) as refused, urllib.request.urlopen(asked_for):  # noqa: S310 - the same
        pass
    assert refused.value.code == 401
    refused.value.close()
    assert not receiver.took


def test_the_guide_names_every_kind_and_the_headers() -> None:
    told = re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \|", GUIDE, re.MULTILINE)
    assert told == list(Kind.values)
    for name in signing.headers("evt_1", timezone.now(), b"", []):
        assert f"`{name}`" in GUIDE
