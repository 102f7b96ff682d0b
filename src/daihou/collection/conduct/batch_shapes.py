"""Columns of the gate: many proposals, histories and circumstances, as arrays of whole numbers.

People, debts, points and agencies are whole numbers of the caller's choosing, NONE where the gate's own types have an empty string. Codes are places in the
tuples of `policies.contact_codes`. Moments are microseconds since 1970 in UTC, times of day microseconds since midnight.
What is ragged stands one after the other, with the place where each begins, and the end of the last.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from numpy.typing import NDArray

from daihou.policies.contact_codes import OUTCOMES, PURPOSES

NONE: Final = -1
"""No number, no debt, no point, no channel, no hours, no outside collector."""
LENDER: Final = 1
AGENCY: Final = 2
"""Whose contacts: the lender's own, those of outside collectors; both together: 3."""
PENDING: Final = OUTCOMES.index("pending")
NOT_MADE: Final = OUTCOMES.index("not_made")
INVALID: Final = OUTCOMES.index("invalid")
REPLY: Final = PURPOSES.index("reply")
HOURS, COUNT, GAP, BLOCK, CONTENT, OUT_OF_REACH, CONSENT, ANSWER = range(8)
"""Kinds of rules."""
PERSON, DEBTOR, DEBT, POINT, BY_AGENCY, CHANNEL = 1, 2, 4, 8, 16, 32
"""Keys by which contacts are counted together, and whose circumstance forbids: added up."""

Column = NDArray[Any]
"""One value a row."""


class Proposals(NamedTuple):
    """Contacts that are proposed, one a row, as `contact.Proposal` has them."""

    person: Column
    debtor: Column
    debts_from: Column
    """Where the debts of each row begin in `debts`."""
    debts_to: Column
    """Where they end."""
    debts: Column
    channel: Column
    party: Column
    purpose: Column
    at: Column
    point: Column
    agency: Column
    limited: Column
    zones: Column
    """Where the person may be: a place among the sets of zones that are told beside."""
    group: Column
    """Whose past and circumstances count: a place among the groups."""


class Pasts(NamedTuple):
    """Past contacts by groups, as `contact.Past` has them. A group holds all that `decide` would be told as history, in any order."""

    first: Column
    """Where each group begins; one value more than there are groups."""
    person: Column
    debtor: Column
    debts_from: Column
    """Where the debts of each row begin in `debts`."""
    debts_to: Column
    """Where they end."""
    debts: Column
    channel: Column
    party: Column
    purpose: Column
    at: Column
    outcome: Column
    point: Column
    agency: Column
    inbound: Column


class Circumstances(NamedTuple):
    """What stands of people, by the same groups, as `contact.Circumstance` has it."""

    first: Column
    kind: Column
    person: Column
    from_at: Column
    until_at: Column
    """`clock.NEVER`: without end."""
    channel: Column
    point: Column
    debt: Column
    hours_from: Column
    """NONE: all day."""
    hours_to: Column


class Rules(NamedTuple):
    """Rules of all versions of all policies, one a row. Sets are bits by place; what does not concern a kind is 0, or NONE."""

    name: Column
    """A place in the table of names."""
    kind: Column
    by: Column
    channels: Column
    purposes: Column
    parties: Column
    opens: Column
    closes: Column
    replies: Column
    consent: Column
    """The kind that exempts, or that is needed."""
    consent_days: Column
    per: Column
    """Keys; for circumstances: whose."""
    most: Column
    days: Column
    """0: ever."""
    outcomes: Column
    after: Column
    when: Column
    allowed: Column
    limited: Column
    failures: Column
    """0: they alone do not show it."""
    tried: Column
    failed: Column
    reached: Column
    invalid: Column


class Versions(NamedTuple):
    """Versions of policies in order of their days."""

    first: Column
    """Where each policy begins."""
    from_day: Column
    """Days since 1970."""
    by: Column
    rules: Column
    """Where the rules of each begin."""


class Clocks(NamedTuple):
    """What clocks show: for each zone how far they are ahead of UTC, and from when on."""

    sets_from: Column
    sets: Column
    """Zones of each set of zones, by number."""
    first: Column
    """Where each zone begins in the three below."""
    starts: Column
    offset: Column
    """In microseconds."""
    shown_first: Column
    """From what the clock shows on an offset holds, if of two readings the first is meant."""
    shown_second: Column


class Moment(NamedTuple):
    """One moment in one zone."""

    us: int
    zone: int
    day: int
    """Days since 1970."""
    time: int
