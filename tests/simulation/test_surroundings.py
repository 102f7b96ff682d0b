"""What is seen around the loans of a simulated book: the parameters of accounts, events and the economy found again, and what must always hold."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from daihou.book.errors import DaihouError
from daihou.simulation import book
from daihou.simulation.book import simulate
from daihou.simulation.parameters import PROFILES, Parameters, parameters, shipped
from daihou.simulation.surroundings import Accounts, Happening, Series
from simulation import sightings
from simulation.estimates import wilson
from simulation.sightings import Sight, sight
from simulation.test_book import BANK

if TYPE_CHECKING:
    from pathlib import Path

SEEDS = range(1, 4)
LOANS = 4_000
RICH_LOANS = 3_000
MONTHS = 24
MOST_MISSES = 3
"""Of three 95 % intervals of one parameter all miss once in 8,000 times; so some parameter of sixty may, once in a hundred runs."""
EXACT = {
    "keeps",
    "overdraft",
    "bounces",
    "kind",
    "around",
    "source",
    "series",
    "step",
    "grows",
    "drift",
    "noise",
    "effect",
    "start",
    "known_days",
    "amount",
}
"""Parameters that the laws below would fail over, were they others, or that not every series has."""


def quiet(_step: str, _done: int, _all: int) -> None:
    """Show nothing."""


def seen_of(given: Parameters, folder: Path, seed: int, loans: int = LOANS) -> Sight:
    made = simulate(given, loans, MONTHS, seed, folder, quiet)
    return sight(given, folder, made.first_on, made.last_on, MONTHS)


def rich(given: Parameters) -> Parameters:
    """The same, but all have accounts, and nobody ever lacks money, so that all that is wanted is paid."""
    return replace(given, accounts=replace(given.accounts, share=1.0, overdraft=1_000.0))


def check_laws(seen: Sight) -> None:
    """What holds in every account."""
    stated, rows = seen.given.accounts, seen.rows.filter("last").sort("txn_id")
    # Rows add up: each balance is the one before and the amount, but where a row between is not known yet.
    steps = rows.filter(pl.col("month") < MONTHS - 1).with_columns(before=pl.col("balance").shift(1).over("account_id"))
    assert (steps["balance"] - steps["before"] - steps["amount"]).drop_nulls().abs().max() < 0.005  # type: ignore[operator]  # Polars does not say which type
    # No salary comes in a month in which it stopped, one and no more in any other.
    months = sightings.left_by_month(seen).join(
        seen.owners.filter("employed").select("borrower_id"), on="borrower_id", how="semi"
    )
    months = months.filter((pl.col("month") >= pl.col("opened")) & (pl.col("month") < MONTHS - 1))
    paid = rows.filter(pl.col("memo") == "工资").group_by("borrower_id", "month").agg(pl.len().alias("paid"))
    months = months.join(paid, on=["borrower_id", "month"], how="left").with_columns(pl.col("paid").fill_null(0))
    assert set(months.filter(pl.col("left") == 0)["paid"].unique()) <= {0}
    assert set(months.filter(pl.col("left") > 0)["paid"].unique()) <= {1}
    # Below zero it goes as far as it may, but for what is given back at once.
    returned = pl.col("memo").is_in([sightings.GIVEN_BACK]).shift(-1).over("account_id").fill_null(value=False)
    stayed = rows.filter(~returned & pl.col("first"))
    assert (stayed["balance"] >= -stated.overdraft * stayed["income"] - 0.01).all()
    # What is put by at the end of a month leaves so much.
    put_by = rows.filter(pl.col("first") & (pl.col("counterparty_kind") == "own_account") & (pl.col("amount") < 0))
    assert (put_by["balance"] - (stated.keeps * put_by["income"])).abs().max() <= 0.01  # type: ignore[operator]  # as above
    late = seen.rows.filter(pl.col("late") > 0)["late"]
    assert (late.min(), late.max()) == stated.late_days
    wrong = seen.rows.filter(~pl.col("last")).join(rows, on="txn_id", suffix="_right")
    assert wrong.height > 5
    assert (wrong["amount"] - 2 * wrong["amount_right"]).abs().max() < 0.005  # type: ignore[operator]  # as above


@pytest.mark.parametrize("profile", PROFILES)
def test_the_truth_around_the_loans_is_missed_by_as_many_intervals_as_should_miss_it(
    profile: str, tmp_path: Path
) -> None:
    given = shipped(profile)
    judged, missed = Counter[str](), Counter[str]()
    for seed in SEEDS:
        seen = seen_of(given, tmp_path / f"{seed}", seed)
        plenty = seen_of(rich(given), tmp_path / f"rich-{seed}", seed, RICH_LOANS)
        check_laws(seen)
        found = sightings.who(seen) | sightings.trouble(plenty) | sightings.knowing(seen) | sightings.happened(seen)
        found |= sightings.money(plenty) | sightings.economy(given, tmp_path / f"{seed}", MONTHS)
        for name, (low, high, truth) in found.items():
            judged[name] += 1
            missed[name] += not low <= truth <= high
    assert max(missed.values()) < MOST_MISSES, missed.most_common(5)
    whole, share = judged.total(), missed.total() / judged.total()
    spread = 2.576 * np.sqrt(0.05 * 0.95 / whole)
    assert share <= 0.05 + spread, (missed, whole)
    words = {word for name in judged for word in name.split()}
    stated = {field.name for kind in (Accounts, Happening, Series) for field in fields(kind)} - EXACT
    unseen = {"employed", "pay_days"} if given.kind == "company" else set()
    assert stated - words <= unseen | {"gamblers"}, stated - words


def test_what_cannot_be_paid_is_seen_as_given_back_as_often_as_stated(tmp_path: Path) -> None:
    given = shipped("bank")
    given = replace(given, accounts=replace(given.accounts, outgoings=(4, 4), late=0.0, corrected=0.0))
    seen = seen_of(given, tmp_path, 1)
    months = int((MONTHS - seen.owners["opened"]).sum())
    living = seen.rows.filter("living")
    returned = living.filter(pl.col("memo") == sightings.GIVEN_BACK).height
    paid = living.height - 2 * returned
    low, high = wilson(returned, 4 * months - paid)
    assert returned > 100
    assert low <= given.accounts.bounces <= high


def test_a_default_is_what_was_missed_and_is_still_unpaid_three_months_later(tmp_path: Path) -> None:
    """Told anew from instalments and payments, of loans whose plan nobody changed."""
    made = simulate(shipped("bank"), LOANS, MONTHS, 2, tmp_path, quiet)
    changed = pl.read_parquet(made.files("changes")).filter(pl.col("kind") != "write_off")["loan_id"]
    plans = pl.read_parquet(made.files("instalments")).filter(~pl.col("loan_id").is_in(changed.implode()))
    plans = plans.sort("loan_id", "seq").with_columns(
        owed=(pl.col("principal") + pl.col("interest")).cum_sum().over("loan_id"), after=pl.col("due_on").shift(-1).over("loan_id")
    ).with_columns(missed_on=pl.col("due_on").shift(3).over("loan_id"), earlier=pl.col("owed").shift(3).over("loan_id"))  # fmt: skip
    paid = pl.read_parquet(made.files("payments")).with_columns(
        amount=pl.when(pl.col("reverses").is_null()).then(pl.col("amount")).otherwise(-pl.col("amount"))
    )  # fmt: skip
    days = paid.group_by("loan_id", "paid_on").agg(pl.col("amount").sum()).sort("loan_id", "paid_on")
    days = days.with_columns(paid=pl.col("amount").cum_sum().over("loan_id"), before=pl.col("paid_on"))
    asked = (
        plans.drop_nulls(["missed_on", "after"])
        .filter(pl.col("after") <= made.last_on)
        .with_columns(before=pl.col("after").dt.offset_by("-1d"))
    )
    asked = asked.sort("before").join_asof(
        days.sort("before").select("loan_id", "before", "paid"), on="before", by="loan_id"
    )
    told = (
        asked.filter(pl.col("paid").fill_null(0) < pl.col("earlier"))
        .sort("due_on")
        .unique("loan_id", keep="first", maintain_order=True)
    )
    truth = pl.read_parquet(sorted((tmp_path / "truth").glob("defaults-*.parquet"))).join(
        asked, left_on=["loan_id", "on"], right_on=["loan_id", "due_on"], how="semi"
    )
    assert truth.height > 20
    assert (
        told.select("loan_id", "missed_on", on="due_on").sort("loan_id").rows()
        == truth.select("loan_id", "missed_on", "on").sort("loan_id").rows()
    )


def test_loans_do_not_depend_on_what_is_seen_around_them(tmp_path: Path) -> None:
    given = shipped("online")
    bare = replace(
        given, accounts=replace(given.accounts, share=0.0), events=replace(given.events, kinds=given.events.kinds[:1])
    )
    one, two = simulate(given, 500, 12, 3, tmp_path / "one", quiet), simulate(bare, 500, 12, 3, tmp_path / "two", quiet)
    for table in ("borrowers", "loans", "instalments", "payments", "changes", "people"):
        assert [path.read_bytes() for path in one.files(table)] == [path.read_bytes() for path in two.files(table)]
    assert "transactions" not in two.rows


def test_what_loans_pay_out_and_are_paid_goes_through_the_account(tmp_path: Path) -> None:
    given = rich(shipped("bank"))
    given = replace(given, accounts=replace(given.accounts, share=1.0, before=(12, 12), late=0.0, corrected=0.0))
    made = simulate(given, 300, 12, 5, tmp_path, quiet)
    rows = pl.read_parquet(made.files("transactions")).filter(pl.col("loan_id").is_not_null())
    payments = pl.read_parquet(made.files("payments")).filter(pl.col("purpose") != "recovery")
    loans = pl.read_parquet(made.files("loans")).unique("loan_id", keep="first").filter(pl.col("product") != "card")
    for kind, seen in (
        ("贷款还款", payments.filter(pl.col("reverses").is_null())),
        ("扣款失败退回", payments.filter(pl.col("reverses").is_not_null())),
    ):
        booked = rows.filter(pl.col("memo") == kind).select(
            "loan_id",
            on=pl.col("booked_at").dt.convert_time_zone("Asia/Shanghai").dt.date(),
            amount=pl.col("amount").abs(),
        )
        assert booked.sort(pl.all()).rows() == seen.select("loan_id", "paid_on", "amount").sort(pl.all()).rows()
        assert booked.height > 5
    out = rows.filter(pl.col("memo") == "贷款发放")
    assert (
        out.select("loan_id", "amount").sort(pl.all()).rows()
        == loans.select("loan_id", "principal").sort(pl.all()).rows()
    )


def test_the_accounts_of_a_guarantee_circle_are_all_seen_and_their_collections_fall_before_they_stop_paying(
    tmp_path: Path,
) -> None:
    given = shipped("trust")
    given = replace(
        given, accounts=replace(given.accounts, share=0.0, default_seen=1.0, stops=1.0, lasts=(12, 12), corrected=0.0)
    )
    made = simulate(given, 1_000, MONTHS, 1, tmp_path, quiet)
    seen = sight(given, tmp_path, made.first_on, made.last_on, MONTHS)
    assert seen.owners.height == 8
    for owner in seen.owners.iter_rows(named=True):
        sold = seen.rows.filter((pl.col("borrower_id") == owner["borrower_id"]) & (pl.col("memo") == "货款"))
        if owner["default"] is not None:
            begins = seen.troubles.filter(
                (pl.col("borrower_id") == owner["borrower_id"]) & (pl.col("cause") == "default")
            )["begins"][0]
            assert sold["month"].min() < begins <= owner["default"] - given.accounts.lead[0]
            assert not sold["month"].is_between(begins, owner["default"]).any()


def test_the_bytes_of_accounts_do_not_depend_on_how_many_are_made_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from daihou.simulation import purses

    monkeypatch.setattr(book, "PART", 200)
    one = simulate(shipped("bank"), 500, 12, 3, tmp_path / "one", quiet)
    monkeypatch.setattr(purses, "ROOM", 1)
    monkeypatch.setattr(book, "WORKERS", 1)
    two = simulate(shipped("bank"), 500, 12, 3, tmp_path / "two", quiet)
    for table in ("accounts", "transactions", "events"):
        assert len(one.files(table)) == 3
        assert [path.read_bytes() for path in one.files(table)] == [path.read_bytes() for path in two.files(table)]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("  second: 0.15\n", "", "Missing key: second"),
        ("  pay_days: [5, 15]", "  pay_days: [5, 31]", "no later than the 28th"),
        ("food: 0.32", "food: 0.42", "shares of spending do not sum to 1"),
        ("food: 0.32", "bread: 0.32", "there is no class bread"),
        ("default_seen: 0.7", "default_seen: 1.7", "default_seen: 1.7 is not a chance"),
        ("gamblers: [0.015, 0.12]", "gamblers: [0.015, 12]", "gamblers with a default: 12 is not a chance"),
        ("lead: [3, 8]", "lead: [8, 3]", "lead: [8, 3] is no span"),
        ("withdrawn: [0.3, 0.9]", "withdrawn: [0.3, 1.9]", "no more than all of the balance"),
        ("kind: tax, chance", "kind: taxi, chance", "There is no event taxi"),
        ("troubled: 0.03", "troubled: 3", "troubled of litigation: 3 is not a chance"),
        ("around: [3, 6]", "around: [-3, 6]", "around of litigation"),
        ("  before: 14", "  before: -1", "before: -1 is no number of months"),
        ("grows: true, step: 0.01", "grows: true, step: 0", "house_prices: step must be above 0"),
    ],
)
def test_parameters_around_the_loans_that_make_no_sense_are_named(old: str, new: str, says: str) -> None:
    assert old in BANK
    with pytest.raises(DaihouError) as error:
        parameters(BANK.replace(old, new, 1), "mine.yaml")
    assert says in error.value.message
    assert error.value.place.startswith("mine.yaml")
    assert error.value.zh[0]
