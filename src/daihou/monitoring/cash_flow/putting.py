"""Putting flows that came since among those of their borrowers: where each goes, and the numbers of payers with which a kernel walks them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.book.flows.layout import NOBODY
from daihou.monitoring.jit import kernel

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from daihou.book.flows.layout import Facts, Offsets, Records
    from daihou.monitoring.cash_flow.shapes import Ints

    Flags = npt.NDArray[np.bool_]
    Hashes = npt.NDArray[np.uint64]


@kernel
def placed(
    facts: Facts, keys: Records, whose: Ints, times: Offsets, ids: Hashes, first: Offsets, behind: Offsets, met: Flags
) -> None:
    """Of each row its borrower's flows of the same moment, `first` up to before `behind` (both where it goes, if there are none).

    `met` says whether that borrower has a flow of its id already; `whose` are numbers of borrowers.
    """
    for row in range(len(whose)):
        start, end = facts.flows_at[whose[row]], facts.flows_at[whose[row] + 1]
        met[row] = False
        for at in range(start, end):
            if keys[at].id == ids[row]:
                met[row] = True
        low, till = start, end
        while low < till:
            middle = (low + till) // 2
            if keys[middle].time < times[row]:
                low = middle + 1
            else:
                till = middle
        high = low
        while high < end and keys[high].time == times[row]:
            high += 1
        first[row], behind[row] = low, high


@kernel
def merged(
    facts: Facts,
    keys: Records,
    numbers: Ints,
    first: Offsets,
    put: Records,
    hashes: Hashes,
    flows_at: Offsets,
    flows: Records,
    payers: Hashes,
    came: Offsets,
) -> None:
    """The flows of some borrowers by their numbers, in order, with rows put in before the flows at `first`, or after all of a borrower's.

    `hashes` are those of the payers of the rows. `payers` becomes the hash of the payer of each flow, `came` the place of a row put in, NOBODY for others.
    """
    row = 0
    for place in range(len(numbers)):
        to = flows_at[place]
        last = facts.flows_at[numbers[place] + 1]
        for at in range(facts.flows_at[numbers[place]], last + 1):
            # As many as this borrower has more flows than before were put in: the next one's may go in at the same place.
            while row < len(first) and first[row] == at and to + (last - at) < flows_at[place + 1]:
                flows[to] = put[row]
                payers[to] = hashes[row]
                came[to] = row
                row += 1
                to += 1
            if at < last:
                flows[to] = facts.flows[at]
                payers[to] = keys[at].payer
                came[to] = NOBODY
                to += 1


@kernel
def numbered(flows_at: Offsets, flows: Records, payers: Hashes, named: Flags, last: Ints) -> int:
    """Give the payers of rows put in their numbers and every flow the one before it of its payer; returns how many payers anybody has at most.

    `payers` are hashes of a token, `named` marks the rows put in that have one; their `payer` is NOBODY. `last` has room for the payers of any one.
    """
    most = 0
    for borrower in range(len(flows_at) - 1):
        start, end = flows_at[borrower], flows_at[borrower + 1]
        count = 0
        for at in range(start, end):
            count = max(count, flows[at].payer + 1)
        for at in range(start, end):
            if not named[at]:
                continue
            number = NOBODY
            for other in range(start, end):
                if flows[other].payer != NOBODY and payers[other] == payers[at]:
                    number = flows[other].payer
                    break
            if number == NOBODY:
                number = count
                count += 1
            flows[at].payer = number
        for payer in range(count):
            last[payer] = NOBODY
        for at in range(start, end):
            payer = flows[at].payer
            if payer != NOBODY:
                flows[at].earlier = last[payer]
                last[payer] = at - start
        most = max(most, count)
    return most
