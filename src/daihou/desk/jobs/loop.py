"""The worker: takes one job at a time from the queue, runs its command, and keeps the row up to date. May be killed at any point."""

from __future__ import annotations

import logging
import os
import socket
import time
import uuid
from typing import TYPE_CHECKING, Any, Final

from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.utils import timezone

from daihou.desk.jobs import transitions
from daihou.desk.jobs.command import Command
from daihou.desk.jobs.folder import Folder
from daihou.desk.jobs.models import Job, Kind, Status

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

LOG = logging.getLogger(__name__)

IDLE_SECONDS: Final = 1.0
TICK_SECONDS: Final = 0.1
"""How often a running command is looked at."""
WRITE_SECONDS: Final = 0.5
"""The row is read, and if need be written, no more often."""
BEAT_SECONDS: Final = 3.0
"""And written no less often."""
REAP_SECONDS: Final = 5.0
CANCEL_SECONDS: Final = 10.0
"""What a cancelled command has to end by itself."""
STOP_SECONDS: Final = 4.0
"""The same when the desk stops."""
RETRY_SECONDS: Final = 2.0


class Row:
    """The row of a job that runs, read and written no more often than need be."""

    def __init__(self, job: Job, command: Command) -> None:
        self.job = job
        self.command = command
        self._written: dict[str, Any] = {}
        self._looked_at = self._beaten_at = 0.0

    def look(self) -> str | None:
        """The status, after writing what is new; empty where the job is not ours any more, None where it is too early to look again."""
        now = time.monotonic()
        if now - self._looked_at < WRITE_SECONDS:
            return None
        self._looked_at, seen = now, {"pid": self.command.pid, **self.command.folder.progress()}
        if seen == self._written and now - self._beaten_at < BEAT_SECONDS:
            return transitions.status(self.job) or ""
        status = transitions.beat(self.job, timezone.now(), **seen)
        self._written, self._beaten_at = seen, now
        return status or ""


class Worker:
    """One worker; `stop` is set to end it in good order, `after_run` is done when a run or history has written."""

    def __init__(self, stop: threading.Event, after_run: Callable[[], None] = lambda: None) -> None:
        self.stop = stop
        self.after_run = after_run
        self.name = f"{socket.gethostname()[:60]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
        self._reaped_at = 0.0

    def run(self) -> None:
        """Work until told to stop. A database that does not answer is asked again."""
        while not self.stop.is_set():
            found = self._asked(self.once)
            if not found:
                self.stop.wait(IDLE_SECONDS if found is False else RETRY_SECONDS)

    def once(self) -> bool:
        """Do the next job, if one waits; tell whether one did."""
        self._reap()
        job = transitions.claim(self.name, timezone.now())
        if job is None:
            return False
        self._do(job)
        return True

    def _do(self, job: Job) -> None:
        try:
            command = Command(job)
        except OSError:
            LOG.exception("job %s could not be started", job.pk)
            self._insist(lambda: transitions.unstarted(job, timezone.now()))
            return
        code = self._watch(job, command)
        if code is None:
            return
        output, files = command.folder.tail(), command.folder.results()
        if self.stop.is_set() and code < 0 and self._insist(lambda: transitions.put_back(job, timezone.now())):
            return
        self._insist(lambda: transitions.finish(job, timezone.now(), code, output, files))
        if job.kind in (Kind.RUN, Kind.HISTORY) and code in (0, 1):
            self.after_run()

    def _watch(self, job: Job, command: Command) -> int | None:
        """Look after a command until it ends; its exit code, or None where the job is not ours any more."""
        row, kill_at = Row(job, command), 0.0
        while (code := command.poll()) is None:
            if self.stop.is_set():
                command.end()
                code = command.wait(STOP_SECONDS)
                break
            status = self._asked(row.look)
            if status == "":
                LOG.warning("job %s was given to another worker", job.pk)
                command.kill()
                return None
            if status == Status.CANCELLING and not kill_at:
                command.end()
                kill_at = time.monotonic() + CANCEL_SECONDS
            if kill_at and time.monotonic() >= kill_at:
                break
            if time.monotonic() - self._reaped_at >= REAP_SECONDS:
                self._asked(self._reap)
            command.wait(TICK_SECONDS)
        killed = command.kill()  # and whoever else of its group is left
        return killed if code is None else code

    def _reap(self) -> None:
        """Give back the jobs of workers that died, and end what they left running."""
        self._reaped_at = time.monotonic()
        for job in transitions.silent(timezone.now()):
            folder = Folder(job.pk)
            after = transitions.give_back(job, timezone.now(), folder.tail())
            LOG.warning("job %s lost its worker %s: %s", job.pk, job.worker, after.status)
            if not after.alive:
                folder.end_orphan()  # whoever claims a job ends its orphan; nobody claims this one

    def _asked(self, question: Callable[[], Any]) -> Any:
        """What the database answers; None where it does not."""
        if not connection.in_atomic_block:  # else it belongs to who began the transaction
            close_old_connections()
        try:
            return question()
        except (DatabaseError, InterfaceError) as error:
            LOG.warning("the database does not answer: %s", error)
            return None

    def _insist(self, question: Callable[[], bool]) -> bool:
        """Ask until the database answers; when stopping, only a little longer. Who gets no answer leaves the job to be given back."""
        until = None
        while (answer := self._asked(question)) is None:
            if self.stop.is_set():
                until = until or time.monotonic() + STOP_SECONDS
                if time.monotonic() > until:
                    return False
            time.sleep(RETRY_SECONDS / 4)
        return bool(answer)
