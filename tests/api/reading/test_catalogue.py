"""Runs, measures and rules as programs read them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from daihou.desk.alerts import watches
from daihou.desk.governance import published
from daihou.monitoring.families import FAMILIES
from daihou.runs import store

if TYPE_CHECKING:
    from api.reading.conftest import Reader

pytestmark = pytest.mark.django_db
Book = list[tuple[dt.date, dt.date]]


def test_every_run_is_told_the_newest_first(manager: Reader, book: Book) -> None:
    found = manager.all("/runs?limit=3")
    assert [(row["as_of"], row["known_on"]) for row in found] == [
        (as_of.isoformat(), known_on.isoformat()) for as_of, known_on in reversed(book)
    ]
    record = store.record(settings.HOME, *book[-1])
    assert record is not None
    assert (found[0]["loans"], found[0]["rules"]) == (record["loans"], record["rules"])


def test_a_run_names_itself_as_its_rows_do(manager: Reader, book: Book) -> None:
    told = manager.data(f"/runs/{book[-1][0]}")
    assert told["run"] == manager.get("/standings?limit=1").json()["meta"]["run"]
    assert told["tie"]["state"] in ("tied", "apart", "none")
    assert told["rules_watched"]
    assert manager.get("/runs/1999-01-01").status_code == 400
    assert manager.get("/runs/yesterday").status_code == 400


def test_the_catalogue_names_every_measure_with_its_meaning(manager: Reader, book: Book) -> None:
    found = manager.data("/measures")
    assert [(row["subject"], row["name"]) for row in found] == [
        (family.subject, measure.name) for family in FAMILIES for measure in family.measures
    ]
    dpd = next(row for row in manager.data("/measures?subject=loan") if row["name"] == "dpd")
    assert (dpd["unit"], dpd["bad"], dpd["label"]["zh"]) == ("days", "high", "逾期天数")
    assert next(row for row in found if row["name"] == "bucket")["codes"]
    assert manager.get("/measures?subject=moon").status_code == 400


def test_every_column_of_a_snapshot_stands_in_the_catalogue(manager: Reader, book: Book) -> None:
    for kind in ("loan", "borrower", "facility", "org", "product"):
        subjects = {kind, "market"} if kind == "borrower" else {kind}
        names = {row["name"] for row in manager.data("/measures") if row["subject"] in subjects}
        for row in manager.data(f"/snapshots/{kind}?limit=1"):
            assert set(row) == names - {"as_of", "known_on"}, kind


def test_rules_are_told_with_their_versions(manager: Reader, book: Book) -> None:
    found = manager.data("/rules")
    nights = [row["id"] for row in found if row["judged_by"] == "night"]
    assert nights == [rule.id for rule in published.rulebook().rules]
    assert {row["id"] for row in found} - set(nights) == set(watches.as_rules())
    day = book[-1][0]
    live = manager.data(f"/rules?on={day}")
    assert [(row["id"], row["versions"][0]["number"]) for row in live if row["judged_by"] == "night"] == [
        (one.rule.id, one.version.number) for one in published.rulebook().live(day)
    ]
    one = manager.data(f"/rules/{found[0]['id']}")
    assert one == found[0]
    assert one["versions"][0]["message"]["zh"]
    assert manager.get("/rules/R-000").status_code == 404


def test_what_did_not_change_is_not_sent_again(manager: Reader, book: Book) -> None:
    for address in ("/runs", f"/runs/{book[-1][0]}", "/measures", "/rules", "/signals", "/snapshots/org"):
        first = manager.get(address)
        assert manager.get(address, If_None_Match=first["ETag"]).status_code == 304, address


def test_every_address_asks_for_a_scope(db: None) -> None:
    from django.test import Client

    for address in (
        "/standings", "/standings/L1", "/snapshots/loan", "/loans/L1/explanation", "/loans/L1/claim", "/signals", "/signals/transitions",
        "/signals/told", "/alerts", "/alerts/1", "/cases", "/cases/1", "/promises", "/promises/1", "/runs", "/runs/2026-01-01", "/measures",
        "/rules", "/rules/R-001",
    ):  # fmt: skip
        assert Client().get(f"/api/v1{address}").status_code == 401, address
