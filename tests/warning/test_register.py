"""What a lender decides about rules is added to the register, once, and holds from the next run on."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from daihou.book import lake
from daihou.book.errors import DaihouError
from daihou.book.home import Home, Settings
from daihou.runs.watch.register import REGISTER, entries, publish, published, rulebook_of, shipped
from daihou.warning.reading import rules, text
from daihou.warning.rule import Rule, Text, Version

if TYPE_CHECKING:
    from pathlib import Path

DAY = dt.date(2026, 6, 1)
FIRST = Version(
    1, DAY, "head_of_risk", "yellow", "dpd > 5", Text("{dpd}", "{dpd}"), Text("It helps", "有效"), notify=("collector",)
)
SECOND = replace(FIRST, number=2, from_on=dt.date(2026, 9, 1), when="dpd > 3", segment="product = 'sme'")
OWN = Rule("R-501", Text("Late", "逾期"), "arrears", "loan", (FIRST,))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path, Settings(profile="bank"))


def put(home: Home, *stated: Rule) -> tuple[tuple[str, int], ...]:
    return publish(home, stated, author="wang", reviewer="li", note="why", recorded_on=DAY, origin="desk")


def test_a_home_of_which_nothing_was_decided_has_what_ships(home: Home) -> None:
    assert published(home) == ()
    assert rulebook_of(home).rules == tuple(sorted(shipped("bank"), key=lambda rule: rule.id))


def test_what_is_published_is_in_the_rulebook_with_who_wrote_and_who_reviewed_it(home: Home) -> None:
    assert put(home, OWN) == (("R-501", 1),)
    assert rulebook_of(home).rule("R-501") == OWN
    assert published(home) == (OWN,)
    (entry,) = entries(home)
    assert (entry.rule_id, entry.number, entry.text) == ("R-501", 1, text([OWN]))
    assert (entry.author, entry.reviewer, entry.note, entry.recorded_on, entry.origin) == (
        "wang",
        "li",
        "why",
        DAY,
        "desk",
    )


def test_publishing_again_adds_nothing_and_a_later_file_adds_its_new_versions(home: Home) -> None:
    put(home, OWN)
    assert put(home, OWN) == ()
    both = replace(OWN, versions=(FIRST, SECOND))
    assert put(home, both) == (("R-501", 2),)
    assert put(home, both) == ()
    assert published(home) == (both,)
    assert len(entries(home)) == 2


def test_what_was_published_is_read_as_of_the_version_a_run_noted(home: Home) -> None:
    put(home, OWN)
    then = lake.version(home, REGISTER)
    put(home, replace(OWN, versions=(SECOND,)))
    assert [version.number for version in rulebook_of(home, then).rule("R-501").versions] == [1]
    assert [version.number for version in rulebook_of(home).rule("R-501").versions] == [1, 2]


def test_a_number_that_stands_with_another_text_is_refused(home: Home) -> None:
    put(home, OWN)
    with pytest.raises(DaihouError, match="Version 1 of R-501 stands already, with another text") as caught:
        put(home, replace(OWN, versions=(replace(FIRST, when="dpd > 6"),)))
    assert caught.value.remedy == "Versions are never changed: give the change the number 2."
    assert len(entries(home)) == 1


def test_a_shipped_version_is_as_fixed_as_a_published_one(home: Home) -> None:
    ships = rulebook_of(home).rule("R-001")
    assert put(home, ships) == ()
    with pytest.raises(DaihouError, match="Version 1 of R-001 stands already"):
        put(home, replace(ships, versions=(replace(ships.versions[0], when="dpd > 2"),)))
    changed = replace(ships.versions[0], number=2, from_on=DAY, when="dpd > 2")
    assert put(home, replace(ships, versions=(changed,))) == (("R-001", 2),)
    assert [one.version.when for one in rulebook_of(home).live(DAY) if one.rule.id == "R-001"] == ["dpd > 2"]


def test_a_number_below_one_that_stands_is_refused(home: Home) -> None:
    put(home, replace(OWN, versions=(SECOND,)))
    with pytest.raises(DaihouError, match="comes after version 2, which stands already"):
        put(home, OWN)


def test_a_rule_keeps_its_subject(home: Home) -> None:
    put(home, OWN)
    of_borrower = replace(SECOND, when="worst_dpd > 1", segment=None, message=Text("-", "-"))
    with pytest.raises(DaihouError, match="R-501 watches a loan, not a borrower"):
        put(home, replace(OWN, subject="borrower", versions=(of_borrower,)))


def test_of_rules_of_which_one_does_not_fit_none_is_published(home: Home) -> None:
    wrong = Rule("R-502", OWN.name, "arrears", "loan", (replace(FIRST, when="dpd >= 0"),))
    with pytest.raises(DaihouError, match="always holds") as caught:
        put(home, OWN, wrong)
    assert caught.value.place == "R-502 version 1, when: dpd >= 0"
    assert entries(home) == ()


def test_a_rule_is_ended_by_a_version_that_retires_it(home: Home) -> None:
    put(home, OWN)
    put(home, replace(OWN, versions=(replace(FIRST, number=2, from_on=dt.date(2026, 7, 1), retired=True),)))
    book = rulebook_of(home)
    assert "R-501" in [one.rule.id for one in book.live(dt.date(2026, 6, 30))]
    assert "R-501" not in [one.rule.id for one in book.live(dt.date(2026, 7, 1))]
    assert book.retired(dt.date(2026, 7, 1)) == ["R-501"]


def test_rows_that_are_no_longer_understood_stop_nothing_and_keep_their_number(home: Home) -> None:
    put(home, OWN)
    strange = {"rule_id": "R-502", "version": 1, "text": "- {id: R-502, colour: red}", "author": "", "reviewer": "",
               "note": "", "recorded_on": DAY, "origin": "file"}  # fmt: skip
    lake.append(home, REGISTER, pa.Table.from_pylist([strange], lake.schema(REGISTER)))
    book = rulebook_of(home)
    assert book.rule("R-501") == OWN
    (broken,) = book.broken(DAY)
    assert (broken.rule_id, broken.number) == ("R-502", 1)
    assert broken.problem.place == "rules, R-502 version 1, R-502"
    with pytest.raises(DaihouError, match="comes after version 1"):
        put(home, replace(OWN, id="R-502"))


def test_rules_go_out_as_a_file_and_come_back_as_the_same_rules(home: Home) -> None:
    put(home, OWN)
    book = rulebook_of(home)
    assert rules(text(book.rules), "out.yaml") == book.rules
    assert put(home, *rules(text(book.rules), "out.yaml")) == ()
