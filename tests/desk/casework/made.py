"""Cases by hand, for tests: as the keeper would write them, without a run; and who works on those of branch X1, an org that no book knows."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone

from daihou.collection import ladder
from daihou.desk.casework.choices import Act, Track
from daihou.desk.casework.models import Agency, Case, CaseLoan, CaseMove
from daihou.desk.people.roles import Role
from desk.conftest import user

if TYPE_CHECKING:
    from daihou.desk.people.models import User

DAY: Final = dt.date(2026, 3, 31)
"""The date of the data of cases by hand, unless a test says otherwise (`as_of`)."""
BRANCH: Final = "X1"
DPD: Final = {
    "pre_due": 0,
    "S": 5,
    "M1": 20,
    "M2": 45,
    "M3": 75,
    "M4": 100,
    "M5": 130,
    "M6": 160,
    "M7+": 300,
    "written_off": 400,
}
"""What a loan at a stage is past due by, as the shipped policy would have it."""
NUMBERS: Final = itertools.count(1)


def case(borrower_id: str = "C1", stage: str = "M1", *, loans: tuple[str, ...] | None = None, **values: Any) -> Case:
    """An open case of branch X1 in nobody's hands, as opened by the run of DAY: 1,000.00 overdue, 1,050.00 claimed, shared evenly by its loans (one, unless named)."""
    now = values.pop("now", timezone.now())
    ids = loans or (f"{borrower_id}-L1",)
    day = values.get("as_of", DAY)
    opened_at = values.get("opened_at", now)
    before_due = stage == ladder.PRE_DUE
    stated = {
        "borrower_id": borrower_id, "stage": stage, "rank": ladder.rank(stage), "staged_on": day, "opened_on": day, "opened_at": opened_at,
        "org_id": BRANCH, "officer_id": "", "as_of": day, "currency": "CNY", "dpd": DPD[stage], "unpaid_due_dates": (DPD[stage] + 29) // 30,
        "overdue": 0 if before_due else 100_000, "claim": 100_000 if before_due else 105_000, "exposure": 1_000_000, "product": "consumer",
        "loans": len(ids),
    }  # fmt: skip
    if values.get("closed_on"):
        stated["closed_at"] = now
    if values.get("agency"):
        stated["track"] = Track.AGENCY
    made = Case.objects.create(**(stated | values))
    for place, loan_id in enumerate(ids):
        CaseLoan.objects.create(
            case=made, loan_id=loan_id, product=made.product, state=_state(stage), stage=stage, currency=made.currency, dpd=made.dpd,
            overdue=_share(made.overdue, len(ids), place), claim=_share(made.claim, len(ids), place),
        )  # fmt: skip
    CaseMove.objects.create(case=made, at=opened_at, act=Act.OPEN, stage_after=stage)
    return Case.objects.select_related("owner", "agency").get(pk=made.pk)


def _share(amount: int, among: int, place: int) -> int:
    """What falls to one of so many; the first takes what is left over."""
    return amount // among + (amount % among if place == 0 else 0)


def _state(stage: str) -> str:
    return {ladder.PRE_DUE: ladder.CURRENT, ladder.WRITTEN_OFF: ladder.WRITTEN_OFF}.get(stage, ladder.OVERDUE)


def agency(name: str = "", **values: Any) -> Agency:
    """An outside collector, reviewed a month before DAY."""
    number = next(NUMBERS)
    stated = {"code": f"A{number}", "name": name or f"Agency {number}", "reviewed_on": DAY - dt.timedelta(days=30)}
    return Agency.objects.create(**(stated | values))


def crew() -> dict[str, User]:
    """Two collectors and a manager of the branch, a manager and a reviewer of the whole lender, an auditor, an officer with customers, and a collector elsewhere.

    Their requests and browsers: `asked` and `browser` of `desk.alerts.hands`.
    """
    held: dict[str, tuple[str, str, str]] = {
        "sun": (Role.COLLECTOR, BRANCH, ""), "li": (Role.COLLECTOR, BRANCH, ""), "he": (Role.MANAGER, BRANCH, ""),
        "zhou": (Role.MANAGER, "", ""), "qian": (Role.REVIEWER, "", ""), "wu": (Role.AUDITOR, "", ""), "wang": (Role.OFFICER, BRANCH, "W01"),
        "far": (Role.COLLECTOR, "X2", ""),
    }  # fmt: skip
    return {
        name: user(name, (role, org), officer_id=officer_id, language="en")
        for name, (role, org, officer_id) in held.items()
    }
