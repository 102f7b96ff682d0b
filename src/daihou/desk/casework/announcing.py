"""What programs elsewhere are told of a case and its promises: events in the outbox of webhooks, in the transaction of the act.

Some thousands of moves of a night are said with three queries; where no hook listens it is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse

from daihou.book import money
from daihou.desk.casework.choices import Act
from daihou.desk.casework.models import Case, Promise
from daihou.desk.webhooks import outbox
from daihou.desk.webhooks.choices import Kind
from daihou.desk.webhooks.outbox import Happened

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from daihou.desk.casework.models import CaseMove

Row = dict[str, Any]
"""A move as it is written: `case_id`, `at`, `act`, `stage_before`, `stage_after`, `detail`."""
KINDS: Final[Mapping[str, Kind]] = {
    Act.OPEN: Kind.CASE_OPENED,
    Act.STAGE: Kind.CASE_STAGE,
    Act.CLOSE: Kind.CASE_CLOSED,
    Act.PROMISE: Kind.PROMISE_MADE,
    Act.PROMISE_JUDGED: Kind.PROMISE_JUDGED,
    Act.PROMISE_WITHDRAWN: Kind.PROMISE_WITHDRAWN,
}
AT_ONCE: Final = 1_000
"""Rows asked for by their keys in one query."""


def announce(moves: Sequence[Row]) -> None:
    """Say what some moves come to, once they are written."""
    found = [(KINDS[made["act"]], made) for made in moves if made["act"] in KINDS]
    if not found:
        return
    wanted = outbox.wanted()
    said = [(kind, made) for kind, made in found if kind in wanted]
    for first in range(0, len(said), AT_ONCE):
        some = said[first : first + AT_ONCE]
        cases = Case.objects.select_related("agency").in_bulk({made["case_id"] for _kind, made in some})
        promised = {made["detail"]["promise"] for _kind, made in some if "promise" in made["detail"]}
        promises = Promise.objects.prefetch_related("parts").in_bulk(promised) if promised else {}
        outbox.post(_happened(kind, cases[made["case_id"]], made, promises) for kind, made in some)


def of(made: CaseMove) -> Row:
    """A move as a row."""
    return {name: getattr(made, name) for name in ("case_id", "at", "act", "stage_before", "stage_after", "detail")}


def promised(act: Act, at: dt.datetime, promises: Iterable[Promise]) -> None:
    """Say what an arrangement does to promises: it makes one (Act.PROMISE) or ends some (Act.PROMISE_WITHDRAWN); of neither the case has a move."""
    announce([
        {"case_id": one.case_id, "at": at, "act": act, "stage_after": "", "detail": {"promise": one.pk}} for one in promises
    ])  # fmt: skip


def _happened(kind: Kind, case: Case, made: Row, promises: Mapping[int, Promise]) -> Happened:
    promise = promises.get(made["detail"].get("promise", 0))
    data = _case(case, made) if promise is None else _promise(case, promise, made)
    subject = f"case:{case.pk}" if promise is None else f"promise:{promise.pk}"
    return Happened(
        kind, subject, reverse("case", args=[case.pk]), made["at"], data, org_id=case.org_id, lead_org_id=case.lead_org_id,
        officer_id=case.officer_id, owner_id=case.owner_id,
    )  # fmt: skip


def _case(case: Case, made: Row) -> dict[str, Any]:
    """Ids, codes and figures of a case after a move."""
    return {
        "id": case.pk, "number": case.number, "revision": case.revision, "borrower_id": case.borrower_id,
        "stage": str(made["stage_after"]), "stage_before": str(made.get("stage_before", "")), "track": case.track,
        "agency": case.agency.code if case.agency else "", "closing": case.closing, "as_of": case.as_of.isoformat(),
        "opened_on": case.opened_on.isoformat(), "closed_on": case.closed_on and case.closed_on.isoformat(), "dpd": case.dpd,
        "currency": case.currency, "overdue": str(money.major(case.overdue, case.currency)), "claim": str(money.major(case.claim, case.currency)),
        "org_id": case.org_id, "officer_id": case.officer_id,
    }  # fmt: skip


def _promise(case: Case, promise: Promise, made: Row) -> dict[str, Any]:
    """A promise after a move, with its parts and what came on each as far as it was judged. Why it was withdrawn is not said: it is in a person's words."""
    parts = [
        {
            "due_on": part.due_on.isoformat(), "amount": str(money.major(part.amount, promise.currency)), "state": part.state,
            "received": str(money.major(part.received, promise.currency)),
        }
        for part in promise.parts.all()
    ]  # fmt: skip
    return {
        "id": promise.pk, "case": case.number, "case_id": case.pk, "borrower_id": case.borrower_id, "loan_ids": promise.loan_ids,
        "currency": promise.currency, "amount": str(money.major(promise.amount, promise.currency)), "made_on": promise.made_on.isoformat(),
        "parts": parts, "state": promise.state, "state_before": str(made["detail"].get("state_before", "")),
        "received": str(money.major(promise.received, promise.currency)),
        "judged_as_of": promise.judged_as_of and promise.judged_as_of.isoformat(),
    }  # fmt: skip
