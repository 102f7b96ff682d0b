"""Who works on alerts of branch X1, an org that no book knows, and their requests: for tests that need no lake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.test import Client

from daihou.desk.asked import Asked
from daihou.desk.people.reach import Access
from daihou.desk.people.roles import Role
from desk.conftest import user

if TYPE_CHECKING:
    from daihou.desk.people.models import User

BRANCH = "X1"


def hands() -> dict[str, User]:
    """Two officers, a manager and two reviewers of the branch, a manager and a reviewer of the whole lender, an auditor, and an officer elsewhere."""
    held: dict[str, tuple[str, str, str]] = {
        "wang": (Role.OFFICER, BRANCH, "W01"), "li": (Role.OFFICER, BRANCH, "L01"), "he": (Role.MANAGER, BRANCH, ""),
        "sun": (Role.REVIEWER, BRANCH, ""), "zhou": (Role.MANAGER, "", ""), "qian": (Role.REVIEWER, "", ""),
        "wu": (Role.AUDITOR, "", ""), "an": (Role.ANALYST, "", ""), "far": (Role.OFFICER, "X2", "F01"),
    }  # fmt: skip
    return {
        name: user(name, (role, org), officer_id=officer_id, language="en")
        for name, (role, org, officer_id) in held.items()
    }


def asked(by: User) -> Asked:
    """A bare request of somebody, for the transitions."""
    request = Asked()
    request.user = by
    request.id = "test"
    request.rights = Access(by)
    return request


def browser(of: User) -> Client:
    """Somebody's browser."""
    client = Client()
    client.force_login(of)
    return client


def whose(**more: Any) -> dict[str, Any]:
    """A borrower of the branch, in Wang's charge."""
    return {"org_id": BRANCH, "lead_org_id": "", "officer_id": "W01", "exposure": 500_000_00, **more}
