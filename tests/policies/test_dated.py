"""Dated policies: what is in force on a day, on whose word, and a loud failure for whatever is not understood."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from daihou.book.errors import DaihouError
from daihou.book.home import Home, Settings, open_home
from daihou.policies.buckets import buckets
from daihou.policies.overdue import regulatory_overdue
from daihou.policies.products import DEFAULT, profile
from daihou.runs.policies import SCHEMES, read_policies

if TYPE_CHECKING:
    from pathlib import Path

STEPS = """
policy: steps
versions:
  - from: 2024-01-01
    citation: Rule 7
    values: {measure: dpd, labels: ["0", "1-10", ">10"], ends: [0, 10]}
  - from: 2020-01-01
    owner: Head of risk
    values: {measure: dpd, labels: ["0", ">0"], ends: [0]}
"""
HOUSE = """
profile: house
standing_days: 31
products:
  auto:
    - {from: 2024-01-01, owner: Head of retail, grace_days: 3, tolerance: 0.50, order: vertical}
"""


@pytest.mark.parametrize(
    ("day", "label", "word"),
    [
        (date(2020, 1, 1), ">0", ("Head of risk", None)),
        (date(2023, 12, 31), ">0", ("Head of risk", None)),
        (date(2024, 1, 1), "1-10", (None, "Rule 7")),
        (date(2100, 1, 1), "1-10", (None, "Rule 7")),
    ],
)
def test_the_version_in_force_on_a_day_answers_and_says_on_whose_word(
    day: date, label: str, word: tuple[str | None, str | None]
) -> None:
    version = buckets("steps", STEPS, "steps.yaml").on(day)
    assert version.values.of(5) == label
    assert (version.owner, version.citation) == word


def test_before_the_first_version_nothing_is_in_force() -> None:
    with pytest.raises(DaihouError, match="no version in force on 2019-12-31") as caught:
        buckets("steps", STEPS, "steps.yaml").on(date(2019, 12, 31))
    assert caught.value.place == "steps.yaml"
    assert caught.value.remedy == "Add a version that begins earlier."


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        ("owner:", "ownr:", "steps.yaml, version 2", "Unknown key: ownr"),
        ("versions:", "meening: x\nversions:", "steps.yaml", "Unknown key: meening"),
        ("ends: [0]", "ends: [0], colour: red", "steps.yaml, version 2", "Unknown key: colour"),
        (", ends: [0]", "", "steps.yaml, version 2", "Missing key: ends"),
        ("    owner: Head of risk\n", "", "steps.yaml, version 2", "Nobody answers for this version"),
        ("owner: Head of risk", "owner: ''", "steps.yaml, version 2", "Nobody answers for this version"),
        ("from: 2020-01-01", "from: soon", "steps.yaml, version 2", "soon is not a date"),
        ("from: 2020-01-01", "from: 2020-01-01 08:00:00", "steps.yaml, version 2", "is not a date"),
        ("ends: [0, 10]", "ends: [10, 0]", "steps.yaml, version 1", "ends must ascend"),
        ("ends: [0, 10]", "ends: [0]", "steps.yaml, version 1", "one label more than ends"),
        ("ends: [0, 10]", "ends: 7", "steps.yaml, version 1", "A value does not fit"),
        ("policy: steps", "policy: stairs", "steps.yaml", "holds policy stairs, not steps"),
        (STEPS, "policy: steps\nversions: []", "steps.yaml", "has no version"),
        (STEPS, "policy: steps\nversions: 3", "steps.yaml", "not a list"),
        (STEPS, "policy: steps\nversions: [3]", "steps.yaml, version 1", "not a mapping"),
        (STEPS, "policy: steps\nversions: [{from: 2020-01-01, owner: x, values: 3}]", "steps.yaml, version 1", "not a mapping"),
        (STEPS, "[1, 2]", "steps.yaml", "not a mapping"),
        (STEPS, "policy: [", "steps.yaml", "cannot be read"),
    ],
)  # fmt: skip
def test_what_is_not_understood_fails_naming_file_and_key(old: str, new: str, place: str, said: str) -> None:
    with pytest.raises(DaihouError, match=said) as caught:
        buckets("steps", STEPS.replace(old, new), "steps.yaml")
    assert caught.value.place == place
    assert caught.value.remedy


def test_a_products_day_count_begins_with_the_default_and_then_its_own() -> None:
    read = profile(HOUSE, "house.yaml")
    first, own = read.day_counts("auto")
    assert first == DEFAULT
    assert (own.from_on, own.grace_days, own.tolerance, own.order) == (date(2024, 1, 1), 3, Decimal("0.5"), "vertical")
    assert read.day_counts("boat") == (DEFAULT,)


@pytest.mark.parametrize(
    ("text", "amount"),
    [("0.50", "0.5"), ("'0.50'", "0.50"), ("0.1", "0.1"), ("1", "1"), ("0", "0")],
)  # fmt: skip
def test_a_tolerance_is_read_to_the_cent_quoted_or_not(text: str, amount: str) -> None:
    assert profile(HOUSE.replace("0.50", text), "house.yaml").day_counts("auto")[1].tolerance == Decimal(amount)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("tolerance: 0.50", "tolerance: little", "tolerance: little is not an amount"),
        ("tolerance: 0.50", "tolerance: true", "tolerance: True is not an amount"),
        ("tolerance: 0.50", "tolerance: -1", "tolerance: -1 is not an amount"),
        ("tolerance: 0.50", "tolerance: .nan", "tolerance: nan is not an amount"),
        ("grace_days: 3", "grace_days: -3", "grace_days: -3 is not a whole number"),
        ("grace_days: 3", "grace_days: 2.5", "grace_days: 2.5 is not a whole number"),
        ("grace_days: 3", "grace_day: 3", "Unknown key: grace_day"),
        ("order: vertical", "order: sideways", "order: sideways is unknown"),
        ("order: vertical", "move_holidays: often", "move_holidays is neither true nor false"),
        ("owner: Head of retail, ", "", "Nobody answers"),
        ("from: 2024-01-01, ", "", "Missing key: from"),
        ("from: 2024-01-01", "from: 2024", "2024 is not a date"),
        ("standing_days: 31", "standing_days: a month", "standing_days: a month is not a whole number"),
        ("standing_days: 31", "", "Missing key: standing_days"),
        ("profile: house", "profile: house\nproduct: {}", "Unknown key: product"),
    ],
)
def test_a_profile_that_is_not_understood_fails_naming_the_file(old: str, new: str, said: str) -> None:
    with pytest.raises(DaihouError, match=said) as caught:
        profile(HOUSE.replace(old, new), "house.yaml")
    assert caught.value.place.startswith("house.yaml")
    assert caught.value.remedy


@pytest.mark.parametrize("name", ["bank", "trust", "online"])
def test_every_shipped_file_loads(tmp_path: Path, name: str) -> None:
    policies = read_policies(Home(tmp_path, Settings(profile=name)))
    assert policies.profile.name == name
    assert set(policies.schemes) == set(SCHEMES)
    for scheme in policies.schemes.values():
        latest = scheme.versions[-1]
        assert latest.owner or latest.citation
        assert latest.values.of(0) == latest.values.labels[0]
        assert latest.values.of(100_000) == latest.values.labels[-1]


def test_every_finer_bucket_lies_within_one_coarser_bucket_of_each_scheme(tmp_path: Path) -> None:
    policies = read_policies(Home(tmp_path))
    atomic = set(policies.schemes["buckets_atomic"].versions[-1].values.ends)
    by_days = [found for scheme in policies.schemes.values() if (found := scheme.versions[-1].values).measure == "dpd"]
    assert len(by_days) > 1
    for scheme in by_days:
        assert set(scheme.ends) <= atomic


def test_a_scheme_of_an_unknown_measure_is_refused() -> None:
    with pytest.raises(DaihouError, match="measure must be one of"):
        buckets("steps", STEPS.replace("measure: dpd", "measure: weight"), "steps.yaml")


def test_the_homes_own_file_goes_before_the_shipped_one_and_changes_the_digest(tmp_path: Path) -> None:
    home = open_home(tmp_path, {})
    shipped = read_policies(home)
    own = tmp_path / "policies" / "buckets_par.yaml"
    own.parent.mkdir()
    own.write_text(STEPS.replace("policy: steps", "policy: buckets_par"), "utf-8")
    chosen = read_policies(home)
    assert chosen.schemes["buckets_par"].place == str(own)
    assert chosen.schemes["buckets_par"].on(date(2026, 1, 1)).values.labels == ["0", "1-10", ">10"]
    assert chosen.schemes["buckets_atomic"] == shipped.schemes["buckets_atomic"]
    assert chosen.digest != shipped.digest


def test_a_broken_file_of_the_home_is_named(tmp_path: Path) -> None:
    own = tmp_path / "policies" / "bank.yaml"
    own.parent.mkdir()
    own.write_text("profile: bank\nstanding_dais: 31\n", "utf-8")
    with pytest.raises(DaihouError, match="Unknown key: standing_dais") as caught:
        read_policies(Home(tmp_path))
    assert caught.value.place == str(own)


def test_retail_instalment_loans_are_told_by_class_and_method() -> None:
    text = (
        "policy: regulatory_overdue\nversions:\n  - from: 2000-01-01\n    owner: x\n"
        "    values: {asset_classes: [personal], repayment_methods: [annuity], days: 90}\n"
    )
    policy = regulatory_overdue(text, "r.yaml").on(date(2026, 1, 1)).values
    assert policy.is_instalment_retail("personal", "annuity")
    assert not policy.is_instalment_retail("personal", "bullet")
    assert not policy.is_instalment_retail(None, None)
