# ruff: noqa: INP001 - a script, no package
"""The used-car book: our figures beside the file's own, and every difference by its cause, as Markdown on the terminal.

    python examples/auto_loans/compare.py HOME FILE

HOME is a home in which the file was taken in and measured at every month end (docs/examples/auto_loans.md); FILE is
auto_loans_2017.csv. The standings are those that `daihou export snapshots` writes.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from daihou.book.days import add_months, month_ends
from daihou.book.home import open_home
from daihou.runs.export import export

FIRST, LAST, MONTHS = date(2017, 5, 31), date(2020, 12, 31), 43
MONEY = pl.Decimal(14, 2)
LIVE = pl.col("state").is_in(["current", "overdue"])
DEFERRAL = date(2020, 4, 30)
"""In spring 2020 the share of months without a payment doubles for a while."""


def end_of(month: int) -> date:
    """Return the last day of month i of the file; month 0 is May 2017."""
    first = add_months(date(2017, 5, 1), month + 1)
    return date.fromordinal(first.toordinal() - 1)


def standings(home: Path) -> pl.DataFrame:
    """Return our snapshots of every month end, as `daihou export` writes them."""
    opened = open_home(home)
    with tempfile.TemporaryDirectory() as folder:
        parts = []
        for day in month_ends(FIRST, LAST):
            path = Path(folder) / f"{day}.parquet"
            export(opened, "snapshots", path, day, day)
            parts.append(pl.read_parquet(path))
    return pl.concat(parts)


def months(file: Path) -> pl.DataFrame:
    """Return the file, a row a loan and month: BAL, PRC, PMT, REC, REP; month 0 holds the opening balance."""
    wide = pl.read_csv(file, infer_schema=False, null_values=["NA"])
    terms = wide.select(
        loan_id="assetNumber",
        opening=pl.col("reportingPeriodActualEndBalanceAmount").cast(MONEY),
        level=pl.col("reportingPeriodScheduledPaymentAmount").cast(MONEY),
        rate=pl.col("originalInterestRatePercentage").cast(pl.Float64),
        d=pl.col("D") == "1",
        x=pl.col("X").cast(pl.Int32),
    )
    parts = [
        wide.select(
            pl.col("assetNumber").alias("loan_id"),
            pl.lit(month).alias("month"),
            pl.lit(end_of(month)).alias("as_of"),
            *(pl.col(f"{name}{month}").cast(MONEY).alias(name) for name in ("BAL", "PRC", "PMT", "REC", "REP")),
        )
        for month in range(1, MONTHS + 1)
    ]
    opening = terms.select(
        "loan_id",
        month=pl.lit(0),
        as_of=pl.lit(FIRST),
        BAL="opening",
        **{name: pl.lit(None, MONEY) for name in ("PRC", "PMT", "REC", "REP")},
    )
    return pl.concat([opening, *parts]).join(terms, on="loan_id").sort("loan_id", "month")


def printed(title: str, rows: list[list[Any]], head: list[str]) -> None:
    """Print a Markdown table."""
    print(f"\n**{title}**\n\n| {' | '.join(head)} |\n|{'---|' + '---:|' * (len(head) - 1)}")
    for row in rows:
        print("| " + " | ".join(f"{cell:,}" if isinstance(cell, int | Decimal) else str(cell) for cell in row) + " |")


def quarters() -> list[date]:
    """Return the opening and every quarter end."""
    return [FIRST, *(day for day in month_ends(FIRST, LAST) if day.month % 3 == 0)]


def delinquency(ours: pl.DataFrame) -> None:
    """Print loans by days past due and by due dates missed, by quarter."""
    rows = []
    for day in quarters():
        all_loans = ours.filter(pl.col("as_of") == day)
        live = all_loans.filter(LIVE)
        dpd, missed = live["dpd"], live["unpaid_due_dates"]
        buckets = [int(dpd.is_between(*span).sum()) for span in ((0, 0), (1, 30), (31, 60), (61, 90), (91, 99_999))]
        dates = [int((missed == count).sum()) for count in (1, 2)] + [int((missed > 2).sum())]
        ended = [int((all_loans["state"] == state).sum()) for state in ("closed", "written_off")]
        late = Decimal(live.filter(pl.col("dpd") > 60)["principal_outstanding"].sum())
        share = f"{100 * late / Decimal(live['principal_outstanding'].sum()):.1f} %"
        rows.append([day, *buckets, *ended, *dates, share])
    days = ["month end", "0", "1-30", "31-60", "61-90", ">90"]
    head = [*days, "closed", "written off", "1 missed", "2", "3 or more", "balance over 60 days"]
    printed("Loans by days past due, and by due dates missed", rows, head)


def balances(both: pl.DataFrame) -> None:
    """Print our balance beside BAL: totals, and the differences by cause."""
    rows = []
    for day in quarters():
        at = both.filter(pl.col("as_of") == day)
        lone = at.filter(pl.col("BAL").is_null())["principal_outstanding"].sum()
        ours, theirs = Decimal(at["principal_outstanding"].sum()), Decimal(at["BAL"].sum())
        rows.append([day, ours, theirs, ours - theirs, f"{100 * (ours / theirs - 1):+.2f} %", lone])
    printed("Balance, USD", rows, ["month end", "ours", "BAL", "difference", "", "of it, BAL empty"])
    live = both.filter(LIVE & (pl.col("BAL") > 0))
    told = live.with_columns(*_interest(), cause=_cause())
    for day in (date(2018, 12, 31), date(2019, 12, 31), LAST):
        at = told.filter(pl.col("as_of") == day)
        rows = []
        for (cause,), group in sorted(at.group_by("cause")):
            apart = group["apart"].cast(pl.Float64)
            spread = [f"{apart.quantile(q, 'linear'):,.2f}" for q in (0.1, 0.5, 0.9)]
            parts = [f"{group[name].sum():,.2f}" for name in ("plan", "lender")]
            rows.append([cause[2:], len(group), group["apart"].sum(), *parts, *spread])
        printed(
            f"Ours less BAL on {day}, live loans, USD",
            rows,
            ["standing", "loans", "sum", "a: ours - accrual", "b: accrual - lender's", "10 %", "median", "90 %"],
        )
    mixed = both.filter((pl.col("BAL") > 0).fill_null(value=False) != LIVE)
    print(
        f"\nLoan-months live with us and without balance in the file, or the other way round: {len(mixed)}, "
        f"of {mixed['loan_id'].n_unique()} loans."
    )


def _interest() -> tuple[pl.Expr, pl.Expr]:
    """Split ours less BAL: our interest less a month's accrual on BAL each month, and that accrual less the lender's.

    Interest is what was paid and did not lower the balance, so the two sum to the difference; with the lender it holds
    fees and whatever was returned too.
    """
    paid, opening = pl.col("paid"), pl.col("opening").cast(pl.Float64)
    ours = paid - (opening - pl.col("principal_outstanding").cast(pl.Float64))
    theirs = paid - (opening - pl.col("BAL").cast(pl.Float64))
    return (ours - pl.col("accrual")).alias("plan"), (pl.col("accrual") - theirs).alias("lender")


def _cause() -> pl.Expr:
    """Say how a loan stands, first that fits: what sets our balance apart from the lender's differs between them."""
    ahead = pl.col("next_due_on") > pl.col("as_of").dt.offset_by("1d").dt.month_end()
    return (
        pl.when(pl.col("returned")).then(pl.lit("1 money returned in some month before (BAL rises)"))
        .when(pl.col("dpd") > 0).then(pl.lit("2 behind: due dates missed"))
        .when(ahead).then(pl.lit("3 ahead: a later due date is covered"))
        .when(pl.col("next_due_amount") < pl.col("level")).then(pl.lit("4 ahead: part of the next due date is covered"))
        .when(pl.col("max_dpd_ever") > 0).then(pl.lit("5 on plan, late at some time before"))
        .otherwise(pl.lit("6 on plan, never late"))
    )  # fmt: skip


def outcomes(both: pl.DataFrame) -> None:
    """Print the authors' D beside our days past due."""
    zeros = (pl.col("PMT") == 0) & (pl.col("BAL") > 0)
    run = zeros & zeros.shift(1).over("loan_id") & zeros.shift(2).over("loan_id")
    told = both.with_columns(zero=zeros.fill_null(value=False), third=run.fill_null(value=False))
    loans = told.group_by("loan_id").agg(
        pl.col("d", "x").first(),
        opening=pl.col("opening").first(),
        thirds=pl.col("month").filter(pl.col("third")),
        first60=pl.col("month").filter(LIVE & (pl.col("dpd") >= 60)).min(),
        first90=pl.col("month").filter(LIVE & (pl.col("dpd") >= 90)).min(),
    )
    loans = loans.filter(pl.col("opening") > 0)
    months_after = (loans.filter("d")["x"] + 1).to_list()
    fits = sum(
        month in thirds for month, thirds in zip(months_after, loans.filter("d")["thirds"].to_list(), strict=True)
    )
    print(f"\nX of the {len(months_after)} loans with D is the second of three zero months in {fits} of them.")
    at = told.select("loan_id", "month", "state", "dpd", "oldest_unpaid_due_on")
    judged = loans.filter("d").with_columns(month=pl.col("x") + 1).join(at, on=["loan_id", "month"], how="left")
    judged = judged.with_columns(cause=_cause_missed())
    for days in (60, 90):
        hit = int((judged["dpd"] >= days).sum())
        ever = int(loans.filter("d")[f"first{days}"].is_not_null().sum())
        other = loans.filter(~pl.col("d"))
        false = int(other[f"first{days}"].is_not_null().sum())
        rows = [
            ["D, judged at the end of the third zero month", hit, len(judged) - hit],
            ["D, judged at any month end", ever, len(judged) - ever],
            ["not D, judged at any month end", false, len(other) - false],
        ]
        printed(f"D beside our dpd >= {days}", rows, ["loans", f"dpd >= {days}", f"dpd < {days}"])
        counted("D, but less at the end of the third zero month", judged.filter(pl.col("dpd") < days)["cause"], days)
        never = judged.filter(pl.col(f"first{days}").is_null())
        counted("D, but less at every month end", never["cause"], days)
        early = other.filter(pl.col(f"first{days}").is_not_null()).with_columns(reached=pl.col(f"first{days}"))
        counted("Not D, but reached", _why_reached(early, told), days)


def counted(title: str, causes: pl.Series, days: int) -> None:
    """Print how often each cause occurs."""
    found = causes.value_counts().sort("cause")
    rows = [[cause[2:], count] for cause, count in found.rows()]
    printed(f"{title} ({days} days)", rows, ["cause", "loans"])


def _cause_missed() -> pl.Expr:
    """Say why a loan with D is not far past due when its third zero month ends."""
    first_zero = pl.col("x").map_elements(lambda x: end_of(x - 1), pl.Date)
    run = pl.col("thirds").list.contains(pl.col("x") + 1)
    covered = (pl.col("dpd") == 0) | (pl.col("oldest_unpaid_due_on") > first_zero)
    return (
        pl.when(~run).then(pl.lit("1 the file has no three zero months there"))
        .when(covered).then(pl.lit("2 had paid ahead: the first zero month was covered"))
        .when(pl.col("dpd") == 59).then(pl.lit("3 31 December to 28 February is 59 days"))
        .otherwise(pl.lit("4 three due dates missed are 60 to 62 days: 90 take one more month"))
    )  # fmt: skip


def _why_reached(loans: pl.DataFrame, told: pl.DataFrame) -> pl.Series:
    """Say why each loan without D is far past due."""
    before = told.select("loan_id", "month", "zero", "third", "returned", "as_of").join(
        loans.select("loan_id", "reached", "x"), on="loan_id"
    )
    seen = before.group_by("loan_id").agg(
        reached=pl.col("reached").first(),
        third=(pl.col("third") & (pl.col("month") <= pl.col("reached"))).any(),
        later=(pl.col("third") & (pl.col("month") > pl.col("reached"))).any(),
        zeros=(pl.col("zero") & (pl.col("month") <= pl.col("reached"))).sum(),
        on=pl.col("as_of").filter(pl.col("month") == pl.col("reached")).first(),
    )
    cause = (
        pl.when(pl.col("third")).then(pl.lit("1 three zero months in a row by then, though D = 0"))
        .when(pl.col("later")).then(pl.lit("2 three zero months in a row only later, though D = 0"))
        .when(pl.col("on") >= DEFERRAL).then(pl.lit("3 months skipped, never three in a row; from April 2020 on"))
        .when(pl.col("zeros") > 0).then(pl.lit("4 months skipped, never three in a row; before April 2020"))
        .otherwise(pl.lit("5 no month without money, but less than was due"))
    )  # fmt: skip
    return seen.select(cause=cause)["cause"]


def money(ours: pl.DataFrame, file: pl.DataFrame) -> None:
    """Print what came in, to the cent."""
    came = {name: Decimal(file[name].filter(file[name] > 0).sum()) for name in ("PMT", "REC", "REP")}
    total = Decimal(ours.filter(pl.col("as_of") == LAST)["paid_amount"].sum())
    rows = [[f"{name} > 0 in the file", amount] for name, amount in came.items()]
    rows += [
        ["their sum", sum(came.values())],
        ["our paid_amount on the last date", total],
        ["difference", total - sum(came.values())],
    ]
    printed("Money received, USD", rows, ["", "amount"])
    mine = ours.filter(pl.col("as_of") == LAST).select("loan_id", "paid_amount")
    each = file.group_by("loan_id").agg(theirs=sum(pl.col(name).filter(pl.col(name) > 0).sum() for name in came))
    apart = mine.join(each, on="loan_id").filter(pl.col("paid_amount") != pl.col("theirs"))
    taken = {name: file[name].filter(file[name] < 0) for name in ("REC", "REP")}
    print(f"\nLoans in which it differs: {len(apart)}. Negative amounts, not among them: ", end="")
    print(", ".join(f"{name} {len(values)} of {values.sum():,}" for name, values in taken.items()) + ".")


def main(home: Path, file: Path) -> None:
    """Print everything."""
    ours, theirs = standings(home), months(file)
    rises = (pl.col("BAL") > pl.col("BAL").shift(1).over("loan_id")).fill_null(value=False)
    before = pl.col("BAL").cast(pl.Float64).shift(1)
    theirs = theirs.with_columns(
        returned=rises.cum_max().over("loan_id"),
        accrual=(before * pl.col("rate") / 12).fill_null(0).cum_sum().over("loan_id"),
        paid=pl.col("PMT").cast(pl.Float64).fill_null(0).cum_sum().over("loan_id"),
    )
    kept = [name for name in ours.columns if name not in ("known_on", "product")]
    both = theirs.join(ours.select(kept), on=["loan_id", "as_of"]).with_columns(
        apart=pl.col("principal_outstanding") - pl.col("BAL")
    )
    delinquency(ours)
    balances(both.sort("loan_id", "month"))
    outcomes(both.sort("loan_id", "month"))
    money(ours, theirs)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: compare.py HOME FILE")
    main(Path(sys.argv[1]), Path(sys.argv[2]))
