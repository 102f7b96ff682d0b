"""What every page of the portfolio shows around its content: the pair of dates, and whether the totals tie."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from daihou.desk.portfolio import moments, reading

if TYPE_CHECKING:
    from django.http import HttpRequest

    from daihou.desk.portfolio.moments import Moment, Pair

DATES = ("as_of", "known_on")


@dataclass(frozen=True, slots=True)
class Tie:
    """How a run's totals compare with the lender's own: how many were compared, how many differ; and what else coverage found."""

    compared: int
    apart: int
    unmeasured: int
    breaks: int
    waiting: int

    @property
    def state(self) -> str:
        """`tied`, `apart`, or `none` where the lender sent no totals."""
        if not self.compared:
            return "none"
        return "apart" if self.apart else "tied"


def tie(moment: Moment) -> Tie:
    """What coverage says of a pair of dates."""
    return _tie(moment.stamp, moment.pair)


@lru_cache(maxsize=64)
def _tie(stamp: str, pair: Pair) -> Tie:
    paths = moments.files("coverage", pair, stamp)
    if not paths:
        return Tie(0, 0, 0, 0, 0)
    source = reading.Source("coverage", pair, stamp)
    (row,) = reading.rows(
        f"""
        SELECT count(*) FILTER (WHERE kind = 'tie' AND theirs IS NOT NULL AND subject <> 'paid') AS compared,
               count(*) FILTER (WHERE kind = 'tie' AND theirs IS NOT NULL AND ours IS DISTINCT FROM theirs) AS apart,
               count(*) FILTER (WHERE kind = 'unmeasured') AS unmeasured, count(*) FILTER (WHERE kind = 'break') AS breaks,
               coalesce(sum(loans) FILTER (WHERE kind = 'waiting'), 0) AS waiting
        FROM {source.sql}
        """
    )
    return Tie(**{name: int(value) for name, value in row.items()})


def frame(request: HttpRequest, moment: Moment) -> dict[str, Any]:
    """The context of the strip of dates."""
    others = [(name, value) for name, values in request.GET.lists() if name not in (*DATES, "page") for value in values]
    asked = {name: request.GET[name] for name in DATES if request.GET.get(name)}
    return {
        "moment": moment,
        "tie": tie(moment),
        "others": others,
        "dated": "&".join(f"{name}={value}" for name, value in asked.items()),
    }
