"""What the system tells of itself: to whom, and what it never tells."""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from daihou.desk.metrics import views
from daihou.desk.metrics.lines import JsonLines
from daihou.desk.metrics.watched import CURRENT
from daihou.runs.log.door import Door

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "system.md"


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    views._registry.cache_clear()
    yield
    views._registry.cache_clear()


def told(client: Client, **headers: str) -> str:
    response = client.get("/metrics", headers=headers)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.django_db
def test_it_tells_the_log_what_waits_and_how_requests_fare(client: Client) -> None:
    door = Door(settings.HOME)
    before = door.log.last()
    row = {"event_id": "m-1", "subject_id": "C-1", "happened_at": "2026-06-01T10:00:00+08:00", "kind": "litigation"}
    door.take("events", [row], "test", dt.datetime(2030, 1, 1, tzinfo=dt.UTC))
    client.get("/healthz")
    text = told(client)
    assert f"daihou_log_last_place {float(before + 1)}" in text
    assert "daihou_log_waiting_seconds" in text
    assert 'daihou_request_duration_seconds_count{method="GET",route="healthz",status="200"}' in text


@pytest.mark.django_db
def test_routes_are_patterns_not_addresses(client: Client) -> None:
    client.get("/loans/L-SECRET-77/")
    assert "L-SECRET-77" not in told(client)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("remote", "header", "status"),
    [("127.0.0.1", {}, 200), ("10.1.2.3", {}, 404), ("127.0.0.1", {"X-Forwarded-For": "10.1.2.3"}, 404)],
)
def test_without_a_token_this_machine_alone_sees_them(
    client: Client, remote: str, header: dict[str, str], status: int
) -> None:
    assert client.get("/metrics", headers=header, REMOTE_ADDR=remote).status_code == status


@pytest.mark.django_db
@pytest.mark.parametrize(("stated", "status"), [("Bearer right", 200), ("Bearer wrong", 404), ("", 404)])
def test_with_a_token_only_who_has_it_sees_them(
    client: Client, monkeypatch: pytest.MonkeyPatch, stated: str, status: int
) -> None:
    monkeypatch.setenv("DAIHOU_METRICS_TOKEN", "right")
    assert client.get("/metrics", headers={"Authorization": stated} if stated else {}).status_code == status


@pytest.mark.django_db
def test_the_guide_names_metrics_that_exist(client: Client) -> None:
    text = told(client)
    told_of = set(re.findall(r"daihou_[a-z_]+", GUIDE.read_text("utf-8")))
    empty = {"daihou_alerts_open", "daihou_jobs", "daihou_notices", "daihou_webhooks", "daihou_run_age_days"}
    assert {name for name in told_of if f"# HELP {name} " not in text} <= empty
    assert "daihou_run_age_days" in told_of


@pytest.mark.parametrize(
    ("stated", "kept"), [("a1b2c3d4-e5f6", True), ("x", False), ("bad id with spaces", False), ("a" * 65, False)]
)
def test_a_well_formed_id_of_the_caller_is_taken_over(client: Client, stated: str, kept: bool) -> None:
    answered = client.get("/healthz", headers={"X-Request-Id": stated})["X-Request-Id"]
    assert (answered == stated) == kept
    assert re.fullmatch(r"[A-Za-z0-9-]{8,64}", answered)


def test_a_line_holds_its_request_and_no_address() -> None:
    record = logging.LogRecord("daihou.access", logging.INFO, "x", 1, "GET loans/<loan_id>/ 200", (), None)
    record.said = {"route": "loans/<loan_id>/", "status": 200, "ms": 3.2}
    held = CURRENT.set("abc12345")
    try:
        line = json.loads(JsonLines().format(record))
    finally:
        CURRENT.reset(held)
    assert line["request_id"] == "abc12345"
    assert (line["route"], line["status"], line["level"]) == ("loans/<loan_id>/", 200, "INFO")
    assert line["time"].endswith("+00:00")
    assert "request_id" not in json.loads(JsonLines().format(record))
