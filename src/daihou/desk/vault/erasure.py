"""Erasing a person: key, record and tokens go, the row stays as a mark, so that a later file does not bring them back unnoticed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import connection, transaction
from django.utils import timezone

from daihou.book.errors import DaihouError
from daihou.desk.audit.log import record as log
from daihou.desk.vault import file_keys
from daihou.desk.vault.models import Person, Token

if TYPE_CHECKING:
    from django.http import HttpRequest

LEAST_REASON: Final = 5


def erase(borrower_id: str, actor: str, reason: str, request: HttpRequest | None = None) -> bool:
    """Erase a borrower, and the key of the files about them; False where all of it was gone before.

    DaihouError where neither the vault nor a file knows that number, or no reason is given.
    """
    reason = _stated(reason)
    _overwrite_deleted()
    with transaction.atomic():
        forgotten = file_keys.forget(borrower_id)
        person = Person.objects.select_for_update().filter(borrower_id=borrower_id).first()
        if person is None and not forgotten:
            raise _unknown(borrower_id)
        if person is None or person.erased:
            if forgotten:
                log(request, "person.erase", "borrower", borrower_id, {"by": actor, "reason": reason[:500]})
            return forgotten
        Token.objects.filter(person=person).delete()
        person.wrapped = person.sealed = person.wrapping_key = person.token_key = None
        person.erased_at = person.updated_at = timezone.now()
        person.erased_by, person.erased_because, person.may_return = actor[:150], reason[:500], False
        person.save()
        log(request, "person.erase", "borrower", borrower_id, {"by": actor, "reason": reason[:500]})
    _empty_journal()
    return True


def readmit(borrower_id: str, actor: str, reason: str, request: HttpRequest | None = None) -> None:
    """Let a later delivery bring an erased borrower back; DaihouError who was not erased, or where no reason is given."""
    reason = _stated(reason)
    with transaction.atomic():
        person = _find(borrower_id)
        if not person.erased:
            raise DaihouError(
                f"Borrower {borrower_id} was not erased.",
                "Nothing has to be allowed: deliveries are taken.",
                zh=(f"客户 {borrower_id} 未被删除。", "无需放行，报送会正常入库。"),
            )
        person.may_return = True
        person.save(update_fields=["may_return"])
        log(request, "person.readmit", "borrower", borrower_id, {"by": actor, "reason": reason[:500]})


def _find(borrower_id: str) -> Person:
    person = Person.objects.select_for_update().filter(borrower_id=borrower_id).first()
    if person is None:
        raise _unknown(borrower_id)
    return person


def _unknown(borrower_id: str) -> DaihouError:
    return DaihouError(
        f"The vault holds nobody under borrower number {borrower_id}.",
        "Check the number.",
        zh=(f"保险库中没有客户号 {borrower_id} 的个人信息。", "请核对客户号。"),
    )


def _stated(reason: str) -> str:
    if len(reason.strip()) < LEAST_REASON:
        raise DaihouError(
            "A reason is needed.",
            f"Say in at least {LEAST_REASON} characters who asked for it, and when.",
            "--reason",
            zh=("须说明原因。", f"请用至少 {LEAST_REASON} 个字说明由谁、何时提出。"),
        )
    return reason.strip()


def _overwrite_deleted() -> None:
    """Have SQLite write zeros where rows stood, else the wrapped key would stay in pages that are free."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete=ON")


def _empty_journal() -> None:
    """Have SQLite write its journal, which still holds the pages from before, into the file and cut it to nothing."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
