"""Limitation 诉讼时效: until when a claim may be brought to court, what begins that period anew or holds it, and when a demand counts as served."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from daihou.book.contracts.repayment import PAYERS, PURPOSES
from daihou.policies.dated import Dated, dated, made

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Effect = Literal["interrupts", "procedure", "suspends"]
"""`interrupts`: a new full period begins with the event. `procedure`: it begins once the procedure has ended. `suspends`: see `Suspension`."""
After = Literal["nothing", "renews"]
Form = Literal["joint", "general"]
"""Of a guarantee: 连带责任保证, 一般保证."""
RestDay = Literal["next_work_day", "same"]
Counted = Literal["sent", "arrived"]
Receiver = Literal["debtor", "family", "staff", "authorised", "refused", "returned", "published"]
"""Who took a letter: the debtor, an adult relative living with them, who takes in an organisation's mail, who was given power; or nobody: refused 拒收, returned 退回."""
RECEIVERS: Final[tuple[Receiver, ...]] = get_args(Receiver)
Counts = Literal["yes", "proof", "agreed_address", "no"]
"""`proof`: with a paper that proves it. `agreed_address`: where the contract names the address as the one to serve at."""
Channel = Literal["letter", "visit", "email", "none"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of event, and what it does while the period runs and after it has ended."""

    code: str
    en: str
    zh: str
    effect: Effect
    after_end: After
    citation: str

    def __post_init__(self) -> None:
        """Check the codes."""
        _texts(self.code, code=self.code, en=self.en, zh=self.zh, citation=self.citation)
        _one_of(f"{self.code}: effect", self.effect, get_args(Effect))
        _one_of(f"{self.code}: after_end", self.after_end, get_args(After))
        if self.after_end == "renews" and self.effect != "interrupts":
            raise ValueError(f"{self.code}: only what interrupts may renew what has ended")


@dataclass(frozen=True, slots=True)
class Suspension:
    """An obstacle within the last months holds the period: it ends so many months after the obstacle is gone."""

    last_months: int
    then_months: int
    citation: str

    def __post_init__(self) -> None:
        """Check the bounds."""
        _texts("suspension", citation=self.citation)
        _whole("suspension", self.last_months, self.then_months)


@dataclass(frozen=True, slots=True)
class Guarantees:
    """The guarantee period 保证期间, which nothing interrupts, suspends or prolongs."""

    months: int
    """Where the contract agrees on none, or on one that ends no later than the debt falls due."""
    unclear_form: Form
    joint_kept_by: Sequence[str]
    """Kinds of events that keep a joint guarantee, done to the guarantor within the period."""
    general_kept_by: Sequence[str]
    """Kinds that keep a general guarantee, done to the debtor."""
    from_acceleration: bool
    """Whether it runs from the day on which a debt was called due early."""
    citation: str

    def __post_init__(self) -> None:
        """Check the codes."""
        _texts("guarantees", citation=self.citation)
        _whole("guarantees.months", self.months)
        _one_of("guarantees.unclear_form", self.unclear_form, get_args(Form))
        for name in ("joint_kept_by", "general_kept_by"):
            object.__setattr__(self, name, tuple(_list(f"guarantees.{name}", getattr(self, name))))
        if type(self.from_acceleration) is not bool:
            raise ValueError("guarantees.from_acceleration must be true or false")


@dataclass(frozen=True, slots=True)
class Payments:
    """Which money is the debtor's own part payment; what comes of enforcement, of a guarantor or by sale of security is no word of theirs."""

    purposes: Sequence[str]
    """Codes of the table `payments`."""
    payers: Sequence[str]
    """The same; empty where the facts do not say who paid."""
    citation: str

    def __post_init__(self) -> None:
        """Check the codes."""
        _texts("payments", citation=self.citation)
        known = {"purposes": tuple(one.code for one in PURPOSES), "payers": ("", *(one.code for one in PAYERS))}
        for name, allowed in known.items():
            object.__setattr__(self, name, tuple(_list(f"payments.{name}", getattr(self, name))))
            for code in getattr(self, name):
                _one_of(f"payments.{name}", code, allowed)


@dataclass(frozen=True, slots=True)
class Means:
    """A way of serving, and on which day it counts as served by whom it came to."""

    code: str
    en: str
    zh: str
    channel: Channel
    """As what the conduct gate is asked; none: nobody is contacted by it."""
    counted_from: Counted
    days: int
    """Calendar days after that day."""
    counts: Mapping[str, str]
    """By who took it, whether it counts as served."""
    citation: str

    def __post_init__(self) -> None:
        """Check the codes."""
        _texts(self.code, code=self.code, en=self.en, zh=self.zh, citation=self.citation)
        _one_of(f"{self.code}: channel", self.channel, get_args(Channel))
        _one_of(f"{self.code}: counted_from", self.counted_from, get_args(Counted))
        if type(self.days) is not int or not 0 <= self.days <= 366:
            raise ValueError(f"{self.code}: days must be a whole number from 0 to 366")
        if not isinstance(self.counts, dict) or not self.counts:
            raise ValueError(f"{self.code}: counts must say of whom it counts")
        for receiver, counts in self.counts.items():
            _one_of(f"{self.code}: counts", receiver, RECEIVERS)
            _one_of(f"{self.code}: counts.{receiver}", counts, get_args(Counts))


@dataclass(frozen=True, slots=True)
class Limitation:
    """One version of the law as the house reads it."""

    years: int
    """The general period."""
    longest_years: int
    """From when the claim was first due; neither interrupted nor suspended."""
    enforcement_years: int
    """To ask for a judgment to be enforced."""
    rest_day: RestDay
    """What becomes of a last day that is a rest day."""
    suspension: Suspension
    kinds: Sequence[Kind]
    stated: Sequence[str]
    """Kinds that people may state by a paper; the others are told by the books, letters and promises."""
    payments: Payments
    guarantees: Guarantees
    means: Sequence[Means]

    def __post_init__(self) -> None:
        """Read the parts; ValueError names what does not fit."""
        _whole("years", self.years, self.longest_years, self.enforcement_years)
        _one_of("rest_day", self.rest_day, get_args(RestDay))
        for name, kind in (("suspension", Suspension), ("payments", Payments), ("guarantees", Guarantees)):
            if not isinstance(getattr(self, name), kind):
                object.__setattr__(self, name, made(kind, getattr(self, name), name))
        parts: tuple[tuple[str, type[Kind | Means]], ...] = (("kinds", Kind), ("means", Means))
        for name, each in parts:
            rows: list[Any] = _list(name, getattr(self, name))
            read = tuple(
                one if isinstance(one, each) else made(each, one, f"{name} {place}")
                for place, one in enumerate(rows, 1)
            )
            codes = [one.code for one in read]
            if len(set(codes)) < len(codes):
                raise ValueError(f"{name}: a code is there twice")
            object.__setattr__(self, name, read)
        known = {one.code for one in self.kinds}
        object.__setattr__(self, "stated", tuple(_list("stated", self.stated)))
        for code in self.stated:
            _one_of("stated", code, tuple(sorted(known)))
        for code in (*self.guarantees.joint_kept_by, *self.guarantees.general_kept_by):
            _one_of("guarantees", code, tuple(sorted(known)))

    def kind(self, code: str) -> Kind | None:
        """A kind of event; None for a code that the policy does not know: it does nothing."""
        return next((one for one in self.kinds if one.code == code), None)

    def way(self, code: str) -> Means | None:
        """A means of serving."""
        return next((one for one in self.means if one.code == code), None)


def limitation(text: str, place: str) -> Dated[Limitation]:
    """The policy from its file."""
    return dated("limitation_cn", Limitation, text, place)


def _texts(spot: str, **stated: Any) -> None:
    for name, text in stated.items():
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{spot}: {name} is missing")


def _list(spot: str, stated: Any) -> list[Any]:
    if not isinstance(stated, list | tuple) or not stated:
        raise ValueError(f"{spot} must be a list, and name something")
    return list(stated)


def _one_of(spot: str, stated: Any, allowed: tuple[str, ...]) -> None:
    if stated not in allowed:
        raise ValueError(f"{spot} must be one of {', '.join(allowed)}, not {stated}")


def _whole(spot: str, *stated: Any) -> None:
    if any(type(count) is not int or not 1 <= count <= 600 for count in stated):
        raise ValueError(f"{spot}: years and months must be whole numbers from 1 to 600")
