"""After a rotation: data keys wrapped anew under the new key, tokens computed anew. Each can be stopped and called again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import Count, Q

from daihou.desk.vault.keys import keyset
from daihou.desk.vault.models import Person
from daihou.desk.vault.people import ROWS, opened, put_tokens, save
from daihou.vault.keyset import wrapped_under
from daihou.vault.seal import rewrap
from daihou.vault.tokens import record_tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    Progress = Callable[[str, int, int], None]

WRAPPING: Final = "rewrapping"
TOKENS: Final = "retokening"


def stale_keys() -> int:
    """People whose data key is wrapped under another key than the primary."""
    return _under_another("wrapping_key", keyset().primary("wrapping").key_id)


def stale_tokens() -> int:
    """People whose tokens were made with another key than the primary."""
    return _under_another("token_key", keyset().primary("tokens").key_id)


def by_key() -> dict[int | None, int]:
    """How many people's data keys are wrapped under each key."""
    counted = Person.objects.filter(erased_at=None).values_list("wrapping_key").annotate(people=Count("id"))
    return dict(counted.values_list("wrapping_key", "people"))


def rewrap_stale(progress: Progress) -> int:
    """Wrap anew, a thousand at a time, every data key that another key than the primary wrapped; how many there were."""
    keys = keyset()

    def again(people: list[Person]) -> None:
        for person in people:
            person.wrapped = rewrap(keys, bytes(person.wrapped or b""), person.borrower_id)
            person.wrapping_key = wrapped_under(person.wrapped)
        save(people, ["wrapped", "wrapping_key"])

    return _each("wrapping_key", keys.primary("wrapping").key_id, again, WRAPPING, progress)


def retoken(progress: Progress) -> int:
    """Compute anew, a thousand people at a time, all tokens that another key than the primary made; how many people there were."""
    keys = keyset()

    def again(people: list[Person]) -> None:
        for person in people:
            person.token_key = keys.primary("tokens").key_id
        put_tokens({person.pk: record_tokens(keys, opened(keys, person)) for person in people})
        save(people, ["token_key"])

    return _each("token_key", keys.primary("tokens").key_id, again, TOKENS, progress)


def _other(field: str, primary: int) -> Q:
    """Who is not under the primary key; what no keyset wrapped has no number, and is not ours to move."""
    return Q(erased_at=None) & ~Q(**{field: primary}) & Q(**{f"{field}__isnull": False})


def _under_another(field: str, primary: int) -> int:
    return Person.objects.filter(_other(field, primary)).count()


def _each(field: str, primary: int, again: Callable[[list[Person]], None], stage: str, progress: Progress) -> int:
    total, done, last = _under_another(field, primary), 0, 0
    progress(stage, 0, total)
    while True:
        with transaction.atomic():
            waiting = Person.objects.select_for_update().filter(_other(field, primary), pk__gt=last)
            people = list(waiting.order_by("pk")[:ROWS])
            if not people:
                return done
            again(people)
        done, last = done + len(people), people[-1].pk
        progress(stage, done, max(total, done))
