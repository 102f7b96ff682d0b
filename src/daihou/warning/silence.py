"""Silence: the last dates of a span of which no payment was heard, so that every loan seems to fall behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daihou.warning.rule import Text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

LONGEST: Final = 31
"""Days without news that a book may have, weekends and a month's delivery among them."""


def silence(heard_on: dt.date | None, last: dt.date) -> Iterator[Text]:
    """What must be told where nothing was heard for long before the last date of a span; `heard_on` None: nobody ever told of payments."""
    if heard_on is not None and (last - heard_on).days > LONGEST:
        yield Text(
            f"No payment is known after {heard_on}: what fell due from then to {last} counts as unpaid. End the span there (--to).",
            f"{heard_on} 之后没有任何还款记录，此后至 {last} 到期的款项均视为未还；请将截止日（--to）提前至该日。",
        )
