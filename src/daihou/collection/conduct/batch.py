"""The gate for whole columns: many proposals at once, each judged as `gate.decide` judges it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from daihou.collection.conduct.batch_clock import clocks
from daihou.collection.conduct.batch_kernel import judge
from daihou.collection.conduct.batch_shapes import NONE, Circumstances, Column, Pasts, Proposals
from daihou.collection.conduct.batch_tables import Named, tables
from daihou.collection.conduct.clock import DAY_US
from daihou.collection.conduct.contact import Standing
from daihou.collection.conduct.gate import possible_zones
from daihou.policies.contact_codes import CHANNELS, KINDS, OUTCOMES, PARTIES, PURPOSES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import DTypeLike

    from daihou.policies.conduct import Conduct
    from daihou.policies.dated import Dated

CODES: Final[dict[str, tuple[int, int]]] = {
    "channel": (0, len(CHANNELS)), "party": (0, len(PARTIES)), "purpose": (0, len(PURPOSES)), "outcome": (0, len(OUTCOMES)),
    "kind": (0, len(KINDS)), "limited": (0, 2), "inbound": (0, 2),
}  # fmt: skip
"""Columns of small numbers, and between which these lie: the second is the first beyond."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What the gate says of each proposal."""

    refused_by: Column
    """The first rule that refuses, in order of policies and of rules within: a place in `names`, NONE (-1) where all allow it."""
    names: tuple[Named, ...]
    """Policies and rules."""

    @property
    def allowed(self) -> Column:
        """Whether each may be made at its moment."""
        allowed: Column = self.refused_by == NONE
        return allowed

    def rule(self, row: int) -> Named | None:
        """The policy and the rule that refuse a row, None where it is allowed."""
        place = int(self.refused_by[row])
        return None if place == NONE else self.names[place]


def decide_many(
    policies: Sequence[Dated[Conduct]],
    proposals: Proposals,
    history: Pasts,
    circumstances: Circumstances,
    zones: Sequence[Sequence[str]],
) -> Decided:
    """Whether every policy allows each of many contacts, and which rule refuses first where one does.

    `zones` are the sets of zones that proposals point at, each as in a `Standing`: empty where nothing is known. The past of a group may come in any order;
    it costs less in order of time. From when on a contact would be lawful, and what else forbids it, `gate.decide` tells of one alone.

    ValueError where columns do not fit together, a code or a moment is out of range, there is no policy, or no zone is known.
    """
    asked, pasts, held = _checked(proposals, history, circumstances, len(zones))
    rules, versions, names, longest = tables(policies)
    sets = [possible_zones(policies, Standing(tuple(each))) for each in zones]
    moments = [column for column in (asked.at, pasts.at, held.from_at) if len(column)]
    refused_by = np.full(len(asked.at), NONE, np.int32)
    if len(asked.at):
        low, high = min(int(each.min()) for each in moments), max(int(each.max()) for each in moments)
        room = np.zeros(2 * longest + 1, np.int64)
        judge(rules, versions, clocks(sets, low, high), asked, in_time(pasts), held, room, refused_by)
    return Decided(refused_by, names)


def in_time(pasts: Pasts) -> Pasts:
    """The same in order of time within each group; of the same moment as they come."""
    later = pasts.at[1:] >= pasts.at[:-1]
    starts = pasts.first[1:-1]
    later[starts[(starts > 0) & (starts < len(pasts.at))] - 1] = True
    if later.all():
        return pasts
    group = np.repeat(np.arange(len(pasts.first) - 1), np.diff(pasts.first))
    order = np.lexsort((pasts.at, group))
    return pasts._replace(
        **{
            name: np.ascontiguousarray(column[order])
            for name, column in pasts._asdict().items()
            if name not in ("first", "debts")
        }
    )


def _checked(
    proposals: Proposals, history: Pasts, circumstances: Circumstances, sets: int
) -> tuple[Proposals, Pasts, Circumstances]:
    """The columns as the kernel reads them, which looks at no bounds."""
    groups = len(history.first) - 1
    asked = Proposals(*_columns("proposals", proposals._asdict(), {**CODES, "zones": (0, sets), "group": (0, groups)}))
    pasts = Pasts(*_columns("history", history._asdict(), CODES))
    held = Circumstances(
        *_columns("circumstances", circumstances._asdict(), {**CODES, "channel": (NONE, len(CHANNELS)), "hours_from": (NONE, DAY_US), "hours_to": (NONE, DAY_US)})
    )  # fmt: skip
    if len(held.first) - 1 != groups:
        raise ValueError("history and circumstances are of as many groups")
    for name, first, rows in (("history", pasts.first, pasts.at), ("circumstances", held.first, held.from_at)):
        if first[0] != 0 or first[-1] != len(rows) or (np.diff(first) < 0).any():
            raise ValueError(f"{name}: groups do not lie one after the other over all rows")
    if ((held.hours_from == NONE) != (held.hours_to == NONE)).any():
        raise ValueError("circumstances: hours have a beginning and an end, or neither")
    if len(asked.at) and not sets:
        raise ValueError("proposals: no set of zones is told")
    return asked, pasts, held


def _columns(table: str, columns: Mapping[str, Any], bounds: Mapping[str, tuple[int, int]]) -> Iterator[Column]:
    rows = len(columns["at"] if "at" in columns else columns["from_at"])
    places = (0, len(columns.get("debts", ())) + 1)
    within = {**bounds, "debts_from": places, "debts_to": places}
    for name, column in columns.items():
        values = np.asarray(column)
        if values.ndim != 1 or (name not in ("first", "debts") and len(values) != rows):
            raise ValueError(f"{table}: {name} has not one value a row")
        if len(values) and values.dtype.kind not in "iub":
            raise ValueError(f"{table}: {name} holds other values than whole numbers")
        bound = within.get(name)
        if bound and len(values) and not bound[0] <= int(values.min()) <= int(values.max()) < bound[1]:
            raise ValueError(f"{table}: {name} has a value out of range")
        kind: DTypeLike = np.int8 if name in CODES else np.int64
        yield np.ascontiguousarray(values, dtype=kind)
