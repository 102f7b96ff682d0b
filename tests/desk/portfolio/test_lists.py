"""Lists of loans: what is shown, summed and ordered is what an independent reading of the snapshot says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from django.http import QueryDict

from daihou.desk.people.reach import Part, Reach
from daihou.desk.portfolio import listing, moments
from daihou.desk.portfolio.columns import columns
from desk.portfolio import wharf
from desk.portfolio.conftest import context, every, listed, page

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from daihou.book.home import Home

    Held = Callable[..., pl.DataFrame]

FILTERS: list[tuple[str, pl.Expr]] = [
    ("state=overdue", pl.col("state") == "overdue"),
    ("state=overdue,current&dpd=31..90", pl.col("state").is_in(["overdue", "current"]) & pl.col("dpd").is_between(31, 90)),
    ("org_id=B01&product=car", (pl.col("org_id") == "B01") & (pl.col("product") == "car")),
    ("where=dpd+is+null", pl.col("dpd").is_null()),
    ("where=not+(dpd+>+0+or+state+=+'closed')&org_id=B02", ~((pl.col("dpd") > 0) | (pl.col("state") == "closed")) & (pl.col("org_id") == "B02")),
    ("principal_outstanding=100000..&product=car,micro", (pl.col("principal_outstanding") >= 10_000_000) & pl.col("product").is_in(["car", "micro"])),
    (
        "where=overdue_principal+%2B+overdue_interest+>+0.1*principal_outstanding",
        pl.col("overdue_principal") + pl.col("overdue_interest") > 0.1 * pl.col("principal_outstanding"),
    ),
    ("disbursed_on=2026-01-01..2026-03-31", pl.col("disbursed_on").is_between(pl.date(2026, 1, 1), pl.date(2026, 3, 31))),
    ("first_payment_missed=true", pl.col("first_payment_missed")),
    ("dpd=1..&where=principal_outstanding+<+20000.50", (pl.col("dpd") >= 1) & (pl.col("principal_outstanding") < 2_000_050)),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "wanted"), FILTERS, ids=[asked for asked, _ in FILTERS])
def test_a_filter_finds_counts_and_sums_what_polars_does(
    sign_in: Any, loans: pl.DataFrame, asked: str, wanted: pl.Expr
) -> None:
    right = loans.filter(wanted)
    found, told = every(sign_in("manager"), f"/loans/?{asked}")
    assert sorted(found) == sorted(right["loan_id"])
    assert told["sums"]["loans"] == len(right)
    assert told["sums"]["borrowers"] == right["borrower_id"].n_unique()
    for sums in told["sums"]["by_currency"]:
        for name in ("principal_outstanding", "overdue_principal", "overdue_amount"):
            assert (sums[name] or 0) == right[name].sum()


@pytest.mark.parametrize(
    ("kind", "base"),
    [
        ("maturing", pl.col("state").is_in(["current", "overdue"]) & (pl.col("days_to_maturity") >= 0)),
        (
            "unpaid-interest",
            pl.col("state").is_in(["current", "overdue", "written_off"]) & (pl.col("overdue_interest") > 0),
        ),
    ],
)
def test_a_ledger_holds_what_it_says_and_a_filter_narrows_it(
    sign_in: Any, loans: pl.DataFrame, kind: str, base: pl.Expr
) -> None:
    found, _ = every(sign_in("manager"), f"/loans/{kind}/")
    assert sorted(found) == sorted(loans.filter(base)["loan_id"])
    narrowed, _ = every(sign_in("manager"), f"/loans/{kind}/?org_id=B01")
    assert sorted(narrowed) == sorted(loans.filter(base & (pl.col("org_id") == "B01"))["loan_id"])


@pytest.mark.parametrize("name", ["dpd", "last_paid_on", "utilisation", "first_payment_missed", "loan_id"])
@pytest.mark.parametrize("descending", [False, True])
def test_a_sort_goes_both_ways_with_nothing_last_and_all_pages_hold_each_loan_once(
    sign_in: Any, loans: pl.DataFrame, name: str, descending: bool
) -> None:
    found, _ = every(sign_in("manager"), f"/loans/?sort={'-' if descending else ''}{name}")
    right = loans.sort(name, "loan_id", descending=[descending, False], nulls_last=True)["loan_id"].to_list()
    if name == "loan_id":
        right = sorted(loans["loan_id"], reverse=descending)
    assert found == right


def test_buckets_are_sorted_by_arrears_and_not_by_letters(sign_in: Any, loans: pl.DataFrame) -> None:
    found, _ = every(sign_in("manager"), "/loans/?sort=bucket&where=dpd+is+not+null")
    dpds = dict(loans.select("loan_id", "dpd").iter_rows())
    order = [
        0
        if not dpds[loan]
        else next(
            place for place, end in enumerate((30, 60, 90, 120, 150, 180, 270, 360, 9**9), 1) if dpds[loan] <= end
        )
        for loan in found
    ]
    assert order == sorted(order)


def test_each_of_all_columns_is_shown(sign_in: Any, loans: pl.DataFrame) -> None:
    assert set(columns()) >= set(loans.columns) - {"place", "borrower_number"}
    assert len(columns()) == 87
    text = page(sign_in("manager"), f"/loans/?cols={','.join(columns())}&size=25")
    assert text.count('<th scope="col"') == 87
    text = page(sign_in("manager"), "/loans/?cols=dpd,dpd,dpd")
    assert text.count('<th scope="col"') == 1


def test_each_column_can_be_sorted_by(at_wharf: Home) -> None:
    whole = Reach((Part(None),))
    for name in columns():
        query = QueryDict(f"sort=-{name}&cols={name}")
        assert len(listing.listing(listing.LOANS, query, moments.moment(query), whole).rows()) == 22


def test_a_page_beyond_the_last_shows_the_last(sign_in: Any) -> None:
    told = context(sign_in("manager"), "/loans/?page=9999999&size=50")
    assert (told["first"], told["last"], len(told["rows"])) == (351, 400, 50)
    told = context(sign_in("manager"), "/loans/?page=3&where=dpd+>+99999")
    assert told["rows"] == []


def test_amounts_in_a_filter_are_units_of_each_loans_own_currency(boss: Client, held: Held) -> None:
    exponents = {"CNY": 100, "USD": 100, "JPY": 1}
    unit = pl.col("currency").replace_strict(exponents, return_dtype=pl.Int64)
    for amount in (60, 70, 100, 1000, 90_000, 500_000):
        right = held().filter(pl.col("principal_outstanding") >= amount * unit)["loan_id"]
        for address in (
            f"/loans/?principal_outstanding={amount}..",
            f"/loans/?where=principal_outstanding+>=+{amount}.00",
        ):
            assert sorted(every(boss, address)[0]) == sorted(right)
    in_base = held().filter(pl.col("principal_outstanding_base") >= 4320 * 100)["loan_id"]
    assert sorted(every(boss, "/loans/?principal_outstanding_base=4320..")[0]) == sorted(in_base)


def test_sums_are_by_currency_and_a_borrower_of_three_currencies_is_one(boss: Client, held: Held) -> None:
    told = context(boss, "/loans/?cols=loan_id,principal_outstanding,overdue_amount")
    right = (
        held()
        .group_by("currency")
        .agg(
            pl.len().alias("loans"),
            pl.col("borrower_id").n_unique().alias("borrowers"),
            pl.col("principal_outstanding", "overdue_amount").sum(),
        )
    )
    assert {row["currency"]: dict(row) for row in told["sums"]["by_currency"]} == {
        row["currency"]: row for row in right.iter_rows(named=True)
    }
    assert told["sums"]["borrowers"] == held()["borrower_id"].n_unique()
    assert told["page_sums"] == [
        {name: row[name] for name in ("currency", "loans", "principal_outstanding", "overdue_amount")}
        for row in told["sums"]["by_currency"]
    ]
    text = page(boss, "/loans/?where=currency+=+'JPY'&cols=loan_id,principal_outstanding")
    assert "590,000<" in text
    assert "590,000.00" not in text


def test_empty_fields_of_a_form_leave_the_address(boss: Client) -> None:
    response = boss.get("/loans/?dpd=&state=overdue&where=&product=")
    assert (response.status_code, response.headers["Location"]) == (302, "/loans/?state=overdue")
    assert boss.get("/loans/?dpd=").headers["Location"] == "/loans/"


def test_values_of_one_name_that_a_form_sends_twice_are_both_asked_for(boss: Client, held: Held) -> None:
    right = held().filter(pl.col("state").is_in(["closed", "transferred"]))["loan_id"]
    assert sorted(every(boss, "/loans/?state=closed&state=transferred")[0]) == sorted(right)


def test_a_loan_in_a_list_of_an_earlier_date_opens_on_that_date(boss: Client) -> None:
    text = page(boss, "/loans/?as_of=2026-03-31&known_on=2026-03-31")
    assert 'href="/loans/A1/?as_of=2026-03-31&amp;known_on=2026-03-31"' in text
    assert 'href="/borrowers/B1/?as_of=2026-03-31&amp;known_on=2026-03-31"' in text
    assert 'href="/loans/A1/"' in page(boss, "/loans/")


def presets_hold(client: Client) -> None:
    for kind in ("", "maturing/", "unpaid-interest/"):
        for view in context(client, f"/loans/{kind}")["views"]:
            opened = context(client, view["url"] if view["url"].startswith("/") else f"/loans/{kind}{view['url']}")
            assert opened["sums"]["loans"] == view["count"]
            assert [other["name"] for other in opened["views"] if other["here"]] == [view["name"]]


def test_every_preset_counts_what_its_list_holds(boss: Client) -> None:
    presets_hold(boss)


def test_every_preset_counts_what_its_list_holds_of_an_officer(sign_in: Any) -> None:
    presets_hold(sign_in("officer"))


def test_presets_keep_the_dates_of_the_page(boss: Client, held: Held) -> None:
    told = context(boss, "/loans/?as_of=2026-03-31")
    overdue = next(view for view in told["views"] if "state=overdue" in view["query"])
    assert overdue["count"] == len(held(wharf.MARCH).filter(pl.col("state") == "overdue"))
    assert context(boss, f"/loans/{overdue['url']}")["sums"]["loans"] == overdue["count"]


def test_names_that_a_spreadsheet_or_a_browser_would_read_stay_as_they_are(boss: Client) -> None:
    text = page(boss, "/loans/?size=100")
    assert set(listed(text)) >= {"Z=1", "-Z2"}
    for loan in ("Z=1", "-Z2"):
        page(boss, f"/loans/{loan}/")
    page(boss, "/borrowers/+B14/")
    page(boss, "/loans/?product=%40sum(1)")
