"""Whom one may think of contacting about a debtor, and as what: the debtor, who is bound by the loans, who is related. Whether one may, the gate says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from phonenumbers import timezone as phone_zones

from daihou.desk.casework import consents
from daihou.desk.contacts.unsealed import records
from daihou.desk.letters import demands
from daihou.desk.portfolio import reading
from daihou.desk.portfolio.facts import IN_FORCE, NEWEST_FIRST, versions
from daihou.vault.masks import mask_name
from daihou.vault.normal_form import clean, parsed

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterator, Mapping

    from daihou.collection.conduct.contact import Party
    from daihou.desk.contacts.unsealed import Unsealed
    from daihou.vault.person import PersonRecord

BOUND: Final[Mapping[str, Party]] = {"co_borrower": "co_borrower", "guarantor": "guarantor"}
"""By role in the table `parties`. Acceptors and issuers of bills are no people one calls."""
RELATED: Final[Mapping[str, Party]] = {
    "spouse_liable": "related",
    "spouse": "unrelated",
    "guardian": "representative",
    "lawyer": "representative",
    "representative": "representative",
    "employer": "employer",
    "contact": "unrelated",
    "emergency_contact": "unrelated",
    "family": "unrelated",
    "parent": "unrelated",
    "child": "unrelated",
    "sibling": "unrelated",
    "relative": "unrelated",
    "friend": "unrelated",
    "colleague": "unrelated",
}
"""By kind in the table `relations`, read as "from is the KIND of to". Other kinds (ownership, shared telephones) make nobody one calls.

A spouse owes what was agreed by both, or borrowed for the daily needs of the family (Civil Code art. 1064). Whether that is so is for the lender to say
(`spouse_liable`): without it a spouse is a contact person like others."""
MUTUAL: Final = ("spouse", "spouse_liable", "family", "sibling", "relative", "friend", "colleague")
"""Kinds that hold from both sides."""
ORDER: Final[tuple[Party, ...]] = (
    "debtor",
    "co_borrower",
    "guarantor",
    "representative",
    "related",
    "employer",
    "unrelated",
)
"""Of several ways in which somebody stands to a debtor the first counts; so are people told."""
_UNKNOWN: Final = "Etc/Unknown"


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person around a debtor."""

    person_id: str
    debtor_id: str
    party: Party
    how: str
    """The role or kind of relation, as the facts have it; of the debtor empty."""
    loan_ids: tuple[str, ...]
    """The loans it is about: of who is bound, those that bind them."""
    name: str | None
    """Masked; None who is not in the vault, or was erased."""
    zones: tuple[str, ...]
    """Time zones they may be in; empty where nothing tells."""
    language: str
    """In which they are written to; empty where nothing tells."""


def known(debtors: Mapping[str, Collection[str]], on: dt.date) -> dict[str, list[Somebody]]:
    """The people around each of some debtors, given with the loans in question, as the facts in force on a day say; the debtor first.

    Three queries of the lake and one of the vault, however many they are; one more of letters where an agreed guarantee period is over.
    """
    found: dict[str, dict[str, tuple[Party, str, tuple[str, ...]]]] = {
        debtor: {debtor: ("debtor", "", tuple(sorted(loans)))} for debtor, loans in debtors.items()
    }
    for debtor, person, party, how, loans in (*_bound(debtors, on), *_related(debtors, on)):
        stood = found[debtor].get(person)
        if stood is None or ORDER.index(party) < ORDER.index(stood[0]):
            found[debtor][person] = (party, how, loans)
        elif stood[0] == party and party in BOUND.values():
            found[debtor][person] = (party, stood[1], tuple(sorted({*stood[2], *loans})))
    unsealed = records({person for people in found.values() for person in people})
    return {
        debtor: sorted(
            (_somebody(debtor, person, *said, unsealed.get(person)) for person, said in people.items()),
            key=lambda one: (ORDER.index(one.party), one.person_id),
        )
        for debtor, people in found.items()
    }


def of(debtor_id: str, loan_ids: Collection[str], on: dt.date) -> list[Somebody]:
    """The people around one debtor."""
    return known({debtor_id: loan_ids}, on)[debtor_id]


def parties(person_id: str, debtor_id: str, loan_ids: Collection[str], on: dt.date) -> dict[Party, tuple[str, ...]]:
    """As what somebody stands to a debtor, with the loans for which they do; empty who is nobody to them."""
    if person_id == debtor_id:
        return {"debtor": tuple(sorted(loan_ids))}
    debtors = {debtor_id: loan_ids}
    found: dict[Party, tuple[str, ...]] = {}
    for _, person, party, _, loans in (*_bound(debtors, on), *_related(debtors, on)):
        if person == person_id:
            found[party] = tuple(sorted({*found.get(party, ()), *loans}))
    return found


def zones_of(record: PersonRecord) -> tuple[str, ...]:
    """The time zones somebody may be in: the one stated; else all that their telephone numbers point to; empty where nothing tells."""
    stated = record.timezone.strip()
    if stated and _is_zone(stated):
        return (stated,)
    found: set[str] = set()
    for phone in record.phones:
        number = parsed(clean(phone))
        found |= set(phone_zones.time_zones_for_number(number)) if number is not None else set()
    return tuple(sorted(zone for zone in found - {_UNKNOWN} if _is_zone(zone)))


@lru_cache(maxsize=1024)
def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _somebody(
    debtor_id: str, person_id: str, party: Party, how: str, loan_ids: tuple[str, ...], found: Unsealed | None
) -> Somebody:
    if found is None:
        return Somebody(person_id, debtor_id, party, how, loan_ids, None, (), "")
    record = found.record
    name = mask_name(record.name, found.kind) or None
    return Somebody(person_id, debtor_id, party, how, loan_ids, name, zones_of(record), record.language.strip())


Row = tuple[str, str, "Party", str, tuple[str, ...]]
"""Debtor, person, as what, by which role or relation, for which loans."""


def _bound(debtors: Mapping[str, Collection[str]], on: dt.date) -> Iterator[Row]:
    """Who is bound by the loans beside their debtor: as a party, or by a guarantee."""
    owed = {loan: debtor for debtor, loans in debtors.items() for loan in loans}
    for person, loan in _guaranteed(sorted(owed), on):
        if person != owed[loan]:
            yield owed[loan], person, BOUND["guarantor"], "guarantor", (loan,)
    source = versions("parties")
    if not source or not owed:
        return
    roles = ", ".join(reading.literal(role) for role in BOUND)
    rows = reading.rows(
        f"""
        SELECT DISTINCT loan_id, borrower_id, role FROM {source}
        WHERE loan_id IN (SELECT unnest(?::VARCHAR[])) AND role IN ({roles}) AND {IN_FORCE} ORDER BY ALL
        """,
        [sorted(owed), on, on],
    )
    for row in rows:
        debtor = owed[row["loan_id"]]
        if row["borrower_id"] != debtor:
            yield debtor, row["borrower_id"], BOUND[row["role"]], row["role"], (row["loan_id"],)


def _guaranteed(loans: list[str], on: dt.date) -> list[tuple[str, str]]:
    """Guarantor and loan of the guarantees that hold: the agreed period is not over, or a demand within it kept the guarantee."""
    rows = consents.guarantees(loans, on)
    over = [row for row in rows if _is_over(row, on)]
    kept = demands.on_guarantors({row["loan_id"] for row in over}) if over else {}
    free = {
        (row["guarantee_id"], row["loan_id"]) for row in over
        if row["form"] == "general"  # a suit against the debtor alone keeps it
        or not any((row["matures_on"] or day) <= day <= row["period_end"] for day in kept.get((row["person_id"], row["loan_id"]), ()))
    }  # fmt: skip
    return [(row["person_id"], row["loan_id"]) for row in rows if (row["guarantee_id"], row["loan_id"]) not in free]


def _is_over(row: dict[str, Any], on: dt.date) -> bool:
    """Whether the agreed period of a guarantee has ended; one that ends no later than the debt falls due counts as not agreed (Civil Code art. 692)."""
    ends_on, matures_on = row["period_end"], row["matures_on"]
    return ends_on is not None and ends_on < on and (matures_on is None or ends_on > matures_on)


def _related(debtors: Mapping[str, Collection[str]], on: dt.date) -> Iterator[Row]:
    """Who is related to the debtors; a share of 0 ended it."""
    source = versions("relations")
    if not source or not debtors:
        return
    kinds = ", ".join(reading.literal(kind) for kind in RELATED)
    rows = reading.rows(
        f"""
        WITH asked AS (SELECT unnest(?::VARCHAR[]) AS debtor)
        SELECT DISTINCT from_id, to_id, kind FROM {source}
        WHERE kind IN ({kinds}) AND {IN_FORCE} AND (from_id IN (SELECT debtor FROM asked) OR to_id IN (SELECT debtor FROM asked))
        QUALIFY row_number() OVER (PARTITION BY from_id, to_id, kind ORDER BY {NEWEST_FIRST}) = 1
            AND share IS DISTINCT FROM 0
        ORDER BY ALL
        """,
        [sorted(debtors), on, on],
    )
    for row in rows:
        sides = [(row["to_id"], row["from_id"])]
        if row["kind"] in MUTUAL:
            sides.append((row["from_id"], row["to_id"]))
        for debtor, person in sides:
            if debtor in debtors and person != debtor:
                yield debtor, person, RELATED[row["kind"]], row["kind"], tuple(sorted(debtors[debtor]))
