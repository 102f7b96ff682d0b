"""Rows handed to intake like a file of the lender: whole or not at all; the same lines twice are the same delivery."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from daihou.book.business_date import open_business_date
from daihou.book.intake import deliver

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

LOG = logging.getLogger(__name__)


def hand(table: str, name: str, lines: Iterable[str], now: dt.datetime) -> None:
    """Deliver rows of a table, each a line of JSON, as a file of a name. DaihouError where intake cannot begin."""
    with tempfile.TemporaryDirectory(prefix="daihou-") as folder:
        path = Path(folder) / f"{name}.jsonl"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
        report = deliver(settings.HOME, [path], table, today=open_business_date(settings.HOME, now))
    if report.exit_code:
        LOG.warning("some rows of %s that the desk told are in quarantine: %s", table, name)
