"""Whether the process is up, and whether it can work."""

from __future__ import annotations

import time

from django.db import connection
from django.test import Client


def test_the_process_says_that_it_is_up_without_a_database() -> None:
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_it_is_ready_once_the_kernels_are_loaded(db: None) -> None:
    end = time.monotonic() + 90
    while (answer := Client().get("/readyz")).status_code != 200:
        assert answer.content == b"the kernels are being loaded\n"
        assert time.monotonic() < end
    assert answer.content == b"ready\n"


def test_it_is_not_ready_with_a_migration_missing(db: None) -> None:
    from daihou.desk import health

    health._Seen.migrated = False
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'jobs'")
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert b"migrations are missing" in answer.content
