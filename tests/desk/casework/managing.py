"""What people did, by hand: contacts of a case with their outcome, promises judged, refusals of the gate; and pages as words."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from daihou.desk.casework.models import Promise, PromisePart
from daihou.desk.contacts.models import Contact, Refusal
from desk.alerts.hands import browser

if TYPE_CHECKING:
    from daihou.desk.casework.models import Case
    from daihou.desk.people.models import User

KEYS: Final = (f"managing {number}" for number in itertools.count(1))


def day(after: int) -> dt.date:
    """A local day, so many after today."""
    return timezone.localdate() + dt.timedelta(days=after)


def moment(after: int, hour: int = 10, minute: int = 0) -> dt.datetime:
    """A moment of such a day."""
    return timezone.make_aware(dt.datetime.combine(day(after), dt.time(hour, minute)))


def contact(of: Case, by: User | None, after: int = -1, outcome: str = "conversation", **more: Any) -> Contact:
    """A call to the debtor of a case that was made on a day."""
    at = more.pop("at", None) or moment(after)
    stated = {
        "key": next(KEYS), "person_id": of.borrower_id, "debtor_id": of.borrower_id, "case_id": of.pk, "channel": "phone", "party": "debtor",
        "loan_ids": list(of.of_loans.values_list("loan_id", flat=True)), "purpose": "collect", "asked_at": at, "at": at, "outcome": outcome,
        "actor": by,
    }  # fmt: skip
    return Contact.objects.create(**(stated | more))


def promise(
    of: Case, by: User, after: int, state: str = "open", *, made: int = -5, amount: int = 50_000, **more: Any
) -> Promise:
    """A promise of one part that falls due on a day, as it was judged last."""
    held = Promise.objects.create(
        key=next(KEYS),
        case=of,
        currency="CNY",
        made_on=day(made),
        made_at=moment(made),
        made_by=by,
        state=state,
        loan_ids=["L"],
        **more,
    )
    PromisePart.objects.create(promise=held, due_on=day(after), amount=amount, state=state)
    return held


def refusal(of: Case, by: User | None, rule: str = "hours", place: int = 0, **more: Any) -> Refusal:
    """The gate's word against a contact of a case, of this moment."""
    stated = {
        "asked": uuid4(), "at": timezone.now(), "actor": by, "person_id": of.borrower_id, "debtor_id": of.borrower_id, "case_id": of.pk,
        "channel": "phone", "party": "debtor", "policy": "cn", "rule": rule, "citation": f"Art. of {rule}", "place": place,
    }  # fmt: skip
    return Refusal.objects.create(**(stated | more))


def page(by: User, address: str, status: int = 200) -> str:
    """A page of somebody."""
    response = browser(by).get(f"/collection/{address}")
    assert response.status_code == status, response.content.decode()[:2_000]
    return str(response.content.decode())


def words(html: str) -> str:
    """What a page says."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def main(html: str) -> str:
    """What the page itself says, without menu and frame."""
    return words(html.partition("<main")[2])


def queries(by: User, address: str) -> int:
    """How many queries a page makes."""
    client = browser(by)
    client.get(f"/collection/{address}")
    with CaptureQueriesContext(
        connection,
    ) as found:
        assert client.get(f"/collection/{address}").status_code == 200
    return len(found)
