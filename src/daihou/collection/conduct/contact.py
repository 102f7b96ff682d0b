"""What the gate is asked and told: a proposed contact, past ones, what stands of a person, and what it decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daihou.policies.contact_codes import (
    CHANNELS,
    CONSENTS,
    KINDS,
    OUTCOMES,
    PARTIES,
    PURPOSES,
    Channel,
    Kind,
    Outcome,
    Party,
    Purpose,
)

if TYPE_CHECKING:
    import datetime as dt

__all__ = [
    "CHANNELS", "CONSENTS", "KINDS", "OUTCOMES", "PARTIES", "PURPOSES",
    "Channel", "Circumstance", "Decision", "Kind", "Outcome", "Party", "Past", "Proposal", "Purpose", "Refusal", "Standing",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Proposal:
    """A contact that somebody is about to make. `at` carries its zone; any zone will do."""

    person_id: str
    """Whom: a number of the vault."""
    debtor_id: str
    """Whose debts it is about; the same as `person_id` where the debtor is contacted."""
    debts: tuple[str, ...]
    """The loans it is about."""
    channel: Channel
    party: Party
    purpose: Purpose
    at: dt.datetime
    point: str = ""
    """The number or address, by whatever names it; empty where a channel has none."""
    agency: str = ""
    """The outside collector that makes it; empty for the lender itself."""
    limited: bool = False
    """Whether what is said or sent shows nothing of a debt."""


@dataclass(frozen=True, slots=True)
class Past:
    """A contact that was made, or begun. With `inbound` the person began it."""

    person_id: str
    debtor_id: str
    debts: tuple[str, ...]
    channel: Channel
    party: Party
    purpose: Purpose
    at: dt.datetime
    outcome: Outcome
    point: str = ""
    agency: str = ""
    inbound: bool = False


@dataclass(frozen=True, slots=True)
class Circumstance:
    """Something that holds of a person, from a moment on until another (None: until it is lifted). Empty channel, point and debt: of all."""

    kind: Kind
    person_id: str
    from_at: dt.datetime
    until_at: dt.datetime | None = None
    channel: Channel | None = None
    point: str = ""
    debt: str = ""
    hours: tuple[dt.time, dt.time] | None = None
    """For `agreed_hours` and `inconvenient`: between which local times of a day; None: all day."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands of the person who is to be contacted and of the debtor: zones they may be in, and their circumstances.

    `zones` are names of the time zone database; empty where nothing is known, then the policy's.
    """

    zones: tuple[str, ...] = ()
    circumstances: tuple[Circumstance, ...] = ()
    numbers: tuple[str, ...] = ()
    """Telephone numbers of the debtor that are known, by the names that past contacts have for them: who has one left to try is not out of reach."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One rule that forbids a contact, with its source and the values that speak for it; texts are complete sentences.

    `until` is the earliest moment at which this rule would allow it, None where no passing of time helps.
    """

    policy: str
    rule: str
    citation: str
    en: str
    zh: str
    until: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the gate says: every refusal, the most lasting first; `earliest` is the first lawful moment at or after the proposal's, None: none by itself.

    `limited`: it is allowed, but nothing may be said of the debt.
    """

    refusals: tuple[Refusal, ...]
    earliest: dt.datetime | None
    limited: bool = False

    @property
    def allowed(self) -> bool:
        """Whether it may be made now."""
        return not self.refusals
