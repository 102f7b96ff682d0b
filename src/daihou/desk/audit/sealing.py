"""Sealing: entries of the audit log get their links in the chain, a thousand in one short transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import IntegrityError, transaction

from daihou.desk.audit.chain import GENESIS, canonical, link_hash
from daihou.desk.audit.models import Entry, Link

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

MOST: Final = 1_000
"""Links of one transaction."""
WINDOW: Final = 10_000
"""How far behind the last sealed entry another may still appear: PostgreSQL numbers an entry before it is committed."""


def seal(*, everything: bool = False) -> int:
    """Seal what waits, oldest first, and answer how many got a link; 0 where nothing waits or another sealer was quicker.

    Looks only near the last sealed entry, unless told to look at everything.
    """
    unsealed = waiting(everything=everything)
    if not unsealed.exists():  # asked before a transaction, which in SQLite would keep all others from writing
        return 0
    try:
        with transaction.atomic():
            return append(Link.objects.order_by("-seq").first(), unsealed.order_by("pk")[:MOST])
    except IntegrityError:  # another sealer took the same place in the chain
        return 0


def waiting(*, everything: bool = False) -> QuerySet[Entry]:
    """Entries without a link: those near the last sealed entry, unless told to look at everything."""
    since = 0 if everything else _last_entry_id() - WINDOW
    return Entry.objects.filter(link__isnull=True, pk__gt=since)


def append(last: Link | None, entries: Iterable[Entry]) -> int:
    """Add a link for each entry after the last link; two that start from the same last link cannot both succeed."""
    seq, link = (last.seq, last.hash) if last else (0, GENESIS)
    links = []
    for entry in entries:
        seq, link = seq + 1, link_hash(link, canonical(entry))
        links.append(Link(seq=seq, entry=entry, hash=link))
    Link.objects.bulk_create(links)
    return len(links)


def _last_entry_id() -> int:
    last = Link.objects.order_by("-seq").values_list("entry_id", flat=True).first()
    return last or 0
