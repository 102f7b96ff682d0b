"""What binds somebody to the lender, as the gate of credit reports is told: own loans, guarantees for those of others, disputes. From the facts and the newest run.

The facts say what is so today, the run what it reckoned last night: where either says that a loan is over, it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.http import QueryDict
from django.utils import timezone

from daihou.book.errors import DaihouError
from daihou.desk.contacts.choices import Kind
from daihou.desk.contacts.models import Circumstance
from daihou.desk.portfolio import moments, reading
from daihou.desk.portfolio.facts import IN_FORCE, NEWEST_FIRST, versions
from daihou.desk.vault.models import Person
from daihou.reviews.queries.query import Dispute, Duty, Loan, Standing

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

    from daihou.policies.credit_queries import PersonKind, State

OWED: Final = ("co_borrower",)
"""Roles in the table `parties` by which a loan is one's own beside its borrower."""
GUARANTEED: Final = ("guarantor",)
OVER: Final[dict[str, State]] = {"closed": "closed", "transferred": "transferred"}
STATES: Final[dict[str, State]] = {
    "not_started": "approved", "current": "live", "overdue": "live", "unmeasured": "live", "written_off": "written_off", **OVER,
}  # fmt: skip
"""States of a run, as the gate knows them."""


def standing(person_id: str, today: dt.date) -> Standing:
    """Everything that binds a person, or did."""
    own, others = _own(person_id, today), _bound(person_id, today)
    owed = sorted({*own, *(loan for loan, role in others if role in OWED)})
    guaranteed_loans = sorted({loan for loan, role in others if role in GUARANTEED} - set(owed))
    loans = _loans([*owed, *guaranteed_loans], today)
    return Standing(
        tuple(loans[loan] for loan in owed if loan in loans),
        tuple(Duty(loans[loan]) for loan in guaranteed_loans if loan in loans),
        tuple(_disputes(person_id)),
    )


def kind_of(person_id: str, today: dt.date) -> PersonKind:
    """Whether somebody is a person or a company, as the facts say, else the vault; a person where neither does: law protects persons more."""
    source = versions("borrowers")
    found = reading.rows(
        f"SELECT kind::VARCHAR AS kind FROM {source} WHERE borrower_id = ? AND {IN_FORCE} ORDER BY {NEWEST_FIRST} LIMIT 1",
        [person_id, today, today],
    ) if source else []  # fmt: skip
    stated = found[0]["kind"] if found else Person.objects.filter(borrower_id=person_id).values_list("kind", flat=True).first()  # fmt: skip
    return "company" if stated == "company" else "person"


def guaranteed(person_id: str) -> list[str]:
    """The borrowers whose loans somebody guarantees or owes together with them."""
    today = timezone.localdate()
    loans = sorted({loan for loan, _ in _bound(person_id, today)})
    source = versions("loans")
    if not loans or not source:
        return []
    rows = reading.rows(
        f"SELECT DISTINCT borrower_id FROM {source} WHERE loan_id IN (SELECT unnest(?::VARCHAR[])) ORDER BY 1", [loans]
    )
    return [row["borrower_id"] for row in rows if row["borrower_id"] != person_id]


def stated(person_ids: Collection[str]) -> dict[str, dict[str, str]]:
    """Whose borrowers are, as the facts in force today say of them; without those of whom they name no org."""
    source, today = versions("borrowers"), timezone.localdate()
    if not source:
        return {}
    rows = reading.rows(
        f"""
        SELECT DISTINCT ON (borrower_id) borrower_id, org_id, lead_org_id, officer_id FROM {source}
        WHERE borrower_id IN (SELECT unnest(?::VARCHAR[])) AND {IN_FORCE} ORDER BY borrower_id, {NEWEST_FIRST}
        """,
        [sorted(person_ids), today, today],
    )
    names = ("org_id", "lead_org_id", "officer_id")
    return {row["borrower_id"]: {name: row[name] or "" for name in names} for row in rows if row["org_id"]}


def _own(person_id: str, today: dt.date) -> list[str]:
    """Loans whose version in force names the person: what moved to somebody else binds that one alone."""
    source = versions("loans")
    if not source:
        return []
    rows = reading.rows(
        f"""
        SELECT loan_id FROM (
            SELECT DISTINCT ON (loan_id) loan_id, borrower_id FROM {source}
            WHERE loan_id IN (SELECT loan_id FROM {source} WHERE borrower_id = ?) AND {IN_FORCE} ORDER BY loan_id, {NEWEST_FIRST}
        ) WHERE borrower_id = ?
        """,
        [person_id, today, today, person_id],
    )
    return [row["loan_id"] for row in rows]


def _bound(person_id: str, today: dt.date) -> list[tuple[str, str]]:
    """Loans of others by which somebody is bound, each with the role."""
    source = versions("parties")
    if not source:
        return []
    roles = ", ".join(reading.literal(role) for role in (*OWED, *GUARANTEED))
    rows = reading.rows(
        f"SELECT DISTINCT loan_id, role::VARCHAR AS role FROM {source} WHERE borrower_id = ? AND role::VARCHAR IN ({roles}) AND {IN_FORCE}",
        [person_id, today, today],
    )
    return [(row["loan_id"], row["role"]) for row in rows]


def _loans(loan_ids: Collection[str], today: dt.date) -> dict[str, Loan]:
    source = versions("loans")
    if not loan_ids or not source:
        return {}
    asked = [sorted(loan_ids)]
    rows = reading.rows(
        f"""
        SELECT DISTINCT ON (loan_id) loan_id, disbursed_on, closed_on FROM {source}
        WHERE loan_id IN (SELECT unnest(?::VARCHAR[])) AND known_on <= ? ORDER BY loan_id, {NEWEST_FIRST}
        """,
        [*asked, today],
    )
    ran, moved = _states(asked), _moves(asked, today)
    return {row["loan_id"]: _loan(row, ran.get(row["loan_id"]), moved.get(row["loan_id"]), today) for row in rows}


def _loan(row: dict[str, Any], ran: State | None, transferred_on: dt.date | None, today: dt.date) -> Loan:
    """A loan as the facts and the run have it. One that is to close later is open until then."""
    loan_id, closed_on = row["loan_id"], row["closed_on"]
    if transferred_on is not None:
        return Loan(loan_id, "transferred", transferred_on)
    if closed_on is not None:
        return Loan(loan_id, "closed", closed_on)
    if ran is not None:
        return Loan(loan_id, ran)
    return Loan(loan_id, "live" if row["disbursed_on"] <= today else "approved")


def _states(asked: list[Any]) -> dict[str, State]:
    """The state of each loan in the newest run; empty where nothing was run yet."""
    try:
        newest = moments.moment(QueryDict())
    except DaihouError:
        return {}
    rows = reading.rows(
        f"SELECT loan_id, state::VARCHAR AS state FROM {reading.snapshots(newest).sql} WHERE loan_id IN (SELECT unnest(?::VARCHAR[]))",
        asked,
    )
    return {row["loan_id"]: STATES[row["state"]] for row in rows if row["state"] in STATES}


def _moves(asked: list[Any], today: dt.date) -> dict[str, dt.date]:
    """The day on which each loan was transferred away, where that was the last that was heard of it."""
    source = versions("changes")
    if not source:
        return {}
    rows = reading.rows(
        f"""
        SELECT loan_id, effective_on, kind::VARCHAR AS kind FROM {source}
        WHERE loan_id IN (SELECT unnest(?::VARCHAR[])) AND kind::VARCHAR IN ('transfer_out', 'transfer_in') AND known_on <= ? AND effective_on <= ?
        QUALIFY row_number() OVER (PARTITION BY loan_id ORDER BY effective_on DESC, known_on DESC, batch DESC, "row" DESC) = 1
        """,
        [*asked, today, today],
    )
    return {row["loan_id"]: row["effective_on"] for row in rows if row["kind"] == "transfer_out"}


def _disputes(person_id: str) -> list[Dispute]:
    found = Circumstance.objects.filter(person_id=person_id, kind=Kind.DISPUTE).order_by("id")
    return [_dispute(one) for one in found]


def _dispute(row: Circumstance) -> Dispute:
    ends = [at for at in (row.lifted_at, row.until_at) if at is not None]
    ended = timezone.localtime(min(ends)).date() if ends else None
    return Dispute(f"circumstance {row.pk}", timezone.localtime(row.from_at).date(), ended)
