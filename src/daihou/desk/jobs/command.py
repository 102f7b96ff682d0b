"""The command of a job as a process group of its own, which knows nothing of the desk's database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from django.conf import settings

from daihou.desk.jobs.arguments import given, words
from daihou.desk.jobs.folder import Folder

if TYPE_CHECKING:
    from daihou.desk.jobs.models import Job

WITHHELD: Final = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")


class Command:
    """A `daihou` command that runs."""

    def __init__(self, job: Job) -> None:
        """Launch it; OSError (TimeoutError too) where that fails."""
        self.folder = Folder(job.pk)
        self.folder.make()
        with self.folder.locked() as lock:
            self.folder.clear()
            for name, text in given(job.kind, job.arguments).items():
                (self.folder.path / name).write_text(text, "utf-8")
            with self.folder.output_file.open("wb") as output:
                self.process = subprocess.Popen(  # noqa: S603 - the words are ours, the values checked by forms
                    [sys.executable, "-m", "daihou.cli.main", *words(job.kind, job.arguments, _person(job))],
                    cwd=self.folder.path,
                    env=_environment(job, self.folder),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    pass_fds=(lock.fileno(),),
                )
            lock.truncate(0)
            lock.write(str(self.process.pid))
        # Closing our copy leaves the lock with the command.

    @property
    def pid(self) -> int:
        """Of the process, and of its group."""
        return self.process.pid

    def poll(self) -> int | None:
        """Its exit code once it has ended; minus the number of a signal that ended it."""
        return self.process.poll()

    def wait(self, seconds: float) -> int | None:
        """Its exit code if it ends within the time."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Signal the whole group."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def kill(self) -> int:
        """End the whole group at once; its exit code."""
        self.end(signal.SIGKILL)
        return self.process.wait()


def _person(job: Job) -> str:
    """Who asked for it, by the name that they sign in with."""
    return job.requested_by.get_username() if job.requested_by else ""


def _environment(job: Job, folder: Folder) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in WITHHELD} | {
        "DAIHOU_HOME": str(settings.HOME.path),
        "DAIHOU_LANG": "zh" if job.language.startswith("zh") else "en",
        "DAIHOU_PROGRESS": str(folder.progress_file),
        "PYTHONIOENCODING": "utf-8",
        "PYTHONUNBUFFERED": "1",
    }
