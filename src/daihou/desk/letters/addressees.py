"""What the addressee of a letter is: a natural person or an organisation, by which it goes who may take it for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.desk.portfolio import facts, reading
from daihou.desk.vault.models import Person

if TYPE_CHECKING:
    import datetime as dt


def kind(person_id: str, on: dt.date) -> str:
    """`person` or `company`: as the vault has it, else as the facts in force on a day; empty where neither tells."""
    held = Person.objects.filter(borrower_id=person_id, erased_at=None).values_list("kind", flat=True).first()
    source = facts.versions("borrowers")
    if held or not source:
        return held or ""
    rows = reading.rows(
        f"SELECT kind::VARCHAR AS kind FROM {source} WHERE borrower_id = ? AND {facts.IN_FORCE} ORDER BY {facts.NEWEST_FIRST} LIMIT 1",
        [person_id, on, on],
    )
    return (rows[0]["kind"] or "") if rows else ""
