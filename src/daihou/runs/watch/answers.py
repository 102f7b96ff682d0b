"""Conditions answered for the rows of a frame: one code a row, false, true or unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from daihou.book import money
from daihou.expressions import closure, column, columns_named
from daihou.warning.fold import FALSE, TRUE, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from daihou.expressions import Expression
    from daihou.warning.checked import Checked
    from daihou.warning.fold import Codes


CODES: Final[dict[bool | None, int]] = {None: UNKNOWN, False: FALSE, True: TRUE}


def units(currencies: Iterable[str]) -> int | pl.Expr:
    """Minor units to one unit of the row's currency: a number where all have the same, else by the column `currency`."""
    by_currency = {code: money.unit(code) for code in currencies}
    if len(set(by_currency.values())) <= 1:
        return next(iter(by_currency.values()), 1)
    unit = pl.lit(None, pl.Int64)
    for size in sorted(set(by_currency.values())):
        alike = [code for code, one in by_currency.items() if one == size]
        unit = pl.when(pl.col("currency").is_in(alike)).then(pl.lit(size, pl.Int64)).otherwise(unit)
    return unit


def judged_by(rule: Checked) -> frozenset[str]:
    """The columns that decide whether a rule holds or clears."""
    return frozenset(field.name for condition in _asked(rule) for field in columns_named(condition))


def _asked(rule: Checked) -> tuple[Expression, ...]:
    """The conditions of a rule: the one that must hold and, where it states one, the one that clears."""
    return (rule.condition,) if rule.clear is None else (rule.condition, rule.clear)


class Questions:
    """The conditions of some rules, kept as functions of a row and as columns where amounts have one unit: so few rows are answered at little cost."""

    def __init__(self, rules: Sequence[Checked]) -> None:
        self._rules = tuple(rules)
        self._conditions = [condition for rule in self._rules for condition in _asked(rule)]
        self._columns: dict[tuple[int, int], list[pl.Expr]] = {}
        self._functions: dict[tuple[int, int], list[Callable[[Mapping[str, Any]], bool | None]]] = {}

    def answered(
        self, rows: pl.DataFrame, amount_unit: int | pl.Expr, base_unit: int
    ) -> list[tuple[Codes, Codes | None]]:
        """For each rule whether it holds and whether it clears, for each row; None where a rule states no clear condition."""
        if isinstance(amount_unit, int):
            units = (amount_unit, base_unit)
            if units not in self._columns:
                self._columns[units] = _columns(self._conditions, *units)
            return self._by_rule(_told(rows, self._columns[units]))
        return self._by_rule(_told(rows, _columns(self._conditions, amount_unit, base_unit)))

    def of_rows(
        self, rows: Sequence[Mapping[str, Any]], amount_unit: int, base_unit: int
    ) -> list[tuple[Codes, Codes | None]]:
        """The same of few rows of stored values by column: a function a row answers sooner than columns, of which each has a price of its own."""
        units = (amount_unit, base_unit)
        if units not in self._functions:
            self._functions[units] = [
                closure(condition, amount_unit=amount_unit, base_unit=base_unit) for condition in self._conditions
            ]
        functions = self._functions[units]
        found = np.empty((len(functions), len(rows)), np.uint8)
        for place, row in enumerate(rows):
            found[:, place] = [CODES[function(row)] for function in functions]
        return self._by_rule(found)

    def _by_rule(self, told: Iterable[Codes]) -> list[tuple[Codes, Codes | None]]:
        found = iter(told)
        return [(next(found), next(found) if rule.clear is not None else None) for rule in self._rules]


def rules_answered(
    rows: pl.DataFrame, rules: Sequence[Checked], amount_unit: int | pl.Expr, base_unit: int
) -> list[tuple[Codes, Codes | None]]:
    """The same for rules that are asked once."""
    return Questions(rules).answered(rows, amount_unit, base_unit)


def answered(
    rows: pl.DataFrame | pl.LazyFrame, conditions: Sequence[Expression], amount_unit: int | pl.Expr, base_unit: int
) -> list[Codes]:
    """The answers of each condition to each row, in order."""
    return _told(rows, _columns(conditions, amount_unit, base_unit))


def _columns(conditions: Sequence[Expression], amount_unit: int | pl.Expr, base_unit: int) -> list[pl.Expr]:
    return [
        column(condition, amount_unit=amount_unit, base_unit=base_unit)
        .cast(pl.UInt8)
        .fill_null(UNKNOWN)
        .alias(str(place))
        for place, condition in enumerate(conditions)
    ]


def _told(rows: pl.DataFrame | pl.LazyFrame, columns: Sequence[pl.Expr]) -> list[Codes]:
    found = rows.lazy().select(columns).collect()
    return [found[str(place)].to_numpy() for place in range(len(columns))]
