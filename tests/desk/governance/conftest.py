"""People who draft and review rules for the whole lender, and a register that each test begins with empty.

None of it needs a book: rules ship with daihou, and what is decided of them stands in the register and the database.
"""

from __future__ import annotations

import datetime as dt
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone, translation

from daihou.desk.asked import Asked
from daihou.desk.governance import dates, published, transitions
from daihou.desk.people.models import Membership, User
from daihou.desk.people.roles import Role
from daihou.runs.watch.register import REGISTER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from daihou.desk.governance.models import Draft

WRITTEN = {
    "name_en": "Overdue and large", "name_zh": "大额逾期", "owner": "Head of risk", "level": "orange", "when": "dpd > 10",
    "message_en": "{dpd} past due.", "message_zh": "逾期{dpd}。", "reason_en": "Found in the review of 2026.", "reason_zh": "2026年自查发现。",
}  # fmt: skip
"""What a whole rule says, but for its day."""


@pytest.fixture(autouse=True)
def _the_register_is_empty(db: None) -> Iterator[None]:
    """What a test publishes is gone after it, also from what the process has read."""
    with translation.override("en"):
        yield
    shutil.rmtree(settings.HOME.lake / REGISTER, ignore_errors=True)
    published._rulebook.cache_clear()
    published._entries.cache_clear()


@pytest.fixture
def staff(db: None) -> dict[str, User]:
    """Two analysts, two reviewers, a manager and an auditor of the whole lender, and an analyst and a reviewer of one branch."""
    held = {
        "wang": (Role.ANALYST, ""), "li": (Role.ANALYST, ""), "zhou": (Role.REVIEWER, ""), "sun": (Role.REVIEWER, ""),
        "qian": (Role.MANAGER, ""), "wu": (Role.AUDITOR, ""), "he": (Role.ANALYST, "B01"), "lu": (Role.REVIEWER, "B01"),
    }  # fmt: skip
    people = {name: User.objects.create_user(name, name=name.title(), language="en") for name in held}
    Membership.objects.bulk_create(
        [Membership(user=people[name], role=role, org_id=org) for name, (role, org) in held.items()]
    )
    return people


@pytest.fixture
def browser(staff: dict[str, User]) -> Callable[[str], Client]:
    """A function that gives somebody's browser."""

    def signed_in(name: str) -> Client:
        client = Client()
        client.force_login(staff[name])
        return client

    return signed_in


@pytest.fixture
def by(staff: dict[str, User]) -> Callable[[str], Asked]:
    """A function that gives a bare request of somebody, for the transitions."""

    def asked(name: str) -> Asked:
        request = Asked()
        request.user = staff[name]
        request.id = "test"
        return request

    return asked


def first_day() -> str:
    """The first day that may be stated today."""
    return dates.earliest(settings.HOME, timezone.now()).isoformat()


def whole(**more: Any) -> dict[str, Any]:
    """The values of a rule that may be submitted, but for its evidence."""
    return {**WRITTEN, "from": first_day(), **more}


def drafted(request: Asked, **more: Any) -> Draft:
    """A draft of a new rule with everything written."""
    draft = transitions.begin({}, request)
    return transitions.write(draft, draft.revision, whole(**more), request)


def tried(draft: Draft, request: Asked) -> Draft:
    """The same with a try of its present text."""
    result = {
        "as_of": "2026-01-31", "subject": "loan", "subjects": 100, "within": 100, "hits": 7, "unknown": 1, "missing": [["dpd", 1]],
        "live": None, "gained": 0, "gained_ids": [], "lost": 0, "lost_ids": [],
    }  # fmt: skip
    transitions.attach(draft, "trial", result, draft.judged, request)
    return draft


def submitted(request: Asked, **more: Any) -> Draft:
    """A new rule that waits for review."""
    draft = tried(drafted(request, **more), request)
    return transitions.submit(draft, draft.revision, "The law leaves no choice.", request)


def in_force(author: Asked, reviewer: Asked, **more: Any) -> str:
    """A new rule that is published; answers its id."""
    draft = submitted(author, **more)
    return transitions.approve(draft, draft.revision, "", reviewer).rule_id


def form(draft: Draft, **more: Any) -> dict[str, Any]:
    """What the page of a draft sends."""
    values = {name: value for name, value in draft.values.items() if name not in ("id", "number", "retired")}
    return {**values, "revision": draft.revision, **more}


def days_later(day: str, days: int) -> str:
    """A later day."""
    return (dt.date.fromisoformat(day) + dt.timedelta(days=days)).isoformat()
