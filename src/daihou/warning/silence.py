"""Silence: dates of which no payment was heard, so that every loan seems to fall behind, and measures that have no value any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daihou.warning.rule import Text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

LONGEST: Final = 31
"""Days without news that a book may have, weekends and a month's delivery among them."""


def silence(heard_on: dt.date | None, last: dt.date) -> Iterator[Text]:
    """What must be told where nothing was heard for long before the last date of a span; `heard_on` None: nobody ever told of payments."""
    if heard_on is not None and (last - heard_on).days > LONGEST:
        yield Text(
            f"No payment is known after {heard_on}: what fell due from then to {last} counts as unpaid. End the span there (--to).",
            f"{heard_on} 之后没有任何还款记录，此后至 {last} 到期的款项均视为未还；请将截止日（--to）提前至该日。",
        )


def silent_night(heard_on: dt.date | None, as_of: dt.date) -> Iterator[Text]:
    """The same of a night, whose payments are still to be sent."""
    if heard_on is not None and (as_of - heard_on).days > LONGEST:
        yield Text(
            f"No payment is known after {heard_on}: what fell due from then to {as_of} counts as unpaid. Send the payments: `daihou intake FILE --table payments`.",
            f"{heard_on} 之后没有任何还款记录，此后至 {as_of} 到期的款项均视为未还；请补送还款数据：`daihou intake 文件 --table payments`。",
        )


def gone_silent(names: Sequence[str], heard_on: dt.date, rules: Sequence[str], tables: Sequence[str]) -> Text:
    """What must be told where columns that rules ask have no value of anybody after a date on which they had."""
    return Text(
        f"No value after {heard_on}: {', '.join(names)}. Where they are asked, {', '.join(rules)} cannot say whether to warn. "
        f"Send what they are read from ({', '.join(tables)}).",
        f"{heard_on} 之后无取值的指标：{'、'.join(names)}；规则 {'、'.join(rules)} 无法据此判断。请补送其数据来源（{'、'.join(tables)}）。",
    )
