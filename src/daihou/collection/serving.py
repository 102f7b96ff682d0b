"""Whether and when a letter counts as served: by how it was sent, who took it, and what proves that."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from daihou.policies.limitation import Means

Why = Literal["counts", "not_this_receiver", "no_proof", "no_agreed_address"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A letter on its way, and what came of it. `receiver` is one of `RECEIVERS`; `proven`: a paper that shows it is at hand."""

    sent_on: dt.date
    arrived_on: dt.date
    receiver: str
    proven: bool
    agreed_address: bool
    """The contract names the address as the one to serve at."""


@dataclass(frozen=True, slots=True)
class Served:
    """The day on which it counts as served; None where it does not, and why."""

    on: dt.date | None
    why: Why


def served(means: Means, delivery: Delivery) -> Served:
    """When a delivery counts as served by the policy's rule for its means."""
    counts = means.counts.get(delivery.receiver, "no")
    if counts == "no":
        return Served(None, "not_this_receiver")
    if counts == "proof" and not delivery.proven:
        return Served(None, "no_proof")
    if counts == "agreed_address" and not delivery.agreed_address:
        return Served(None, "no_agreed_address")
    since = delivery.sent_on if means.counted_from == "sent" else delivery.arrived_on
    return Served(since + dt.timedelta(days=means.days), "counts")
