"""After a rotation: data keys wrapped anew under the new key, tokens computed anew. Each can be stopped and called again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import Count

from daihou.desk.vault.keys import keyset
from daihou.desk.vault.models import FileKey, Person
from daihou.desk.vault.people import ROWS, opened, put_tokens, save
from daihou.vault.keyset import wrapped_under
from daihou.vault.seal import rewrap
from daihou.vault.tokens import record_tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

    Progress = Callable[[str, int, int], None]

WRAPPING: Final = "rewrapping"
TOKENS: Final = "retokening"
FILES: Final = "rewrapping_files"


def stale_keys() -> int:
    """Data keys, of people and of files, that are wrapped under another key than the primary."""
    primary = keyset().primary("wrapping").key_id
    return sum(_other(rows, "wrapping_key", primary).count() for rows in (_people(), FileKey.objects.all()))


def stale_tokens() -> int:
    """People whose tokens were made with another key than the primary."""
    return _other(_people(), "token_key", keyset().primary("tokens").key_id).count()


def by_key() -> dict[int | None, int]:
    """How many people's data keys are wrapped under each key."""
    counted = _people().values_list("wrapping_key").annotate(people=Count("id"))
    return dict(counted.values_list("wrapping_key", "people"))


def rewrap_stale(progress: Progress) -> int:
    """Wrap anew, a thousand at a time, every data key that another key than the primary wrapped; how many there were."""
    keys = keyset()
    primary = keys.primary("wrapping").key_id

    def again(rows: list[Any]) -> None:
        for row in rows:
            row.wrapped = rewrap(keys, bytes(row.wrapped or b""), row.borrower_id)
            row.wrapping_key = wrapped_under(row.wrapped)
        save(rows, ["wrapped", "wrapping_key"])

    done = _each(_people(), "wrapping_key", primary, again, WRAPPING, progress)
    return done + _each(FileKey.objects.all(), "wrapping_key", primary, again, FILES, progress)


def retoken(progress: Progress) -> int:
    """Compute anew, a thousand people at a time, all tokens that another key than the primary made; how many people there were."""
    keys = keyset()

    def again(people: list[Any]) -> None:
        for person in people:
            person.token_key = keys.primary("tokens").key_id
        put_tokens({person.pk: record_tokens(keys, opened(keys, person)) for person in people})
        save(people, ["token_key"])

    return _each(_people(), "token_key", keys.primary("tokens").key_id, again, TOKENS, progress)


def _people() -> QuerySet[Person]:
    return Person.objects.filter(erased_at=None)


def _other(rows: QuerySet[Any], field: str, primary: int) -> QuerySet[Any]:
    """What is not under the primary key; what no keyset wrapped has no number, and is not ours to move."""
    return rows.filter(**{f"{field}__isnull": False}).exclude(**{field: primary})


def _each(
    rows: QuerySet[Any], field: str, primary: int, again: Callable[[list[Any]], None], stage: str, progress: Progress
) -> int:
    total, done, last = _other(rows, field, primary).count(), 0, 0
    progress(stage, 0, total)
    while True:
        with transaction.atomic():
            waiting = _other(rows, field, primary).select_for_update().filter(pk__gt=last)
            some = list(waiting.order_by("pk")[:ROWS])
            if not some:
                return done
            again(some)
        done, last = done + len(some), some[-1].pk
        progress(stage, done, max(total, done))
