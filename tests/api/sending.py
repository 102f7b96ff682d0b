"""A program that sends facts, as tests of the API have it, and a row that is good."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.test import Client

from daihou.desk.people.roles import Role
from daihou.desk.programs import transitions
from desk.alerts.hands import asked
from desk.conftest import user

if TYPE_CHECKING:
    from daihou.desk.programs.models import Program

FAR: Final = 3_650
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Sender:
    """A program, and what it sends."""

    program: Program
    token: str

    def post(self, address: str, body: Any, kind: str = "application/json", **headers: str) -> Any:
        """The answer to a body, which is sent as JSON unless it is bytes or text."""
        data = body if isinstance(body, bytes | str) else json.dumps(body, ensure_ascii=False)
        return Client().post(f"/api/v1{address}", data, content_type=kind, headers=self._headers(headers))

    def get(self, address: str, **headers: str) -> Any:
        """The answer to a question."""
        return Client().get(f"/api/v1{address}", headers=self._headers(headers))

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} | {
            name.replace("_", "-"): value for name, value in more.items()
        }


def sender(code: str = "core", **values: Any) -> Sender:
    """A program that may send facts, and a token of it."""
    by = asked(user(f"{code}-admin", (Role.ADMINISTRATOR, "")))
    now = dt.datetime.now(dt.UTC)
    given = {
        "name": code, "purpose": "", "scopes": ["facts:write"], "tables": [], "requests_per_second": 10_000, "rows_per_second": 100_000,
    } | values  # fmt: skip
    program = transitions.enter(code, given, by, now)
    return Sender(program, transitions.issue_token(program, FAR, by, now))


def payment(**values: Any) -> dict[str, Any]:
    """A payment that nobody has sent yet."""
    row = {"payment_id": f"api-{next(_numbers)}", "loan_id": "L1", "paid_on": "2026-01-05", "amount": "12.50"}
    return row | values
