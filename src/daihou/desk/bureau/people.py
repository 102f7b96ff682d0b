"""Whom a bureau is asked about, in clear: the vault's name and number, for what is sent and for nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from daihou.desk.vault.keys import keyset
from daihou.desk.vault.models import Person
from daihou.desk.vault.people import opened

ENOUGH: Final = 4
"""Digits that a report must show, and that must agree, to be known to be about somebody."""


@dataclass(frozen=True, slots=True)
class Whom:
    """Somebody whom the vault holds."""

    name: str = field(repr=False)
    id_no: str = field(repr=False)


def whom(borrower_id: str) -> Whom | None:
    """Who a borrower is; None who is not in the vault, or was erased."""
    person = Person.objects.filter(borrower_id=borrower_id, erased_at=None).first()
    if person is None:
        return None
    held = opened(keyset(), person)
    return Whom(held.name, held.id_no)


def same_number(stated: str, held: str) -> bool:
    """Whether a report's identity number is that of the vault; what a bureau hides by * fits anything. Of whom the vault holds none nothing can be said."""
    one, other = ("".join(text.split()).upper() for text in (stated, held))
    if not other:
        return True
    return len(one) == len(other) and all(sign in ("*", else_) for sign, else_ in zip(one, other, strict=True))


def enough(stated: str, held: str) -> bool:
    """Whether a number that agrees shows enough to be somebody's."""
    return bool(held) and sum(sign.isdigit() for sign in stated) >= ENOUGH
