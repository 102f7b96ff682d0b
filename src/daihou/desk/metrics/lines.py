"""Log lines: plain text as ever, or with DAIHOU_LOG=json an object a line, with the request that it belongs to. Both hold what was logged and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from daihou.desk.metrics.watched import CURRENT
from daihou.runs import lines

if TYPE_CHECKING:
    import logging


class JsonLines(lines.JsonLines):
    """The lines of every process, and within a request its `request_id`."""

    def told(self, record: logging.LogRecord) -> dict[str, Any]:
        """The request, and what an access line says."""
        return ({"request_id": CURRENT.get()} if CURRENT.get() else {}) | super().told(record)


def logging_of(environment: Any) -> dict[str, Any]:
    """Django's LOGGING by the environment: `DAIHOU_LOG` is json or plain."""
    as_json = lines.as_json(environment)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "plain": {"format": lines.PLAIN},
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
