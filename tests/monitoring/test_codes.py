"""Codes of measures: each that a kernel can answer has labels, and those of the contract are taken from it."""

from __future__ import annotations

import pytest

from daihou.monitoring.arrears.shapes import BASES, STATES
from daihou.monitoring.codes import of_contract
from daihou.monitoring.families import CATALOGUE, FAMILIES
from daihou.warning.columns import columns_of


def test_the_codes_of_the_kernels_are_those_that_have_labels() -> None:
    for name, codes in (("state", STATES), ("basis", BASES)):
        measure = CATALOGUE.find(name)[1]
        assert tuple(code for code, _, _ in measure.choices) == codes
        assert not measure.extensible


def test_the_codes_of_the_contract_are_known_and_may_be_more_where_it_says_so() -> None:
    asset_class = CATALOGUE.find("asset_class")[1]
    assert ("card", "Credit card", "信用卡") in asset_class.choices
    assert asset_class.extensible
    assert [code for code, _, _ in CATALOGUE.find("borrower_kind", "borrower")[1].choices] == ["person", "company"]
    with pytest.raises(KeyError):
        of_contract("loans", "colour")


def test_only_codes_have_choices_and_each_has_both_labels() -> None:
    for measure in (measure for family in FAMILIES for measure in family.measures):
        assert not measure.choices or measure.unit == "code"
        assert all(en and zh for _, en, zh in measure.choices)


def test_a_rule_sees_codes_and_signs_as_the_catalogue_has_them() -> None:
    fields = columns_of("loan")
    assert fields["state"].choices == CATALOGUE.find("state")[1].choices
    assert fields["asset_class"].extensible
    assert fields["dpd_change_1m"].signed
    assert not fields["dpd"].signed
