"""Programs that read: one with every scope and the role of a manager over the whole lender, others with less; and a client for each."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest
from django.test import Client

from daihou.desk.people.models import Membership
from daihou.desk.people.roles import Role
from daihou.desk.programs import transitions
from daihou.desk.programs.scopes import SCOPES
from desk.alerts.hands import asked
from desk.conftest import _built, book, loans, made, people, user  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from daihou.desk.programs.models import Program

FAR: Final = 3_650
"""Days that a token holds: longer than any test's clock is set."""


@dataclass(frozen=True)
class Reader:
    """A program, and what it asks."""

    program: Program
    token: str

    def get(self, address: str, **headers: str) -> Any:
        """The answer to a question below /api/v1."""
        return self._asked("get", address, None, headers)

    def post(self, address: str, body: Any, **headers: str) -> Any:
        """The answer to an act; headers are named with underscores."""
        return self._asked("post", address, body, headers)

    def data(self, address: str) -> Any:
        """What is answered to a question that must be."""
        response = self.get(address)
        assert response.status_code == 200, response.content.decode()
        return response.json()["data"]

    def all(self, address: str) -> list[Any]:
        """The rows of all pages."""
        found: list[Any] = []
        following: str | None = ""
        while following is not None:
            told = self.get(
                address + (f"{'&' if '?' in address else '?'}after={following}" if following else "")
            ).json()
            found += told["data"]
            assert len(found) < 10_000, "the pages never end"
            following = told["next"]
        return found

    def _asked(self, method: str, address: str, body: Any, headers: dict[str, str]) -> Any:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        more = {} if body is None else {"data": body, "content_type": "application/json"}
        told = {"Authorization": f"Bearer {self.token}", **sent}
        return getattr(Client(), method)(f"/api/v1{address}", headers=told, **more)


def reader(code: str, role: str, org_id: str = "", *, scopes: Any = None, officer_id: str = "") -> Reader:
    """A program with a role over a part of the lender; with every scope unless named."""
    by = asked(user(f"{code}-admin", (Role.ADMINISTRATOR, "")))
    now = dt.datetime.now(dt.UTC)
    values = {
        "name": code, "purpose": "", "scopes": list(SCOPES if scopes is None else scopes), "tables": [], "requests_per_second": 10_000,
        "rows_per_second": 10_000,
    }  # fmt: skip
    program = transitions.enter(code, values, by, now)
    token = transitions.issue_token(program, FAR, by, now)
    program.user.serves_program = True
    program.user.officer_id = officer_id
    program.user.save()
    Membership.objects.create(user=program.user, role=role, org_id=org_id)
    return Reader(program, token)


@pytest.fixture
def manager(db: None) -> Reader:
    """A program over the whole lender."""
    return reader("whole", Role.MANAGER)


@pytest.fixture
def branch(db: None) -> Reader:
    """A program of branch B01."""
    return reader("branch", Role.MANAGER, "B01")


@pytest.fixture
def officer(loans: pl.DataFrame, db: None) -> Reader:  # noqa: F811 - the fixture
    """A program with the customers of one officer of branch B01."""
    import polars as pl

    first = loans.filter(pl.col("org_id") == "B01")["officer_id"].drop_nulls().sort()[0]
    return reader("officer", Role.OFFICER, "B01", officer_id=first)


@pytest.fixture
def queries(django_assert_max_num_queries: Any) -> Callable[..., Any]:
    """A guard over how many queries of the database something takes."""
    return django_assert_max_num_queries  # type: ignore[no-any-return]
