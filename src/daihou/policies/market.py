"""Which series of the economy the market's measures are read from, and how: the house's choice."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from daihou.policies.dated import Dated, dated

SCALES: Final = {"percent": Decimal("0.01"), "fraction": Decimal(1)}
"""How rates are written: 3.1 percent, or the fraction 0.031."""


@dataclass(frozen=True, slots=True)
class Market:
    """The code of each series in table `macro`, and how old its newest value may be."""

    house_prices: str
    unemployment: str
    lending_rate: str
    purchasing_index: str
    rates_in: str
    """How unemployment and lending rate are written: `percent` or `fraction`."""
    oldest_months: int
    """A value whose period ended more than so many months before the date says nothing any more."""

    def __post_init__(self) -> None:
        """Check that every series has a code and that what it holds can be read."""
        for code in self.series:
            if not isinstance(code, str) or not code:
                raise ValueError("each series must be the text by which table macro names it")
        if self.rates_in not in SCALES:
            raise ValueError(f"rates_in must be one of: {', '.join(SCALES)}")
        if isinstance(self.oldest_months, bool) or not isinstance(self.oldest_months, int) or self.oldest_months < 1:
            raise ValueError("oldest_months must be a whole number from 1 on")

    @property
    def series(self) -> tuple[str, ...]:
        """The codes of all series."""
        return self.house_prices, self.unemployment, self.lending_rate, self.purchasing_index

    @property
    def rate(self) -> Decimal:
        """What a rate as written is multiplied by to make it a fraction."""
        return SCALES[self.rates_in]


def market(text: str, place: str) -> Dated[Market]:
    """The policy from its file."""
    return dated("market", Market, text, place)
