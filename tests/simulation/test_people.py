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
