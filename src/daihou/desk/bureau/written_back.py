"""Reports go to the lake as rows of `bureau_reports` and `bureau_lines`, through intake like all else; nothing in them names a person.

Each report is a delivery of its own with nothing in it but what the report says, so that sent again after a crash it is the same delivery, and adds nothing.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from typing import TYPE_CHECKING, Any, Final

from django.db import DatabaseError, InterfaceError
from django.db.models import Q

from daihou.desk.bureau.models import Result
from daihou.desk.facts.handing import hand

if TYPE_CHECKING:
    import threading

LOG = logging.getLogger(__name__)

TOGETHER: Final = 5
"""Reports of one round at most: queries wait meanwhile."""
LATER: Final = dt.timedelta(minutes=10)
"""After so long one that intake did not take is handed over again; others go on."""


def write(now: dt.datetime, stop: threading.Event | None = None) -> int:
    """Hand the reports that are new to intake; how many went. One that cannot go waits for a while, and is said in the log."""
    done = 0
    due = Q(tell_after=None) | Q(tell_after__lte=now)
    untold = Result.objects.select_related("query").filter(due, told_at=None, rows__isnull=False)
    for result in untold.order_by("pk")[:TOGETHER]:
        if stop is not None and stop.is_set():
            break
        try:
            _send("bureau_reports", result, [{"borrower_id": result.borrower_id, **result.rows["report"]}], now)
            if result.rows["lines"]:
                _send("bureau_lines", result, result.rows["lines"], now)
        except (DatabaseError, InterfaceError):
            raise
        except Exception as error:  # noqa: BLE001 - others go on
            LOG.error("report %s does not reach the lake: %s", result.report_id, type(error).__name__)  # noqa: TRY400 - its text may hold what the report says
            Result.objects.filter(pk=result.pk).update(tell_after=now + LATER)
            continue
        Result.objects.filter(pk=result.pk).update(told_at=now)
        done += 1
    return done


def _send(table: str, result: Result, rows: list[dict[str, Any]], now: dt.datetime) -> None:
    lines = (json.dumps({"report_id": result.report_id, **row}, ensure_ascii=False, sort_keys=True) for row in rows)
    hand(table, f"{table}_{result.report_id}", lines, now)
