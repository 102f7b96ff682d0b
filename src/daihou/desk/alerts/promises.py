"""What backtests promised of rules: the precision of each version by its newest backtest, attached to its draft or run for what is in force."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Max

from daihou.desk.governance import results
from daihou.desk.governance.models import Attachment, State
from daihou.desk.jobs.models import Job, Kind

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

BACKTESTS: Final = 20
"""So many of the newest backtests are read; older ones promised of older books."""

Version = tuple[str, int]
"""The id of a rule and the number of a version."""


@dataclass(frozen=True, slots=True)
class Promise:
    """The precision that a backtest found for a version, and when that was."""

    precision: float
    at: dt.datetime
    job: int | None
    """The backtest to read it in, where one is kept."""


def promises() -> Mapping[Version, Promise]:
    """By version, what its newest backtest found."""
    jobs = Job.objects.filter(kind=Kind.BACKTEST).aggregate(newest=Max("pk"), finished=Max("finished_at"))
    attached = Attachment.objects.filter(kind=Attachment.Kind.BACKTEST).aggregate(newest=Max("pk"))
    return _read(jobs["newest"], jobs["finished"], attached["newest"])


@lru_cache(maxsize=4)
def _read(_newest: int | None, _finished: dt.datetime | None, _attached: int | None) -> dict[Version, Promise]:
    """The newest last, so that it stands."""
    found: dict[Version, Promise] = {}
    kept = Attachment.objects.filter(kind=Attachment.Kind.BACKTEST, draft__state=State.PUBLISHED).select_related(
        "draft"
    )
    for attachment in kept.order_by("-pk")[:BACKTESTS][::-1]:
        own = (attachment.draft.rule_id, attachment.draft.number)
        for version, share in _told(attachment.result.get("found") or {}):
            if version == own:
                found[own] = Promise(share, attachment.at, attachment.result.get("job"))
    jobs = Job.objects.filter(kind=Kind.BACKTEST, finished_at__isnull=False).order_by("-pk")[:BACKTESTS]
    for job in reversed(jobs):
        told = results.found(job) or {}
        at = job.finished_at
        if at is None or job.arguments.get("draft"):  # a draft is no promise until it is published
            continue
        for version, share in _told(told):
            if version not in found or found[version].at < at:
                found[version] = Promise(share, at, job.pk)
    return found


def _told(found: Mapping[str, Any]) -> Iterator[tuple[Version, float]]:
    """The precision of every version in a backtest; nothing of one that is written in an older way."""
    for part in found.get("results", ()):
        for rule in part.get("rules", ()):
            share = (rule.get("result") or {}).get("precision")
            if share is not None:
                yield (rule["rule"], rule["version"]), float(share)
