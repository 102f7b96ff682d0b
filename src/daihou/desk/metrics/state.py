"""What is told of the system beside its requests: read from the log and the database when it is asked for, and kept for some seconds."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db.models import Count, Max
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily

from daihou.desk.alerts.models import Alert
from daihou.desk.audit.models import Entry, Link
from daihou.desk.casework.models import Case
from daihou.desk.contacts.choices import Outcome
from daihou.desk.contacts.models import Contact
from daihou.desk.jobs.models import Job
from daihou.desk.notices.models import Delivery as Notice
from daihou.desk.webhooks.models import Delivery as Hook
from daihou.runs import store
from daihou.runs.log import open_log
from daihou.runs.stream.figures import EDGES_MS, read

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from prometheus_client.core import Metric

KEPT_SECONDS: Final = 5.0
MINUTES: Final = 5
"""Over so many minutes the work of the log's processes is summed."""


@dataclass(eq=False)
class State:
    """A collector: metrics that are looked up, not counted on the way."""

    _at: float = -KEPT_SECONDS
    _held: list[Metric] = field(default_factory=list)

    def collect(self) -> Iterable[Metric]:
        """All of them."""
        if time.monotonic() - self._at >= KEPT_SECONDS:
            self._held, self._at = list(_told(timezone.now())), time.monotonic()
        return self._held


def _told(now: dt.datetime) -> Iterator[Metric]:
    yield from _log(now)
    yield _gauge(
        "alerts_open", "Open alerts by level.", "level", _counted(Alert.objects.filter(closed_at=None), "level")
    )
    yield _one("cases_open", "Cases that are open.", Case.objects.filter(closed_at=None).count())
    yield _gauge(
        "jobs",
        "Jobs that wait or run.",
        "status",
        _counted(Job.objects.filter(status__in=["queued", "running", "cancelling"]), "status"),
    )
    yield _gauge(
        "notices", "Notices on their way, by state.", "state", _counted(Notice.objects.exclude(state="sent"), "state")
    )
    yield _gauge(
        "webhooks",
        "Webhook deliveries on their way or dead, by state.",
        "state",
        _counted(Hook.objects.exclude(state="done"), "state"),
    )
    yield _one(
        "messages_waiting",
        "Messages to debtors that are not sent yet.",
        Contact.objects.filter(outcome=Outcome.PENDING, channel__in=("sms", "email")).count(),
    )
    entries, links = (
        Entry.objects.aggregate(last=Max("pk"))["last"] or 0,
        Link.objects.aggregate(last=Max("entry_id"))["last"] or 0,
    )
    yield _one("audit_entries_unsealed", "Audit entries behind the newest that is chained.", max(entries - links, 0))
    runs = [as_of for as_of, known_on in store.pairs(settings.HOME) if as_of == known_on]
    if runs:
        yield _one(
            "run_age_days",
            "Days from the newest date that was run to today.",
            (timezone.localtime(now).date() - runs[-1]).days,
        )
    yield _one("disk_free_bytes", "Room on the disk of the home.", shutil.disk_usage(settings.HOME.path).free)


def _log(now: dt.datetime) -> Iterator[Metric]:
    """The log and the processes at it."""
    log = open_log(settings.HOME)
    last, flushed = log.last(), log.place("lake")
    yield _one("log_last_place", "Facts that ever came into the log.", last)
    yield _one("log_waiting_rows", "Facts of the log that are not in the lake yet.", max(last - flushed, 0))
    oldest = log.store.rows("SELECT accepted_at FROM parcels WHERE last > ? ORDER BY first LIMIT 1", (flushed,))
    yield _one(
        "log_waiting_seconds", "Age of the oldest of them.", max(now.timestamp() - oldest[0][0], 0.0) if oldest else 0.0
    )
    minute = int(now.timestamp() // 60)
    found = read(log, minute - MINUTES)
    for name, what, of in (
        ("stream_events", "Facts judged in the last five minutes.", "events"), ("stream_said", "Transitions of signals said in them.", "said"),
        ("stream_refused", "Facts refused in them.", "refused"), ("stream_lag_rows", "Facts that waited when last looked at.", "lag"),
        ("stream_busy_seconds", "Seconds of work in them.", "busy_ms"),
    ):  # fmt: skip
        sums: dict[str, float] = {}
        for one in found:
            value = getattr(one, of) / (1000 if of == "busy_ms" else 1)
            sums[one.name] = value if of == "lag" else sums.get(one.name, 0) + value
        yield _gauge(name, what, "process", sums)
    latency = HistogramMetricFamily(
        "daihou_stream_latency_seconds",
        "From being accepted to being judged, or brought to the lake, in the last five minutes.",
        labels=["process"],
    )
    for name in sorted({one.name for one in found}):
        classes = [sum(column) for column in zip(*(one.classes for one in found if one.name == name), strict=True)]
        running, buckets = 0, []
        for edge, count in zip((*EDGES_MS, float("inf")), classes, strict=True):
            running += count
            buckets.append(("+Inf" if edge == float("inf") else str(edge / 1000), running))
        latency.add_metric([name], buckets, sum_value=None)
    yield latency
    latest = log.store.rows("SELECT name, max(minute) FROM figures GROUP BY name")
    yield _gauge(
        "process_silent_seconds",
        "How long a process at the log has noted nothing.",
        "process",
        {name: max((minute - at) * 60, 0) for name, at in latest},
    )


def _counted(rows: Any, by: str) -> dict[str, float]:
    return dict(rows.order_by().values_list(by).annotate(count=Count("pk")))


def _one(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(f"daihou_{name}", what, value=value)


def _gauge(name: str, what: str, label: str, values: dict[str, float]) -> Metric:
    made = GaugeMetricFamily(f"daihou_{name}", what, labels=[label])
    for key, value in sorted(values.items()):
        made.add_metric([key], value)
    return made
