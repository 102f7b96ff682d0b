"""Pairs of dates: which ones runs wrote, which one a page shows, and which one it is compared with."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

from daihou.book.errors import DaihouError
from daihou.book.lake import stamp as stamp_of
from daihou.runs import store
from daihou.runs.portfolio.panel import month_before

if TYPE_CHECKING:
    from django.http import QueryDict

    from daihou.book.home import Home

Pair = tuple[dt.date, dt.date]


@dataclass(frozen=True, slots=True)
class Moment:
    """The pair of dates that a page shows, among those that runs wrote."""

    as_of: dt.date
    known_on: dt.date
    pairs: tuple[Pair, ...]
    stamp: str
    """Names exactly what runs had written: what is computed from it may be kept under it."""

    @property
    def pair(self) -> Pair:
        """The two dates."""
        return self.as_of, self.known_on

    @property
    def dates(self) -> list[dt.date]:
        """The dates to choose from, newest first: all, or where all are answered by one later knowledge, those that it answers."""
        return sorted({as_of for as_of, known in self.pairs if self.own or known == self.known_on}, reverse=True)

    @property
    def knowledge(self) -> list[dt.date]:
        """By which knowledge the date was answered, newest first."""
        return sorted((known for as_of, known in self.pairs if as_of == self.as_of), reverse=True)

    @property
    def own(self) -> bool:
        """Whether it is answered by its own day's knowledge."""
        return self.as_of == self.known_on

    @property
    def series(self) -> list[Pair]:
        """The pairs that belong together in a chart up to this date: each by its own knowledge, or all by one."""
        wanted = [(a, k) for a, k in self.pairs if a <= self.as_of and k == (a if self.own else self.known_on)]
        return wanted if self.pair in wanted else [*wanted, self.pair]

    @property
    def before(self) -> Pair | None:
        """The last pair of the month before, of the same kind of knowledge; None across a gap."""
        day = month_before(self.as_of, [as_of for as_of, _ in self.series])
        return None if day is None else (day, day if self.own else self.known_on)


def moment(query: QueryDict) -> Moment:
    """The pair that a page's address asks for: the newest date by its own knowledge unless it says otherwise.

    DaihouError where nothing was run yet, or not that pair.
    """
    home: Home = settings.HOME
    stamp = stamp_of(home.lake / "runs")
    pairs = _pairs(home, stamp)
    if not pairs:
        raise DaihouError(
            "No run has been written yet, so there is nothing to show.",
            "Take in loans under Data quality, then start a run under Jobs; or run `daihou run`.",
            zh=(
                "尚无跑批结果，暂无可展示的数据。",
                "请先在“数据质量”中导入贷款，再在“任务”中发起跑批；或运行 `daihou run`。",
            ),
        )
    as_of, known_on = _date(query.get("as_of")), _date(query.get("known_on"))
    fitting = [pair for pair in pairs if as_of in (None, pair[0]) and known_on in (None, pair[1])]
    if not fitting:
        lately = "、".join(f"{a}" for a, _ in pairs[-5:])
        raise DaihouError(
            f"No run wrote {as_of or 'any date'} as known on {known_on or 'any date'}.",
            f"Choose another date; written lately: {lately.replace('、', ', ')}. Or run that date under Jobs.",
            zh=(
                f"没有数据日期 {as_of or '任意'}、知悉日期 {known_on or '任意'} 的跑批结果。",
                f"请另选日期；最近已跑批：{lately}。也可在“任务”中补跑该日期。",
            ),
        )
    newest = max(pair[0] for pair in fitting)
    of_day = [pair for pair in fitting if pair[0] == newest]
    chosen = (newest, newest) if (newest, newest) in of_day else max(of_day)
    return Moment(*chosen, pairs, stamp)


def _date(stated: str | None) -> dt.date | None:
    if not stated:
        return None
    try:
        return dt.date.fromisoformat(stated.strip())
    except ValueError:
        raise DaihouError(
            f"'{stated[:40]}' is no date.",
            "Write it like 2026-06-30.",
            zh=(f"“{stated[:40]}”不是日期。", "写法如 2026-06-30。"),
        ) from None


@lru_cache(maxsize=4)
def _pairs(home: Home, stamp: str) -> tuple[Pair, ...]:
    return tuple(store.pairs(home)) if stamp else ()


def files(name: str, pair: Pair, stamp: str) -> tuple[str, ...]:
    """The files of one table of a pair of dates."""
    return _files(settings.HOME, name, pair, stamp)


@lru_cache(maxsize=256)
def _files(home: Home, name: str, pair: Pair, stamp: str) -> tuple[str, ...]:  # noqa: ARG001 - the stamp is the cache's key
    return tuple(str(path) for path in store.files(home, name, *pair))
