"""People's records in clear, for what is derived from them within this app: masked values, tokens, zones. In clear they leave it by `points.value` alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from daihou.desk.vault.keys import keyset
from daihou.desk.vault.models import Kind, Person
from daihou.desk.vault.people import opened
from daihou.vault.tokens import point_tokens

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from daihou.vault.masks import BorrowerKind
    from daihou.vault.person import PersonRecord
    from daihou.vault.tokens import Way


class Unsealed(NamedTuple):
    """A record, and whether it is of a person or a company."""

    record: PersonRecord
    kind: BorrowerKind


class Clear(NamedTuple):
    """A way to reach somebody in clear, and its tokens, the one under the primary key first."""

    kind: Way
    text: str
    tokens: tuple[str, ...]


def records(person_ids: Collection[str]) -> dict[str, Unsealed]:
    """The record of each, by number; absent who is not in the vault, or was erased. One query."""
    standing = Person.objects.filter(borrower_id__in=set(person_ids), erased_at=None)
    people = list(standing.only("borrower_id", "kind", "wrapped", "sealed"))
    keys = keyset() if people else None
    return {
        person.borrower_id: Unsealed(opened(keys, person), "company" if person.kind == Kind.COMPANY else "person")
        for person in people
        if keys
    }


def ways(record: PersonRecord) -> Iterator[Clear]:
    """Every way to reach somebody in the order in which they were delivered, each once."""
    keys = keyset()
    said: list[tuple[Way, str]] = [
        *(("phone", phone) for phone in record.phones),
        *(("email", email) for email in record.emails),
        ("address", record.address),
    ]
    seen: set[tuple[Way, str]] = set()
    for kind, text in said:
        tokens = point_tokens(keys, kind, text)
        if tokens and (kind, tokens[0]) not in seen:
            seen.add((kind, tokens[0]))
            yield Clear(kind, text, tokens)
