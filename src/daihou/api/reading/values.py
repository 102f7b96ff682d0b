"""Values as they are answered: amounts as decimal texts in units of their currency, dates as ISO texts, nothing measured as null."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from daihou.book import money

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from daihou.monitoring.catalogue import Measure, Unit

CURRENCY: Final = "currency"
"""The column without which amounts cannot be read."""
USUAL: Final = 2
"""Decimals of an amount whose currency is not known."""
WRITTEN: Final[tuple[Unit, ...]] = ("date", "rate")
"""Units whose values are told as texts; all else is what JSON has."""


def amount(units: int | None, currency: str) -> str | None:
    """Minor units as a decimal text in units of the currency, with its decimals: 123450 fen are 1234.50."""
    return None if units is None else decimal(units, money.exponent(currency))


def decimal(units: int, places: int) -> str:
    """The same with so many decimals; written by whole numbers alone, as a page holds tens of thousands of them."""
    if not places:
        return str(units)
    whole, part = divmod(abs(units), 10**places)
    return f"{'-' if units < 0 else ''}{whole}.{part:0{places}d}"


def moment(at: dt.datetime | None) -> str | None:
    """A moment in UTC, to the second."""
    return None if at is None else at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def day(on: dt.date | None) -> str | None:
    """A date."""
    return None if on is None else on.isoformat()


def plain(value: Any) -> Any:
    """A value that is no amount."""
    if isinstance(value, dt.datetime):
        return moment(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else value


def rows(table: pa.Table, measures: Sequence[Measure], base: str) -> list[dict[str, Any]]:
    """Rows of a run as they are answered; amounts in the row's own currency, those in the base currency in that. Column by column, which is many times quicker."""
    held = table.to_pydict()
    places = [_places(code) for code in held[CURRENCY]] if CURRENCY in held else [USUAL] * len(table)
    columns = []
    for measure in measures:
        cells = held[measure.name]
        if measure.unit == "amount":
            cells = [None if cell is None else decimal(cell, place) for cell, place in zip(cells, places, strict=True)]
        elif measure.unit == "base_amount":
            place = money.exponent(base)
            cells = [None if cell is None else decimal(cell, place) for cell in cells]
        elif measure.unit in WRITTEN:
            cells = [plain(cell) for cell in cells]
        columns.append(cells)
    names = [measure.name for measure in measures]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _places(currency: str | None) -> int:
    return USUAL if currency is None else money.exponent(currency)
