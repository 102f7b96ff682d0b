"""What the gate is asked, turned into columns: words become numbers in order of their coming."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from daihou.collection.conduct.batch_shapes import NONE, Circumstances, Pasts, Proposals
from daihou.collection.conduct.clock import NEVER, moment
from daihou.collection.conduct.contact import CHANNELS, KINDS, OUTCOMES, PARTIES, PURPOSES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from daihou.collection.conduct.contact import Past, Proposal, Standing


class Columns:
    """Collects proposals, each with its own history and standing, as one group."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._asked: list[tuple[Any, ...]] = []
        self._pasts: list[tuple[Any, ...]] = []
        self._held: list[tuple[Any, ...]] = []
        self._debts: list[int] = []
        self._first, self._held_first = [0], [0]
        self.zones: list[tuple[str, ...]] = []

    def group(self, history: Sequence[Past], standing: Standing) -> int:
        """A group of what was and of what stands; its number, which is that of its zones too."""
        for past in history:
            self._pasts.append((*self._whom(past), OUTCOMES.index(past.outcome), past.inbound))
        for each in standing.circumstances:
            hours = (
                (NONE, NONE) if each.hours is None else (since_midnight(each.hours[0]), since_midnight(each.hours[1]))
            )
            self._held.append((
                KINDS.index(each.kind), self._number(each.person_id), moment(each.from_at), NEVER if each.until_at is None else moment(each.until_at),
                NONE if each.channel is None else CHANNELS.index(each.channel), self._number(each.point), self._number(each.debt), *hours,
            ))  # fmt: skip
        self._first.append(len(self._pasts))
        self._held_first.append(len(self._held))
        self.zones.append(standing.zones)
        return len(self.zones) - 1

    def ask(self, proposal: Proposal, group: int) -> None:
        """One proposal more."""
        self._asked.append((*self._whom(proposal), proposal.limited, group, group))

    def tables(self) -> tuple[Proposals, Pasts, Circumstances, list[tuple[str, ...]]]:
        """All of it, as `decide_many` takes it after the policies."""
        person, debtor, low, high, channel, party, purpose, at, point, agency, limited, zones, group = _turned(
            self._asked, 13
        )
        debts = np.array(self._debts, np.int64)
        asked = Proposals(
            person, debtor, low, high, debts, channel, party, purpose, at, point, agency, limited, zones, group
        )
        person, debtor, low, high, channel, party, purpose, at, point, agency, outcome, inbound = _turned(
            self._pasts, 12
        )
        pasts = Pasts(
            np.array(self._first), person, debtor, low, high, debts, channel, party, purpose, at, outcome, point, agency, inbound
        )  # fmt: skip
        return asked, pasts, Circumstances(np.array(self._held_first), *_turned(self._held, 9)), self.zones

    def _whom(self, contact: Proposal | Past) -> tuple[int, ...]:
        low = len(self._debts)
        self._debts += [self._number(debt) for debt in contact.debts]
        return (
            self._number(contact.person_id), self._number(contact.debtor_id), low, len(self._debts), CHANNELS.index(contact.channel),
            PARTIES.index(contact.party), PURPOSES.index(contact.purpose), moment(contact.at), self._number(contact.point), self._number(contact.agency),
        )  # fmt: skip

    def _number(self, word: str) -> int:
        return self._numbers.setdefault(word, len(self._numbers)) if word else NONE


def since_midnight(time: dt.time) -> int:
    return ((time.hour * 60 + time.minute) * 60 + time.second) * 1_000_000 + time.microsecond


def _turned(rows: Sequence[tuple[Any, ...]], width: int) -> list[Any]:
    return [np.array([row[place] for row in rows], np.int64) for place in range(width)]
