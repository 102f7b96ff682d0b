"""The catalogue is whole: the page is current, everything is said in both languages, the columns are the snapshot's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import daihou
from daihou.book.errors import DaihouError
from daihou.monitoring.arrears.family import ARREARS
from daihou.monitoring.catalogue import Catalogue, Measure
from daihou.monitoring.families import FAMILIES, LOAN
from daihou.monitoring.reference import page
from daihou.monitoring.snapshot import SCHEMA

REMEDY = "write it anew: python -m daihou.monitoring.reference > docs/reference/measures.md"
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "measures.md"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
MEASURES = [pytest.param(measure, id=measure.name) for family in FAMILIES for measure in family.measures]


def test_the_reference_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == page(), REMEDY


def test_the_columns_of_the_families_are_those_of_the_snapshot_in_order() -> None:
    assert [measure.name for family in LOAN for measure in family.measures] == SCHEMA.names


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_has_both_labels_and_meanings(measure: Measure) -> None:
    assert measure.en.strip()
    assert measure.meaning_en.strip()
    assert not CHINESE.search(measure.en + measure.meaning_en)
    assert CHINESE.search(measure.zh)
    assert CHINESE.search(measure.meaning_zh)


@pytest.mark.parametrize("measure", MEASURES)
def test_no_cell_breaks_the_table(measure: Measure) -> None:
    assert not re.search(r"[|\n]", measure.en + measure.zh + measure.meaning_en + measure.meaning_zh)


def test_every_name_means_one_thing_of_a_subject() -> None:
    assert daihou.catalogue().find("dpd")[0] is ARREARS
    with pytest.raises(ValueError, match="of a loan is declared twice"):
        Catalogue((*FAMILIES, ARREARS))


def test_the_catalogue_says_what_a_measure_is_its_unit_what_is_bad_and_where_it_comes_from() -> None:
    family, measure = daihou.catalogue().find("over_30_share", "org")
    assert (measure.en, measure.unit, measure.bad) == ("Share over 30 days", "share", "high")
    assert "over 30 days past due" in measure.meaning_en
    assert family.inputs == ("arrears", "terms")
    inputs = daihou.catalogue().find("on_time_share_12m")[0].inputs
    assert {"instalments", "payments", "bills"} <= set(inputs)


def test_a_misspelt_measure_is_answered_with_those_alike() -> None:
    with pytest.raises(DaihouError, match="called max_dpd_12") as error:
        daihou.catalogue().find("max_dpd_12")
    assert "max_dpd_12m" in error.value.remedy


def test_amounts_of_the_snapshot_are_whole_numbers_and_declared_as_amounts() -> None:
    amounts = {
        measure.name for family in LOAN for measure in family.measures if measure.unit in ("amount", "base_amount")
    }
    assert amounts == {field.name for field in SCHEMA if str(field.type) == "int64"}
