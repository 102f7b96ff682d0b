"""Nobody sees a loan outside their part: not in a list, a sum, a chart, a matrix, a file, a borrower or a count."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import polars as pl
import pytest

from daihou.desk.people.roles import Role
from desk.portfolio import wharf
from desk.portfolio.conftest import browser, context, every, page

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from daihou.book.home import Home

    Held = Callable[..., pl.DataFrame]

PEOPLE: dict[str, tuple[list[tuple[str, str]], str, pl.Expr]] = {
    "branch": ([(Role.MANAGER, "hill")], "", pl.col("org_id").is_in(["hill", "slope"])),
    "street": ([(Role.MANAGER, "slope")], "", pl.col("org_id") == "slope"),
    "officer": ([(Role.OFFICER, "")], "O2", pl.col("officer_id") == "O2"),
    "officer of a branch": ([(Role.OFFICER, "harbour")], "O1", (pl.col("officer_id") == "O1") & (pl.col("org_id") == "harbour")),
    "two parts": (
        [(Role.OFFICER, "harbour"), (Role.MANAGER, "slope")], "O3",
        ((pl.col("officer_id") == "O3") & (pl.col("org_id") == "harbour")) | (pl.col("org_id") == "slope"),
    ),
    "officer without a number": ([(Role.OFFICER, "")], "", pl.lit(value=False)),
    "head office by name": ([(Role.MANAGER, "HQ")], "", pl.col("org_id").is_not_null()),
    "org without loans": ([(Role.MANAGER, "nowhere")], "", pl.lit(value=False)),
}  # fmt: skip


@pytest.fixture(params=PEOPLE)
def somebody(request: pytest.FixtureRequest, db: None, at_wharf: Home) -> tuple[Client, pl.Expr]:
    """A browser, and the loans that it may show."""
    roles, officer_id, wanted = PEOPLE[request.param]
    return browser("somebody", *roles, officer_id=officer_id), wanted


def test_lists_and_sums_hold_just_the_loans_in_reach(somebody: tuple[Client, pl.Expr], held: Held) -> None:
    client, wanted = somebody
    right = held().filter(wanted)
    found, told = every(client, "/loans/?cols=loan_id,overdue_amount")
    assert sorted(found) == sorted(right["loan_id"])
    assert told["sums"]["borrowers"] == right["borrower_id"].n_unique()
    assert sum(row["overdue_amount"] or 0 for row in told["sums"]["by_currency"]) == right["overdue_amount"].sum()
    assert [view["count"] for view in told["views"][:2]] == [
        len(right),
        len(right.filter(pl.col("state") == "overdue")),
    ]
    for trick in (
        "where=org_id+=+'harbour'+or+org_id+!=+'harbour'+or+org_id+is+null",
        "org_id=harbour,hill,slope,HQ",
        "since=2026-02-28&was=0,absent,1,2",
    ):
        assert set(every(client, f"/loans/?{trick}")[0]) <= set(right["loan_id"])


def test_the_overview_and_the_matrix_count_just_the_loans_in_reach(
    somebody: tuple[Client, pl.Expr], held: Held
) -> None:
    client, wanted = somebody
    right = held().filter(wanted)
    live = right.filter(pl.col("state").is_in(["current", "overdue"]))
    told = context(client, "/portfolio/?by=product")
    assert told["states"]["total"] == len(right)
    assert (told["balances"].live.now, told["balances"].loans.now) == (
        live["principal_outstanding_base"].sum(),
        len(live),
    )
    assert sum(group["row"].balance for group in told["groups"]) == live["principal_outstanding_base"].sum()
    told = context(client, "/compare/?since=2026-01-31")
    assert sum(cell.loans for _, _, cells in told["heat"].rows for cell in cells if cell.now != "absent") <= len(right)
    assert told["total"] == len(right)


def test_files_hold_just_the_loans_in_reach(somebody: tuple[Client, pl.Expr], held: Held) -> None:
    client, wanted = somebody
    right = held().filter(wanted)
    rows = list(csv.reader(io.StringIO(page(client, "/loans/export/loans.csv?cols=loan_id"))))[1:-1]
    assert sorted(row[0].removeprefix("'") for row in rows) == sorted(right["loan_id"])


def test_borrowers_are_those_with_a_loan_in_reach_and_loan_pages_open_for_these_alone(
    somebody: tuple[Client, pl.Expr], held: Held
) -> None:
    client, wanted = somebody
    right, other = held().filter(wanted), held().filter(wanted.not_() | wanted.is_null())
    told = context(client, "/borrowers/")
    assert {row["borrower_id"] for row in told["rows"]} == set(right["borrower_id"])
    assert told["count"] == right["borrower_id"].n_unique()
    for loan_id in right["loan_id"][:1]:
        page(client, f"/loans/{loan_id}/")
    for loan_id in other["loan_id"][:3]:
        for query in ("", "?format=json", "?as_of=2026-02-28&known_on=2026-02-28"):
            page(client, f"/loans/{loan_id}/{query}", 404)
    for borrower_id in sorted(set(other["borrower_id"]) - set(right["borrower_id"]))[:3]:
        page(client, f"/borrowers/{borrower_id}/", 404)


def test_a_borrower_partly_elsewhere_is_shown_whole_and_the_loans_elsewhere_open_nothing(db: None, held: Held) -> None:
    client = browser("branch", (Role.MANAGER, "slope"))
    told = context(client, "/borrowers/B1/")
    right = held().filter(pl.col("borrower_id") == "B1")
    assert {row["loan_id"]: row["in_reach"] for row in told["loans"]} == {
        row["loan_id"]: row["org_id"] == "slope" for row in right.iter_rows(named=True)
    }
    text = page(client, "/borrowers/B1/")
    assert "/loans/E1/" in text
    for loan_id in right["loan_id"]:
        assert (f"/loans/{loan_id}/" in text) == (loan_id == "E1")
    assert {event.loan_id for _, events in told["months"] for event in events} == {"E1"}


def test_a_loan_that_came_from_elsewhere_brings_its_past_and_one_that_went_is_gone(db: None, held: Held) -> None:
    """M1 went from the harbour to the slope in March: it is the slope's now, also of February."""
    slope, harbour = browser("slope", (Role.MANAGER, "slope")), browser("harbour", (Role.MANAGER, "harbour"))
    for since, was in (("2026-02-28", "1"), ("2026-01-31", "0")):
        assert "M1" in every(slope, f"/loans/?since={since}&was={was}")[0]
        assert "M1" not in every(harbour, f"/loans/?since={since}&was={was}")[0]
    page(slope, "/loans/M1/?as_of=2026-02-28&known_on=2026-02-28")
    page(harbour, "/loans/M1/?as_of=2026-02-28&known_on=2026-02-28", 404)
    for client, org in ((slope, "slope"), (harbour, "harbour")):
        absent = [
            cell
            for _, _, cells in context(client, "/compare/?since=2026-02-28")["heat"].rows
            for cell in cells
            if cell.now == "absent" and cell.loans
        ]
        assert absent == []
        assert context(client, "/compare/?since=2026-02-28")["total"] == len(held().filter(pl.col("org_id") == org))


def test_who_may_see_more_than_export_exports_no_more_than_that(db: None, held: Held) -> None:
    client = browser("double", (Role.VIEWER, ""), (Role.MANAGER, "slope"))
    assert len(every(client, "/loans/")[0]) == len(held())
    rows = list(csv.reader(io.StringIO(page(client, "/loans/export/loans.csv?cols=loan_id"))))[1:-1]
    assert sorted(row[0] for row in rows) == sorted(held().filter(pl.col("org_id") == "slope")["loan_id"])
    whole, part = (
        context(browser(name, *roles), "/portfolio/")["balances"]
        for name, roles in (("all", [(Role.VIEWER, "")]), ("part", [(Role.MANAGER, "slope")]))
    )
    assert whole.live.now != part.live.now
    text = page(client, "/portfolio/figures/buckets.csv")
    assert text == page(browser("part2", (Role.MANAGER, "slope")), "/portfolio/figures/buckets.csv")


def test_who_exports_nothing_is_refused_and_sees_no_button(db: None, at_wharf: Home) -> None:
    client = browser("viewer", (Role.VIEWER, ""))
    for address in ("/loans/export/loans.csv", "/loans/export/loans.xlsx", "/portfolio/figures/rolls.csv"):
        page(client, address, 403)
    assert "/loans/export/" not in page(client, "/loans/")
    assert wharf.END.isoformat() in page(client, "/loans/")


def test_an_officers_pages_equal_a_managers_of_the_same_loans(db: None, at_wharf: Home, held: Held) -> None:
    """O3 has all loans of one product in the harbour, so that loans read one by one and cubes must tell the same."""
    officer, boss = browser("officer", (Role.OFFICER, ""), officer_id="O3"), browser("boss2", (Role.MANAGER, ""))
    assert set(held().filter(pl.col("product") == "snug")["officer_id"]) == {"O3"}
    one, other = (context(client, "/portfolio/?product=snug&by=org_id") for client in (officer, boss))
    assert one["balances"] == other["balances"]
    assert one["overdue_amounts"] == other["overdue_amounts"]
    assert [row["row"] for row in one["groups"]] == [row["row"] for row in other["groups"]]
    assert one["states"] == other["states"]
    for name, drawing in one["drawn"].items():
        assert drawing.table == other["drawn"][name].table, name
