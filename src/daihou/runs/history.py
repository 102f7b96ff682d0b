"""History: many as-of dates in one pass over the ledger, streamed, and written like runs where asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from daihou.book import lake
from daihou.book.days import month_ends
from daihou.book.errors import DaihouError
from daihou.book.ledger.ledger import refresh
from daihou.monitoring.arrears.terms import terms
from daihou.monitoring.arrears.walk import chunk_size, chunks
from daihou.monitoring.snapshot import snapshot
from daihou.runs.nightly import BESIDE, reading_on
from daihou.runs.policies import read_policies

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Sequence

    import pyarrow as pa

    from daihou.book.home import Home

    Progress = Callable[[str, int, int], None]
    Pair = tuple[dt.date, dt.date]

Step = Literal["day", "week", "month-end"]


def dates(first: dt.date, last: dt.date, step: str) -> list[dt.date]:
    """The as-of dates of a span."""
    import datetime as dt

    if first > last:
        raise DaihouError(
            f"The span ends on {last}, before it begins on {first}.",
            "Swap --from and --to.",
            zh=(f"区间止于 {last}，早于起始日 {first}。", "请对调 --from 和 --to。"),
        )
    if step == "month-end":
        found = month_ends(first, last)
        if not found:
            raise DaihouError(
                f"No month ends between {first} and {last}.",
                "Widen the span, or use --step day.",
                zh=(f"{first} 至 {last} 之间没有月末。", "请放宽区间，或使用 --step day。"),
            )
        return found
    every = {"day": 1, "week": 7}.get(step)
    if every is None:
        raise DaihouError(
            f"Step {step} is unknown.",
            "Steps are: day, week, month-end.",
            zh=(f"未知步长：{step}。", "可用步长：day、week、month-end。"),
        )
    return [first + dt.timedelta(days=n) for n in range(0, (last - first).days + 1, every)]


def pairs(as_of: Sequence[dt.date], known_on: dt.date | None) -> list[Pair]:
    """The pairs asked for: every date by its own knowledge, or all by that of one day."""
    return [(day, known_on or day) for day in as_of]


def walk_history(home: Home, asked: Sequence[Pair], progress: Progress) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Rows of every pair, as (place of the pair, batch), a chunk of loans at a time and all dates of it together."""
    policies = read_policies(home)
    ledger = refresh(home, progress)
    order = sorted(range(len(asked)), key=asked.__getitem__)
    asked = [asked[place] for place in order]
    lake_versions = lake.versions(home, BESIDE)
    readings = [reading_on(home, policies, *pair, lake_versions) for pair in asked]
    for done, shard in enumerate(ledger.shards.values()):
        progress("measure", done, len(ledger.shards))
        judged = terms(policies.profile, shard.products, shard.currencies, home.settings.calendar)
        for first, answers in chunks(shard, judged, asked, size=chunk_size(len(asked))):
            for place, reading in enumerate(readings):
                yield order[place], snapshot(shard, answers[place], first, reading)
    progress("measure", len(ledger.shards), len(ledger.shards))
