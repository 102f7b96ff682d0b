"""The kinds of rules that limit how people are contacted. A kind knows no number, no hour and no article: the policy file states them."""

from __future__ import annotations

import datetime as dt
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Literal, get_args

from daihou.policies.contact_codes import CHANNELS, CONSENTS, KINDS, OUTCOMES, PARTIES, PURPOSES
from daihou.policies.ruled import make_set

if TYPE_CHECKING:
    from collections.abc import Collection

    from daihou.policies.contact_codes import Channel, Kind, Outcome, Party, Purpose

By = Literal["all", "lender", "agency"]
"""Whose contacts a rule binds: everybody's, the lender's own, or those of outside collectors."""
Key = Literal["person", "debtor", "debt", "point", "agency", "channel"]
"""What two contacts must share to be counted together."""
Whose = Literal["person", "debtor", "either"]
"""Whose circumstance forbids: that of the person contacted, of the debtor, or of either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What every rule has: its name and source, what it says when it refuses, and which contacts it binds.

    Texts are sentences with `{names}` of values, which each kind lists in `VALUES`. An empty set of channels, purposes or parties binds all.
    """

    VALUES: ClassVar[tuple[str, ...]] = ()

    id: str
    citation: str
    en: str
    zh: str
    channels: frozenset[Channel] = frozenset(CHANNELS)
    purposes: frozenset[Purpose] = frozenset(PURPOSES)
    parties: frozenset[Party] = frozenset(PARTIES)
    by: By = "all"

    def __post_init__(self) -> None:
        """Check names and texts; ValueError says which."""
        for name in ("id", "citation", "en", "zh"):
            if not isinstance(getattr(self, name), str) or not getattr(self, name).strip():
                raise ValueError(f"{name} is missing")
        make_set(self, "channels", CHANNELS)
        make_set(self, "purposes", PURPOSES)
        make_set(self, "parties", PARTIES)
        _one("by", self.by, get_args(By))
        for text in (self.en, self.zh):
            named = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
            if unknown := sorted(named - set(self.VALUES)):
                raise ValueError(f"a text names {{{unknown[0]}}}; it may name {', '.join(self.VALUES) or 'nothing'}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours(Rule):
    """Lawful hours of the day, by the clock of the person contacted.

    Outside of them, `replies` answers to what the person began in the same closed hours by the same channel are allowed.
    """

    VALUES: ClassVar[tuple[str, ...]] = ("opens", "closes", "time", "zone")

    opens: dt.time
    """The first lawful moment of a day."""
    closes: dt.time
    closing_included: bool
    """Whether the very moment of closing is still lawful."""
    unless: Kind | None = None
    """The consent that opens other hours."""
    replies: int = 0

    def __post_init__(self) -> None:
        """Read the hours; ValueError where they do not fit."""
        Rule.__post_init__(self)
        _time(self, "opens")
        _time(self, "closes")
        if self.opens >= self.closes:
            raise ValueError("closes must be later than opens")
        _flag("closing_included", self.closing_included)
        _consent(self.unless)
        _whole("replies", self.replies, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count(Rule):
    """At most so many contacts within so many consecutive local days, among those that share the keys of `per`."""

    VALUES: ClassVar[tuple[str, ...]] = ("count", "most", "days")

    per: frozenset[Key]
    most: int
    days: int | None
    """1: a local calendar day; None: ever."""
    outcomes: frozenset[Outcome]
    """Those that count; what is pending always does, since it may become one of them."""
    unless: Kind | None = None
    """The consent under which a contact is neither limited nor counted."""
    unless_days: int | None = None
    """For how many days such a consent serves, its own day the first; None: as long as it holds."""

    def __post_init__(self) -> None:
        """Check the bounds; ValueError says which."""
        Rule.__post_init__(self)
        make_set(self, "per", get_args(Key), empty=False)
        _counting(self, "outcomes")
        _whole("most", self.most, 0)
        if self.days is not None:
            _whole("days", self.days, 1)
        _consent(self.unless)
        if self.unless_days is not None:
            _whole("unless_days", self.unless_days, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap(Rule):
    """No contact for so many consecutive local days after one that came to something, its own day the first."""

    VALUES: ClassVar[tuple[str, ...]] = ("days", "on", "day")

    per: frozenset[Key]
    days: int
    after: frozenset[Outcome]
    """What begins the gap, whoever began the contact."""
    outcomes: frozenset[Outcome]
    """The contacts that may not fall within it; others, like a line that was busy, were none."""
    unless: Kind | None = None
    unless_days: int | None = None

    def __post_init__(self) -> None:
        """Check the bounds; ValueError says which."""
        Rule.__post_init__(self)
        make_set(self, "per", get_args(Key), empty=False)
        _counting(self, "after")
        _counting(self, "outcomes")
        _whole("days", self.days, 1)
        _consent(self.unless)
        if self.unless_days is not None:
            _whole("unless_days", self.unless_days, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block(Rule):
    """No contact while a circumstance holds, within its own hours, channel, number and debt where it names them."""

    VALUES: ClassVar[tuple[str, ...]] = ("on", "day")

    when: frozenset[Kind]
    of: Whose
    days: int | None = None
    """For how many local days it forbids, its own day the first; None: until it ends or is lifted."""

    def __post_init__(self) -> None:
        """Check the kinds; ValueError says which."""
        Rule.__post_init__(self)
        make_set(self, "when", [kind for kind in KINDS if kind not in CONSENTS], empty=False)
        _one("of", self.of, get_args(Whose))
        if self.days is not None:
            _whole("days", self.days, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content(Rule):
    """Only for the purposes named, and, with `limited`, without a word of the debt."""

    allowed: frozenset[Purpose]
    limited: bool

    def __post_init__(self) -> None:
        """Check the purposes; ValueError says which."""
        Rule.__post_init__(self)
        make_set(self, "allowed", PURPOSES)
        _flag("limited", self.limited)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfReach(Rule):
    """Only while the debtor cannot be reached.

    That is: while one of the circumstances `when` holds of the debtor, or `failures` attempts by the channels `tried` have failed since
    the debtor was last reached, or, with `invalid`, every number that was tried is out of service.
    """

    VALUES: ClassVar[tuple[str, ...]] = ("count", "failures")

    when: frozenset[Kind]
    failures: int | None
    """None: failed attempts alone do not show it."""
    tried: frozenset[Channel]
    failed: frozenset[Outcome]
    reached: frozenset[Outcome]
    """What shows that the debtor can be reached; what is pending may, and whatever the debtor began does."""
    invalid: bool

    def __post_init__(self) -> None:
        """Check the parts; ValueError says which."""
        Rule.__post_init__(self)
        make_set(self, "when", [kind for kind in KINDS if kind not in CONSENTS], empty=False)
        make_set(self, "tried", CHANNELS)
        _counting(self, "failed")
        _counting(self, "reached")
        if self.failed & self.reached:
            raise ValueError("an outcome is either failed or reached")
        if self.failures is not None:
            _whole("failures", self.failures, 1)
        _flag("invalid", self.invalid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent(Rule):
    """Only while the person's consent holds."""

    needs: Kind

    def __post_init__(self) -> None:
        """Check the kind; ValueError says what is wrong."""
        Rule.__post_init__(self)
        _consent(self.needs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Rule):
    """An answer needs something to answer: the person began a contact at most so many local days ago, and has not been answered that often yet."""

    VALUES: ClassVar[tuple[str, ...]] = ("days", "most", "count")

    days: int
    """Local days, that of the person's contact the first."""
    most: int

    def __post_init__(self) -> None:
        """Check the bounds; ValueError says which."""
        Rule.__post_init__(self)
        _whole("days", self.days, 1)
        _whole("most", self.most, 1)


KINDS_OF_RULES: Final[dict[str, type[Rule]]] = {
    "hours": Hours,
    "count": Count,
    "gap": Gap,
    "block": Block,
    "content": Content,
    "out_of_reach": OutOfReach,
    "consent": Consent,
    "answer": Answer,
}


def _counting(rule: Rule, name: str) -> None:
    # What was not made counts nowhere, and what is pending everywhere: neither is for a file to say.
    make_set(rule, name, [outcome for outcome in OUTCOMES if outcome not in ("pending", "not_made")])


def _one(name: str, stated: str, allowed: Collection[str]) -> None:
    if stated not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, not {stated}")


def _consent(stated: str | None) -> None:
    if stated is not None and stated not in CONSENTS:
        raise ValueError(f"{stated} is no consent; these are: {', '.join(sorted(CONSENTS))}")


def _flag(name: str, stated: object) -> None:
    if not isinstance(stated, bool):
        raise TypeError(f"{name} must be true or false")


def _whole(name: str, stated: object, least: int) -> None:
    if not isinstance(stated, int) or isinstance(stated, bool) or stated < least:
        raise ValueError(f"{name} must be a whole number from {least}")


def _time(rule: Rule, name: str) -> None:
    stated = getattr(rule, name)
    if isinstance(stated, dt.time):
        return
    # Without quotes YAML reads 22:00 as a number to base 60.
    if not isinstance(stated, str):
        raise TypeError(f'{name} must be a time in quotes, like "08:00"')
    object.__setattr__(rule, name, dt.time.fromisoformat(stated))
