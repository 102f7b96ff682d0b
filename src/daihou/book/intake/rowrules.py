"""Rules between the columns of one row: parts that sum, dates in order, decimals a currency has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from daihou.book import money
from daihou.book.intake.blinding import FLAGS, HASHED
from daihou.book.intake.cells import Problem

if TYPE_CHECKING:
    from daihou.book.contracts import Table
    from daihou.book.intake.cells import Mask

_ORDERED: Final = (
    ("loans", "disbursed_on", "matures_on"),
    ("loans", "disbursed_on", "closed_on"),
    ("facilities", "starts_on", "ends_on"),
    ("charges", "from_on", "to_on"),
    ("bills", "bill_on", "due_on"),
    ("projects", "starts_on", "ends_on"),
)
"""(table, earlier column, later column): the later date may be the same day, not before it."""

_PARTS: Final = ("principal", "interest", "fee", "penalty")
_USUAL_DECIMALS: Final = 2
_FLAGS: Final = f"^({'|'.join(FLAGS)})( ({'|'.join(FLAGS)}))*$"


def between_columns(table: Table, rows: pl.DataFrame) -> list[Problem]:
    """Return what does not fit together within rows whose single cells are typed already; empty cells never offend."""
    found = [
        _problem(later, "dates_reversed", rows[later] < rows[earlier])
        for name, earlier, later in _ORDERED
        if name == table.name
    ]
    if table.name == "loans":
        revolving = (rows["repayment_method"] == "revolving").fill_null(value=False)
        found.append(_problem("matures_on", "missing_value", rows["matures_on"].is_null() & ~revolving))
        found.append(_problem("principal", "not_positive", (rows["principal"] <= 0) & ~revolving))
    if table.name == "payments":
        found.append(_problem("amount", "parts_do_not_sum", _parts_differ(rows)))
    if table.name == "transactions":
        found.append(_problem("counterparty_token", "not_a_token", ~rows["counterparty_token"].str.contains(HASHED)))
        found.append(_problem("memo_flags", "unknown_code", ~rows["memo_flags"].str.contains(_FLAGS)))
    if "reverses" in table.names:
        found.append(_problem("reverses", "reverses_itself", rows["reverses"] == rows[table.key[0]]))
    return [problem for problem in found if problem.rows.any()]


def _problem(column: str, reason: str, rows: pl.Series) -> Problem:
    return Problem(column, reason, rows.fill_null(value=False).to_numpy())


def _parts_differ(rows: pl.DataFrame) -> pl.Series:
    """Return where any part is given and the parts do not sum to the amount."""
    given = [name for name in _PARTS if rows[name].null_count() < rows.height]
    if not given:
        return pl.Series([False]).new_from_index(0, rows.height)
    total = np.zeros(rows.height, np.int64)
    stated = np.zeros(rows.height, np.bool_)
    for name in given:
        total += units(rows[name])
        stated |= rows[name].is_not_null().to_numpy()
    known = rows["amount"].is_not_null().to_numpy()
    return pl.Series(stated & known & (total != units(rows["amount"])))


def units(amount: pl.Series) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return amounts as ten-thousandths, empty ones as 0."""
    return amount.to_physical().cast(pl.Int64).fill_null(0).to_numpy()


def amounts(table: Table) -> tuple[str, ...]:
    """Return the names of a table's money columns."""
    return tuple(column.name for column in table.stored if column.type in ("money", "signed_money"))


def in_currency_of_loan(table: Table) -> bool:
    """Whether amounts are in the currency of the loan that a row belongs to; a transaction may name one, but is the account's."""
    return "loan_id" in table.names and "currency" not in table.names and table.owner in ("loan_id", None)


def decimals(table: Table, rows: pl.DataFrame, base_currency: str) -> tuple[list[Problem], bool]:
    """Return amounts with more decimals than their currency, and whether some wait for a look at their loan's currency.

    A row's currency is its own, or else its loan's (judged once all rows are read), or else the base currency.
    """
    of_loan = in_currency_of_loan(table)
    allowed: Mask | int = _USUAL_DECIMALS
    if "currency" in table.names:
        codes = rows["currency"].fill_null(base_currency)
        unlike = {code: money.currencies().get(code, 4) for code in codes.unique()}
        allowed = codes.replace_strict(list(unlike), list(unlike.values()), return_dtype=pl.Int64).to_numpy()
    elif not of_loan:
        allowed = money.exponent(base_currency)
    step = 10 ** (money.SCALE - allowed)
    found, fine = [], False
    for name in amounts(table):
        too_fine = units(rows[name]) % step != 0
        if too_fine.any():
            fine = True
            found.append(Problem(name, "too_many_decimals", too_fine))
    return ([], fine) if of_loan else (found, False)
