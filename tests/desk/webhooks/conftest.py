"""A receiver, hooks that tell it of things, and what happened that they are told of."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from daihou.desk.people.roles import Role
from daihou.desk.webhooks import outbox, signing
from daihou.desk.webhooks.allowed import allowed
from daihou.desk.webhooks.choices import Kind
from daihou.desk.webhooks.models import Hook, HookEvent
from daihou.desk.webhooks.outbox import Happened
from desk.conftest import user
from desk.webhooks.receiving import receiving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daihou.desk.people.models import User
    from desk.webhooks.receiving import Receiver

NOON = dt.datetime(2026, 3, 17, 12, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def local(settings: Any) -> None:
    """Requests may go to this machine."""
    settings.HOOKS_ALLOWED = allowed({"DAIHOU_HOOK_HOSTS": "127.0.0.1, localhost"})


@pytest.fixture
def receiver(local: None) -> Iterator[Receiver]:
    """A receiver on this machine."""
    with receiving() as made:
        yield made


@pytest.fixture
def analyst(db: None) -> User:
    """Somebody who sees all alerts, cases and loans of the lender."""
    return user("analyst", (Role.ANALYST, ""), language="en")


def hook(who: User, url: str = "https://hooks.example.com/", *kinds: str, **values: Any) -> Hook:
    """A hook of all kinds, unless some are named; its secret is `signing.unseal(hook.secret)`."""
    stated = {
        "name": f"Hook of {who.username}", "url": url, "user": who, "kinds": list(kinds or Kind.values),
        "secret": signing.seal(signing.fresh()), "made_at": timezone.now(), "made_by": who,
    }  # fmt: skip
    return Hook.objects.create(**(stated | values))


def happened(n: int = 1, **values: Any) -> list[HookEvent]:
    """Alerts that were raised, of branch B01."""
    stated: dict[str, Any] = {"kind": Kind.ALERT_RAISED, "path": "/alerts/1/", "at": NOON, "data": {"number": "AL-2026-000001"}, "org_id": "B01"}  # fmt: skip
    before = HookEvent.objects.count()
    outbox.post(Happened(**({"subject": f"alert:{before + each}"} | stated | values)) for each in range(n))
    return list(HookEvent.objects.order_by("pk")[before:])
