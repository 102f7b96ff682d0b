"""How a model fares by the runs of its time: what has shifted, whether as many default as it says, and whether it still tells them apart."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

from daihou.book.lake import stamp as stamp_of
from daihou.runs.scores.own_runs import OwnRuns
from daihou.runs.scores.recalled import watched_of

if TYPE_CHECKING:
    import datetime as dt

    import polars as pl

    from daihou.book.home import Home
    from daihou.runs.scores.register import Version

RUNS: Final = 36
"""The newest runs that charts tell of."""


@dataclass(frozen=True)
class Watch:
    """What runs noted of one version, by the role it had."""

    called: str
    days: tuple[dt.date, ...]
    """The runs that watched it, in order."""
    psi: dict[dt.date, dict[str, Any]] = field(default_factory=dict)
    """By run."""
    cohorts: dict[dt.date, dict[str, dict[str, Any]]] = field(default_factory=dict)
    """By observation point `default_rate` and `auc`, as the newest run that told of it has them."""
    together: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The same of the newest run over the last observation points together."""
    segments: tuple[dict[str, Any], ...] = ()
    """Of the newest run: a row a segment with `psi`, `default_rate` and `auc`."""
    characteristics: tuple[dict[str, Any], ...] = ()
    """Of the newest run, the most shifted first."""

    @property
    def last(self) -> dt.date | None:
        """The newest run that watched it."""
        return self.days[-1] if self.days else None


def watched(model_id: str) -> pl.DataFrame:
    """All that the newest runs noted of a model's versions; kept until a run is written."""
    home: Home = settings.HOME
    return _watched(home, stamp_of(home.lake / "runs"), model_id)


@lru_cache(maxsize=16)
def _watched(home: Home, _stamp: str, model_id: str) -> pl.DataFrame:
    return watched_of(home, model_id, OwnRuns(home).dates[-RUNS:])


def of(version: Version, frame: pl.DataFrame) -> Watch:
    """What was noted of one version."""
    rows = [row for row in frame.to_dicts() if row["model"] == version.called]
    days = tuple(sorted({row["as_of"] for row in rows}))
    found = Watch(version.called, days)
    last = found.last
    segments: dict[str, dict[str, Any]] = {}
    shifted = []
    for row in rows:
        figure, whole, newest = row["figure"], row["of"] == "", row["as_of"] == last
        if figure == "psi" and whole:
            found.psi[row["as_of"]] = row
        if whole and figure in ("default_rate", "auc"):
            if row["observed_on"] is not None:
                found.cohorts.setdefault(row["observed_on"], {})[figure] = row
            elif newest:
                found.together[figure] = row
        if newest and not whole and figure != "csi":
            segments.setdefault(row["of"], {"of": row["of"]})[figure] = row
        if newest and figure == "csi":
            shifted.append(row)
    shifted.sort(key=lambda row: (-(row["value"] or 0.0), row["of"]))
    return replace(found, segments=tuple(segments.values()), characteristics=tuple(shifted))
