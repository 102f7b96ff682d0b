"""The data keys of files, one a borrower, made when the first file about them comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.desk.vault.keys import keyset
from daihou.desk.vault.models import FileKey, Person
from daihou.vault.keyset import wrapped_under
from daihou.vault.seal import new_data_key, unwrap, wrap

if TYPE_CHECKING:
    from daihou.vault.seal import DataKey


class ErasedPersonError(Exception):
    """Nothing is kept about somebody who was erased, until a delivery that was allowed brings them back."""


def given(whose: str) -> tuple[int, DataKey]:
    """The key of the files about a borrower, and its number; a new one where there is none yet. ErasedPersonError where they were erased."""
    keys = keyset()
    if Person.objects.filter(borrower_id=whose, erased_at__isnull=False).exists():
        raise ErasedPersonError(whose)
    row = FileKey.objects.filter(borrower_id=whose).first()
    if row is None:
        wrapped = wrap(keys, new_data_key(), whose)
        row, _ = FileKey.objects.get_or_create(
            borrower_id=whose, defaults={"wrapped": wrapped, "wrapping_key": wrapped_under(wrapped)}
        )
    return row.pk, unwrap(keys, bytes(row.wrapped), whose)


def held(number: int, whose: str) -> DataKey | None:
    """A key by its number; None where it is not there any more."""
    row = FileKey.objects.filter(pk=number, borrower_id=whose).first()
    return unwrap(keyset(), bytes(row.wrapped), whose) if row else None


def forget(whose: str) -> bool:
    """Delete the key of the files about a borrower: they open to nobody from then on. Whether there was one. In the transaction that erases the person."""
    return bool(FileKey.objects.filter(borrower_id=whose).delete()[0])
