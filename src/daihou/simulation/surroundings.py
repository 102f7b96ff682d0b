"""The parameters of what is seen around the loans: money in accounts, events, and the series of the economy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from daihou.simulation.stated import Between, Shares, Span, check_chances, check_shares, check_span, made, wrong

CLASSES: Final = (
    "supplier", "person", "tax", "utility", "housing", "food", "medical", "education", "entertainment", "travel", "cash", "investment", "other",
)  # fmt: skip
"""What money may be spent on: classes of the other side, as `transactions` name them."""
EVENTS: Final = (
    "litigation", "enforcement", "tax", "licence", "news", "address_change", "device_change", "application",
)  # fmt: skip
MOST_DAY: Final = 28


@dataclass(frozen=True, slots=True)
class Accounts:
    """How borrowers who have an account here live with it. Chances are per month unless said otherwise; income is that of a good month."""

    share: float
    """Of borrowers with an account; a guarantee circle's all have one."""
    second: float
    """Of those, with a second one, for what is left over."""
    before: Span
    """Months before its first loan from which the account is seen, as far as the book reaches back."""
    income: Shares
    """In yuan a month."""
    employed: float
    """Share paid by an employer once a month; others by customers."""
    pay_days: Span
    """Day of the month on which an employer pays."""
    customers: Shares
    """How many customers somebody has who is not employed."""
    receipts: Span
    """How often customers pay in a month."""
    unevenness: float
    """Income that comes in at once is more or less than its share by up to so much of it."""
    opens_with: Between
    """Balance to begin with, in months of income."""
    spent: Between
    """Share of income spent in a month."""
    outgoings: Span
    """In how many payments."""
    spending: Shares
    """On what, by number of payments."""
    keeps: float
    """Months of income that stay in the account; at the end of a good month the rest goes to the second one, or elsewhere."""
    overdraft: float
    """How far below zero the account may go, in months of income."""
    bounces: float
    """How often what cannot be paid for want of money is seen as paid and given back."""
    shock_seen: float
    """How many spells of trouble with income are seen in the account."""
    default_seen: float
    """How many first defaults are preceded by trouble seen in the account."""
    lead: Span
    """How many months before the default that begins."""
    lasts: Span
    """How many months it lasts."""
    stops: float
    """How much of the trouble that is seen is income that stops."""
    shrinks_to: Between
    """What is left of the income that does not stop."""
    withdraws: float
    """How often money is withdrawn in cash when trouble begins."""
    withdrawn: Between
    """How much of the balance."""
    lent_elsewhere: float
    """Chance in a month of trouble that another lender's money comes in."""
    lent: Between
    """How much, in months of income."""
    elsewhere: Between
    """Share of those without and with a default who pay another lender every month."""
    instalment_elsewhere: Between
    """How much of the income that takes."""
    gamblers: Between
    """Share of those without and with a default who gamble."""
    gambling_times: Span
    """How often in a month."""
    stakes: Between
    """How much of the income each time."""
    late: float
    """Chance of each row to be known late."""
    corrected: float
    """Chance of each row to be sent with twice the amount at first."""
    late_days: Span
    """After how many days a late row, or a correction, is known."""


@dataclass(frozen=True, slots=True)
class Happening:
    """A kind of event: how often a borrower has one in a month."""

    kind: str
    chance: float
    troubled: float
    """The chance in months around a default."""
    around: Span
    """How many months before the month of the default, and how many after it."""
    known_days: Span
    """How many days after it happened the lender knows."""
    source: str
    amount: Between = (0.0, 0.0)
    """At stake, as a share of the principal of the borrower's first loan; none where both are 0."""


@dataclass(frozen=True, slots=True)
class Events:
    """What happens to borrowers outside the book."""

    of_loan: float
    """How many events are told of the borrower's first loan, once that is paid out, instead of the borrower."""
    kinds: tuple[Happening, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """A monthly series of the economy: it goes its way, moved by the macro factor."""

    series: str
    start: float
    known_days: Span
    """How many days after the end of the month it is published."""
    drift: float = 0.0
    """A month; of a series that grows, as a share."""
    effect: float = 0.0
    """Of the macro factor at 1: on the level, or, of a series that grows, on the growth of a month."""
    noise: float = 0.0
    """Standard deviation of what chance adds in a month, to the level or to the growth."""
    grows: bool = False
    step: float = 0.0001
    """Values are whole multiples of this."""


@dataclass(frozen=True, slots=True)
class Economy:
    """Series of the economy, over the months of the book and some before it."""

    before: int
    series: tuple[Series, ...]


def accounts(stated: dict[str, Any], place: str) -> Accounts:
    """Read and check how borrowers live with their accounts."""
    place = f"{place}, accounts"
    given: Accounts = made(Accounts, stated, place)
    for name in ("income", "customers", "spending"):
        check_shares(name, getattr(given, name), place)
    names = (
        "share",
        "second",
        "employed",
        "unevenness",
        "bounces",
        "shock_seen",
        "default_seen",
        "stops",
        "withdraws",
        "lent_elsewhere",
        "late",
        "corrected",
    )
    chances = {name: getattr(given, name) for name in names}
    for name in ("elsewhere", "gamblers"):
        without, with_default = getattr(given, name)
        chances |= {name: without, f"{name} with a default": with_default}
    check_chances(chances, place)
    for name in (
        "before", "pay_days", "receipts", "opens_with", "spent", "outgoings", "lead", "lasts", "shrinks_to", "withdrawn", "lent",
        "instalment_elsewhere", "gambling_times", "stakes", "late_days",
    ):  # fmt: skip
        check_span(name, getattr(given, name), place)
    for name, least in (("pay_days", given.pay_days[0]), ("receipts", given.receipts[0]), ("lead", given.lead[0]), ("lasts", given.lasts[0]),
                        ("late_days", given.late_days[0]), ("customers", min(given.customers)), ("income", min(given.income))):  # fmt: skip
        if not isinstance(least, int) or least < 1:
            raise wrong(place, f"{name}: {least} is not a whole number above 0.", f"{name}：{least} 不是正整数。")
    if given.pay_days[1] > MOST_DAY:
        raise wrong(place, "pay_days: no later than the 28th.", "pay_days：不得晚于 28 日。")
    if given.withdrawn[1] > 1:
        raise wrong(place, "withdrawn: no more than all of the balance.", "withdrawn：不得超过全部余额。")
    if unknown := [name for name in given.spending if name not in CLASSES]:
        raise wrong(
            place, f"spending: there is no class {unknown[0]}; there are: {', '.join(CLASSES)}.",
            f"spending：没有类别 {unknown[0]}，可用：{'、'.join(CLASSES)}。",
        )  # fmt: skip
    return given


def events(stated: dict[str, Any], place: str) -> Events:
    """Read and check what happens outside the book."""
    place = f"{place}, events"
    kinds = tuple(made(Happening, kind, f"{place}, kinds") for kind in stated.get("kinds", ()))
    given: Events = made(Events, stated | {"kinds": kinds}, place)
    check_chances({"of_loan": given.of_loan}, place)
    for kind in kinds:
        if kind.kind not in EVENTS:
            raise wrong(
                place, f"There is no event {kind.kind}; there are: {', '.join(EVENTS)}.",
                f"没有事件类型 {kind.kind}，可用：{'、'.join(EVENTS)}。",
            )  # fmt: skip
        check_chances({f"chance of {kind.kind}": kind.chance, f"troubled of {kind.kind}": kind.troubled}, place)
        for name in ("known_days", "amount"):
            check_span(f"{name} of {kind.kind}", getattr(kind, name), place)
        if len(kind.around) != 2 or min(kind.around) < 0:
            raise wrong(
                place, f"around of {kind.kind}: two numbers of months, none below 0.", f"{kind.kind} 的 around：须为两个非负月数。"
            )  # fmt: skip
    return given


def economy(stated: dict[str, Any], place: str) -> Economy:
    """Read and check the series of the economy."""
    place = f"{place}, economy"
    series = tuple(made(Series, one, f"{place}, series") for one in stated.get("series", ()))
    given: Economy = made(Economy, stated | {"series": series}, place)
    if not isinstance(given.before, int) or given.before < 0:
        raise wrong(place, f"before: {given.before} is no number of months.", f"before：{given.before} 不是月数。")
    for one in series:
        check_span(f"known_days of {one.series}", one.known_days, place)
        if one.step <= 0 or one.noise < 0:
            raise wrong(
                place, f"{one.series}: step must be above 0, noise not below.", f"{one.series}：step 须大于 0，noise 不得为负。"
            )  # fmt: skip
    return given
