"""Uncovering a person: by whom it is allowed, for which purpose, how often an hour. Each time stands in the audit log, without what was seen."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils.translation import pgettext_lazy

from daihou.book.errors import DaihouError
from daihou.desk.audit.limits import exceeded
from daihou.desk.audit.log import record as log
from daihou.desk.vault.keys import keyset
from daihou.desk.vault.models import Person
from daihou.desk.vault.people import opened
from daihou.vault.person import PersonRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from daihou.desk.asked import Asked

ACTION: Final = "person.reveal"
MOST_AN_HOUR: Final = 60
LEAST_NOTE: Final = 5
"""Characters of the purpose in one's own words."""
MOST_NOTE: Final = 300
FIELDS: Final = ("name", "id_no", "phones", "emails", "address")
_HIDDEN: Final = "•••"


class Purpose(models.TextChoices):
    """What somebody may be uncovered for."""

    COLLECTION = "collection", pgettext_lazy("purpose", "Contact about money that is due")
    CHECK = "check", pgettext_lazy("purpose", "Post-loan check or visit")
    REQUEST = "request", pgettext_lazy("purpose", "Answer to the borrower's own request or complaint")
    LEGAL = "legal", pgettext_lazy("purpose", "Court, registry or authority")
    DATA = "data", pgettext_lazy("purpose", "Correction of wrong data")


class TooOftenError(DaihouError):
    """The user uncovered as many people as an hour allows."""


@dataclass(frozen=True, slots=True)
class Uncovered:
    """What is shown once, and the number of the entry that says so."""

    record: PersonRecord
    entry: int


def reveal(request: Asked, borrower_id: str, shown: Sequence[str], purpose: str, note: str) -> Uncovered | None:
    """The fields asked for of a borrower whom the caller found within the user's reach; None who is not in the vault, or was erased.

    Refused without the permission, with a purpose that is none, with less than a few words, and beyond so many an hour. The entry is
    written first: nothing is shown that is not logged.
    """
    if not request.rights.may(ACTION):
        raise PermissionDenied
    _check(purpose, note.strip(), shown)
    if exceeded(request.user, ACTION, timedelta(hours=1), MOST_AN_HOUR):
        raise TooOftenError(
            f"You uncovered {MOST_AN_HOUR} people within an hour, which is the limit.",
            "Go on later; an administrator can say why the limit is there.",
            zh=(f"您一小时内已查看 {MOST_AN_HOUR} 人的完整信息，达到上限。", "请稍后再试；设限原因可询问管理员。"),
        )
    with transaction.atomic():
        person = Person.objects.filter(borrower_id=borrower_id, erased_at=None).first()
        if person is None:
            return None
        whole = opened(keyset(), person)
        said = {"fields": list(shown), "purpose": purpose, "note": _without(note.strip(), whole)}
        entry = log(request, ACTION, "borrower", borrower_id, said)
    hidden: dict[str, Any] = {field.name: field.default for field in fields(PersonRecord) if field.name not in shown}
    return Uncovered(replace(whole, **hidden), entry.pk)


def _check(purpose: str, note: str, shown: Sequence[str]) -> None:
    if purpose not in Purpose.values or len(note) < LEAST_NOTE or not set(shown) <= set(FIELDS) or not shown:
        raise DaihouError(
            "Nobody is uncovered without a purpose.",
            f"Choose one, and say in at least {LEAST_NOTE} characters what for.",
            zh=("未说明用途，不能查看完整信息。", f"请选择用途，并用至少 {LEAST_NOTE} 个字说明。"),
        )


def _without(note: str, record: PersonRecord) -> str:
    """The note without what it names of the person: the log is read by people who may see nobody."""
    for value in sorted(_values(record), key=len, reverse=True):
        note = note.replace(value, _HIDDEN)
    return note[:MOST_NOTE]


def _values(record: PersonRecord) -> Iterator[str]:
    for value in (record.name, record.id_no, record.address, *record.phones, *record.emails):
        if len(value) > 1:
            yield value
