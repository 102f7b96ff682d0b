"""The invented people of a simulated book: every borrower one, the same by the seed, numbers with right check digits, and apart from the lake."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest

from daihou.simulation import book
from daihou.simulation.book import RECORD, simulate
from daihou.simulation.parameters import PROFILES, shipped

if TYPE_CHECKING:
    from pathlib import Path

RESIDENT = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ORGANISATION = (3, 7, 9, 10, 5, 8, 4, 2)


def quiet(_step: str, _done: int, _all: int) -> None:
    """Show nothing."""


def resident_check(body: str) -> str:
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, RESIDENT, strict=True)) % 11]


def credit_check(body: str) -> str:
    return CREDIT[-sum(CREDIT.index(letter) * pow(3, place, 31) for place, letter in enumerate(body)) % 31]


def organisation_check(body: str) -> str:
    return "0123456789X"[-sum(int(digit) * weight for digit, weight in zip(body, ORGANISATION, strict=True)) % 11]


@pytest.mark.parametrize("profile", PROFILES)
def test_every_borrower_is_somebody_and_nobody_is_in_the_lakes_tables(profile: str, tmp_path: Path) -> None:
    made = simulate(shipped(profile), 600, 12, 1, tmp_path, quiet)
    people, borrowers = pl.read_parquet(made.files("people")), pl.read_parquet(made.files("borrowers"))
    assert people["borrower_id"].sort().to_list() == borrowers["borrower_id"].sort().to_list()
    assert people.null_count().select(pl.exclude("emails")).sum_horizontal()[0] == 0
    assert 0 < people["emails"].null_count() < people.height
    assert people["name"].n_unique() > 0.8 * people.height
    assert people["id_no"].n_unique() == people.height
    assert "people" not in made.rows
    assert "people" not in json.loads((tmp_path / RECORD).read_text("utf-8"))["rows"]


def test_id_numbers_have_the_region_a_date_of_birth_and_the_right_check_digit(tmp_path: Path) -> None:
    made = simulate(shipped("bank"), 600, 12, 1, tmp_path, quiet)
    regions = pl.read_parquet(made.files("borrowers")).select("borrower_id", "region")
    for number, region in (
        pl.read_parquet(made.files("people")).join(regions, on="borrower_id").select("id_no", "region").iter_rows()
    ):
        assert number[:6] == region
        assert 1955 <= date.fromisoformat(number[6:14]).year < 2004
        assert number[17] == resident_check(number[:17])


def test_companies_have_names_and_credit_codes_with_right_check_digits(tmp_path: Path) -> None:
    made = simulate(shipped("trust"), 600, 12, 1, tmp_path, quiet)
    people = pl.read_parquet(made.files("people"))
    assert people["name"].str.ends_with("有限公司").all()
    for code in people["id_no"]:
        assert code[:2] == "91"
        assert code[16] == organisation_check(code[8:16])
        assert code[17] == credit_check(code[:17])


def test_telephones_are_the_borrowers_number_again(tmp_path: Path) -> None:
    made = simulate(shipped("online"), 300, 12, 1, tmp_path, quiet)
    for borrower_id, phones in pl.read_parquet(made.files("people")).select("borrower_id", "phones").iter_rows():
        digits = borrower_id[1:]
        assert phones in (f"138{digits}", f"138{digits};139{digits}")


def test_the_same_seed_makes_the_same_people_on_any_number_of_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book, "PART", 100)
    one = simulate(shipped("bank"), 450, 12, 3, tmp_path / "one", quiet)
    monkeypatch.setattr(book, "WORKERS", 1)
    two = simulate(shipped("bank"), 450, 12, 3, tmp_path / "two", quiet)
    three = simulate(shipped("bank"), 450, 12, 4, tmp_path / "three", quiet)
    assert len(one.files("people")) == 5
    assert [path.read_bytes() for path in one.files("people")] == [path.read_bytes() for path in two.files("people")]
    assert one.files("people")[0].read_bytes() != three.files("people")[0].read_bytes()


def test_of_companies_the_book_says_industry_size_and_group_as_their_names_do(tmp_path: Path) -> None:
    made = simulate(shipped("trust"), 3_000, 12, 1, tmp_path, quiet)
    firms = pl.read_parquet(made.files("borrowers"))
    assert firms["industry"].null_count() == firms["size"].null_count() == 0
    assert set(firms["size"]) == {"large", "medium", "small", "micro"}
    told = firms.join(pl.read_parquet(made.files("people")).select("borrower_id", "name"), on="borrower_id")
    for trade, industry in {"纺织": "C", "物流": "G", "商贸": "F", "建筑工程": "E", "农业开发": "A"}.items():
        named = told.filter(pl.col("name").str.ends_with(f"{trade}有限公司"))
        assert not named.is_empty()
        assert set(named["industry"]) == {industry}
    groups = firms.drop_nulls("group_id").group_by("group_id").agg(pl.col("borrower_id").sort())
    assert 0.03 < groups.height * 3 / firms.height < 0.09
    whole = [ids for ids in groups["borrower_id"].to_list() if len(ids) == 3]
    assert len(whole) >= groups.height - 1  # the last one may end with the book
    assert all(int(ids[2][1:]) > int(ids[1][1:]) > int(ids[0][1:]) for ids in whole)
    assert {f"G{ids[0][1:]}" for ids in whole} <= set(groups["group_id"])


def test_persons_have_neither_industry_nor_size(tmp_path: Path) -> None:
    made = simulate(shipped("bank"), 600, 12, 1, tmp_path, quiet)
    assert not {"industry", "size", "group_id"} & set(pl.read_parquet(made.files("borrowers")).columns)
