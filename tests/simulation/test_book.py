"""Simulated books: the same bytes, made on from where they were stopped, taken in without a row refused, and bad input named."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from importlib import resources
from typing import TYPE_CHECKING

import polars as pl
import pytest

from blinded import blinder
from daihou.book import contracts
from daihou.book.errors import DaihouError
from daihou.book.home import open_home
from daihou.book.intake import deliver
from daihou.simulation import book
from daihou.simulation.book import RECORD, simulate
from daihou.simulation.parameters import PROFILES, parameters, read, shipped

if TYPE_CHECKING:
    from pathlib import Path


BANK = resources.files("daihou").joinpath("simulation", "profiles", "bank.yaml").read_text("utf-8")


def _silent(_step: str, _done: int, _all: int) -> None:
    """Show nothing."""


def _bytes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_seed_makes_the_same_bytes_and_another_makes_others(tmp_path: Path) -> None:
    given = shipped("online")
    for name, seed in (("one", 7), ("two", 7), ("three", 8)):
        simulate(given, 700, 12, seed, tmp_path / name, _silent)
    one, two, three = (_bytes(tmp_path / name) for name in ("one", "two", "three"))
    assert one == two
    assert {name for name in one if one[name] == three[name]} == {
        "orgs-000.parquet",
        "truth/part-000.json",
    }


def test_the_bytes_do_not_depend_on_how_many_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "PART", 100)
    given = shipped("bank")
    simulate(given, 450, 12, 3, tmp_path / "many", _silent)
    monkeypatch.setattr(book, "WORKERS", 1)
    simulate(given, 450, 12, 3, tmp_path / "alone", _silent)
    assert _bytes(tmp_path / "many") == _bytes(tmp_path / "alone")
    assert len(list((tmp_path / "many").glob("loans-*.parquet"))) == 5


def test_a_book_stopped_half_way_is_made_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "PART", 100)
    monkeypatch.setattr(book, "WORKERS", 1)
    given, folder = shipped("bank"), tmp_path / "stopped"

    def stop(_step: str, done: int, _all: int) -> None:
        if done >= 200:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(given, 450, 12, 3, folder, stop)
    begun = {path: path.stat().st_mtime_ns for path in folder.glob("loans-00[01].parquet")}
    simulate(given, 450, 12, 3, folder, _silent)
    assert len(begun) == 2
    assert {path: path.stat().st_mtime_ns for path in begun} == begun  # not made again
    simulate(given, 450, 12, 3, tmp_path / "whole", _silent)
    assert _bytes(folder) == _bytes(tmp_path / "whole")


@pytest.mark.parametrize("profile", PROFILES)
def test_a_book_is_by_the_contract_and_taken_in_whole(profile: str, tmp_path: Path) -> None:
    made = simulate(shipped(profile), 600, 24, 1, tmp_path / "sent", _silent)
    (tmp_path / "home").mkdir()
    home = open_home(tmp_path / "home")
    taken = {}
    for table in made.rows:
        files = made.files(table)
        report = deliver(home, files, table, today=dt.date(2026, 11, 28), blinder=blinder(home))
        assert not report.quarantined, report.examples
        assert report.waiting == 0
        taken[table] = report.new
        columns = set(pl.read_parquet_schema(files[0])) - {"known_on"}
        assert columns <= {column.name for column in contracts.TABLES[table].columns}
    assert taken == made.rows == json.loads((tmp_path / "sent" / RECORD).read_text("utf-8"))["rows"]


def test_what_is_missing_of_a_made_part_is_made_again(tmp_path: Path) -> None:
    given = shipped("bank")
    simulate(given, 300, 12, 3, tmp_path, _silent)
    before = _bytes(tmp_path)
    (tmp_path / "payments-000.parquet").unlink()
    (tmp_path / "truth" / "shocks-000.parquet").unlink()
    simulate(given, 300, 12, 3, tmp_path, _silent)
    assert _bytes(tmp_path) == before


def test_a_book_stopped_before_its_record_was_whole_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / ".simulation.json.4711").write_text('{"profile": "ba', "utf-8")
    made = simulate(shipped("bank"), 50, 12, 3, tmp_path, _silent)
    assert made.rows["loans"] >= 50


def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "book").write_text("mine", "utf-8")
    with pytest.raises(DaihouError, match="This is a file"):
        simulate(shipped("bank"), 50, 12, 3, tmp_path / "book", _silent)


def test_a_book_too_small_for_its_circle_has_no_guarantees(tmp_path: Path) -> None:
    made = simulate(shipped("trust"), 3, 24, 1, tmp_path, _silent)
    assert "relations" not in made.rows


def test_a_loan_without_interest_is_paid_in_equal_parts(tmp_path: Path) -> None:
    free = parameters(BANK.replace("annual_rate: 0.0675", "annual_rate: 0.0"), "mine.yaml")
    made = simulate(free, 200, 24, 1, tmp_path, _silent)
    loans = pl.read_parquet(made.files("loans")).filter(pl.col("product") == "consumer")
    plans = pl.read_parquet(made.files("instalments")).join(
        loans.select("loan_id", "principal").unique(), on="loan_id", suffix="_loan"
    )
    first = plans.unique(["loan_id", "seq"], keep="first")
    assert first["interest"].sum() == 0
    sums = first.group_by("loan_id").agg(pl.col("principal").sum(), pl.col("principal_loan").first())
    assert (sums["principal"] == sums["principal_loan"]).all()


def test_loans_are_as_many_as_asked_for_and_borrowers_have_several(tmp_path: Path) -> None:
    made = simulate(shipped("trust"), 1_000, 24, 1, tmp_path, _silent)
    loans = pl.read_parquet(made.files("loans"))
    assert loans["loan_id"].n_unique() == 1_000
    assert loans["borrower_id"].n_unique() == made.rows["borrowers"] < 1_000
    assert loans["disbursed_on"].min() >= made.first_on  # type: ignore[operator]  # Polars does not say which type a minimum has
    assert (made.first_on, made.last_on) == (dt.date(2024, 7, 1), dt.date(2026, 6, 30))


def test_the_circle_is_a_ring_of_guarantees_whose_loans_come_before_the_trouble(tmp_path: Path) -> None:
    made = simulate(shipped("trust"), 1_000, 24, 1, tmp_path, _silent)
    ring = dict(pl.read_parquet(made.files("relations")).select("from_id", "to_id").rows())
    assert len(ring) == 8
    walked, now = [], next(iter(ring))
    for _ in ring:
        walked.append(now)
        now = ring[now]
    assert sorted(walked) == sorted(ring)
    loans = pl.read_parquet(made.files("loans")).filter(pl.col("borrower_id").is_in(list(ring)))
    assert loans["disbursed_on"].max() < dt.date(2025, 8, 1)  # type: ignore[operator]  # as above


@pytest.mark.parametrize(
    ("loans", "months", "seed", "where"), [(0, 24, 1, "--loans"), (10, 0, 1, "--months"), (10, 24, -1, "--seed")]
)
def test_a_size_that_cannot_be_is_refused(loans: int, months: int, seed: int, where: str, tmp_path: Path) -> None:
    with pytest.raises(DaihouError) as error:
        simulate(shipped("bank"), loans, months, seed, tmp_path, _silent)
    assert error.value.place == where
    assert not list(tmp_path.iterdir())


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine", "utf-8")
    with pytest.raises(DaihouError, match="something else"):
        simulate(shipped("bank"), 10, 12, 1, tmp_path, _silent)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_another_book_is_not_written_over(tmp_path: Path) -> None:
    simulate(shipped("bank"), 10, 12, 1, tmp_path, _silent)
    before = _bytes(tmp_path)
    with pytest.raises(DaihouError, match="another simulated book"):
        simulate(shipped("bank"), 10, 12, 2, tmp_path, _silent)
    assert _bytes(tmp_path) == before


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("settle:", "setle:", "Unknown key: setle"),
        ("settle: 0.008\n", "", "Missing key: settle"),
        ("B01: 0.35, B02", "B01: 0.45, B02", "shares of orgs do not sum to 1"),
        ("bounce: 0.01\n", "bounce: 1.01\n", "bounce: 1.01 is not a chance"),
        ("cure: [0.55,", "cure: [0.85,", "cure and keep 1: 1.0"),
        ("name: B03", "name: B09", "There is no org B09"),
        ("ends_on: 2026-06-30", "ends_on: 2026-06-29", "is no month end"),
        ("method: annuity", "method: balloon", "Method balloon is unknown"),
        ("miss: 0.012", "miss: 0", "miss of consumer must be above 0"),
        ("late: 0.03\n", "late: often\n", "A value does not fit"),
        ("tardy_days: [1, 10]", "tardy_days: [1, 30]", "would reach the next due date"),
        ("terms: {}", "terms: {12: 1.0}", "a card has no terms"),
        ("loans_each: {1: 0.72, 2: 0.2, 3: 0.08}", "loans_each: {0: 0.72, 2: 0.28}", "loans_each: 0 is not a whole number above 0"),
        ("loans_each: {1: 0.72, 2: 0.2, 3: 0.08}", "loans_each: {}", "The shares of loans_each do not sum to 1"),
        ("cure: [0.55, 0.3, 0.12]\nkeep: [0.22, 0.15, 0.08]", "cure: [0.55, 0.3]\nkeep: [0.22, 0.15]", "cure and keep must have three"),
        ("early_days: [1, 5]", "early_days: [1, 40]", "would reach the due date before"),
        ("late_days: [1, 5]", "late_days: [5, 1]", "no span of two ascending numbers"),
        ("spend: [0.05, 0.3]", "spend: [0.3, 0.05]", "spend of card"),
        ("write_off_at: 7", "write_off_at: 0", "write_off_at: 0 is not"),
        ("B04: 330400", "B05: 330400", "no region of B04"),
        ("terms: {12: 0.4, 24: 0.4, 36: 0.2}", "terms: {0: 0.4, 24: 0.4, 36: 0.2}", "terms of consumer: 0 is not"),
    ],
)  # fmt: skip
def test_parameters_that_make_no_sense_are_named(old: str, new: str, says: str) -> None:
    assert old in BANK
    with pytest.raises(DaihouError) as error:
        parameters(BANK.replace(old, new, 1), "mine.yaml")
    assert says in error.value.message
    assert error.value.place.startswith("mine.yaml")
    assert error.value.zh[0]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DaihouError) as error:
        read(tmp_path / "none.yaml")
    assert error.value.place == str(tmp_path / "none.yaml")


def test_an_unknown_profile_is_refused_with_those_there_are() -> None:
    with pytest.raises(DaihouError, match="pawnshop") as error:
        shipped("pawnshop")
    assert "bank, trust, online" in error.value.remedy
