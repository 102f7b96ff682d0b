"""The worker with real commands on the small book: run to the end, watched, cancelled, stopped."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from daihou.desk.jobs import transitions
from daihou.desk.jobs.command import Command
from daihou.desk.jobs.folder import LINE_CHARACTERS, TAIL_LINES, Folder
from daihou.desk.jobs.loop import Worker
from daihou.desk.jobs.models import Job, Status
from daihou.desk.people.models import User
from daihou.runs import store

Book = list[tuple[dt.date, dt.date]]


@pytest.fixture(autouse=True)
def no_other_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the test's own environment reaches a command but its home."""
    monkeypatch.setenv("DAIHOU_HOME", str(settings.HOME.path))


@pytest.fixture
def analyst(cast: dict[str, User]) -> User:
    return cast["analyst"]


class Watching(Worker):
    """A worker that acts once, when its job has got to the stage of measuring."""

    def __init__(self, act: Any) -> None:
        super().__init__(threading.Event())
        self.act = act
        self.acted = False
        self.stages: list[str] = []

    def _asked(self, question: Any) -> Any:
        answer = super()._asked(question)
        job = Job.objects.order_by("-id")[0]
        self.stages.append(job.stage)
        if job.stage == "measure" and not self.acted and job.status == Status.RUNNING:
            self.acted = True
            self.act(self, job)
        return answer


def long_one(book: Book, user: User) -> Job:
    """A history of so many dates that it takes some seconds."""
    last = book[-1][0]
    arguments = {"from": str(last - dt.timedelta(days=400)), "to": str(last), "step": "day", "known_on": str(last)}
    return transitions.request("history", arguments, user)


def test_a_run_asked_for_at_the_desk_is_written_down_like_any_other(book: Book, analyst: User) -> None:
    day = book[-1][0] - dt.timedelta(days=3)
    job = transitions.request("run", {"as_of": str(day), "known_on": str(book[-1][1])}, analyst)
    assert Worker(threading.Event()).once()
    job.refresh_from_db()
    assert job.status in (Status.DONE, Status.WARNED), job.output
    assert f"{day} as known on {book[-1][1]}: 4" in job.output
    assert (day, book[-1][1]) in store.pairs(settings.HOME)
    assert job.pid is None
    assert not Worker(threading.Event()).once()


def test_an_export_is_a_file_in_the_folder_of_its_job(book: Book, analyst: User) -> None:
    asked = {
        "table": "snapshots",
        "ending": ".csv",
        "as_of": str(book[-1][0]),
        "known_on": str(book[-1][1]),
        "where": "dpd > 0",
    }
    job = transitions.request("export", asked, analyst)
    Worker(threading.Event()).once()
    job.refresh_from_db()
    assert (job.status, job.files) == (Status.DONE, [f"snapshots-{book[-1][0]}-{book[-1][1]}.csv"]), job.output
    assert (Folder(job.pk).path / job.files[0]).read_text("utf-8-sig").startswith('"loan_id",')


def test_a_command_that_refuses_says_why_in_the_language_of_who_asked(db: None) -> None:
    user = User.objects.create_user("min", name="周敏", language="zh-hans")
    (settings.HOME.path / "empty.csv").write_text("")
    job = transitions.request("intake", {"table": "payments", "files": ["empty.csv"]}, user)
    Worker(threading.Event()).once()
    job.refresh_from_db()
    assert (job.status, job.exit_code) == (Status.FAILED, 2)
    assert job.output.startswith("错误: ")
    assert "Traceback" not in job.output


def test_a_job_is_watched_and_cancelled_in_mid_run(book: Book, analyst: User) -> None:
    before = store.pairs(settings.HOME)
    job = long_one(book, analyst)
    worker = Watching(lambda _worker, running: transitions.cancel(running, analyst, running.beat_at))
    assert worker.once()
    job.refresh_from_db()
    assert (job.status, job.exit_code, job.stage) == (Status.CANCELLED, -signal.SIGTERM, "measure")
    assert job.total > 0
    assert store.pairs(settings.HOME) == before


def test_a_worker_told_to_stop_gives_its_job_back(book: Book, analyst: User) -> None:
    job = long_one(book, analyst)
    worker = Watching(lambda worker, _running: worker.stop.set())
    worker.run()
    job.refresh_from_db()
    assert (job.status, job.attempts, job.worker) == (Status.QUEUED, 0, "")


def test_a_worker_whose_job_was_given_to_another_ends_its_command(book: Book, analyst: User) -> None:
    job = long_one(book, analyst)
    seen: list[int] = []

    def lose(_worker: Worker, running: Job) -> None:
        seen.append(running.pid or 0)
        Job.objects.filter(pk=running.pk).update(worker="another")

    Watching(lose).once()
    job.refresh_from_db()
    assert (job.status, job.worker) == (Status.RUNNING, "another")
    with pytest.raises(ProcessLookupError):
        os.kill(seen[0], 0)


def test_the_command_knows_nothing_of_the_database(analyst: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://user:secret@host/name")
    command = Command(transitions.request("run", {}, analyst))
    environment = Path(f"/proc/{command.pid}/environ")
    while not (told := environment.read_bytes()) and command.poll() is None:
        time.sleep(0.01)
    command.kill()
    assert b"DATABASE_URL" not in told
    assert b"DAIHOU_PROGRESS=" in told


def test_what_a_dead_worker_left_running_is_ended_before_the_job_starts_again(analyst: User) -> None:
    job = transitions.request("run", {}, analyst)
    folder = Folder(job.pk)
    folder.make()
    with folder.locked() as lock:
        orphan = subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(60)"], pass_fds=(lock.fileno(),), start_new_session=True
        )
        lock.truncate(0)
        lock.write(str(orphan.pid))
    with folder.locked():
        assert orphan.wait(1) == -signal.SIGKILL


def test_of_much_output_the_last_lines_are_kept(db: None) -> None:
    folder = Folder(999_999)
    folder.make()
    folder.output_file.write_bytes(
        b"".join(b"line %d\n" % number for number in range(1_000)) + b"x" * 9_000 + b"\xff\0\n"
    )
    lines = folder.tail().split("\n")
    assert len(lines) == TAIL_LINES
    assert lines[0] == "line 801"
    assert lines[-1] == "x" * LINE_CHARACTERS


def test_a_job_that_cannot_be_started_says_so(analyst: User) -> None:
    job = transitions.request("run", {}, analyst)
    in_the_way = Folder(job.pk).path
    shutil.rmtree(in_the_way, ignore_errors=True)
    in_the_way.parent.mkdir(exist_ok=True)
    in_the_way.write_text("a file where the folder should be")
    Worker(threading.Event()).once()
    job.refresh_from_db()
    assert (job.status, job.reason) == (Status.FAILED, "unstarted")
    in_the_way.unlink()
