"""The history a backtest stands on: whether it reaches back far enough, how it was known, and which policies changed within it."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from daihou.book import lake
from daihou.book.days import date_of
from daihou.book.errors import DaihouError
from daihou.policies.dated import Dated
from daihou.policies.products import Profile

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from daihou.book.home import Home
    from daihou.book.ledger.ledger import Ledger
    from daihou.runs.policies import Policies
    from daihou.runs.watch.spine import Spine

FACTS: Final = ("loans", "instalments", "payments", "bills", "standings", "transactions", "events")
"""Tables by which it is told how history was known."""
NEWS: Final = ("payments", "standings")
"""Tables that tell what was paid."""


def must_reach(ledger: Ledger, spine: Spine) -> None:
    """Refuse a spine that begins before any loan was known."""
    first = oldest(ledger)
    if first is not None and first <= spine.dates[0]:
        return
    begins = "nothing is known yet" if first is None else f"the first loan was known on {first}"
    begins_zh = "目前尚无任何贷款" if first is None else f"最早知悉的贷款为 {first}"
    raise DaihouError(
        f"There is no history on {spine.dates[0]}: {begins}.",
        "Begin later (--from), or load what happened as known then: `daihou intake … --known-on event`.",
        zh=(
            f"{spine.dates[0]} 之前没有历史：{begins_zh}。",
            "请推后起始日（--from），或用 `daihou intake … --known-on event` 按发生日补录历史。",
        ),
    )


def knowledge(home: Home) -> tuple[str, float]:
    """Whether the dates of knowledge were recorded, assumed from the facts' own dates, or mixed; and the share of facts that were assumed."""
    assumed = rows = 0
    for table in FACTS:
        paths = lake.files(home, table)
        if paths:
            found = pl.scan_parquet(paths).select(pl.col("assumed").sum(), pl.len()).collect().row(0)
            assumed, rows = assumed + int(found[0] or 0), rows + int(found[1])
    share = assumed / rows if rows else 0.0
    return ("recorded" if assumed == 0 else "assumed" if assumed == rows else "mixed"), share


def heard_on(home: Home, last: dt.date) -> dt.date | None:
    """The last day up to another on which it was heard what anybody paid; None where nothing was."""
    return max((day for day in news_days(home) if day <= last), default=None)


def news_days(home: Home) -> list[dt.date]:
    """The days on which it was heard what anybody paid, in order."""
    days: set[dt.date] = set()
    for table in NEWS:
        if paths := lake.files(home, table):
            days |= set(pl.scan_parquet(paths).select(pl.col("known_on").unique()).collect()["known_on"].to_list())
    return sorted(days)


def changes(policies: Policies, dates: Sequence[dt.date]) -> list[tuple[str, dt.date]]:
    """The policies of which another version came into force within the span, and when."""
    found = [(name, day) for name, days in _versions(policies) for day in days if dates[0] < day <= dates[-1]]
    return sorted(set(found), key=lambda change: (change[1], change[0]))


def _versions(policies: Policies) -> Iterator[tuple[str, list[dt.date]]]:
    for field in fields(policies):
        held: Any = getattr(policies, field.name)
        each = held.values() if isinstance(held, dict) else [held]
        for one in each:
            if isinstance(one, Dated):
                yield one.name, [version.from_on for version in one.versions]
            if isinstance(one, Profile):
                for product, counts in one.products.items():
                    yield f"{one.name}: {product}", [count.from_on for count in counts]


def oldest(ledger: Ledger) -> dt.date | None:
    """The day on which the first loan was known; None without any."""
    known = [int(np.min(shard.facts.loans["known_on"])) for shard in ledger.shards.values() if shard.count]
    return date_of(min(known)) if known else None
