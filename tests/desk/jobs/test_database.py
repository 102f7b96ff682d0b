"""A database that is locked, or gone: a clear page, and nothing lost or half saved."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from desk.desks import Desk

BROWSER = """
import sys
from daihou.desk import settings as real
real.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
real.ALLOWED_HOSTS = ["testserver"]
if "timeout" in real.DATABASES["default"].get("OPTIONS", {}):
    real.DATABASES["default"]["OPTIONS"]["timeout"] = 0.3
import django
django.setup()
from django.test import Client
browser = Client(raise_request_exception=False, headers={"Accept-Language": "en"})
"""
LOCKED = """
import sqlite3
from daihou.desk.jobs.models import Job
from daihou.desk.people.models import User
User.objects.update(must_change_password=False, language="en")
browser.force_login(User.objects.get())
other = sqlite3.connect(sys.argv[1], isolation_level=None)
other.execute("BEGIN IMMEDIATE")
refused = browser.post("/jobs/start/run/", {"as_of": "2026-03-14"})
print(refused.status_code, Job.objects.count())
print(refused.content.decode().replace("\\n", " "))
print(browser.get("/jobs/").status_code)
other.execute("ROLLBACK")
print(browser.post("/jobs/start/run/", {"as_of": "2026-03-14"}).status_code, Job.objects.count())
"""
GONE = """
browser.cookies["sessionid"] = "0123456789abcdef0123456789abcdef"
answer = browser.get("/jobs/")
print(answer.status_code)
print(answer.content.decode().replace("\\n", " "))
probe = Client()
answer = probe.get("/readyz")
print(answer.status_code, answer.content.decode().strip())
print(probe.get("/healthz").status_code)
"""


@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="only SQLite is locked as a whole")
def test_a_locked_database_refuses_a_start_clearly_and_takes_it_once_it_is_free(desk: Desk) -> None:
    refused, page, listed, taken = desk.python(BROWSER + LOCKED, str(desk.home / "desk.sqlite3")).splitlines()
    assert refused == "503 0"
    assert "The database does not answer" in page
    assert "Nothing of what you sent was saved" in page
    assert "Traceback" not in page
    assert listed == "200"
    assert taken == "302 1"


def test_a_database_out_of_reach_is_a_clear_page_too(desk: Desk) -> None:
    said = desk.python(BROWSER + GONE, DATABASE_URL="postgres://nobody@127.0.0.1:1/none")
    status, page, ready, healthy = said.splitlines()
    assert status == "503"
    assert "The database does not answer" in page
    assert "Traceback" not in page
    assert ready == "503 the database does not answer"
    assert healthy == "200"


@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="only SQLite is locked as a whole")
def test_a_worker_outlives_a_locked_database_and_loses_nothing(desk: Desk) -> None:
    number = desk.ask("run", {})
    other = sqlite3.connect(desk.home / "desk.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    worker = desk.worker()
    with pytest.raises(AssertionError):
        desk.until(number, lambda status: status != "queued", 4)
    other.execute("ROLLBACK")
    other.close()
    assert desk.until(number, lambda status: status in ("done", "warned", "failed")) in ("done", "warned")
    assert worker.poll() is None
