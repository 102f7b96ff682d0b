"""Texts of messages: what ships, what may be named, what is refused when the file is read."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from daihou.book.errors import DaihouError
from daihou.policies.collection import BY_DAYS
from daihou.policies.messages import HARMLESS, LANGUAGES, TOLD, WRITTEN, Messages, messages

if TYPE_CHECKING:
    from collections.abc import Callable

SHIPPED = resources.files("daihou").joinpath("policies/common/messages.yaml").read_text("utf-8")


def shipped() -> Messages:
    return messages(SHIPPED, "messages.yaml").versions[0].values


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    """The file that ships with one thing changed in its values."""
    stated = yaml.safe_load(SHIPPED)
    change(stated["versions"][0]["values"])
    return str(yaml.safe_dump(stated, allow_unicode=True))


def test_what_ships_has_every_message_in_every_channel_and_language() -> None:
    read = shipped()
    assert {each.code for each in read.templates} == set(TOLD)
    for template in read.templates:
        assert [(channel, language) for channel, language, _ in template.every()] == [
            (channel, language) for channel in WRITTEN for language in LANGUAGES
        ]


def test_both_languages_of_a_text_name_the_same() -> None:
    for template in shipped().templates:
        for channel, stated in template.texts.items():
            named = {language: text.names for language, text in stated.items()}
            assert named["en"] == named["zh-hans"], f"{template.code}, {channel}"


def test_what_goes_to_somebody_who_owes_nothing_names_nothing_of_a_debt() -> None:
    limited = [each for each in shipped().templates if each.limited]
    assert [each.code for each in limited] == ["call_back"]
    for template in limited:
        for _, _, text in template.every():
            assert text.names <= set(HARMLESS)
            assert not any(
                word in text.subject + text.text for word in ("款", "债", "逾期", "催", "owe", "debt", "pay", "loan")
            )


def test_every_channel_that_ships_says_how_to_be_written_to_no_more() -> None:
    assert {channel: set(lines) for channel, lines in shipped().opt_out.items()} == {
        channel: set(LANGUAGES) for channel in WRITTEN
    }


def test_what_is_offered_goes_by_the_stage_and_by_who_reads_it() -> None:
    read = shipped()
    before = {each.code for each in read.offered("sms", stage="pre_due", limited=False)}
    assert "pre_due" in before
    assert "arrears" not in before
    for stage in BY_DAYS:
        at = {each.code for each in read.offered("email", stage=stage, limited=False)}
        assert "arrears" in at
        assert not at & {"pre_due", "call_back"}


def test_a_text_that_names_a_number_nobody_gave_is_not_offered() -> None:
    assert shipped().offered("sms", stage="M1", limited=True) == []
    own = messages(changed(lambda values: values.update(phone="021-5555 0100")), "own").versions[0].values
    assert [each.code for each in own.offered("sms", stage="M1", limited=True)] == ["call_back"]


def test_a_house_may_have_messages_of_its_own() -> None:
    def more(values: dict[str, Any]) -> None:
        texts = {"sms": dict.fromkeys(LANGUAGES, "{lender}: {amount}, {missing}, {as_of}")}
        values["templates"].append(
            {"code": "offer", "en": "Offer", "zh": "方案", "purpose": "collect", "stages": [], "limited": False, "lasts_hours": 4, "texts": texts}
        )  # fmt: skip

    template = messages(changed(more), "own").versions[0].values.template("offer")
    assert template is not None
    assert template.needs("sms", "en") == {"amount", "missing", "as_of"}


def first(change: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, Any]], object]:
    """A change of the first template, the reminder before the due date."""
    return lambda values: change(values["templates"][0])


def last(change: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, Any]], object]:
    """A change of the last one, which is limited."""
    return lambda values: change(values["templates"][-1])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (first(lambda one: one["texts"]["sms"].update(en="Pay {amuont}")), "may not name amuont; it may name lender, phone, amount, due_on"),
        (first(lambda one: one["texts"]["sms"].update(en="{days} days")), "may not name days"),
        (first(lambda one: one["texts"]["sms"].update(en="{amount:>20}")), "is not a plain name in braces"),
        (first(lambda one: one["texts"]["sms"].update(en="{amount.real}")), "is not a plain name in braces"),
        (first(lambda one: one["texts"]["sms"].update(en="{amount")), "pre_due, sms, en"),
        (first(lambda one: one["texts"]["sms"].pop("en")), "en is missing"),
        (first(lambda one: one["texts"]["sms"].update(en=" ")), "the text is empty"),
        (first(lambda one: one["texts"].update(fax={})), "fax is unknown; there are sms, email"),
        (first(lambda one: one["texts"]["email"]["en"].update(subject="Two\nlines")), "subject must be one line"),
        (first(lambda one: one.update(purpose="sell")), "purpose must be one of"),
        (first(lambda one: one.update(stages=["M9"])), "M9 is unknown"),
        (first(lambda one: one.update(lasts_hours=0)), "lasts_hours must be 1 or more"),
        (first(lambda one: one.update(code="Pre due")), "small letters"),
        (first(lambda one: one.update(code="arrears")), "may not name due_on"),
        (last(lambda one: one["texts"]["sms"].update(en="You owe {amount}")), "may not name amount as it is limited"),
        (last(lambda one: one.update(code="plan_agreed")), "plan_agreed is there twice"),
        (lambda values: values["lender"].pop("en"), "lender: en is missing"),
        (lambda values: values["opt_out"]["sms"].pop("zh-hans"), "opt_out, sms: zh-hans is missing"),
        (lambda values: values.update(phone="call us"), "phone must be digits"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_when_the_file_is_read(
    change: Callable[[dict[str, Any]], object], why: str
) -> None:
    with pytest.raises(DaihouError, match="A value does not fit") as refused:
        messages(changed(change), "messages.yaml")
    assert why in str(refused.value)
