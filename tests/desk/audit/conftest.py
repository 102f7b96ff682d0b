"""A log with some entries, sealed, and an auditor who reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from daihou.desk.audit import sealing
from daihou.desk.audit.log import record
from daihou.desk.people.models import Membership, User
from daihou.desk.people.roles import Role

if TYPE_CHECKING:
    from daihou.desk.audit.models import Entry


PASSWORD = "correct horse battery"  # noqa: S105 - of users that live as long as a test


@pytest.fixture
def entries(db: None) -> list[Entry]:
    """Ten entries, sealed."""
    made = [
        record(None, "user.change", "user", f"u{number}", {"after": {"name": f"姓名{number}"}}) for number in range(10)
    ]
    assert sealing.seal() == 10
    return made


@pytest.fixture
def auditor(db: None) -> Client:
    """The browser of an auditor of the whole lender."""
    made = User.objects.create_user("auditor", password=PASSWORD, name="Auditor", language="en")
    Membership.objects.create(user=made, role=Role.AUDITOR)
    browser = Client()
    browser.force_login(made)
    return browser
