"""What the description of the API says of answers is what is answered."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from api.reading.conftest import Reader, reader
from daihou.api.reading import described
from daihou.api.reference import schema
from daihou.desk.people.roles import Role
from desk.alerts.made import alert
from desk.casework.made import case

if TYPE_CHECKING:
    import polars as pl
    from ninja import Schema

pytestmark = pytest.mark.django_db


def holds(told: Any, of: type[Schema]) -> None:
    """What was answered has the members described, each of the kind described, and no others."""
    rows = told if isinstance(told, list) else [told]
    assert rows
    for row in rows:
        assert set(row) == set(of.model_fields)
        of.model_validate(row, strict=True)


def test_lists_of_the_lake_are_as_described(manager: Reader, loans: pl.DataFrame) -> None:
    holds(manager.data("/signals"), described.OpenSignal)
    holds(manager.data("/signals/transitions"), described.SaidSignal)
    holds(manager.data("/runs"), described.Run)
    as_of = manager.data("/runs")[0]["as_of"]
    holds(manager.data(f"/runs/{as_of}"), described.WholeRun)
    holds(manager.data("/measures"), described.Measure)
    holds(manager.data("/rules"), described.Rule)
    late = loans.sort("overdue_amount", "loan_id", descending=True)["loan_id"][0]
    holds(
        manager.data(f"/loans/{late}/claim?since={dt.date.fromisoformat(as_of) - dt.timedelta(days=60)}"),
        described.Claim,
    )


def test_what_people_work_on_is_as_described(db: None) -> None:
    here = reader("here", Role.MANAGER, "X1")
    held = alert("C1", org_id="X1", signals=2)
    holds(here.data("/alerts"), described.Alert)
    holds(here.data(f"/alerts/{held.pk}"), described.WholeAlert)
    tag = f'"{held.revision}"'
    holds(here.post(f"/alerts/{held.pk}/comment", {"text": "hello"}).json()["data"], described.Move)
    up = here.post(f"/alerts/{held.pk}/escalate", {"note": "beyond our limit"}, If_Match=tag)
    holds(up.json()["data"], described.Alert)
    of = case("C1")
    parts = [{"due_on": (timezone.localdate() + dt.timedelta(days=1)).isoformat(), "amount": "10.00"}]
    made = here.post("/promises", {"case": of.number, "parts": parts}, Idempotency_Key="1")
    holds(made.json()["data"], described.Promise)
    holds(here.data("/promises"), described.Promise)
    holds(here.data("/cases"), described.Case)


def test_every_call_that_reads_is_described_with_its_parameters_and_its_answer() -> None:
    paths = schema()["paths"]
    listed = paths["/api/v1/standings"]["get"]
    assert {one["name"] for one in listed["parameters"]} == {
        "as_of",
        "known_on",
        "where",
        "columns",
        "limit",
        "after",
        "loan_id",
    }
    for path, calls in paths.items():
        if path.startswith(("/api/v1/facts", "/api/v1/contract")):
            continue
        for method, call in calls.items():
            assert call["summary"], path
            assert call["description"], path
            answered = {code for code in call["responses"] if str(code).startswith("2")}
            assert answered, (method, path)
            for code in answered:
                assert call["responses"][code]["content"]["application/json"]["schema"], path
