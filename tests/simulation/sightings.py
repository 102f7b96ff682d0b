"""What the files of a simulated book tell of the parameters of accounts, events and the economy, each as an interval that holds the truth 19 times of 20.

Chances have Wilson's interval, means the normal one with the spread that was seen, and what moves a series that of a regression.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from simulation.estimates import FEWEST, Interval, Z, wilson

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from daihou.simulation.parameters import Parameters

Found = dict[str, Interval]

LIVING: Final = (
    "supplier", "person", "tax", "utility", "housing", "food", "medical", "education", "entertainment", "travel", "cash", "investment", "other",
)  # fmt: skip
GIVEN_BACK: Final = "余额不足退票"


@dataclass(frozen=True, slots=True)
class Sight:
    """The tables of one book; days are told by the month of the book they lie in, counted from 0."""

    given: Parameters
    months: int
    last_on: dt.date
    borrowers: pl.DataFrame
    """Each borrower: month of its first loan, of its first default, whether of the circle."""
    owners: pl.DataFrame
    """Those with an account: who they are, and the month from which it is seen."""
    troubles: pl.DataFrame
    shocks: pl.DataFrame
    rows: pl.DataFrame
    """What is seen in accounts, the last version of each row, with what it is for."""
    events: pl.DataFrame


def sight(given: Parameters, folder: Path, first_on: dt.date, last_on: dt.date, months: int) -> Sight:
    """Read a book."""

    def read(name: str) -> pl.DataFrame:
        return pl.read_parquet(sorted(folder.glob(f"{name}-*.parquet")))

    def month(name: str) -> pl.Expr:
        return (
            12 * (pl.col(name).dt.year() - first_on.year) + pl.col(name).dt.month().cast(pl.Int32) - first_on.month
        ).cast(pl.Int64)

    defaults = read("truth/defaults").group_by("borrower_id").agg(month("on").min().alias("default"))
    borrowers = (
        read("borrowers").select("borrower_id", month("effective_on").alias("since"))
        .join(read("truth/habits").select("borrower_id", "circle"), on="borrower_id").join(defaults, on="borrower_id", how="left")
    )  # fmt: skip
    opened = (
        read("accounts")
        .group_by("borrower_id")
        .agg(month("effective_on").min().alias("opened"), pl.len().alias("accounts"))
    )
    owners = (
        read("truth/accounts").with_columns(pl.col("income").cast(pl.Float64))
        .join(opened, on="borrower_id").join(borrowers, on="borrower_id")
    )  # fmt: skip
    spans = (month("from_on").alias("begins"), month("until_on").alias("ends"))
    troubles = (
        read("truth/troubles")
        .with_columns(spans)
        .join(owners.select("borrower_id", "opened", "default"), on="borrower_id")
    )
    shocks = read("truth/shocks").with_columns(spans).join(owners.select("borrower_id"), on="borrower_id", how="semi")
    booked = pl.col("booked_at").dt.convert_time_zone("Asia/Shanghai")
    rows = (
        read("transactions")
        .with_columns(booked, pl.col("amount", "balance").cast(pl.Float64), borrower_id="B" + pl.col("account_id").str.slice(4, 8))
        .with_columns(on=pl.col("booked_at").dt.date(), first=pl.col("account_id").str.ends_with("1"))
        .with_columns(month=month("on"), late=(pl.col("known_on") - pl.col("on")).dt.total_days())
        .with_columns(versions=pl.len().over("txn_id"), last=pl.col("known_on") == pl.col("known_on").max().over("txn_id"))
        .join(owners.select("borrower_id", "income", "opened", "employed"), on="borrower_id")
        .with_columns(living=pl.col("counterparty_kind").is_in(LIVING) & ~pl.col("memo").is_in(["购货款"]) & (pl.col("counterparty") != "柜面取现"))
    )  # fmt: skip
    happened = pl.col("happened_at").dt.convert_time_zone("Asia/Shanghai").dt.date()
    first = read("loans").unique("loan_id", keep="first", maintain_order=True).select(
        pl.col("loan_id").str.slice(1).alias("number"), "principal", "disbursed_on"
    )  # fmt: skip
    events = (
        read("events").with_columns(on=happened, number=pl.col("subject_id").str.slice(1)).join(first, on="number")
        .with_columns(month=month("on"), borrower_id="B" + pl.col("number"), known=(pl.col("known_on") - pl.col("on")).dt.total_days())
    )  # fmt: skip
    return Sight(given, months, last_on, borrowers, owners, troubles, shocks, rows, events)


def chance(truth: float, came: int, count: int, name: str) -> Found:
    """A chance, where both outcomes were seen often enough."""
    return {name: (*wilson(came, count), truth)} if min(came, count - came) >= FEWEST else {}


def mean(span: tuple[float, float], values: pl.Series, name: str) -> Found:
    """The mean of what is drawn from a span."""
    if len(values) < 2 * FEWEST:
        return {}
    seen = values.cast(pl.Float64).to_numpy()
    student = Z * (1 + (Z**2 + 1) / (4 * len(seen)))  # of few, Student's factor, nearly
    half = student * seen.std(ddof=1) / np.sqrt(len(seen))
    return {f"mean of {name}": (float(seen.mean() - half), float(seen.mean() + half), (span[0] + span[1]) / 2)}


def shares(stated: dict[Any, float], values: pl.Series, name: str) -> Found:
    """The shares of some values; of two one says all."""
    counted = dict(values.value_counts().rows())
    assert set(counted) <= set(stated), name
    told = list(stated)[1:] if len(stated) == 2 else list(stated)
    return {
        k: v for one in told for k, v in chance(stated[one], counted.get(one, 0), len(values), f"{name} {one}").items()
    }


def who(seen: Sight) -> Found:
    """Who has accounts, and who they are."""
    stated, owners = seen.given.accounts, seen.owners.filter(pl.col("circle").is_null())
    free = seen.borrowers.filter(pl.col("circle").is_null())
    found = chance(stated.share, owners.height, free.height, "share")
    found |= chance(stated.second, int((owners["accounts"] == 2).sum()), owners.height, "second")
    found |= chance(stated.employed, int(owners["employed"].sum()), owners.height, "employed")
    found |= shares({float(value): share for value, share in stated.income.items()}, owners["income"], "income")
    found |= shares(stated.customers, owners["customers"], "customers")
    long = owners.filter(pl.col("since") >= stated.before[1])
    found |= mean(stated.before, long["since"] - long["opened"], "before")
    for name, flag in (("gamblers", "gambler"), ("elsewhere", "indebted")):
        for place, of in enumerate((pl.col("default").is_null(), pl.col("default").is_not_null())):
            part = owners.filter(of)
            found |= chance(getattr(stated, name)[place], int(part[flag].sum()), part.height, f"{name} {place}")
    return found


def trouble(seen: Sight) -> Found:
    """When income stops or shrinks, and what people do then."""
    stated = seen.given.accounts
    spells = seen.troubles
    of_shocks, of_defaults = (spells.filter(pl.col("cause") == cause) for cause in ("shock", "default"))
    found = chance(stated.shock_seen, of_shocks.height, seen.shocks.height, "shock_seen")
    whole = seen.owners.filter(pl.col("default") >= stated.lead[1])  # all of the trouble before it lies within the book
    seen_before = of_defaults.filter(pl.col("default") >= stated.lead[1])
    found |= chance(stated.default_seen, seen_before.height, whole.height, "default_seen")
    found |= mean(stated.lead, seen_before["default"] - seen_before["begins"], "lead")
    ended = seen_before.filter(pl.col("begins") + stated.lasts[1] <= seen.months)
    found |= mean(stated.lasts, ended["ends"] - ended["begins"], "lasts")
    found |= chance(stated.stops, int((spells["left"] == 0).sum()), spells.height, "stops")
    found |= mean(stated.shrinks_to, spells.filter(pl.col("left") > 0)["left"], "shrinks_to")
    months = left_by_month(seen)
    hard = months.filter(
        (pl.col("left") < 1) & (pl.col("month") >= pl.col("opened")) & (pl.col("month") < seen.months - 1)
    )
    lent = seen.rows.filter(pl.col("last") & (pl.col("memo") == "借款到账") & (pl.col("month") < seen.months - 1))
    found |= chance(stated.lent_elsewhere, lent.height, hard.height, "lent_elsewhere")
    found |= mean(stated.lent, lent["amount"] / lent["income"], "lent")
    begun = (
        hard.filter(pl.col("before").fill_null(1.0) >= 1)
        .join(balances(seen), on=["borrower_id", "month"])
        .filter(pl.col("had") > 1)
    )
    taken = seen.rows.filter(pl.col("last") & (pl.col("counterparty") == "柜面取现")).select(
        "borrower_id", "month", "amount"
    )
    drawn = begun.join(taken, on=["borrower_id", "month"])
    found |= chance(stated.withdraws, drawn.height, begun.height, "withdraws")
    return found | mean(stated.withdrawn, -drawn["amount"] / drawn["had"], "withdrawn")


def left_by_month(seen: Sight) -> pl.DataFrame:
    """How much of the income is left in each month of each owner, and in the month before."""
    spells = seen.troubles.select("borrower_id", "left", month=pl.int_ranges("begins", "ends")).explode("month")
    told = spells.group_by("borrower_id", "month").agg(pl.col("left").min())
    months = seen.owners.select("borrower_id", "opened").join(pl.DataFrame({"month": range(seen.months)}), how="cross")
    return (
        months.join(told, on=["borrower_id", "month"], how="left").with_columns(pl.col("left").fill_null(1.0))
        .sort("borrower_id", "month").with_columns(before=pl.col("left").shift(1).over("borrower_id"))
    )  # fmt: skip


def balances(seen: Sight) -> pl.DataFrame:
    """The balance with which a month of an account begins, before its first row; months without a row are not there."""
    ordered = seen.rows.filter(pl.col("first") & pl.col("last")).sort("txn_id")
    begins = (pl.col("balance") - pl.col("amount")).first().alias("had")
    return ordered.group_by("borrower_id", "month", maintain_order=True).agg(begins)


def money(seen: Sight) -> Found:
    """What comes in and goes out where money never lacks."""
    stated = seen.given.accounts
    rows = seen.rows.filter(pl.col("last") & pl.col("first") & (pl.col("month") < seen.months - 1))
    salaries = rows.filter(pl.col("memo") == "工资").join(left_by_month(seen), on=["borrower_id", "month"])
    found = mean(stated.pay_days, salaries.unique("borrower_id")["on"].dt.day(), "pay_days")
    traders = left_by_month(seen).join(
        seen.owners.filter(~pl.col("employed")).select("borrower_id"), on="borrower_id", how="semi"
    )
    good = traders.filter(
        (pl.col("left") > 0) & (pl.col("month") >= pl.col("opened")) & (pl.col("month") < seen.months - 1)
    )
    sold = good.join(
        rows.filter(pl.col("memo") == "货款")
        .group_by("borrower_id", "month")
        .agg(pl.len().alias("n"), pl.col("amount", "income").sum()),
        on=["borrower_id", "month"],
    )
    found |= mean(stated.receipts, sold["n"], "receipts")
    usual = sum(stated.receipts) / 2
    came = pl.concat([
        salaries.select(pl.col("amount") / pl.col("income") / pl.col("left")),
        rows.filter(pl.col("memo") == "货款").join(left_by_month(seen), on=["borrower_id", "month"])
        .select(pl.col("amount") * usual / pl.col("income") / pl.col("left")),
    ])["amount"]  # fmt: skip
    found |= mean((0.0, stated.unevenness), (came - 1).abs(), "unevenness")
    opening = balances(seen).join(seen.owners, on="borrower_id").filter(pl.col("month") == pl.col("opened"))
    found |= mean(stated.opens_with, opening["had"] / opening["income"], "opens_with")
    living = rows.filter("living")
    months = living.group_by("borrower_id", "month").agg(
        pl.len().alias("n"), pl.col("amount").sum(), pl.col("income").first()
    )
    found |= mean(stated.outgoings, months["n"], "outgoings")
    found |= mean(stated.spent, -months["amount"] / months["income"], "spent")
    found |= shares(stated.spending, living["counterparty_kind"], "spending")
    stakes = rows.filter(pl.col("counterparty_kind") == "gambling")
    found |= mean(stated.gambling_times, stakes.group_by("borrower_id", "month").len()["len"], "gambling_times")
    found |= mean(stated.stakes, -stakes["amount"] / stakes["income"], "stakes")
    debts = rows.filter(pl.col("memo") == "消费贷还款").unique("borrower_id")
    found |= mean(stated.instalment_elsewhere, -debts["amount"] / debts["income"], "instalment_elsewhere")
    return found


def knowing(seen: Sight) -> Found:
    """When rows become known."""
    stated = seen.given.accounts
    rows = seen.rows.filter(pl.col("on").dt.offset_by(f"{stated.late_days[1]}d") <= seen.last_on)
    whole = rows["txn_id"].n_unique()
    corrected = rows.filter((pl.col("versions") == 2) & pl.col("last"))
    late = rows.filter((pl.col("versions") == 1) & (pl.col("late") > 0))
    found = chance(stated.corrected, corrected.height, whole, "corrected")
    found |= chance(stated.late, late.height, whole - corrected.height, "late")
    return found | mean(stated.late_days, pl.concat([corrected["late"], late["late"]]), "late_days")


def happened(seen: Sight) -> Found:
    """How often events happen, in good months and around a default, and what is told of them."""
    found: Found = {}
    last = seen.months - 2  # all of what happened until then is known
    months = (
        seen.borrowers.join(pl.DataFrame({"month": range(seen.months)}), how="cross")
        .filter((pl.col("month") > pl.col("since")) & (pl.col("month") < last))
    )  # fmt: skip
    for kind in seen.given.events.kinds:
        events = seen.events.filter(pl.col("kind") == kind.kind)
        came = months.join(
            events.select("borrower_id", "month", came=pl.lit(1)), on=["borrower_id", "month"], how="left"
        )
        near = (pl.col("month") - pl.col("default")).is_between(-kind.around[0], kind.around[1]).fill_null(value=False)
        for name, part in (("troubled", came.filter(near)), ("chance", came.filter(~near))):
            found |= chance(getattr(kind, name), int(part["came"].sum()), part.height, f"{name} of {kind.kind}")
        known = events.filter(pl.col("month") < last)
        found |= mean(kind.known_days, known["known"], f"known_days of {kind.kind}")
        if kind.amount != (0.0, 0.0):
            found |= mean(
                kind.amount, (events["amount"] / events["principal"]).cast(pl.Float64), f"amount of {kind.kind}"
            )
        else:
            assert events["amount"].null_count() == events.height
    could = seen.events.filter(pl.col("disbursed_on") <= pl.col("on"))
    found |= chance(
        seen.given.events.of_loan, int(could["subject_id"].str.starts_with("L").sum()), could.height, "of_loan"
    )
    return found


def economy(given: Parameters, folder: Path, months: int) -> Found:
    """What moves the series: a regression on the macro factor, with the spread that the parameters say."""
    found: Found = {}
    macro = pl.read_parquet(sorted(folder.glob("macro-*.parquet")))
    path = np.array(given.macro_path)
    factor = np.interp(np.maximum(np.arange(-given.economy.before, months), 0), path[:, 0], path[:, 1])
    for one in given.economy.series:
        values = macro.filter(pl.col("series") == one.series).sort("period_end")["value"].to_numpy()
        moved = factor[: len(values)]
        if one.noise == 0:
            assert np.abs(values - one.start - one.effect * moved).max() <= one.step / 2 + 1e-9
            continue
        rounding = one.step**2 / 12
        if one.grows:
            said, moved, variance = values[1:] / values[:-1] - 1, moved[1:], one.noise**2 + 2 * rounding / one.start**2
        else:
            said, variance = values, one.noise**2 + rounding
        about = np.column_stack([np.ones(len(said)), moved])
        spread = np.linalg.inv(about.T @ about)
        effects = spread @ about.T @ said
        half = Z * np.sqrt(variance * np.diag(spread))
        truth = (one.drift if one.grows else one.start, one.effect)
        for place, name in enumerate(("drift" if one.grows else "start", "effect")):
            found[f"{name} of {one.series}"] = (
                effects[place] - half[place],
                effects[place] + half[place],
                truth[place],
            )
        left = said - about @ effects
        free = len(said) - 2
        seen = float(left @ left) / free
        half_noise = Z * np.sqrt(2 / free)
        found[f"noise of {one.series}"] = (
            float(np.sqrt(seen / (1 + half_noise))),
            float(np.sqrt(seen / (1 - half_noise))),
            float(np.sqrt(variance)),
        )
    return found
