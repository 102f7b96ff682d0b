"""How a job goes from one status to the next. Each step is one conditional update: where it changes no row, somebody else was first."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from daihou.book.errors import DaihouError
from daihou.desk.audit.log import record
from daihou.desk.jobs import model_results
from daihou.desk.jobs.arguments import checked
from daihou.desk.jobs.models import ALIVE, HELD, OF_MODELS, OF_RULES, Job, Kind, Reason, Status
from daihou.desk.people.reach import Access

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from daihou.desk.people.models import User

SILENCE: Final = timedelta(seconds=15)
"""A worker that was not heard of for so long is taken for dead."""
ATTEMPTS: Final = 3
"""How often a job is tried whose workers die."""


def request(kind: str, arguments: Mapping[str, Any], user: User, asked: HttpRequest | None = None) -> Job:
    """Put a job in the queue, and in the audit log; DaihouError where its arguments are wrong.

    `asked` is the request of the browser, whose id and address the log keeps.
    """
    cleaned = checked(kind, arguments)
    if kind == Kind.EXPORT and not Access(user).reach("portfolio.export").everything:
        raise DaihouError(
            "An export job writes every loan of the lender; your role does not reach all of them.",
            "Export the list that you see, from its own page.",
            zh=("导出任务会写出全机构的贷款，超出您的权限范围。", "请在列表页面导出您可见的数据。"),
        )
    if kind in OF_RULES and not Access(user).reach("rules.write").everything:
        raise DaihouError(
            "It judges rules over the whole lender; your role does not draft rules for all of it.",
            "Ask a risk analyst of the whole lender.",
            zh=("该任务对全机构测算规则，您没有全机构的规则起草权限。", "请由全机构的风险分析师发起。"),
        )
    if kind in OF_MODELS and not _may_model(kind, Access(user)):
        raise DaihouError(
            "It concerns models over the whole lender; your role does not train them for all of it.",
            "Ask a risk analyst of the whole lender.",
            zh=("该任务涉及全机构的评分模型，您没有全机构的建模权限。", "请由全机构的风险分析师发起。"),
        )
    with transaction.atomic():
        job = Job.objects.create(
            kind=kind,
            arguments=cleaned,
            requested_by=user,
            requested_at=timezone.now(),
            language=user.language or get_language() or "zh-hans",
        )
        record(asked or _by(user), "job.start", "job", str(job.pk), {"kind": kind, "arguments": cleaned})
    return job


def _may_model(kind: str, rights: Access) -> bool:
    """Who trains models may validate them; so may who reviews them."""
    permissions = ("models.write",) if kind == Kind.TRAIN else ("models.write", "models.review")
    return any(rights.reach(permission).everything for permission in permissions)


def cancel(job: Job, user: User, at: datetime, asked: HttpRequest | None = None) -> bool:
    """Cancel what waits, or ask the worker to end what runs; False where it has ended, or is being cancelled, already."""
    with transaction.atomic():
        mine = Job.objects.filter(pk=job.pk)
        done = mine.filter(status=Status.QUEUED).update(status=Status.CANCELLED, finished_at=at)
        done = done or mine.filter(status=Status.RUNNING).update(status=Status.CANCELLING)
        if done:
            record(asked or _by(user), "job.cancel", "job", str(job.pk), {"kind": job.kind, "arguments": job.arguments})
    return bool(done)


def claim(worker: str, at: datetime) -> Job | None:
    """The job that waits longest, for this worker alone; None where none waits."""
    for pk in Job.objects.filter(status=Status.QUEUED).order_by("id").values_list("pk", flat=True)[:10]:
        taken = Job.objects.filter(pk=pk, status=Status.QUEUED).update(
            status=Status.RUNNING,
            worker=worker,
            attempts=F("attempts") + 1,
            started_at=at,
            beat_at=at,
            finished_at=None,
            pid=None,
            stage="",
            done=0,
            total=0,
            exit_code=None,
        )
        if taken:
            return Job.objects.select_related(None).get(pk=pk)
    return None


def status(job: Job) -> str | None:
    """The status of a job that this worker has; None where it is not this worker's any more."""
    return _held(job).values_list("status", flat=True).first()


def beat(job: Job, at: datetime, **seen: Any) -> str | None:
    """Note that the worker lives and how far the job is; then the same."""
    return status(job) if _held(job).update(beat_at=at, **seen) else None


def finish(job: Job, at: datetime, exit_code: int, output: str, files: Sequence[str]) -> bool:
    """Keep what came of it: cancelled if it ended by the signal of a cancellation, else as its exit code says."""
    ended = {"finished_at": at, "exit_code": exit_code, "output": output, "files": list(files), "pid": None}
    mine = Job.objects.filter(pk=job.pk, worker=job.worker)
    if exit_code < 0 and mine.filter(status=Status.CANCELLING).update(status=Status.CANCELLED, **ended):
        return True
    status = {0: Status.DONE, 1: Status.WARNED}.get(exit_code, Status.FAILED)
    with transaction.atomic():
        done = bool(mine.filter(status__in=HELD).update(status=status, **ended))
        if done and job.kind in OF_MODELS and status != Status.FAILED and job.requested_by is not None:
            model_results.note(job, _by(job.requested_by))
    return done


def unstarted(job: Job, at: datetime) -> bool:
    """The command could not be launched."""
    return bool(_held(job).update(status=Status.FAILED, reason=Reason.UNSTARTED, finished_at=at, pid=None))


def put_back(job: Job, at: datetime) -> bool:
    """A worker that stops in good order gives its job back to the queue; it does not count as an attempt."""
    mine = Job.objects.filter(pk=job.pk, worker=job.worker)
    back = mine.filter(status=Status.RUNNING).update(
        status=Status.QUEUED, worker="", pid=None, attempts=F("attempts") - 1
    )
    return bool(back or mine.filter(status=Status.CANCELLING).update(status=Status.CANCELLED, finished_at=at, pid=None))


def silent(at: datetime) -> list[Job]:
    """Jobs whose worker was not heard of for too long."""
    return list(Job.objects.filter(status__in=HELD, beat_at__lt=at - SILENCE).order_by("id"))


def give_back(job: Job, at: datetime, output: str = "") -> Job:
    """After its worker's death: to the queue again; cancelled if that was asked; failed after too many attempts. The job as it then stands."""
    same = Job.objects.filter(pk=job.pk, worker=job.worker, beat_at__lt=at - SILENCE)
    ended = {"finished_at": at, "output": output, "pid": None}
    if not same.filter(status=Status.CANCELLING).update(status=Status.CANCELLED, **ended):
        running = same.filter(status=Status.RUNNING)
        if not running.filter(attempts__gte=ATTEMPTS).update(status=Status.FAILED, reason=Reason.LOST, **ended):
            running.filter(attempts__lt=ATTEMPTS).update(status=Status.QUEUED, worker="", pid=None)
    return Job.objects.get(pk=job.pk)


def ahead(job: Job) -> int:
    """How many jobs come before one that waits."""
    return Job.objects.filter(status__in=ALIVE, pk__lt=job.pk).count()


def _held(job: Job) -> QuerySet[Job]:
    """The row of the job as long as this worker has it."""
    return Job.objects.filter(pk=job.pk, worker=job.worker, status__in=HELD)


def _by(user: User) -> HttpRequest:
    """A request that names its user and nothing else, for the audit log."""
    bare = HttpRequest()
    bare.user = user
    return bare
