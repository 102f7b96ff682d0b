"""Two pages for whoever looks after the process: `/healthz`, it is up; `/readyz`, it can work. Plain text, open to all, telling no secrets."""

from __future__ import annotations

import logging
import threading
from functools import cache

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse

from daihou.desk.access import PUBLIC, needs
from daihou.runs.log import open_log
from daihou.runs.log.pressure import FULL_FREE, pressure
from daihou.runs.log.store import LogError

LOG = logging.getLogger(__name__)


@needs(PUBLIC)
def healthz(_request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return _plain("ok", 200)


@needs(PUBLIC)
def readyz(_request: HttpRequest) -> HttpResponse:
    """The database answers, its migrations are applied, the log takes facts, and the kernels are loaded; 503 with what is missing else."""
    missing = _database() or _log() or _kernels()
    return _plain(missing or "ready", 503 if missing else 200)


def _plain(said: str, status: int) -> HttpResponse:
    response = HttpResponse(f"{said}\n", status=status, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 - not being ready yet is no error
    return response


def _database() -> str:
    """What is wrong with the database; empty when nothing is."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return "" if _Seen.migrated or _migrated() else "migrations are missing: restart with `daihou serve`"
    except (DatabaseError, InterfaceError) as error:
        LOG.warning("not ready: %s", error)
        return "the database does not answer"


def _log() -> str:
    """What is wrong with the log of facts or the disk below it; empty when nothing is."""
    try:
        now = pressure(settings.HOME, open_log(settings.HOME))
    except LogError as error:
        LOG.warning("not ready: %s", error)
        return "the log cannot be read"
    if now.state != "full":
        return ""
    return "the disk is full" if now.free < FULL_FREE else "the log does not reach the lake"


class _Seen:
    """What, once true, stays so for the life of the process."""

    migrated = False
    warm = False


def _migrated() -> bool:
    executor = MigrationExecutor(connection)
    _Seen.migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _Seen.migrated


def _kernels() -> str:
    """What is wrong with the kernels; the first question loads them, in the background."""
    if not _Seen.warm:
        _warming().join(0.5)
    return "" if _Seen.warm else "the kernels are being loaded"


@cache
def _warming() -> threading.Thread:
    thread = threading.Thread(target=_warm, name="warming", daemon=True)
    thread.start()
    return thread


def _warm() -> None:
    from daihou.monitoring.arrears.walk import compile_kernels

    compile_kernels()
    _Seen.warm = True
