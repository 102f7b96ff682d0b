"""The story of each demo book, told in figures that a run has written: a branch, a circle of guarantees, a platform."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from daihou.book import lake
from daihou.runs import store
from daihou.runs.portfolio.portfolio import portfolio
from daihou.simulation.parameters import shipped

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

    from daihou.book.home import Home
    from daihou.simulation.parameters import Trouble

    Text = tuple[str, str]

COLUMNS: Final = 5
"""Dates that fit a table side by side."""
COHORTS: Final = 12


@dataclass(frozen=True, slots=True)
class Story:
    """What a book tells: a title and a sentence (English, Chinese), and a table of figures."""

    title: Text
    said: Text
    head: Sequence[Text]
    rows: Sequence[Sequence[str]]


def story(home: Home, profile: str, dates: Sequence[dt.date]) -> Story:
    """The story of a profile's demo book, from its runs."""
    tell: dict[str, Callable[[Home, Sequence[dt.date], Trouble], Story]] = {
        "bank": _branch,
        "trust": _circle,
        "online": _platform,
    }
    (trouble,) = shipped(profile).troubles  # what the book was made by, not what happens to look worst
    return tell[profile](home, dates, trouble)


def _read(home: Home, table: str, day: dt.date) -> pl.DataFrame:
    frame = pl.from_arrow(store.read(home, table, day, day))
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - a table never becomes a series
    return frame


def _branch(home: Home, dates: Sequence[dt.date], trouble: Trouble) -> Story:
    """Share of each branch's balance over 30 days past due, by quarter."""
    shown = [day for day in dates if day.month % 3 == 0]
    found = {day: dict(_read(home, "org_snapshots", day).select("org_id", "over_30_share").rows()) for day in shown}
    orgs = sorted({org for row in found.values() for org in row if org})
    last = found[shown[-1]]
    worst, since = trouble.name, dates[trouble.month]
    best = max((last.get(org) or 0 for org in orgs if org != worst), default=0)
    en = f"Share of the balance over 30 days past due. From {since:%Y-%m} on branch {worst} goes bad, whatever the product: "
    zh = f"逾期超30天余额占比。自 {since:%Y} 年 {since.month} 月起 {worst} 支行各类产品质量均恶化，"
    return Story(
        ("A branch going bad", "一家支行资产质量恶化"),
        (
            en + f"{_share(last.get(worst))} at the end, at most {_share(best)} elsewhere.",
            zh + f"期末为 {_share(last.get(worst))}，其他支行最高 {_share(best)}。",
        ),
        [("quarter end", "季末"), *((org, org) for org in orgs)],
        [[f"{day}", *(_share(found[day].get(org)) for org in orgs)] for day in shown],
    )


def _circle(home: Home, dates: Sequence[dt.date], _trouble: Trouble) -> Story:
    """Worst days past due of each company of the circle, over the last dates."""
    relations = pl.from_arrow(lake.read(home, "relations", ["from_id", "to_id", "kind"]).read_all())
    assert isinstance(relations, pl.DataFrame)  # noqa: S101 - as above
    ring = relations.filter(pl.col("kind") == "guarantees").select("from_id", "to_id").rows()
    companies = sorted(company for company, _ in ring)
    guaranteed = dict(ring)
    shown = dates[::-2][:COLUMNS][::-1]
    found = {
        day: dict(_read(home, "borrower_snapshots", day).filter(pl.col("borrower_id").is_in(companies)).select("borrower_id", "worst_dpd").rows())
        for day in shown
    }  # fmt: skip
    owed = _read(home, "borrower_snapshots", shown[-1]).filter(pl.col("borrower_id").is_in(companies))
    exposure = Decimal(sum(owed["exposure"].drop_nulls()))
    en = f"Worst days past due of {len(companies)} companies that guarantee each other in a ring and owe {exposure / 10**8:,.1f} million yuan. "
    zh = f"{len(companies)} 家企业环环互保，期末贷款余额合计 {exposure / 10**10:,.2f} 亿元。"
    return Story(
        ("A guarantee circle", "互保圈风险"),
        (
            en + "Looked at alone each was good; then one after another stops paying.",
            zh + "逐户看均正常，随后相继停止还款。下表为各户最长逾期天数。",
        ),
        [("company", "企业"), ("guarantees", "担保对象"), *((f"{day:%Y-%m}", f"{day:%Y-%m}") for day in shown)],
        [[company, guaranteed[company], *(_days(found[day].get(company)) for day in shown)] for company in companies],
    )


def _platform(home: Home, dates: Sequence[dt.date], trouble: Trouble) -> Story:
    """First-payment default by platform and month of disbursement."""
    found = portfolio(home, last=dates[-1]).first_payments(cohort="month", by=["partner_id"])
    rates: dict[tuple[Any, Any], float | None] = {
        (cohort, partner): rate for cohort, partner, rate in found.select("cohort", "partner_id", "fpd_7_rate").rows()
    }
    partners = sorted({partner for _, partner in rates if partner})
    cohorts = sorted({cohort for (cohort, _), rate in rates.items() if rate is not None})[-COHORTS:]
    worst, since = trouble.name, dates[trouble.month].replace(day=1)
    peak = max(rates.get((cohort, worst)) or 0 for cohort in cohorts)
    others = [partner for partner in partners if partner != worst]
    usual = max((rates.get((cohort, partner)) or 0 for cohort in cohorts for partner in others), default=0)
    en = "FPD7, share of loans whose first payment was a week late or more, by month of disbursement. What platform "
    zh = f"FPD7（首期逾期7天及以上笔数占比），按放款月份。{worst} 平台引流贷款自 {since:%Y} 年 {since.month} 月放款起骤升，"
    return Story(
        ("A funding platform whose first payments fail", "某合作平台首期逾期激增"),
        (
            en
            + f"{worst} brings turns bad from {since:%Y-%m} on, up to {_share(peak)} against {_share(usual)} at most elsewhere: the mark of "
            + "fraud, seen long before it shows in any overdue rate.",
            zh + f"最高 {_share(peak)}（其他平台最高 {_share(usual)}），呈欺诈特征，远早于逾期率反映。",
        ),
        [("paid out in", "放款月份"), *((partner, partner) for partner in partners)],
        [[f"{cohort:%Y-%m}", *(_share(rates.get((cohort, partner))) for partner in partners)] for cohort in cohorts],
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}%"


def _days(value: int | None) -> str:
    return "-" if value is None else f"{value}"
