"""Verification of the chain: every entry is hashed again, every link compared, and the heads noted in the home held against it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from daihou.desk.audit.chain import GENESIS, canonical, link_hash
from daihou.desk.audit.models import Entry, Link
from daihou.desk.audit.sealing import waiting

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from daihou.desk.audit.heads import Head

CHUNK: Final = 2_000


class Kind(StrEnum):
    """What can be wrong with a chain."""

    CHANGED = "changed"
    """The entry, or its link, is not what was sealed."""
    MISSING_ENTRY = "missing_entry"
    MISSING_LINK = "missing_link"
    TAIL_CUT = "tail_cut"
    """A link that was noted as the head is gone."""
    REWRITTEN = "rewritten"
    """A link that was noted as the head has another hash now: the chain was computed anew."""


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where the chain does not hold: the link, and its entry where that is known."""

    kind: Kind
    seq: int
    entry_id: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a verification found: links walked, the last of them, entries without a link, and the first break, if any."""

    walked: int
    seq: int
    hash: str
    waiting: int
    broken: Break | None

    @property
    def good(self) -> bool:
        """Whether the chain holds."""
        return self.broken is None


def verify(noted: Sequence[Head], since: int = 0) -> Report:
    """Walk the chain from a link on (0: from the first; another is trusted) and compare the heads that were noted."""
    start = Link.objects.filter(seq=since).values_list("hash", flat=True).first() if since else GENESIS
    walked, seq, link, broken = 0, since, start or GENESIS, None
    for number, entry_id, stated, entry in _links(since):
        if number != seq + 1:
            broken = Break(Kind.MISSING_LINK, seq + 1)
        elif entry is None:
            broken = Break(Kind.MISSING_ENTRY, number, entry_id)
        elif link_hash(link, canonical(entry)) != stated:
            broken = Break(Kind.CHANGED, number, entry_id)
        if broken:
            break
        walked, seq, link = walked + 1, number, stated
    return Report(walked, seq, link, waiting(everything=not since).count(), broken or _against(noted))


def _links(since: int) -> Iterator[tuple[int, int, str, Entry | None]]:
    """Each link after a number, with its entry."""
    while rows := list(
        Link.objects.filter(seq__gt=since).order_by("seq").values_list("seq", "entry_id", "hash")[:CHUNK]
    ):
        entries = Entry.objects.in_bulk([entry_id for _, entry_id, _ in rows])
        for seq, entry_id, stated in rows:
            yield seq, entry_id, stated, entries.get(entry_id)
        since = rows[-1][0]


def _against(noted: Sequence[Head]) -> Break | None:
    """The first head noted that is not in the chain as it was."""
    for head in noted:
        stated = Link.objects.filter(seq=head.seq).values_list("hash", "entry_id").first()
        if stated is None:
            return Break(Kind.TAIL_CUT, head.seq)
        if stated[0] != head.hash:
            return Break(Kind.REWRITTEN, head.seq, stated[1])
    return None
