"""The overview: each figure, each month of its course and each change is what the snapshots of those dates say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from django.conf import settings

from daihou.runs import store
from desk.portfolio.conftest import context, page

if TYPE_CHECKING:
    import datetime as dt

    from django.test import Client

BASE = "principal_outstanding_base"
LIVE = pl.col("state").is_in(["current", "overdue"])


def test_the_overview_opens_for_each_who_may_see_it(sign_in: Any) -> None:
    for who in ("manager", "officer", "branch_manager", "viewer"):
        response = sign_in(who).get("/portfolio/")
        assert response.status_code == 200


def months(pairs: list[tuple[dt.date, dt.date]], within: pl.Expr) -> list[dict[str, Any]]:
    """The cards of each date, from its snapshot alone."""
    found = []
    for pair in pairs:
        frame = pl.from_arrow(store.read(settings.HOME, "snapshots", *pair))
        assert isinstance(frame, pl.DataFrame)
        live = frame.filter(within & LIVE)
        found.append(
            {
                "live": live[BASE].sum(), "overdue": live.filter(pl.col("dpd") > 0)[BASE].sum(), "over_30": live.filter(pl.col("dpd") > 30)[BASE].sum(),
                "over_90": live.filter(pl.col("dpd") > 90)[BASE].sum(), "loans": len(live), "loans_overdue": len(live.filter(pl.col("dpd") > 0)),
            }
        )  # fmt: skip
    return found


@pytest.mark.parametrize(("who", "cut", "within"), [
    ("manager", "", pl.lit(value=True)), ("manager", "?org_id=B01&product=consumer", (pl.col("org_id") == "B01") & (pl.col("product") == "consumer")),
    ("branch_manager", "?product=car", (pl.col("org_id") == "B01") & (pl.col("product") == "car")), ("officer", "", None),
])  # fmt: skip
def test_each_month_of_each_card_is_that_of_its_snapshot(
    sign_in: Any, cast: Any, book: list[Any], who: str, cut: str, within: pl.Expr | None
) -> None:
    if within is None:
        within = (pl.col("officer_id") == cast["officer"].officer_id) & (pl.col("org_id") == "B01")
    told, right = context(sign_in(who), f"/portfolio/{cut}"), months(book, within)
    for name in ("live", "overdue", "over_30", "over_90", "loans", "loans_overdue"):
        assert list(getattr(told["balances"], name).values) == [month[name] for month in right], name
    last, before = right[-1], right[-2]
    assert told["balances"].live.growth == pytest.approx((last["live"] - before["live"]) / before["live"])
    for name in ("overdue", "over_30", "over_90"):
        rate = told["rates"][name]
        assert rate.now == pytest.approx(last[name] / last["live"])
        assert rate.change == pytest.approx(last[name] / last["live"] - before[name] / before["live"])


def test_groups_tell_rates_and_their_change_of_each_org(sign_in: Any, book: list[Any]) -> None:
    told = context(sign_in("manager"), "/portfolio/")
    for group in told["groups"]:
        last, before = (month for month in months(book[-2:][::-1], pl.col("org_id") == group["row"].code))
        assert group["row"].balance == last["live"]
        assert group["row"].overdue == pytest.approx(last["overdue"] / last["live"])
        assert group["row"].over_90 == pytest.approx(last["over_90"] / last["live"])
        assert group["row"].change == pytest.approx(last["overdue"] / last["live"] - before["overdue"] / before["live"])
    balances = [group["row"].balance for group in told["groups"]]
    assert balances == sorted(balances, reverse=True)


def test_the_overdue_amount_is_of_loans_past_due_and_changes_since_the_month_before(boss: Client, held: Any) -> None:
    def sums(frame: pl.DataFrame) -> dict[str, int]:
        return dict(
            frame.filter(pl.col("state") == "overdue")
            .group_by("currency")
            .agg(pl.col("overdue_amount").sum())
            .iter_rows()
        )

    now, was = sums(held()), sums(held(context(boss, "/portfolio/")["before"][0]))
    told = {one["currency"]: (one["amount"], one["change"]) for one in context(boss, "/portfolio/")["overdue_amounts"]}
    assert told == {code: (amount, amount - was[code] if code in was else None) for code, amount in now.items()}
    assert next(iter(told)) == "CNY"
    assert held().filter(pl.col("state") == "written_off")["overdue_amount"].sum() > 0  # and yet not among them


def test_each_loan_is_in_one_state_and_a_state_that_occurs_is_seen(boss: Client, held: Any) -> None:
    told = context(boss, "/portfolio/")["states"]
    assert {row["state"]: row["loans"] for row in told["rows"]} == dict(held().group_by("state").len().iter_rows())
    assert sum(row["share"] for row in told["rows"]) == pytest.approx(1)
    assert all(width > 0 for _, _, width in told["bars"])
    assert all(0 <= at < 100 for _, at, _ in told["bars"])


def test_sums_in_the_base_currency_stand_under_their_column(boss: Client, held: Any) -> None:
    whole = held().filter(pl.col("currency") == "JPY")[BASE].sum()
    assert f"{whole / 100:,.2f}" in page(boss, f"/loans/?cols=loan_id,{BASE}&where=currency+%3D+'JPY'")
