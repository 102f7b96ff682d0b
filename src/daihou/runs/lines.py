"""Log lines of processes: plain text as ever, or with DAIHOU_LOG=json an object a line. Both hold what was logged and no more."""

from __future__ import annotations

import datetime as dt
import json
import logging
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

PLAIN: Final = "%(asctime)s %(levelname)s %(name)s %(message)s"


class JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC, milliseconds), level, logger, process, message, what else is told of it, and an exception with its course."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {
            "time": at, "level": record.levelname, "logger": record.name, "process": record.process, "message": record.getMessage(),
        }  # fmt: skip
        line |= self.told(record)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)

    def told(self, record: logging.LogRecord) -> dict[str, Any]:
        """What else the line holds: what was logged as `said`."""
        said = getattr(record, "said", None)
        return said if isinstance(said, dict) else {}


def as_json(environment: Mapping[str, str]) -> bool:
    """Whether lines are wanted as objects: `DAIHOU_LOG` is json, or plain."""
    return environment.get("DAIHOU_LOG", "") == "json"


def to_stderr(environment: Mapping[str, str]) -> None:
    """Let this process write warnings and errors to stderr, as the environment wants them."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if as_json(environment) else logging.Formatter(PLAIN))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
