"""From one status of a job to the next: only from where the step starts, and only by who has the job."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from daihou.book.errors import DaihouError
from daihou.desk.audit.models import Entry
from daihou.desk.jobs import transitions
from daihou.desk.jobs.models import Job, Status
from daihou.desk.people.models import User

NOW = dt.datetime(2026, 3, 14, 9, 30, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(seconds=16)
SOONER = NOW + dt.timedelta(seconds=14)


@pytest.fixture
def analyst(db: None) -> User:
    return User.objects.create_user("analyst", name="Analyst", language="en")


@pytest.fixture
def waiting(analyst: User) -> Job:
    return transitions.request("run", {"as_of": "2026-03-14"}, analyst)


def test_a_job_asked_for_waits_and_stands_in_the_audit_log(waiting: Job, analyst: User) -> None:
    assert (waiting.status, waiting.arguments, waiting.language) == (Status.QUEUED, {"as_of": "2026-03-14"}, "en")
    entry = Entry.objects.get()
    assert (entry.action, entry.actor, entry.subject_id) == ("job.start", "analyst", str(waiting.pk))
    assert entry.detail == {"kind": "run", "arguments": {"as_of": "2026-03-14"}}


@pytest.mark.parametrize(
    ("kind", "arguments", "said"),
    [
        ("run", {"as_of": "soon"}, "Enter a valid date"),
        ("history", {"from": "2026-01-01"}, "required"),
        ("history", {"from": "2026-02-01", "to": "2026-01-01"}, "before the first"),
        ("history", {"from": "2026-01-01", "to": "2026-02-01", "step": "hour"}, "not one of the available choices"),
        ("intake", {"table": "loans", "files": ["/etc/hostname"]}, "does not lie in the home"),
        ("intake", {"table": "loans", "files": ["../../etc/hostname"]}, "does not lie in the home"),
        ("intake", {"table": "loans", "files": ["files/gone.csv"]}, "not there any more"),
        ("intake", {"table": "lones", "files": []}, "not one of the available choices"),
    ],
)
def test_wrong_arguments_start_nothing_and_say_why(
    analyst: User, kind: str, arguments: dict[str, Any], said: str
) -> None:
    with pytest.raises(DaihouError, match=said) as error:
        transitions.request(kind, arguments, analyst)
    assert error.value.zh[1] == "请更正后重新发起任务。"
    assert not Job.objects.exists()
    assert not Entry.objects.exists()


def test_what_deliveries_ask_for_is_taken_with_its_empty_places(analyst: User) -> None:
    sent = settings.HOME.path / "files" / "sent.csv"
    sent.parent.mkdir(exist_ok=True)
    sent.write_text("loan_id\n")
    asked = {
        "table": "loans",
        "files": [str(sent)],
        "mapping": None,
        "known_on": "event",
        "replace": False,
        "backfill": True,
    }
    job = transitions.request("intake", asked, analyst)
    assert job.arguments == {"table": "loans", "files": [str(sent)], "known_on": "event", "backfill": True}


def test_an_export_of_every_loan_is_not_for_who_reaches_a_part(cast: dict[str, User]) -> None:
    asked = {"table": "snapshots", "ending": ".csv"}
    for who in ("branch_manager", "officer", "administrator"):
        with pytest.raises(DaihouError, match="does not reach"):
            transitions.request("export", asked, cast[who])
    assert transitions.request("export", asked, cast["analyst"]).arguments == asked


def test_two_workers_never_have_one_job(waiting: Job) -> None:
    first, second = transitions.claim("a", NOW), transitions.claim("b", NOW)
    assert first is not None
    assert (first.pk, first.worker, first.status, first.attempts) == (waiting.pk, "a", Status.RUNNING, 1)
    assert second is None


def test_jobs_are_taken_in_the_order_of_asking(waiting: Job, analyst: User) -> None:
    next_one = transitions.request("run", {}, analyst)
    assert [job.pk for job in (transitions.claim("a", NOW), transitions.claim("b", NOW)) if job] == [
        waiting.pk,
        next_one.pk,
    ]


def test_who_has_lost_a_job_changes_nothing_of_it(waiting: Job) -> None:
    slow = transitions.claim("slow", NOW)
    assert slow is not None
    transitions.give_back(slow, LATER)
    quick = transitions.claim("quick", LATER)
    assert quick is not None
    assert transitions.beat(slow, LATER, done=1) is None
    assert not transitions.finish(slow, LATER, 0, "mine", [])
    assert not transitions.put_back(slow, LATER)
    assert transitions.finish(quick, LATER, 0, "done", [])
    assert Job.objects.get().output == "done"


@pytest.mark.parametrize(("code", "status"), [(0, "done"), (1, "warned"), (2, "failed"), (-9, "failed")])
def test_the_exit_code_says_how_it_ended(waiting: Job, code: int, status: str) -> None:
    job = transitions.claim("a", NOW)
    assert job is not None
    assert transitions.finish(job, LATER, code, "said", ["file.csv"])
    ended = Job.objects.get()
    assert (ended.status, ended.exit_code, ended.output, ended.files) == (status, code, "said", ["file.csv"])


def test_a_job_that_waits_is_cancelled_at_once(waiting: Job, analyst: User) -> None:
    assert transitions.cancel(waiting, analyst, NOW)
    assert Job.objects.get().status == Status.CANCELLED
    assert Entry.objects.filter(action="job.cancel", actor="analyst", subject_id=str(waiting.pk)).count() == 1
    assert transitions.claim("a", NOW) is None


def test_a_job_is_cancelled_once(waiting: Job, analyst: User) -> None:
    transitions.claim("a", NOW)
    assert transitions.cancel(waiting, analyst, NOW)
    assert not transitions.cancel(waiting, analyst, NOW)
    assert Entry.objects.filter(action="job.cancel").count() == 1


@pytest.mark.parametrize(("code", "status"), [(-15, "cancelled"), (0, "done"), (2, "failed")])
def test_a_cancelled_job_that_still_came_to_its_end_is_not_called_cancelled(
    waiting: Job, analyst: User, code: int, status: str
) -> None:
    job = transitions.claim("a", NOW)
    assert job is not None
    transitions.cancel(job, analyst, NOW)
    assert transitions.beat(job, NOW) == Status.CANCELLING
    transitions.finish(job, LATER, code, "", [])
    assert Job.objects.get().status == status


def test_a_worker_is_dead_after_fifteen_seconds_of_silence(waiting: Job) -> None:
    transitions.claim("a", NOW)
    assert transitions.silent(SOONER) == []
    assert transitions.silent(LATER) == [waiting]


def test_a_job_whose_worker_died_waits_again_and_fails_after_three_attempts(waiting: Job) -> None:
    for attempt in (1, 2, 3):
        job = transitions.claim(f"worker {attempt}", NOW)
        assert job is not None
        assert job.attempts == attempt
        after = transitions.give_back(job, LATER, "last words")
        assert after.status == (Status.QUEUED if attempt < 3 else Status.FAILED)
    assert (after.reason, after.output, after.finished_at) == ("lost", "last words", LATER)


def test_a_job_being_cancelled_whose_worker_died_is_cancelled(waiting: Job, analyst: User) -> None:
    job = transitions.claim("a", NOW)
    assert job is not None
    transitions.cancel(job, analyst, NOW)
    assert transitions.give_back(job, LATER).status == Status.CANCELLED


def test_a_worker_that_was_heard_of_meanwhile_keeps_its_job(waiting: Job) -> None:
    job = transitions.claim("a", NOW)
    (seen,) = transitions.silent(LATER)
    assert job is not None
    transitions.beat(job, LATER)
    assert transitions.give_back(seen, LATER).status == Status.RUNNING


def test_a_worker_that_stops_in_good_order_does_not_use_up_an_attempt(waiting: Job) -> None:
    job = transitions.claim("a", NOW)
    assert job is not None
    assert transitions.put_back(job, LATER)
    again = Job.objects.get()
    assert (again.status, again.attempts, again.worker) == (Status.QUEUED, 0, "")


def test_times_are_those_of_the_clock_when_asked(waiting: Job) -> None:
    assert abs((timezone.now() - waiting.requested_at).total_seconds()) < 60
