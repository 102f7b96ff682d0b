"""The policies of limitation and of letters: what ships is read, speaks both languages and names its source; what is wrong in a lender's own is named."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from daihou.book.errors import DaihouError
from daihou.policies.letters import NAMES, letters
from daihou.policies.limitation import limitation

CHINESE: Final = re.compile("[一-鿿]")


def text_of(folder: str, name: str) -> str:
    return resources.files("daihou").joinpath(f"policies/{folder}/{name}.yaml").read_text("utf-8")


LAW: Final = text_of("cn", "limitation_cn")
WORDS: Final = text_of("common", "letters")


def test_each_kind_and_means_speaks_both_languages_and_names_its_source() -> None:
    for version in limitation(LAW, "here").versions:
        assert (version.values.years, version.values.longest_years, version.values.enforcement_years) == (3, 20, 2)
        told: list[Any] = [*version.values.kinds, *version.values.means]
        for one in told:
            assert CHINESE.search(one.zh), one.code
            assert not CHINESE.search(one.en), one.code
            assert CHINESE.search(one.citation), one.code


def test_after_the_end_only_acknowledgement_and_agreement_renew() -> None:
    (version,) = limitation(LAW, "here").versions
    assert {one.code for one in version.values.kinds if one.after_end == "renews"} == {"acknowledgement", "agreement"}
    assert version.values.kind("poem") is None
    assert version.values.way("pigeon") is None


def test_every_name_that_the_guide_offers_may_be_named() -> None:
    guide = (Path(__file__).parents[2] / "docs/guides/letters.md").read_text("utf-8")
    offered = set(re.findall(r"`\{(\w+)\}`", guide))
    assert offered == set(NAMES)
    letters(WORDS.replace("{total}", " ".join(f"{{{name}}}" for name in sorted(offered))), "here")


def test_each_wording_says_the_amount_in_both_languages_and_the_slip_its_number() -> None:
    for version in letters(WORDS, "here").versions:
        for one in version.values.wordings:
            assert any("{total}" in text for text in one.body_en), one.kind
            assert any("{total}" in text for text in one.body_zh), one.kind
            assert "{number}" in one.slip_en, one.kind
            assert "{number}" in one.slip_zh, one.kind
        assert len({one.digest for one in version.values.wordings}) == 4


def broken(text: str, **changes: Any) -> str:
    stated = yaml.safe_load(text)
    stated["versions"][0]["values"] |= changes
    return yaml.safe_dump(stated, allow_unicode=True)


def values(text: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(text)["versions"][0]["values"]
    return found


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"years": 0}, "whole numbers"),
        ({"rest_day": "sometimes"}, "rest_day must be one of"),
        ({"kinds": []}, "name something"),
        ({"kinds": [*values(LAW)["kinds"], values(LAW)["kinds"][0]]}, "twice"),
        ({"kinds": [{**values(LAW)["kinds"][0], "effect": "delights"}]}, "effect must be one of"),
        ({"kinds": [{**values(LAW)["kinds"][-1], "after_end": "renews"}]}, "only what interrupts"),
        ({"means": [{**values(LAW)["means"][0], "counts": {"dog": "yes"}}]}, "must be one of"),
        ({"means": [{**values(LAW)["means"][0], "days": -1}]}, "days must be"),
        ({"guarantees": {**values(LAW)["guarantees"], "joint_kept_by": ["poem"]}}, "must be one of"),
        ({"suspension": {"last_months": 6}}, "missing"),
        ({"stated": ["poem"]}, "stated must be one of"),
        ({"payments": {**values(LAW)["payments"], "purposes": ["charity"]}}, "payments.purposes must be one of"),
        ({"payments": {**values(LAW)["payments"], "payers": ["the dog"]}}, "payments.payers must be one of"),
    ],
)
def test_what_is_wrong_in_the_law_is_named(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(DaihouError, match=said):
        limitation(broken(LAW, **changes), "here")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"maturing_days": 0}, "maturing_days must be"),
        ({"together_most": 61}, "together_most must be"),
        ({"wordings": values(WORDS)["wordings"][:3]}, "each of"),
        ({"wordings": [{**values(WORDS)["wordings"][0], "slip_en": "Dear {nobody}"}]}, "names {nobody}"),
        ({"wordings": [{**values(WORDS)["wordings"][0], "kind": "poem"}]}, "is no letter"),
        ({"wordings": [{**values(WORDS)["wordings"][0], "body_zh": []}]}, "list of paragraphs"),
    ],
)
def test_what_is_wrong_in_the_words_is_named(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(DaihouError, match=re.escape(said)):
        letters(broken(WORDS, **changes), "here")
