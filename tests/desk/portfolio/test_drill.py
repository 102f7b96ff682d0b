"""Every figure of the overview and of a comparison leads to its loans: the list behind it counts and sums to just that figure."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import polars as pl
import pytest
from django.conf import settings

from daihou.book.days import add_months
from daihou.desk.people.roles import Role
from daihou.runs import store
from desk.portfolio.conftest import browser, context, page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.test import Client

BASE = "principal_outstanding_base"
OVERVIEWS = (
    "/portfolio/", "/portfolio/?org_id=hill", "/portfolio/?product=auto&org_id=HQ", "/portfolio/?as_of=2026-04-15", "/portfolio/?as_of=2026-04-30&known_on=2026-05-04",
)  # fmt: skip


PARTS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "boss": ("", [(Role.MANAGER, "")]),
    "hill": ("", [(Role.MANAGER, "hill")]),
    "officer": ("O2", [(Role.OFFICER, "")]),
    "both": ("O1", [(Role.OFFICER, "harbour"), (Role.MANAGER, "slope")]),
}
"""Those who see all of the wharf, a branch of it, one officer's loans, or two parts at once."""


def wharfinger(who: str) -> Client:
    officer_id, roles = PARTS[who]
    return browser(who, *roles, officer_id=officer_id)


def behind(client: Client, url: str) -> dict[str, Any]:
    """Loans, their balance in the base currency and overdue amounts by currency, of the list that a figure leads to."""
    told = context(client, f"{url}&cols={BASE},overdue_amount,loan_id&size=100")
    sums = told["sums"]
    return {
        "loans": sums["loans"], "balance": sum(row[BASE] or 0 for row in sums["by_currency"]),
        "overdue": {row["currency"]: row["overdue_amount"] or 0 for row in sums["by_currency"]}, "ids": [row["loan_id"] for row in told["rows"]],
    }  # fmt: skip


def snapshot(as_of: str, known_on: str) -> pl.DataFrame:
    frame = pl.from_arrow(
        store.read(settings.HOME, "snapshots", dt.date.fromisoformat(as_of), dt.date.fromisoformat(known_on))
    )
    assert isinstance(frame, pl.DataFrame)
    return frame


def cards_lead_to_their_loans(client: Client, told: Any) -> None:
    links, balances = told["links"], told["balances"]
    for name in ("live", "overdue", "over_30", "over_90"):
        assert behind(client, links[name])["balance"] == getattr(balances, name).now, name
    assert behind(client, links["live"])["loans"] == balances.loans.now
    overdue = behind(client, links["overdue"])
    assert overdue["loans"] == balances.loans_overdue.now
    assert {one["currency"]: one["amount"] for one in told["overdue_amounts"] if one["amount"]} == {
        code: amount for code, amount in overdue["overdue"].items() if amount
    }
    if told["moved"]:
        for name in ("new", "cured"):
            found = behind(client, links[name])
            assert found["loans"] == getattr(told["moved"], name)
            assert found["balance"] == getattr(told["moved"], f"{name}_balance")


def rows_lead_to_their_loans(client: Client, told: Any) -> None:
    for group in told["groups"]:
        if group["url"]:
            assert behind(client, group["url"])["balance"] == group["row"].balance, group["name"]
    for row in told["states"]["rows"]:
        assert behind(client, row["url"])["loans"] == row["loans"], row["state"]


def cells_lead_to_their_loans(client: Client, heat: Any) -> int:
    followed = 0
    for _, count, cells in heat.rows:
        assert sum(cell.loans for cell in cells) == count
        for cell in cells:
            if cell.url:
                found = behind(client, cell.url)
                assert (found["loans"], found["balance"]) == (cell.loans, cell.balance), (cell.was, cell.now)
                followed += 1
    return followed


@pytest.mark.parametrize(
    ("who", "address"),
    [*(("boss", address) for address in OVERVIEWS), ("hill", OVERVIEWS[0]), ("officer", OVERVIEWS[0]), ("officer", OVERVIEWS[2]), ("both", OVERVIEWS[0])],
)  # fmt: skip
@pytest.mark.usefixtures("db", "at_wharf")
def test_each_card_row_and_cell_of_the_wharf_leads_to_its_loans(who: str, address: str) -> None:
    client = wharfinger(who)
    for by in ("org_id", "region"):
        told = context(client, f"{address}{'&' if '?' in address else '?'}by={by}")
        rows_lead_to_their_loans(client, told)
    cards_lead_to_their_loans(client, told)
    if told["heat"]:
        cells_lead_to_their_loans(client, told["heat"])


@pytest.mark.parametrize("who", ["manager", "branch_manager", "officer"])
def test_each_card_row_and_cell_of_the_bank_leads_to_its_loans(sign_in: Any, who: str) -> None:
    client = sign_in(who)
    told = context(client, "/portfolio/?by=product")
    cards_lead_to_their_loans(client, told)
    rows_lead_to_their_loans(client, told)
    assert cells_lead_to_their_loans(client, told["heat"]) > 0


@pytest.mark.parametrize(
    ("who", "address"),
    [
        ("boss", "/compare/?since=2026-01-31"), ("both", "/compare/"), ("hill", "/compare/"), ("hill", "/compare/?since=2026-02-28&org_id=slope"),
        ("officer", "/compare/?known_on=2026-05-04"), ("boss", "/compare/?as_of=2026-04-30&since=2026-04-15"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("db", "at_wharf")
def test_each_cell_of_a_comparison_leads_to_its_loans(who: str, address: str) -> None:
    client = wharfinger(who)
    told = context(client, address)
    assert cells_lead_to_their_loans(client, told["heat"]) > 0


def points(drawing: Any, most: int) -> Iterator[tuple[int, int, float, str]]:
    """Points that have a link: series, place, value, link; of many some, those with something behind them first."""
    found = [
        (series, place, value, drawing.links[series][place])
        for series, line in enumerate(drawing.chart.series)
        for place, value in enumerate(line.values)
        if value is not None
    ]
    assert all(url for *_, url in found)
    found.sort(key=lambda point: not point[2])
    yield from found[:most]


def asked(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def points_lead_to_their_loans(
    client: Client, told: Any, cut: Callable[[pl.DataFrame], pl.DataFrame], most: int = 4
) -> None:
    drawn = told["drawn"]
    live = pl.col("state").is_in(["current", "overdue"])
    for _, _, value, url in points(drawn["buckets"], most):
        whole = cut(snapshot(asked(url)["as_of"], asked(url)["known_on"])).filter(live)[BASE].sum()
        assert int(behind(client, url)["balance"]) / int(whole) == pytest.approx(value)
    for series, place, value, url in points(drawn["rolls"], most):
        as_of, known_on = (dt.date.fromisoformat(asked(url)[name]) for name in ("as_of", "known_on"))
        before = max(
            dt.date.fromisoformat(day)
            for day in drawn["rolls"].chart.labels[: place + 1] + month_before(told, as_of)
            if dt.date.fromisoformat(day) < as_of
        )
        was = drawn["rolls"].chart.series[series].name.partition(" → ")[0]
        earlier = cut(snapshot(before.isoformat(), (before if as_of == known_on else known_on).isoformat())).filter(
            live
        )
        whole = earlier.filter(pl.col("unpaid_due_dates") == int(was))[BASE].sum()
        assert int(behind(client, url)["balance"]) / int(whole) == pytest.approx(value)
    last = cut(snapshot(told["moment"].as_of.isoformat(), told["moment"].known_on.isoformat())).filter(
        pl.col("months_on_book").is_not_null()
    )
    for _, place, value, url in points(drawn["first_payments"], most):
        first, _, end = asked(url)["disbursed_on"].partition("..")
        days = int(asked(url)["first_payment_max_dpd"].removesuffix(".."))
        assert drawn["first_payments"].chart.labels[place] == first[:7]
        due = last.filter(
            pl.col("disbursed_on").is_between(dt.date.fromisoformat(first), dt.date.fromisoformat(end))
            & ((told["moment"].as_of - pl.col("first_due_on")).dt.total_days() >= days)
        )
        assert behind(client, url)["loans"] / len(due) == pytest.approx(value)
    for _, _, value, url in points(drawn["vintages"], most):
        year, quarter = asked(url)["vintage"].partition(".")[0].split("Q")
        begun = dt.date(int(year), 3 * int(quarter) - 2, 1)
        cohort = last.filter((pl.col("disbursed_on") >= begun) & (pl.col("disbursed_on") < add_months(begun, 3)))
        if "currency" in asked(url):
            cohort = cohort.filter(currency=asked(url)["currency"])
        assert behind(client, url)["loans"] / len(cohort) == pytest.approx(value)


def month_before(told: Any, day: dt.date) -> tuple[str, ...]:
    """The end of the month before, where it was run."""
    first = day.replace(day=1) - dt.timedelta(days=1)
    return (first.isoformat(),) if any(as_of == first for as_of, _ in told["moment"].pairs) else ()


@pytest.mark.parametrize("cut", ["org_id=HQ", "org_id=B02&product=consumer"])
def test_each_point_of_the_charts_of_the_bank_leads_to_its_loans(sign_in: Any, cut: str) -> None:
    wanted = {name: values[0] for name, values in parse_qs(cut).items() if values[0] != "HQ"}
    client = sign_in("manager")
    points_lead_to_their_loans(
        client, context(client, f"/portfolio/?{cut}"), lambda frame: frame.filter(**wanted) if wanted else frame
    )


def test_each_point_of_the_charts_of_a_branch_and_of_an_officer_leads_to_its_loans(sign_in: Any, cast: Any) -> None:
    own = cast["officer"].officer_id
    points_lead_to_their_loans(
        sign_in("officer"),
        context(sign_in("officer"), "/portfolio/"),
        lambda frame: frame.filter(officer_id=own, org_id="B01"),
    )
    points_lead_to_their_loans(
        sign_in("branch_manager"),
        context(sign_in("branch_manager"), "/portfolio/"),
        lambda frame: frame.filter(org_id="B01"),
    )


@pytest.mark.parametrize(
    "address", ["/portfolio/", "/portfolio/?as_of=2026-04-30&known_on=2026-05-04", "/portfolio/?as_of=2026-03-31"]
)
def test_each_point_of_the_charts_of_the_wharf_leads_to_its_loans(boss: Client, address: str) -> None:
    points_lead_to_their_loans(boss, context(boss, address), lambda frame: frame, most=8)


def test_every_link_of_an_overview_opens(boss: Client) -> None:
    for address in ("/portfolio/", "/compare/", "/portfolio/?org_id=hill&by=region"):
        links = {unescape(link) for link in re.findall(r'href="(/[^"]*)"', page(boss, address))}
        for link in sorted(
            link for link in links if link.startswith(("/loans", "/portfolio", "/compare", "/borrowers"))
        )[:12]:
            assert boss.get(link).status_code in (200, 302), link
