"""Queries of credit reports 征信查询: for which reasons, on whose consent, how often and at what cost, by law and by the house.

A rule is of one of few kinds. A kind knows no number, no role and no article: the policy file states them.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, ClassVar, Final, Literal, get_args

from daihou.policies.dated import Dated, dated
from daihou.policies.ruled import make_set, read_rule

if TYPE_CHECKING:
    from collections.abc import Sequence

SHIPPED: Final = {"credit_queries_cn": "policies/cn", "credit_queries_house": "policies/common"}
"""The policies that come with the package, and the folders they lie in."""

PersonKind = Literal["person", "company"]
PERSON_KINDS: Final[tuple[PersonKind, ...]] = get_args(PersonKind)

Reason = Literal[
    "application", "card_application", "guarantor_application", "related_review",
    "post_loan_management", "guarantor_review", "dispute_check",
]  # fmt: skip
"""Why a report is asked for. `related_review`: those who represent or own a company that applies. `guarantor_review`: a guarantor of a loan already made.
`dispute_check`: the person disputes what was reported."""
REASONS: Final[dict[Reason, tuple[str, str]]] = {
    "application": ("an application for a loan", "贷款审批"),
    "card_application": ("an application for a card", "信用卡审批"),
    "guarantor_application": ("an offer of a guarantee", "担保资格审查"),
    "related_review": ("a review of representatives and owners", "法定代表人及出资人审查"),
    "post_loan_management": ("post-loan management", "贷后管理"),
    "guarantor_review": ("a review of a guarantor", "保证人贷后检查"),
    "dispute_check": ("a dispute being checked", "异议核查"),
}
"""Each with its words in English and Chinese."""

State = Literal["approved", "live", "written_off", "closed", "transferred"]
"""How a loan stands. The last two end it: it is repaid, or somebody else's."""
STATES: Final[tuple[State, ...]] = get_args(State)
ENDED: Final[frozenset[State]] = frozenset({"closed", "transferred"})

Outcome = Literal["answered", "refused", "failed", "unclear"]
"""`answered`: with a report. `refused`: by the bureau. `failed`: known not to have been taken up. `unclear`: sent, and nothing is known; so is one under way."""
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)

Tie = Literal["loans", "duties", "disputes"]
"""What binds a person to the lender: loans of their own, guarantees for those of others, disputes that are open."""
Span = Literal["day", "month"]
_ROLE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What every rule has: its name and source, what it says when it refuses, and which queries it binds.

    Texts are sentences with `{names}` of values, which each kind lists in `VALUES`. An empty list of reasons or persons binds none; left out, all.
    """

    VALUES: ClassVar[tuple[str, ...]] = ()
    SENT: ClassVar[bool] = False
    """Whether it binds only what is sent to a bureau, so that a report at hand may be read in spite of it."""

    id: str
    citation: str
    en: str
    zh: str
    reasons: frozenset[Reason] = frozenset(REASONS)
    persons: frozenset[PersonKind] = frozenset(PERSON_KINDS)

    def __post_init__(self) -> None:
        """Check names and texts; ValueError says which."""
        for name in ("id", "citation", "en", "zh"):
            if not isinstance(getattr(self, name), str) or not getattr(self, name).strip():
                raise ValueError(f"{name} is missing")
        make_set(self, "reasons", REASONS)
        make_set(self, "persons", PERSON_KINDS)
        for text in (self.en, self.zh):
            named = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
            if unknown := sorted(named - set(self.VALUES)):
                raise ValueError(f"a text names {{{unknown[0]}}}; it may name {', '.join(self.VALUES) or 'nothing'}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonAllowed(Rule):
    """Only for some reasons."""

    VALUES: ClassVar[tuple[str, ...]] = ("reason",)

    allowed: frozenset[Reason]

    def __post_init__(self) -> None:
        """Check the reasons; ValueError says which."""
        Rule.__post_init__(self)
        make_set(self, "allowed", REASONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentNeeded(Rule):
    """Only while a consent is in force that names the reason and the bureau; or, where the switch is on, for a reason that is exempt."""

    VALUES: ClassVar[tuple[str, ...]] = ("reason", "bureau")

    exempt: frozenset[Reason]
    """For which no consent would be needed by `exempt_citation`."""
    exempt_citation: str
    exemption: bool
    """Whether the lender makes use of that."""

    def __post_init__(self) -> None:
        """Check the exemption; ValueError says what is wrong."""
        Rule.__post_init__(self)
        make_set(self, "exempt", REASONS)
        if not isinstance(self.exemption, bool):
            raise TypeError("exemption must be true or false")
        if not isinstance(self.exempt_citation, str) or (self.exempt and not self.exempt_citation.strip()):
            raise ValueError("exempt_citation must say by which article nothing is needed")


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveLoanNeeded(Rule):
    """Only while something binds the person to the lender. A loan that is closed or transferred does so no longer, from that day on."""

    VALUES: ClassVar[tuple[str, ...]] = ("on", "reason")

    by: frozenset[Tie]
    """Any of them will do."""
    states: frozenset[State]
    """States in which a loan binds its borrower and its guarantors."""
    grace_days: int
    """For so many days more, the day of closure the first."""

    def __post_init__(self) -> None:
        """Check the ties; ValueError says which."""
        Rule.__post_init__(self)
        make_set(self, "by", get_args(Tie), empty=False)
        make_set(self, "states", [state for state in STATES if state not in ENDED])
        _whole("grace_days", self.grace_days, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleAllowed(Rule):
    """Only by somebody in one of these roles."""

    VALUES: ClassVar[tuple[str, ...]] = ("role", "reason")

    roles: frozenset[str]

    def __post_init__(self) -> None:
        """Check the codes; ValueError says which."""
        Rule.__post_init__(self)
        stated = self.roles
        if not isinstance(stated, list | tuple | set | frozenset):
            raise TypeError("roles must be a list")
        if wrong := [str(each) for each in stated if not isinstance(each, str) or not _ROLE.fullmatch(each)]:
            raise ValueError(f"roles: {wrong[0]} is no code of small letters, digits and _")
        object.__setattr__(self, "roles", frozenset(stated))


@dataclass(frozen=True, slots=True, kw_only=True)
class MostPerDays(Rule):
    """At most so many queries of one person at one bureau within so many consecutive local days."""

    VALUES: ClassVar[tuple[str, ...]] = ("count", "most", "days", "bureau")
    SENT: ClassVar[bool] = True

    most: int
    days: int
    """1: a local calendar day."""
    outcomes: frozenset[Outcome]
    """Those that count; what is unclear always does, since it may have been answered."""

    def __post_init__(self) -> None:
        """Check the bounds; ValueError says which."""
        Rule.__post_init__(self)
        _whole("most", self.most, 0)
        _whole("days", self.days, 1)
        make_set(self, "outcomes", OUTCOMES)


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLimit(Rule):
    """All queries of a local day or calendar month, whoever they are about, may cost so much together, in the home's currency. What is unclear counts at its cost."""

    VALUES: ClassVar[tuple[str, ...]] = ("spent", "cost", "most")
    SENT: ClassVar[bool] = True

    most: Decimal
    span: Span

    def __post_init__(self) -> None:
        """Read the amount; ValueError where it is none."""
        Rule.__post_init__(self)
        object.__setattr__(self, "most", _amount("most", self.most))
        if self.span not in get_args(Span):
            raise ValueError(f"span must be one of {', '.join(get_args(Span))}, not {self.span}")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnclearPending(Rule):
    """Not while an earlier query of the person at the bureau is unclear: its result is asked for by its number first."""

    VALUES: ClassVar[tuple[str, ...]] = ("number", "on", "bureau")
    SENT: ClassVar[bool] = True


KINDS_OF_RULES: Final[dict[str, type[Rule]]] = {
    "reason_allowed": ReasonAllowed,
    "consent_needed": ConsentNeeded,
    "live_loan_needed": LiveLoanNeeded,
    "role_allowed": RoleAllowed,
    "most_per_days": MostPerDays,
    "cost_limit": CostLimit,
    "unclear_pending": UnclearPending,
}


@dataclass(frozen=True, slots=True)
class CreditQueries:
    """One version of a policy of queries."""

    cache_days: int | None
    """A report fetched fewer local days ago answers again, and nothing is sent; 0: never. None: other policies say. Where several say, the fewest days hold."""
    rules: Sequence[Rule]
    """Stated as mappings in the file."""

    def __post_init__(self) -> None:
        """Read the rules; ValueError where a name is unknown or told twice."""
        if self.cache_days is not None:
            _whole("cache_days", self.cache_days, 0)
        if not isinstance(self.rules, list | tuple):
            raise TypeError("rules must be a list")
        rules = tuple(each if isinstance(each, Rule) else read_rule(KINDS_OF_RULES, each) for each in self.rules)
        if not rules:
            raise ValueError("rules: name at least one")
        names = [rule.id for rule in rules]
        if twice := [name for name in names if names.count(name) > 1]:
            raise ValueError(f"rule {twice[0]} is there twice")
        object.__setattr__(self, "rules", rules)


def credit_queries(name: str, text: str, place: str) -> Dated[CreditQueries]:
    """The policy of that name from its file; DaihouError names what is wrong and where."""
    return dated(name, CreditQueries, text, place)


def _whole(name: str, stated: object, least: int) -> None:
    if not isinstance(stated, int) or isinstance(stated, bool) or stated < least:
        raise ValueError(f"{name} must be a whole number from {least}")


def _amount(name: str, stated: object) -> Decimal:
    # YAML reads 500.50 as a float, whose shortest writing is what the file says.
    try:
        found = Decimal(str(stated))
    except InvalidOperation:
        found = Decimal("NaN")
    if isinstance(stated, bool) or not found.is_finite() or found < 0:
        raise ValueError(f"{name} must be an amount from 0, not {stated}")
    return found
