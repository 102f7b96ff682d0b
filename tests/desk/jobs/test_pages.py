"""Pages of jobs: the list, a job with its progress, the forms, and who may do what."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from daihou.desk.audit.models import Entry
from daihou.desk.jobs import transitions
from daihou.desk.jobs.loop import Worker
from daihou.desk.jobs.models import Job, Status
from daihou.desk.people.models import User

Book = list[tuple[dt.date, dt.date]]
SEES = {"manager", "branch_manager", "analyst", "auditor", "administrator"}
STARTS = {"analyst", "administrator"}


@pytest.fixture
def waiting(cast: dict[str, User]) -> Job:
    return transitions.request("run", {"as_of": "2026-03-14"}, cast["analyst"])


def text(response: Any) -> str:
    return str(response.content.decode())


def test_each_page_is_open_to_the_roles_that_need_it(cast: dict[str, User], sign_in: Any, waiting: Job) -> None:
    for who in cast:
        browser = sign_in(who)
        for page in ("/jobs/", f"/jobs/{waiting.pk}/", f"/jobs/{waiting.pk}/state/"):
            assert browser.get(page).status_code == (200 if who in SEES else 403), (who, page)
        assert browser.get("/jobs/start/run/").status_code == (200 if who in STARTS else 403), who
        for act in ("cancel", "again"):
            answer = browser.post(f"/jobs/{waiting.pk}/{act}/").status_code
            assert answer == (302 if who in STARTS else 403), (who, act)


def test_a_stranger_sees_no_job(waiting: Job) -> None:
    assert Client().get(f"/jobs/{waiting.pk}/").headers["Location"].startswith("/accounts/login/")


def test_an_empty_list_says_what_will_fill_it(sign_in: Any) -> None:
    said = text(sign_in("analyst").get("/jobs/"))
    assert "No job yet" in said
    assert "/jobs/start/run/" in said


def test_who_only_looks_is_offered_nothing_to_start(sign_in: Any, waiting: Job) -> None:
    browser = sign_in("auditor")
    assert "/jobs/start/" not in text(browser.get("/jobs/"))
    assert "/cancel/" not in text(browser.get(f"/jobs/{waiting.pk}/"))


def test_the_list_is_filtered_by_its_address(sign_in: Any, waiting: Job, cast: dict[str, User]) -> None:
    other = transitions.request("history", {"from": "2026-01-01", "to": "2026-03-31"}, cast["analyst"])
    transitions.claim("a", timezone.now())
    browser = sign_in("manager")

    def numbers(query: str) -> set[int]:
        said = text(browser.get(f"/jobs/{query}"))
        return {job.pk for job in (waiting, other) if f'href="/jobs/{job.pk}/"' in said}

    assert numbers("") == {waiting.pk, other.pk}
    assert numbers("?kind=run") == {waiting.pk}
    assert numbers("?status=queued") == {other.pk}
    assert numbers("?status=running&kind=run") == {waiting.pk}
    assert numbers("?status=failed") == set()
    assert numbers("?status=nonsense&page=99") == {waiting.pk, other.pk}


def test_the_list_asks_the_database_the_same_for_one_job_and_for_many(
    sign_in: Any, cast: dict[str, User], django_assert_max_num_queries: Any
) -> None:
    Job.objects.bulk_create(
        Job(kind="run", arguments={}, requested_by=cast["analyst"], requested_at=timezone.now(), language="en")
        for _ in range(60)
    )
    browser = sign_in("analyst")
    with django_assert_max_num_queries(6):  # session, user, roles, unread notices, count, page
        said = text(browser.get("/jobs/?page=2"))
    assert said.count('href="/jobs/') > 25
    assert "page=3" in said


def test_a_run_is_started_by_a_form_and_runs(sign_in: Any, book: Book) -> None:
    browser = sign_in("analyst")
    answer = browser.post("/jobs/start/run/", {"as_of": str(book[-1][0]), "known_on": str(book[-1][1])})
    job = Job.objects.get()
    assert answer.headers["Location"] == f"/jobs/{job.pk}/"
    assert "It waits for a worker" in text(browser.get(f"/jobs/{job.pk}/"))
    Worker(threading.Event()).once()
    said = text(browser.get(f"/jobs/{job.pk}/"))
    assert f"{book[-1][0]} as known on {book[-1][1]}" in said
    assert "Run again" in said
    assert "hx-trigger" not in said


def test_the_form_says_what_is_wrong_beside_the_field(sign_in: Any) -> None:
    answer = sign_in("analyst").post("/jobs/start/history/", {"from": "2026-03-31", "to": "2026-01-01"})
    assert answer.status_code == 422
    assert "The last date lies before the first" in text(answer)
    assert not Job.objects.exists()


def test_the_number_of_a_job_is_written_without_separators(sign_in: Any, cast: dict[str, User]) -> None:
    Job.objects.create(pk=12_345, kind="run", requested_by=cast["analyst"], requested_at=timezone.now(), language="en")
    said = text(sign_in("analyst").get("/jobs/")) + text(sign_in("analyst").get("/jobs/12345/"))
    assert ">12345</a>" in said
    assert "Job 12345" in said
    assert "12,345" not in said


def test_intake_is_not_started_from_here(sign_in: Any) -> None:
    assert sign_in("analyst").get("/jobs/start/intake/").status_code == 404


def test_the_start_stands_in_the_audit_log_with_who_and_what(sign_in: Any) -> None:
    answer = sign_in("analyst").post("/jobs/start/run/", {"as_of": "2026-03-14"})
    entry = Entry.objects.get(action="job.start")
    assert (entry.actor, entry.request_id) == ("analyst", answer.headers["X-Request-Id"])
    assert entry.detail["arguments"] == {"as_of": "2026-03-14"}


def test_progress_is_asked_for_every_second_until_the_end(sign_in: Any, waiting: Job) -> None:
    job = transitions.claim("a", timezone.now())
    assert job is not None
    transitions.beat(job, timezone.now(), stage="measure", done=34, total=1_064)
    browser = sign_in("manager")
    alive = browser.get(f"/jobs/{job.pk}/state/", headers={"HX-Request": "true"})
    assert 'hx-trigger="every 1s"' in text(alive)
    assert 'max="1064" value="34"' in text(alive)
    assert "Measuring · 34 of 1,064" in text(alive)
    assert "HX-Refresh" not in alive.headers
    transitions.finish(job, timezone.now(), 1, "2 breaks", [])
    ended = browser.get(f"/jobs/{job.pk}/state/", headers={"HX-Request": "true"})
    assert "hx-trigger" not in text(ended)
    assert ended.headers["HX-Refresh"] == "true"


def test_pages_speak_chinese_and_hold_no_inline_script_or_style(
    sign_in: Any, waiting: Job, cast: dict[str, User]
) -> None:
    User.objects.update(language="zh-hans")
    job = transitions.claim("a", timezone.now())
    assert job is not None
    transitions.beat(job, timezone.now(), stage="build", done=1, total=2)
    browser = sign_in("analyst")
    said = (
        text(browser.get(f"/jobs/{job.pk}/")) + text(browser.get("/jobs/")) + text(browser.get("/jobs/start/history/"))
    )
    for words in ("构建台账", "运行中", "取消任务", "发起历史跑批", "全部状态"):
        assert words in said
    assert "style=" not in said
    assert "onclick" not in said


def test_a_cancelled_job_can_be_run_again_with_the_same_arguments(
    sign_in: Any, waiting: Job, cast: dict[str, User]
) -> None:
    browser = sign_in("administrator")
    browser.post(f"/jobs/{waiting.pk}/cancel/")
    assert Job.objects.get().status == Status.CANCELLED
    said = text(browser.post(f"/jobs/{waiting.pk}/cancel/", follow=True))
    assert "ended already" in said
    browser.post(f"/jobs/{waiting.pk}/again/")
    again = Job.objects.get(status=Status.QUEUED)
    assert (again.pk != waiting.pk, again.arguments, again.requested_by) == (
        True,
        waiting.arguments,
        cast["administrator"],
    )


def test_output_over_the_whole_lender_is_not_for_who_sees_a_branch(sign_in: Any, waiting: Job) -> None:
    job = transitions.claim("a", timezone.now())
    assert job is not None
    transitions.finish(job, timezone.now(), 0, "400 loans", [])
    assert "400 loans" in text(sign_in("manager").get(f"/jobs/{job.pk}/"))
    assert "400 loans" not in text(sign_in("branch_manager").get(f"/jobs/{job.pk}/"))


def test_what_an_export_wrote_is_for_who_may_export_every_loan(sign_in: Any, book: Book, cast: dict[str, User]) -> None:
    asked = {"table": "snapshots", "ending": ".csv", "as_of": str(book[-1][0]), "known_on": str(book[-1][1])}
    job = transitions.request("export", asked, cast["analyst"])
    Worker(threading.Event()).once()
    job.refresh_from_db()
    address = f"/jobs/{job.pk}/files/{job.files[0]}"
    assert address in text(sign_in("analyst").get(f"/jobs/{job.pk}/"))
    answer = sign_in("analyst").get(address)
    assert b"".join(answer.streaming_content).decode("utf-8-sig").startswith('"loan_id",')
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{job.files[0]}"'
    assert sign_in("administrator").get(address).status_code == 403
    assert sign_in("branch_manager").get(address).status_code == 403
    assert address not in text(sign_in("administrator").get(f"/jobs/{job.pk}/"))
    for name in ("output.txt", "..%2f..%2fdesk.secret", "lock"):
        assert sign_in("analyst").get(f"/jobs/{job.pk}/files/{name}").status_code == 404


def test_an_export_is_not_run_again_by_who_may_not_export(sign_in: Any, cast: dict[str, User]) -> None:
    job = transitions.request("export", {"table": "snapshots", "ending": ".csv"}, cast["analyst"])
    answer = sign_in("administrator").post(f"/jobs/{job.pk}/again/")
    assert answer.status_code == 400
    assert "does not reach" in text(answer)


def test_a_job_that_nobody_takes_says_what_is_missing(sign_in: Any, waiting: Job) -> None:
    Job.objects.update(requested_at=timezone.now() - dt.timedelta(minutes=1))
    assert "daihou serve" in text(sign_in("manager").get(f"/jobs/{waiting.pk}/"))


def test_a_job_behind_others_says_how_many(sign_in: Any, waiting: Job, cast: dict[str, User]) -> None:
    behind = transitions.request("run", {}, cast["analyst"])
    assert "1 job comes before it" in text(sign_in("manager").get(f"/jobs/{behind.pk}/"))


def test_what_ended_by_a_signal_says_what_to_do(sign_in: Any, waiting: Job) -> None:
    job = transitions.claim("a", timezone.now())
    assert job is not None
    transitions.finish(job, timezone.now(), -9, "", [])
    assert "ended by signal 9" in text(sign_in("manager").get(f"/jobs/{job.pk}/"))
