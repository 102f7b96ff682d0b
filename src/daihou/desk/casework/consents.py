"""Guarantors whom an arrangement touches: who is bound by its loans, what is at stake without their written consent, who has not given it.

A guarantor is not bound by what makes the debt heavier without their written consent; where the term is changed without it, the guarantee period runs as it
did before (Civil Code 695). It forbids nothing: who drafts and who approves must have seen it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from daihou.book.contracts.securities import FORMS
from daihou.desk.casework.choices import ArrangementKind
from daihou.desk.governance import labels
from daihou.desk.portfolio import facts, reading
from daihou.desk.vault import people

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

ASKED_OF: Final = frozenset[str]({ArrangementKind.INSTALMENTS, ArrangementKind.EXTENSION, ArrangementKind.SETTLEMENT})
"""Kinds that let the debt be paid later than the contract says. A waiver alone makes it lighter, which binds a guarantor to what is left."""


@dataclass(frozen=True, slots=True)
class Guarantee:
    """A guarantee for one loan, as the facts have it; what they do not tell is None or empty. `cap` is in units of the loan's currency."""

    loan_id: str
    form: str
    cap: Decimal | None
    period_end: dt.date | None
    matures_on: dt.date | None

    @property
    def form_name(self) -> str:
        """What its form is called."""
        found = next((one for one in FORMS if one.code == self.form), None)
        return "" if found is None else found.zh if labels.chinese() else found.en


@dataclass(frozen=True, slots=True)
class Guarantor:
    """Somebody bound beside the debtor; `name` is masked, None who is not in the vault."""

    person_id: str
    name: str | None
    guarantees: tuple[Guarantee, ...]


def bound(debtor_id: str, loan_ids: Collection[str], on: dt.date, *, ended: bool = False) -> list[Guarantor]:
    """The guarantors of some loans on a day, by number: parties with that role, and guarantees for the loan or its facility whose period has not ended.

    `ended`: with those whose agreed period is over, for who judges himself whether something kept the guarantee.
    """
    found: dict[str, dict[tuple[str, str], Guarantee]] = {}
    for row in (*_parties(loan_ids, on), *guarantees(loan_ids, on)):
        over = row["period_end"] is not None and row["period_end"] < on and not ended
        if row["person_id"] == debtor_id or over:
            continue
        held = found.setdefault(row["person_id"], {})
        if not row["guarantee_id"] and any(loan == row["loan_id"] for loan, _ in held):
            continue
        held.pop((row["loan_id"], ""), None)  # told more closely by the guarantee itself
        held[row["loan_id"], row["guarantee_id"]] = Guarantee(
            row["loan_id"], row["form"] or "", _plain(row["cap"]), row["period_end"], row["matures_on"]
        )
    names = people.masked_names(found)
    return [
        Guarantor(person, names.get(person), tuple(held[key] for key in sorted(held)))
        for person, held in sorted(found.items())
    ]


def missing(kind: str, guarantors: Collection[Guarantor], agreed: Collection[str]) -> list[str]:
    """The numbers of those whose written consent is not at hand, where the kind asks for it."""
    if kind not in ASKED_OF:
        return []
    return [one.person_id for one in guarantors if one.person_id not in agreed]


def _plain(amount: Decimal | None) -> Decimal | None:
    """An amount without the decimals that the lake keeps for every currency."""
    if amount is None:
        return None
    return amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else amount.normalize()


def _parties(loan_ids: Collection[str], on: dt.date) -> list[dict[str, Any]]:
    parties, loans = facts.versions("parties"), facts.versions("loans")
    if not parties or not loans or not loan_ids:
        return []
    return reading.rows(
        f"""
        WITH loans AS ({_loans(loans)})
        SELECT DISTINCT parties.borrower_id AS person_id, parties.loan_id, '' AS guarantee_id, NULL AS form, NULL AS cap, NULL::DATE AS period_end, loans.matures_on
        FROM {parties} AS parties LEFT JOIN loans USING (loan_id)
        WHERE parties.loan_id IN (SELECT unnest(?::VARCHAR[])) AND parties.role = 'guarantor'
            AND coalesce(parties.effective_on, DATE '0001-01-01') <= ? AND parties.known_on <= ?
        ORDER BY ALL
        """,
        [list(loan_ids), on, on, list(loan_ids), on, on],
    )


def guarantees(loan_ids: Collection[str], on: dt.date) -> list[dict[str, Any]]:
    """The guarantees in force for some loans or their facilities, whatever their period; a row for each loan, with `matures_on` of it."""
    held, loans = facts.versions("guarantees"), facts.versions("loans")
    if not held or not loans or not loan_ids:
        return []
    return reading.rows(
        f"""
        WITH loans AS ({_loans(loans)}),
             held AS (SELECT guarantee_id, guarantor_id, loan_id, facility_id, form, cap, period_end FROM {held} WHERE {facts.IN_FORCE}
                      QUALIFY row_number() OVER (PARTITION BY guarantee_id ORDER BY {facts.NEWEST_FIRST}) = 1)
        SELECT held.guarantor_id AS person_id, loans.loan_id, held.guarantee_id, held.form, held.cap, held.period_end, loans.matures_on
        FROM held JOIN loans ON held.loan_id = loans.loan_id OR (held.loan_id IS NULL AND held.facility_id = loans.facility_id)
        ORDER BY person_id, loans.loan_id, held.guarantee_id
        """,
        [list(loan_ids), on, on, on, on],
    )


def _loans(loans: str) -> str:
    """The version in force of each of some loans: its facility and maturity. Parameters: the loans, the day twice."""
    return (
        f"SELECT loan_id, facility_id, matures_on FROM {loans} WHERE loan_id IN (SELECT unnest(?::VARCHAR[])) AND {facts.IN_FORCE} "
        f"QUALIFY row_number() OVER (PARTITION BY loan_id ORDER BY {facts.NEWEST_FIRST}) = 1"
    )
