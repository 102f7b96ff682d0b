"""The policy of cash flow: what ships is whole, and whatever is misspelt fails with the place."""

from __future__ import annotations

from datetime import date
from importlib import resources
from typing import TYPE_CHECKING

import pytest

from daihou.book.contracts.accounts import COUNTERPARTY_KINDS, MEMO_FLAGS
from daihou.book.errors import DaihouError
from daihou.book.home import open_home
from daihou.policies.cash_flow import NONE, cash_flow
from daihou.runs.policies import read_policies

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = resources.files("daihou").joinpath("policies/common/cash_flow.yaml").read_text("utf-8")


def test_every_flag_has_words_in_both_languages_and_every_kind_named_is_one_of_the_contract() -> None:
    values = cash_flow(SHIPPED, "cash_flow.yaml").on(date(2026, 1, 1)).values
    for choice in MEMO_FLAGS:
        words = values.keywords[choice.code]
        assert any(word.isascii() for word in words), choice
        assert any(not word.isascii() for word in words), choice
    kinds = {NONE, *(choice.code for choice in COUNTERPARTY_KINDS)}
    assert {kind for role in values.roles.values() for kind in role.kinds} | set(values.regular.kinds) <= kinds


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SHIPPED.replace("salary: [工资", "wages: [工资"), "keywords: unknown key wages"),
        (SHIPPED.replace("gambling: {kinds", "gaming: {kinds"), "roles: unknown key gaming"),
        (SHIPPED.replace("flags: [own_transfer]", "flags: [own]"), "no flag is called own"),
        (SHIPPED.replace("kinds: [customer]", "kinds: [客户]"), "is no code"),
        (SHIPPED.replace("kinds: [customer]", "kinds: customer"), "is not a list of words"),
        (SHIPPED.replace("at_least: 3", "at_least: 7"), "at_least must be from 1 to months"),
        (SHIPPED.replace("within_percent: 20", "within_percent: 0.2"), "0.2 is no whole number"),
        (SHIPPED.replace("most_payments: 30", "most_payments: 2"), "most_payments must not be less"),
        (SHIPPED.replace("        cash: {kinds: [cash], flags: [cash]}\n", ""), "roles lacks cash"),
    ],
)
def test_what_is_not_understood_fails_with_its_place(text: str, said: str) -> None:
    assert text != SHIPPED
    with pytest.raises(DaihouError, match=said) as caught:
        cash_flow(text, "cash_flow.yaml")
    assert caught.value.place == "cash_flow.yaml, version 1"


def test_a_home_may_have_its_own(tmp_path: Path) -> None:
    home = open_home(tmp_path, {})
    shipped = read_policies(home)
    own = tmp_path / "policies" / "cash_flow.yaml"
    own.parent.mkdir()
    own.write_text(SHIPPED.replace("at_least: 3", "at_least: 4"), "utf-8")
    changed = read_policies(home)
    assert changed.cash_flow.on(date(2026, 1, 1)).values.regular.at_least == 4
    assert changed.digest != shipped.digest
