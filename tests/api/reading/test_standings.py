"""Where loans stand, as programs read it: pages that fit together, in reach alone, as the run wrote it; and everything in bulk."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.conf import settings

from daihou.desk.audit.models import Entry
from daihou.runs import store

if TYPE_CHECKING:
    import datetime as dt

    from api.reading.conftest import Reader

pytestmark = pytest.mark.django_db


def test_pages_hold_every_loan_once_as_they_lie(manager: Reader, loans: pl.DataFrame) -> None:
    found = [row["loan_id"] for row in manager.all("/standings?limit=37")]
    assert found == loans.sort("org_id", "officer_id", "loan_id")["loan_id"].to_list()


def test_a_row_says_what_the_run_wrote(manager: Reader, loans: pl.DataFrame) -> None:
    late = loans.filter(pl.col("overdue_amount") > 0).sort("loan_id").row(0, named=True)
    row = manager.data(f"/standings/{late['loan_id']}")
    assert row["overdue_amount"] == f"{Decimal(late['overdue_amount']).scaleb(-2):f}"
    assert row["dpd"] == late["dpd"]
    assert row["oldest_unpaid_due_on"] == late["oldest_unpaid_due_on"].isoformat()
    assert (row["state"], row["currency"]) == ("overdue", "CNY")


def test_what_was_not_measured_is_null(manager: Reader, loans: pl.DataFrame) -> None:
    current = loans.filter(pl.col("state").cast(pl.String) == "current").sort("loan_id")["loan_id"][0]
    assert manager.data(f"/standings/{current}?columns=oldest_unpaid_due_on")["oldest_unpaid_due_on"] is None


def test_a_condition_leaves_what_it_says(manager: Reader, loans: pl.DataFrame) -> None:
    wanted = loans.filter((pl.col("dpd") > 30) & (pl.col("overdue_amount") >= 500_00))["loan_id"]
    found = manager.all("/standings?where=dpd > 30 and overdue_amount >= 500&columns=dpd&limit=7")
    assert sorted(row["loan_id"] for row in found) == sorted(wanted)
    assert set(found[0]) == {"loan_id", "dpd"}


def test_named_loans_are_answered_alone(manager: Reader, loans: pl.DataFrame) -> None:
    first, second = loans["loan_id"].sort()[:2]
    found = manager.data(f"/standings?loan_id={second}&loan_id={first}&loan_id=NOBODY")
    assert sorted(row["loan_id"] for row in found) == [first, second]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("where=dpd >", "unreadable"), ("columns=wealth", "wealth"), ("limit=0", "limit"), ("limit=5000", "limit"), ("wher=dpd > 3", "wher"),
        ("after=nothing", "after"), ("as_of=2026-13-01", "2026-13-01"), ("as_of=1999-01-01", "1999-01-01"), ("where=password = 'x'", "password"),
        ("loan_id=%00", "loan_id"),
        ("where=overdue_amount * 99999999999999999999999999999999999 > 1", "unreadable"),
    ],
)  # fmt: skip
def test_a_slip_of_the_hand_is_named(manager: Reader, book: Any, query: str, said: str) -> None:
    response = manager.get(f"/standings?{query}")
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    told = response.json()
    assert said in f"{told}" or said == "unreadable"
    assert told["remedy"]


def test_only_loans_in_reach_are_told(branch: Reader, officer: Reader, loans: pl.DataFrame) -> None:
    own = loans.filter(pl.col("org_id") == "B01")
    assert {row["loan_id"] for row in branch.all("/standings")} == set(own["loan_id"])
    theirs = own.filter(pl.col("officer_id") == officer.program.user.officer_id)
    assert {row["loan_id"] for row in officer.all("/standings")} == set(theirs["loan_id"])
    other = loans.filter(pl.col("org_id") != "B01")["loan_id"][0]
    for address in (f"/standings/{other}", f"/loans/{other}/explanation", f"/loans/{other}/claim", "/standings/NOBODY"):
        assert branch.get(address).status_code == 404, address


def test_the_newest_run_is_told_and_its_pair_stands_in_meta(
    manager: Reader, book: list[tuple[dt.date, dt.date]]
) -> None:
    meta = manager.get("/standings?limit=1").json()["meta"]
    assert (meta["as_of"], meta["known_on"]) == tuple(day.isoformat() for day in book[-1])
    earlier = manager.get(f"/standings?limit=1&as_of={book[0][0]}").json()["meta"]
    assert earlier["as_of"] == book[0][0].isoformat()
    assert earlier["run"] != meta["run"]


def test_a_cursor_goes_on_in_its_own_pair_of_dates(manager: Reader, book: list[tuple[dt.date, dt.date]]) -> None:
    first = manager.get(f"/standings?limit=5&as_of={book[0][0]}").json()
    second = manager.get(f"/standings?limit=5&as_of={book[0][0]}&after={first['next']}").json()
    assert second["meta"] == first["meta"]
    other = manager.get(f"/standings?limit=5&as_of={book[1][0]}&after={first['next']}")
    assert other.status_code == 400
    assert manager.get(f"/standings?limit=9&as_of={book[0][0]}&after={first['next']}").status_code == 200


def test_a_cursor_that_was_touched_is_refused(manager: Reader, book: Any) -> None:
    told = manager.get("/standings?limit=5").json()["next"]
    assert manager.get(f"/standings?limit=5&after={told[:-2]}xx").status_code == 400


def test_what_did_not_change_is_not_sent_again(manager: Reader, branch: Reader, book: Any) -> None:
    first = manager.get("/standings?limit=5")
    again = manager.get("/standings?limit=5", If_None_Match=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert manager.get("/standings?limit=6", If_None_Match=first["ETag"]).status_code == 200
    assert branch.get("/standings?limit=5", If_None_Match=first["ETag"]).status_code == 200, "another reach"
    assert first["Cache-Control"] == "private, no-cache"


def test_borrowers_with_a_loan_in_reach_are_told(branch: Reader, loans: pl.DataFrame) -> None:
    held = set(loans.filter(pl.col("org_id") == "B01")["borrower_id"])
    rows = branch.all("/snapshots/borrower?columns=exposure,worst_dpd&limit=33")
    assert {row["borrower_id"] for row in rows} == held
    assert all(row["exposure"] is None or "." in row["exposure"] for row in rows)


def test_sums_over_others_are_refused(branch: Reader, officer: Reader, manager: Reader, book: Any) -> None:
    assert {row["org_id"] for row in branch.all("/snapshots/org")} == {"B01"}
    assert branch.get("/snapshots/product").status_code == 403
    assert officer.get("/snapshots/org").status_code == 403
    assert len(manager.all("/snapshots/product")) > 1
    assert manager.get("/snapshots/galaxy").status_code == 400


def read(kind: str, content: bytes) -> pl.DataFrame:
    """A bulk answer as a frame."""
    if kind == "text/csv":
        return pl.read_csv(io.BytesIO(content))
    table = pq.read_table(io.BytesIO(content)) if "parquet" in kind else pa.ipc.open_stream(content).read_all()
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


@pytest.mark.parametrize("kind", ["application/vnd.apache.arrow.stream", "application/vnd.apache.parquet", "text/csv"])
def test_everything_is_told_at_once_and_logged(manager: Reader, loans: pl.DataFrame, kind: str) -> None:
    response = manager.get("/snapshots/loan?where=dpd > 0", Accept=kind)
    assert response.status_code == 200
    frame = read(kind, b"".join(response))
    late = loans.filter(pl.col("dpd") > 0)
    assert set(frame["loan_id"]) == set(late["loan_id"])
    assert round(float(frame["overdue_amount"].sum()) * 100) == late["overdue_amount"].sum()
    assert response["Daihou-Rows"] == str(len(late))
    entry = Entry.objects.filter(action="portfolio.export").latest("pk")
    assert (entry.actor, entry.detail["rows"], entry.detail["filter"]) == ("api-whole", len(late), "dpd > 0")


@pytest.mark.parametrize("kind", ["application/vnd.apache.arrow.stream", "application/vnd.apache.parquet", "text/csv"])
def test_nothing_is_told_as_a_file_with_its_columns(manager: Reader, book: Any, kind: str) -> None:
    response = manager.get("/snapshots/borrower?where=loans > 9999&columns=exposure", Accept=kind)
    frame = read(kind, b"".join(response))
    assert (frame.columns, len(frame)) == (["borrower_id", "exposure"], 0)


def test_another_form_is_refused(manager: Reader, book: Any) -> None:
    assert manager.get("/snapshots/loan", Accept="image/png").status_code == 406


def test_no_name_of_a_person_is_told(manager: Reader, people: dict[str, Any], book: Any) -> None:
    names = [person.name for person in people.values() if person.name]
    assert names
    for address in ("/standings?limit=1000", "/snapshots/loan?limit=1000", "/snapshots/borrower?limit=1000"):
        body = manager.get(address).content.decode()
        assert not [name for name in names if name in body], address


def test_a_page_asks_the_database_as_often_however_long_it_is(manager: Reader, book: Any, queries: Any) -> None:
    manager.get("/standings?limit=1")
    with queries(8):
        assert len(manager.data("/standings?limit=300")) == 300


def test_a_run_that_is_written_again_ends_a_list(manager: Reader, book: list[tuple[dt.date, dt.date]]) -> None:
    from daihou.runs.nightly import run_all

    first = manager.get(f"/standings?limit=5&as_of={book[0][0]}").json()
    tag = manager.get(f"/standings?limit=5&as_of={book[0][0]}")["ETag"]
    run_all(settings.HOME, [book[0]], lambda *_: None)
    again = manager.get(f"/standings?limit=5&as_of={book[0][0]}&after={first['next']}")
    assert again.status_code == 409
    assert manager.get(f"/standings?limit=5&as_of={book[0][0]}", If_None_Match=tag).status_code == 200
    assert store.pairs(settings.HOME) == book
