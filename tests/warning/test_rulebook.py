"""Which versions judge on a day, what a lender's own go before, and what one that does not fit leaves alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daihou.book.errors import DaihouError
from daihou.warning.rule import Rule, Text, Version
from daihou.warning.rulebook import Broken, rulebook

SAID = Text("-", "-")


def version(number: int, from_on: str | None = "2026-01-01", when: str = "dpd > 5", **more: object) -> Version:
    begins = dt.date.fromisoformat(from_on) if from_on else None
    made = Version(number, begins, "Head of risk", "yellow", when, SAID, SAID)
    return replace(made, **more)  # type: ignore[arg-type]  # each test names fields of a version


def rule(rule_id: str, *versions: Version) -> Rule:
    return Rule(rule_id, SAID, "arrears", "loan", versions)


DAY = dt.date(2026, 6, 1)


def numbers(found: list[object]) -> list[tuple[str, int]]:
    return [(one.rule.id, one.version.number) for one in found]  # type: ignore[attr-defined]  # they are Checked


def test_the_version_in_force_on_the_day_judges() -> None:
    book = rulebook([rule("R-502", version(1)), rule("R-501", version(1), version(2, "2026-06-02"))])
    assert numbers([*book.live(DAY)]) == [("R-501", 1), ("R-502", 1)]
    assert numbers([*book.live(dt.date(2026, 6, 2))]) == [("R-501", 2), ("R-502", 1)]
    assert book.live(dt.date(2025, 12, 31)) == []


def test_what_was_decided_last_stands_where_an_earlier_version_was_to_begin_after_it() -> None:
    sooner = rulebook([rule("R-501", version(1), version(2, "2026-07-01"), version(3, "2026-06-01"))])
    assert numbers([*sooner.live(dt.date(2026, 5, 31))]) == [("R-501", 1)]
    assert numbers([*sooner.live(DAY)]) == numbers([*sooner.live(dt.date(2026, 7, 1))]) == [("R-501", 3)]
    ended = rulebook([rule("R-501", version(1, "2026-07-01"), version(2, "2026-06-01", retired=True))])
    assert ended.retired(DAY) == ended.retired(dt.date(2026, 7, 1)) == ["R-501"]


def test_a_shadow_runs_beside_the_live_version_until_it_is_live_itself() -> None:
    book = rulebook([rule("R-501", version(1), version(2, "2026-07-01", shadow_from=DAY))])
    assert book.shadow(dt.date(2026, 5, 31)) == []
    assert (numbers([*book.live(DAY)]), numbers([*book.shadow(DAY)])) == ([("R-501", 1)], [("R-501", 2)])
    assert numbers([*book.live(dt.date(2026, 7, 1))]) == [("R-501", 2)]
    assert book.shadow(dt.date(2026, 7, 1)) == []


def test_a_retired_version_ends_its_rule_and_is_told_apart_from_one_that_is_not_there() -> None:
    book = rulebook([rule("R-501", version(1), version(2, "2026-06-01", retired=True)), rule("R-502", version(1))])
    assert numbers([*book.live(DAY)]) == [("R-502", 1)]
    assert book.retired(DAY) == ["R-501"]
    assert book.retired(dt.date(2026, 5, 31)) == []


def test_a_registered_version_goes_before_the_shipped_one_of_its_number_and_leaves_the_others() -> None:
    shipped = rule("R-501", version(1, when="dpd > 5"), version(2, "2026-05-01", when="dpd > 6"))
    own = Rule("R-501", Text("Ours", "本行"), "arrears", "loan", (version(2, "2026-05-01", when="dpd > 7"),))
    book = rulebook([shipped], [own])
    assert [one.when for one in book.rule("R-501").versions] == ["dpd > 5", "dpd > 7"]
    assert book.rule("R-501").name.en == "Ours"


def test_one_version_that_does_not_fit_is_named_and_the_others_judge() -> None:
    book = rulebook([rule("R-501", version(1)), rule("R-502", version(1, when="gone > 1")), rule("R-503", version(1))])
    assert numbers([*book.live(DAY)]) == [("R-501", 1), ("R-503", 1)]
    (broken,) = book.broken(DAY)
    assert (broken.rule_id, broken.number) == ("R-502", 1)
    assert broken.problem.message == "Column gone is unknown."
    assert book.retired(DAY) == []


def test_a_version_that_is_over_is_not_named_as_broken() -> None:
    book = rulebook([rule("R-501", version(1, when="gone > 1"), version(2, "2026-05-01"))])
    assert book.broken(DAY) == []
    assert [one.number for one in book.broken(dt.date(2026, 4, 30))] == [1]


def test_a_rule_whose_measure_is_gone_can_be_ended() -> None:
    book = rulebook(
        [rule("R-501", version(1, when="gone > 1"), version(2, "2026-05-01", when="gone > 1", retired=True))]
    )
    assert book.broken(DAY) == []
    assert book.retired(DAY) == ["R-501"]


def test_texts_that_could_not_be_read_are_named_on_every_day() -> None:
    lost = Broken("R-500", 3, DaihouError("Unknown key: colour.", zh=("未知的键：colour。", "")))
    assert rulebook([rule("R-501", version(1))], unread=[lost]).broken(DAY) == [lost]


def test_a_text_that_could_not_be_read_is_named_until_a_later_version_holds() -> None:
    lost = Broken("R-501", 2, DaihouError("Unknown key: colour.", zh=("未知的键：colour。", "")))
    book = rulebook([rule("R-501", version(1), version(3, "2026-06-01"))], unread=[lost])
    assert book.broken(dt.date(2026, 5, 31)) == [lost]
    assert book.broken(dt.date(2026, 6, 1)) == []
    assert [one.version.number for one in book.live(dt.date(2026, 6, 1))] == [3]


def test_a_rule_whose_newest_text_could_not_be_read_rests() -> None:
    lost = Broken("R-501", 3, DaihouError("Unknown key: colour.", zh=("未知的键：colour。", "")))
    shadowed = rule("R-501", version(1), version(2, "2027-01-01", shadow_from=dt.date(2026, 1, 1)))
    book = rulebook([shadowed, rule("R-502", version(1))], unread=[lost])
    assert [one.rule.id for one in book.live(DAY)] == ["R-502"]
    assert book.shadow(DAY) == []
    assert [one.rule.id for one in rulebook([shadowed]).shadow(DAY)] == ["R-501"]


def test_a_rule_that_is_not_there_is_answered_with_those_alike() -> None:
    book = rulebook([rule("R-501", version(1)), rule("R-777", version(1))])
    with pytest.raises(DaihouError, match="There is no rule R-502") as caught:
        book.rule("R-502")
    assert "R-501" in caught.value.remedy


RULES = [
    rule("R-501", version(1), version(3, "2026-03-01")),
    rule("R-501", version(2, "2026-02-01", when="dpd > 9")),
    Rule("R-501", Text("Newest", "最新"), "behaviour", "loan", (version(4, None, shadow_from=dt.date(2026, 4, 1)),)),
    rule("R-502", version(1, retired=True)),
    rule("R-503", version(1, when="gone > 1")),
    rule("R-504", version(2, when="missed_12m > 2", clear="missed_12m = 0")),
]


@settings(max_examples=25)
@given(st.permutations(RULES), st.permutations(RULES[:4]))
def test_shuffled_rules_make_the_same_rulebook_and_the_same_digest(shipped: list[Rule], own: list[Rule]) -> None:
    found, wanted = rulebook(shipped, own), rulebook(RULES, RULES[:4])
    assert (found.rules, found.digest) == (wanted.rules, wanted.digest)
    assert found.rule("R-501").name.en == "Newest"
    assert found.live(DAY) == wanted.live(DAY)
    assert numbers([*found.live(DAY)]) == [("R-501", 3), ("R-504", 2)]


def test_the_digest_names_what_rules_say_to_the_letter() -> None:
    digests = {
        rulebook([rule("R-501", one)]).digest
        for one in (version(1), version(2), version(1, when="dpd > 6"), version(1, "2026-01-02"), version(1, confirm=2))
    }
    assert len(digests) == 5
