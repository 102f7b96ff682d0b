"""Log lines: plain text as ever, or with DAIHOU_LOG=json an object a line, with the request that it belongs to. Both hold what was logged and no more."""

from __future__ import annotations

import datetime as dt
import json
import logging
from typing import Any

from daihou.desk.metrics.watched import CURRENT


class JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC, milliseconds), level, logger, process, message; `request_id` within a request; what an access line says."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {
            "time": at, "level": record.levelname, "logger": record.name, "process": record.process, "message": record.getMessage(),
        }  # fmt: skip
        if CURRENT.get():
            line["request_id"] = CURRENT.get()
        said = getattr(record, "said", None)
        if isinstance(said, dict):
            line |= said
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def logging_of(environment: Any) -> dict[str, Any]:
    """Django's LOGGING by the environment: `DAIHOU_LOG` is json or plain."""
    as_json = environment.get("DAIHOU_LOG", "") == "json"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
            "json": {"()": "daihou.desk.metrics.lines.JsonLines"},
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json" if as_json else "plain"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "daihou.access": {"level": "INFO" if as_json else "WARNING"},
            # Its lines hold secrets: notices.apprised alone hears them.
            "apprise": {"level": "DEBUG", "propagate": False},
        },
    }
