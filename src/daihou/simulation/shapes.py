"""The arrays of the simulator: the parameters as compiled code reads them, and the facts it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from daihou.simulation.parameters import METHODS, Parameters

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from daihou.simulation.stated import Shares

Array = np.ndarray[Any, Any]

IN_ORG, AT_PARTNER = range(2)
WHERE: Final = ("org", "partner")
PURPOSES: Final = ("scheduled", "payoff", "recovery")
SCHEDULED, PAYOFF, RECOVERY = range(3)
CHANGES: Final = ("extension", "restructure", "write_off")
EXTENSION, RESTRUCTURE, WRITE_OFF = range(3)
NONE: Final = -1

LOAN_ROWS, INSTALMENT_ROWS, PAYMENT_ROWS, CHANGE_ROWS, BILL_ROWS, BORROWER_ROWS, SHOCK_ROWS, DEFAULT_ROWS, ROW_KINDS = (
    range(9)
)

DAY, CENTS = np.int32, np.int64


def record(*columns: tuple[str, Any]) -> np.dtype[Any]:
    """A record of compiled code: its columns and their types."""
    return np.dtype((np.record, np.dtype(list(columns), align=True)))


LOAN: Final = record(
    ("loan", DAY), ("borrower", DAY), ("org", DAY), ("partner", DAY), ("product", DAY), ("principal", CENTS),
    ("disbursed_on", DAY), ("matures_on", DAY), ("effective_on", DAY),
)  # fmt: skip
INSTALMENT: Final = record(
    ("loan", DAY), ("seq", DAY), ("due_on", DAY), ("principal", CENTS), ("interest", CENTS), ("effective_on", DAY)
)
PAYMENT: Final = record(
    ("loan", DAY), ("on", DAY), ("known_on", DAY), ("amount", CENTS), ("purpose", DAY), ("reverses", DAY)
)
CHANGE: Final = record(("loan", DAY), ("on", DAY), ("kind", DAY))
BILL: Final = record(("loan", DAY), ("on", DAY), ("due_on", DAY), ("balance", CENTS), ("minimum", CENTS))
BORROWER: Final = record(("borrower", DAY), ("org", DAY), ("habit", DAY), ("since", DAY), ("circle", DAY))
SHOCK: Final = record(("borrower", DAY), ("begins", DAY), ("ends", DAY))
DEFAULT: Final = record(("loan", DAY), ("borrower", DAY), ("missed_on", DAY), ("on", DAY))


class Odds(NamedTuple):
    """Parameters as arrays; shares are cumulated. Troubles of orgs and partners: where, name, month, first payments only; and their effects."""

    loans_each: Array
    loans_each_share: Array
    habit_share: Array
    org_share: Array
    partner_share: Array
    product_share: Array
    method: Array
    every: Array
    annual_rate: Array
    miss: Array  # log odds
    amounts: Array  # [product, place] in cents
    amount_share: Array
    terms: Array
    term_share: Array
    spend: Array
    minimum: Array
    full: Array
    early_days: Array
    tardy_days: Array
    arrears_days: Array
    late_days: Array
    bounce_days: Array
    shock_begins: float
    shock_ends: float
    shock_effect: float
    macro: Array  # effect on the log odds, by month
    season: Array  # the same, by months on book; the last holds on
    cure: Array
    keep: Array
    part: float
    part_fraction: Array
    extend: float
    extend_months: int
    restructure: float
    restructure_months: int
    write_off_at: int
    recovery: float
    recovery_fraction: Array
    settle: float
    late: float
    bounce: float
    troubles: Array
    trouble_effect: Array


class Facts(NamedTuple):
    """Room for what a chunk of loans writes; `rows` counts what is written of each kind."""

    rows: Array
    loans: Array
    instalments: Array
    payments: Array
    changes: Array
    bills: Array
    borrowers: Array
    shocks: Array
    defaults: Array


def room(loans: int, months: int, longest: int) -> Facts:
    """Room for so many loans over so many months, with terms up to `longest` dues."""

    def rows(kind: np.dtype[Any], each: int) -> Array:
        return np.empty(loans * each, kind).view(np.recarray)

    return Facts(
        np.zeros(ROW_KINDS, np.int64),
        rows(LOAN, 3),
        rows(INSTALMENT, 3 * max(longest, 1)),
        rows(PAYMENT, 4 * months + 4),
        rows(CHANGE, 3),
        rows(BILL, months + 1),
        rows(BORROWER, 1),
        rows(SHOCK, months // 2 + 1),
        rows(DEFAULT, 1),
    )


def odds(given: Parameters, months: int) -> Odds:
    """The parameters over so many months."""
    products = given.products
    chances = np.array([product.miss for product in products])
    names = {"org": list(given.orgs), "partner": list(given.partners)}
    local = [trouble for trouble in given.troubles if trouble.where in names]
    troubles = [
        (WHERE.index(trouble.where), names[trouble.where].index(trouble.name), trouble.month, trouble.first_payment) for trouble in local
    ]  # fmt: skip
    ages = np.arange(max(given.old_from, given.young_until) + 1)

    def of_products(name: str, kind: Any = np.float64) -> Array:
        return np.array([getattr(product, name) for product in products], kind)

    return Odds(
        loans_each=np.array(list(given.loans_each), np.int64),
        loans_each_share=cumulated(given.loans_each),
        habit_share=cumulated(given.habits),
        org_share=cumulated(given.orgs),
        partner_share=cumulated(given.partners or {"": 1.0}),
        product_share=np.cumsum(of_products("share")),
        method=np.array([METHODS.index(product.method) for product in products], np.int64),
        every=of_products("every", np.int64),
        annual_rate=of_products("annual_rate"),
        miss=np.log(chances / (1 - chances)),
        amounts=_padded((100 * np.array(list(product.amounts), np.int64) for product in products), np.int64),
        amount_share=_padded((cumulated(product.amounts) for product in products), np.float64),
        terms=_padded((np.array(list(product.terms) or [0], np.int64) for product in products), np.int64),
        term_share=_padded((cumulated(product.terms or {0: 1.0}) for product in products), np.float64),
        spend=of_products("spend"),
        minimum=of_products("minimum"),
        full=of_products("full"),
        early_days=span(given.early_days),
        tardy_days=span(given.tardy_days),
        arrears_days=span(given.arrears_days),
        late_days=span(given.late_days),
        bounce_days=span(given.bounce_days),
        shock_begins=given.shock_begins,
        shock_ends=given.shock_ends,
        shock_effect=given.shock_effect,
        macro=given.macro_effect * macro(given, months),
        season=np.where(ages <= given.young_until, given.young, np.where(ages >= given.old_from, given.old, 0.0)),
        cure=np.array(given.cure),
        keep=np.array(given.keep),
        part=given.part,
        part_fraction=np.array(given.part_fraction),
        extend=given.extend,
        extend_months=given.extend_months,
        restructure=given.restructure,
        restructure_months=given.restructure_months,
        write_off_at=given.write_off_at,
        recovery=given.recovery,
        recovery_fraction=np.array(given.recovery_fraction),
        settle=given.settle,
        late=given.late,
        bounce=given.bounce,
        troubles=np.array(troubles, np.int64).reshape(-1, 4),
        trouble_effect=np.array([trouble.effect for trouble in local], np.float64),
    )


def macro(given: Parameters, months: int) -> Array:
    """The macro factor by month."""
    path = np.array(given.macro_path)
    factor: Array = np.interp(np.arange(months), path[:, 0], path[:, 1])
    return factor


def span(ends: Sequence[int]) -> Array:
    """A span of whole numbers."""
    return np.array(ends, np.int64)


def cumulated(shares: Shares) -> Array:
    """Shares, each with all before it."""
    found: Array = np.cumsum(np.array(list(shares.values()), np.float64))
    return found


def _padded(rows: Iterable[Array], kind: Any) -> Array:
    """Rows of different length as one array; a cumulated share is filled up with its last, so that what is beyond is never chosen."""
    given = list(rows)
    found = np.empty((len(given), max(map(len, given))), kind)
    for place, row in enumerate(given):
        found[place, : len(row)] = row
        found[place, len(row) :] = row[-1]
    return found
