"""Where the flows of a home have a borrower or an account, and borrowers to be asked of some flows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from daihou.book.flows.layout import FLOW
from daihou.monitoring.cash_flow.putting import merged, numbered, placed
from daihou.runs.borrowers.places import Places

if TYPE_CHECKING:
    import numpy.typing as npt

    from daihou.book.flows.store import Flows, Source, Stored

    Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Part:
    """Borrowers to be asked of some flows."""

    flows: Flows
    which: npt.NDArray[np.int32]
    """Their numbers in the flows."""
    at: Whole
    """Their places among all who are asked."""


@dataclass(frozen=True)
class Index:
    """Where the flows of a home have what is asked for by its id."""

    flows: Stored

    @property
    def source(self) -> Source:
        """What it takes to put rows among them."""
        return self.flows.source

    @cached_property
    def borrowers(self) -> Places:
        """Numbers of borrowers."""
        return Places(self.flows.borrowers)

    @cached_property
    def versions(self) -> Places:
        """Rows of accounts by account."""
        return Places(self.source.accounts["account_id"])

    @cached_property
    def held(self) -> Places:
        """Holdings by account."""
        return Places(self.source.held)

    def ready(self) -> None:
        """Build all of it, and compile what puts rows in: whoever asks first would wait for it."""
        _ = self.borrowers, self.versions, self.held
        nobody, nothing = np.zeros(0, np.int32), np.zeros(0, np.int64)
        facts, keys, flows = self.flows.facts, self.source.keys, np.zeros(0, FLOW).view(np.recarray)
        hashes, flags = np.zeros(0, np.uint64), np.zeros(0, np.bool_)
        placed(facts, keys, nobody, nothing, hashes, nothing, nothing, flags)
        merged(facts, keys, nobody, nothing, flows, hashes, np.zeros(1, np.int64), flows, hashes, nothing)
        numbered(np.zeros(1, np.int64), flows, hashes, flags, nobody)
