"""Scripts of conversations: what ships fits everybody, and no script can name a debt before it is known who speaks, nor to whom it is no concern."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from daihou.book.errors import DaihouError
from daihou.policies.collection import LADDER
from daihou.policies.contact_codes import PARTIES
from daihou.policies.scripts import OPEN_WORDS, SITUATIONS, Scripts, scripts

if TYPE_CHECKING:
    from collections.abc import Callable

SHIPPED = resources.files("daihou").joinpath("policies/common/scripts.yaml").read_text("utf-8")


def shipped() -> Scripts:
    return scripts(SHIPPED, "scripts.yaml").versions[0].values


def changed(change: Callable[[list[dict[str, Any]]], object]) -> str:
    """The file that ships with something changed in its scripts."""
    stated = yaml.safe_load(SHIPPED)
    change(stated["versions"][0]["values"]["scripts"])
    return str(yaml.safe_dump(stated, allow_unicode=True))


@pytest.mark.parametrize("party", PARTIES)
@pytest.mark.parametrize("stage", LADDER)
def test_everybody_finds_a_script_at_every_stage_and_it_begins_with_who_speaks(stage: str, party: str) -> None:
    for situation in SITUATIONS:
        script = shipped().fitting(stage, party, {situation})
        assert script.steps[0].code == "identity"
        assert script.steps[0].words() <= OPEN_WORDS
        assert script.limited == (party in ("unrelated", "employer"))


def test_the_particular_goes_before_the_general() -> None:
    read = shipped()
    assert read.fitting("M2", "debtor", {"promise_broken"}).code == "promise_broken"
    assert read.fitting("M2", "debtor", {"promise_broken", "dispute"}).code == "dispute"
    assert read.fitting("M2", "debtor", ()).code == "early"
    assert read.fitting("M5", "debtor", ()).code == "late"
    assert read.fitting("pre_due", "debtor", ()).code == "reminder"


def test_to_who_does_not_owe_nothing_of_a_debt_is_said() -> None:
    words = ("欠", "贷", "还款", "逾期", "催收", "debt", "loan", "owe", "overdue", "collect")
    script = shipped().fitting("M2", "unrelated", ())
    for step in script.steps:
        assert not [word for word in words if word in step.zh.lower() + step.en.lower()]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda all_of: all_of[0]["steps"].pop(0), "begin with the step `identity`"),
        (lambda all_of: all_of[0]["steps"][0].update(zh="您欠 {claim} 元"), "only agent, lender, person"),
        (lambda all_of: all_of[-1]["steps"][1].update(en="He owes {claim}"), "only agent, lender, person"),
        (lambda all_of: all_of[0]["steps"][1].update(en="{salary}"), "salary is no placeholder"),
        (lambda all_of: all_of[0].update(parties=["neighbour"]), "neighbour"),
        (lambda all_of: all_of[0].update(stages=["M9"]), "M9"),
        (lambda all_of: all_of[0].update(situation="rain"), "rain"),
        (lambda all_of: all_of[1].update(code="dispute"), "every code once"),
        (lambda all_of: all_of.pop(), "no script for unrelated"),
    ],
)
def test_a_file_that_could_say_too_much_is_refused(change: Callable[[list[dict[str, Any]]], object], why: str) -> None:
    with pytest.raises(DaihouError, match=why):
        scripts(changed(change), "scripts.yaml")
