# ruff: noqa: INP001 - a script, no package
"""What was known of each labelled short loan when it was approved: a row of features a loan, from the borrower's loans before it.

    python examples/short_loans/features.py FOLDER -o features.csv

FOLDER holds past_loans.csv, borrowers.csv and labelled_loans.csv. A fact of a past loan counts only if its own moment lies strictly before the moment
(to the second) at which the labelled loan was approved: what was repaid or closed later is not known, and what was due by then and not paid is late by
the days so far. Amounts are naira, spans are days.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import polars as pl

MOMENTS = ("approveddate", "creationdate", "closeddate", "firstduedate", "firstrepaiddate")
DAY = 24 * 3600
RECENT = 3
"""So many of the last loans tell of lately."""


def table(folder: Path, name: str) -> pl.DataFrame:
    """Return a file with its moments and numbers read; what is empty is null."""
    rows = pl.read_csv(folder / name, infer_schema=False, null_values=[""])
    moments = [name for name in MOMENTS if name in rows.columns]
    numbers = [name for name in ("loannumber", "loanamount", "totaldue", "termdays") if name in rows.columns]
    return rows.with_columns(
        *(pl.col(name).str.slice(0, 19).str.to_datetime("%Y-%m-%d %H:%M:%S") for name in moments),
        *(pl.col(name).cast(pl.Float64) for name in numbers),
    )


def days(late: pl.Expr, early: pl.Expr) -> pl.Expr:
    """Return the days from one moment to another, parts of a day too."""
    return (late - early).dt.total_seconds() / DAY


def known(labelled: pl.DataFrame, past: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each labelled loan and loan before it, with what was known of the latter when the former was approved."""
    at = pl.col("at")
    pairs = (
        labelled.select("customerid", of="systemloanid", at="approveddate")
        .join(past, on="customerid")
        .filter(pl.col("approveddate") < at)
    )
    pairs = pairs.with_columns(
        *(
            pl.when(pl.col(name) < at).then(pl.col(name)).alias(f"{name}_known")
            for name in ("closeddate", "firstrepaiddate")
        ),
        ends=pl.col("approveddate") + pl.duration(days=pl.col("termdays").cast(pl.Int64)),
    )
    first, closed, due = pl.col("firstrepaiddate_known"), pl.col("closeddate_known"), pl.col("firstduedate")
    by_date = (first.dt.truncate("1d") - due).dt.total_days()
    return (
        pairs.with_columns(
            # Due dates have no hour: their day is over at midnight.
            first_late=pl.when(first.is_not_null()).then(by_date).when(due < at).then((at - due).dt.total_days()),
            close_late=pl.when(closed.is_not_null())
            .then(days(closed, pl.col("ends")))
            .when(pl.col("ends") < at)
            .then(days(at, pl.col("ends"))),
            held=days(pl.coalesce(closed, at), pl.col("approveddate")),
            interest=pl.col("totaldue") / pl.when(pl.col("loanamount") > 0).then(pl.col("loanamount")) - 1,
            open=closed.is_null(),
        )
        .with_columns(held_share=pl.col("held") / pl.col("termdays"))
        .sort("of", "approveddate", "systemloanid")
        .with_columns(
            gap=days(pl.col("approveddate"), pl.col("closeddate_known").shift(1).over("of")),
            back=pl.int_range(pl.len(), 0, -1).over("of"),
        )
    )


def habits(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each labelled loan, of what its borrower's loans before it tell."""
    late, closing = pl.col("first_late"), pl.col("close_late")
    recent, before = pl.col("back") <= RECENT, pl.col("back") > RECENT
    return pairs.group_by("of").agg(
        loans=pl.len(),
        last_first_late=late.last(),
        previous_first_late=late.slice(-2, 1).first().filter(pl.len() > 1).first(),
        mean_first_late=late.mean(),
        recent_first_late=late.filter(recent).mean(),
        worst_first_late=late.max(),
        recent_worst_first_late=late.filter(recent).max(),
        best_first_late=late.min(),
        spread_first_late=late.std(),
        trend_first_late=late.filter(recent).mean() - late.filter(before).mean(),
        share_first_late=(late > 0).mean(),
        share_first_late_week=(late > 7).mean(),
        share_first_early=(late < -3).mean(),
        recent_share_first_late=(late > 0).filter(recent).mean(),
        last_close_late=closing.last(),
        mean_close_late=closing.mean(),
        recent_close_late=closing.filter(recent).mean(),
        worst_close_late=closing.max(),
        recent_worst_close_late=closing.filter(recent).max(),
        spread_close_late=closing.std(),
        trend_close_late=closing.filter(recent).mean() - closing.filter(before).mean(),
        share_close_late=(closing > 1).mean(),
        share_close_late_week=(closing > 7).mean(),
        recent_share_close_late=(closing > 1).filter(recent).mean(),
        late_days=pl.max_horizontal(late, 0).sum(),
        last_held=pl.col("held").last(),
        last_held_share=pl.col("held_share").last(),
        mean_held_share=pl.col("held_share").mean(),
        recent_held_share=pl.col("held_share").filter(recent).mean(),
        least_held_share=pl.col("held_share").min(),
        since_late=(pl.col("at").first() - pl.col("firstduedate").filter(late > 0).max()).dt.total_days(),
        since_first=days(pl.col("at").first(), pl.col("approveddate").min()),
        since_approved=days(pl.col("at").first(), pl.col("approveddate").max()),
        since_closed=days(pl.col("at").first(), pl.col("closeddate_known").max()),
        mean_gap=pl.col("gap").mean(),
        longest_gap=pl.col("gap").max(),
        last_amount=pl.col("loanamount").last(),
        largest_amount=pl.col("loanamount").max(),
        first_amount=pl.col("loanamount").first(),
        mean_amount=pl.col("loanamount").mean(),
        borrowed=pl.col("loanamount").sum(),
        last_term=pl.col("termdays").last(),
        last_interest=pl.col("interest").last(),
        mean_interest=pl.col("interest").mean(),
    )


def features(folder: Path) -> pl.DataFrame:
    """Return a row for each labelled loan: its id, borrower, date, outcome and features, in order of date and id."""
    labelled, past = table(folder, "labelled_loans.csv"), table(folder, "past_loans.csv")
    people = pl.read_csv(folder / "borrowers.csv", infer_schema=False, null_values=[""])
    people = people.unique("customerid", keep="first", maintain_order=True)
    told = habits(known(labelled, past))
    rows = labelled.join(told, left_on="systemloanid", right_on="of", how="left").join(
        people, on="customerid", how="left"
    )
    amount, due, term = pl.col("loanamount"), pl.col("totaldue"), pl.col("termdays")
    return rows.select(
        "systemloanid",
        "customerid",
        observed_on=pl.col("approveddate").dt.date(),
        bad=(pl.col("good_bad_flag") == "Bad").cast(pl.Int8),
        band=pl.when(pl.col("loannumber") <= 3)
        .then(pl.lit("early"))
        .when(pl.col("loannumber") <= 6)
        .then(pl.lit("settled"))
        .otherwise(pl.lit("long")),
        number=pl.col("loannumber"),
        amount=amount,
        term=term,
        interest=due / amount - 1,
        daily_interest=(due / amount - 1) / term,
        due_a_month=due / term * 30,
        hour=pl.col("approveddate").dt.hour(),
        weekday=pl.col("approveddate").dt.weekday(),
        referred=pl.col("referredby").is_not_null().cast(pl.Int8),
        growth=amount / pl.col("last_amount"),
        growth_all=amount / pl.col("first_amount"),
        against_largest=amount / pl.col("largest_amount"),
        against_mean=amount / pl.col("mean_amount"),
        term_change=term - pl.col("last_term"),
        interest_change=due / amount - 1 - pl.col("last_interest"),
        loans_a_month=pl.col("loans") / pl.max_horizontal(pl.col("since_first"), 15) * 30,
        bank_account=pl.col("bank_account_type"),
        bank="bank_name_clients",
        employment="employment_status_clients",
        education="level_of_education_clients",
        **{name: pl.col(name) for name in told.columns if name != "of"},
    ).sort("observed_on", "systemloanid")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path("features.csv"))
    given = parser.parse_args()
    found = features(given.folder)
    found.write_csv(given.output)
    days_seen = found["observed_on"].sort().cast(pl.String)
    print(
        f"{given.output}: {len(found):,} loans, {found['bad'].sum():,} bad, {len(found.columns)} columns, "
        f"{days_seen[0]} to {days_seen[-1]}"
    )
