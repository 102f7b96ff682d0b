"""The people in the vault: put in, shown masked, uncovered for a purpose, found by exact values."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from daihou.desk.vault.keys import keyset, made
from daihou.desk.vault.models import Kind, Person, Token
from daihou.vault import masks
from daihou.vault.keyset import wrapped_under
from daihou.vault.seal import new_data_key, seal, unseal, unwrap, wrap
from daihou.vault.tokens import guess_kinds, record_tokens, search_tokens

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

    from daihou.vault.keyset import Keyset
    from daihou.vault.masks import BorrowerKind
    from daihou.vault.person import PersonRecord

ROWS: Final = 1_000
"""Rows of a transaction."""

SEALED: Final = (
    "kind",
    "wrapped",
    "sealed",
    "wrapping_key",
    "token_key",
    "known_on",
    "updated_at",
    "erased_at",
    "erased_by",
    "erased_because",
    "may_return",
)
"""What a row gets anew when its person is sealed."""


class Given(NamedTuple):
    """A person as delivered: whose they are, what, and since when the lender knows it."""

    borrower_id: str
    kind: str
    record: PersonRecord
    known_on: dt.date


@dataclass(slots=True)
class Taken:
    """What came of people put in; `refused` are the numbers of those who were erased and may not return."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[str] = field(default_factory=list)


def put(records: Iterable[tuple[str, str, PersonRecord, dt.date]]) -> Taken:
    """Seal people, in transactions of at most 1,000 rows. The same again changes nothing; of two the one known later stays, or came later.

    Stopped half-way, what is in is in; the same call again does the rest.
    """
    taken = Taken()
    waiting = iter(records)
    while batch := [Given(*record) for record in islice(waiting, ROWS)]:
        with transaction.atomic():
            _put(batch, taken)
    return taken


def _put(batch: Sequence[Given], taken: Taken) -> None:
    keys = keyset()
    last = {
        given.borrower_id: given for given in sorted(batch, key=lambda given: given.known_on)
    }  # of two known on a day the later row
    taken.unchanged += len(batch) - len(last)
    stood = Person.objects.select_for_update().in_bulk(last, field_name="borrower_id")
    written: list[Person] = []
    tokens: dict[str, tuple[tuple[str, str], ...]] = {}
    for number, given in last.items():
        person = stood.get(number) or Person(borrower_id=number, erased_at=timezone.now(), may_return=True)
        if person.erased and not person.may_return:
            taken.refused.append(number)
            continue
        if not person.erased and given.known_on < person.known_on:
            taken.unchanged += 1
            continue
        if not person.erased and person.kind == given.kind and opened(keys, person) == given.record:
            taken.unchanged += 1
            if given.known_on > person.known_on:  # said again later: an older word that comes late must not undo it
                person.known_on = given.known_on
                written.append(person)
            continue
        taken.new += person.erased
        taken.changed += not person.erased
        _seal(keys, person, given)
        tokens[number] = record_tokens(keys, given.record)
        written.append(person)
    save(written, SEALED)
    put_tokens({person.pk: tokens[person.borrower_id] for person in written if person.borrower_id in tokens})


def _seal(keys: Keyset, person: Person, given: Given) -> None:
    """Seal a record into its person's row, under a key of its own if the row has none."""
    number = person.borrower_id
    key = new_data_key() if person.erased else unwrap(keys, _bytes(person.wrapped), number)
    if person.erased:
        person.wrapped = wrap(keys, key, number)
        person.wrapping_key = wrapped_under(person.wrapped)
        person.erased_at, person.erased_by, person.erased_because, person.may_return = None, "", "", False
    person.sealed = seal(key, number, given.record)
    person.token_key = keys.primary("tokens").key_id
    person.kind, person.known_on, person.updated_at = given.kind, given.known_on, timezone.now()


def save(rows: Sequence[Any], fields: Sequence[str]) -> None:
    """Write rows of people or of file keys, new ones and those that stand, in one statement: a tenth of the time of an update by cases."""
    if rows:
        type(rows[0]).objects.bulk_create(
            rows, ROWS, update_conflicts=True, unique_fields=["borrower_id"], update_fields=list(fields)
        )


def put_tokens(tokens: dict[int, tuple[tuple[str, str], ...]]) -> None:
    """Give people, by their key in the database, these tokens instead of those they had."""
    Token.objects.filter(person_id__in=tokens).delete()
    table = connection.ops.quote_name(Token._meta.db_table)  # noqa: SLF001 - where Django tells the name of a table
    rows = [(pk, kind, token) for pk, found in tokens.items() for kind, token in found]
    with connection.cursor() as cursor:  # not by models: making an object of each takes longer than sealing the person
        cursor.executemany(f"INSERT INTO {table} (person_id, kind, token) VALUES (%s, %s, %s)", rows)


def set_kind(kind: str, borrower_ids: Sequence[str]) -> None:
    """Say of borrowers that they are persons, or companies."""
    for start in range(0, len(borrower_ids), ROWS):
        Person.objects.filter(borrower_id__in=borrower_ids[start : start + ROWS]).update(kind=kind)


def masked_names(borrower_ids: Iterable[str]) -> dict[str, str]:
    """The name to show of each borrower, by number: of a person masked, of a company whole. Who is not in the vault, or was erased, is absent."""
    keys, names = None, {}
    for person in _standing(borrower_ids).only("borrower_id", "kind", "wrapped", "sealed"):
        keys = keys or keyset()
        names[person.borrower_id] = masks.mask_name(opened(keys, person).name, _kind(person))
    return {number: name for number, name in names.items() if name}


def masked_all(borrower_ids: Iterable[str]) -> dict[str, PersonRecord]:
    """Each borrower masked in every field, by number; absent who is not in the vault, or was erased."""
    people = list(_standing(borrower_ids))
    keys = keyset() if people else None
    return {person.borrower_id: masks.masked(opened(keys, person), _kind(person)) for person in people if keys}


def masked(borrower_id: str) -> PersonRecord | None:
    """A borrower masked in every field; None who is not in the vault, or was erased."""
    return masked_all([borrower_id]).get(borrower_id)


def erased_on(borrower_id: str) -> dt.date | None:
    """The day a borrower was erased; None who was not."""
    at = (
        Person.objects.filter(borrower_id=borrower_id, erased_at__isnull=False)
        .values_list("erased_at", flat=True)
        .first()
    )
    return timezone.localtime(at).date() if at else None


def find(text: str) -> list[str]:
    """The numbers of borrowers with this very name, id number, phone or e-mail."""
    if not guess_kinds(text) or not (made() or Person.objects.filter(erased_at=None).exists()):
        return []
    tokens = search_tokens(keyset(), text)
    wanted = Token.objects.filter(kind__in={kind for kind, _ in tokens}, token__in=[token for _, token in tokens])
    return sorted(set(wanted.values_list("person__borrower_id", flat=True)))


def opened(keys: Keyset, person: Person) -> PersonRecord:
    """The record of a person who was not erased."""
    return unseal(unwrap(keys, _bytes(person.wrapped), person.borrower_id), person.borrower_id, _bytes(person.sealed))


def _standing(borrower_ids: Iterable[str]) -> QuerySet[Person]:
    return Person.objects.filter(borrower_id__in=set(borrower_ids), erased_at=None)


def _kind(person: Person) -> BorrowerKind:
    return "company" if person.kind == Kind.COMPANY else "person"


def _bytes(stored: bytes | memoryview | None) -> bytes:
    """What the database gave: PostgreSQL gives a view of memory."""
    return bytes(stored or b"")
