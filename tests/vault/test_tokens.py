"""Search tokens: one value in all its spellings has one token, and nothing else has it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from daihou.book.home import Home
from daihou.vault.keyset import open_keyset, rotate, rotate_tokens
from daihou.vault.person import PersonRecord
from daihou.vault.tokens import (
    KINDS,
    Kind,
    counterparty_token,
    guess_kinds,
    normal_form,
    point_tokens,
    record_tokens,
    search_tokens,
    token,
)
from vault.conftest import FIRST, JANE, ZHANG

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.vault.keyset import Keyset

LATER = date(2026, 7, 1)
SPELLINGS: list[tuple[Kind, str, list[str]]] = [
    ("name", "张三", ["张三", " 张三　", "张 三", "张　三", "\ufeff张三", "张\u200b三"]),
    ("name", "买买提·吐尔逊", ["买买提·吐尔逊", "买买提•吐尔逊", "买买提．吐尔逊", "买买提.吐尔逊", "买买提 ・ 吐尔逊", "买买提‧吐尔逊"]),
    ("name", "jane doe", ["Jane Doe", "JANE  DOE", "ｊａｎｅ　ｄｏｅ", "jane doe "]),
    ("name", "j. doe", ["J. Doe", "j.  doe"]),
    ("name", "strasse", ["Straße", "STRASSE"]),
    ("id_no", "11010119900307123X", ["11010119900307123X", "11010119900307123x", "110101 19900307 123X", "110101-19900307-123x", "１１０１０１１９９００３０７１２３Ｘ"]),
    ("id_no", "H1234567", ["h123456(7)", "H 123456（7）"]),
    ("phone", "+8613812341234", ["13812341234", "138 1234 1234", "138-1234-1234", "+86 13812341234", "0086-138-1234-1234", "8613812341234"]),
    ("phone", "+8613812341234", ["１３８１２３４１２３４", "（+86）13812341234", "+８６ １３８１２３４１２３４"]),
    ("phone", "+861087654321", ["010-87654321", "(010) 8765 4321", "+86 10 87654321", "01087654321转801"]),
    ("phone", "+14155552671", ["+1 415 555 2671", "001 415 555 2671"]),
    ("phone", "12", ["12", "１２"]),
    ("email", "zhang.san@example.com", ["Zhang.San@Example.COM", " zhang.san@example.com ", "zhang.san＠example.com"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "normal", "spellings"), SPELLINGS)
def test_every_spelling_of_a_value_has_the_same_normal_form_and_token(
    keyset: Keyset, kind: Kind, normal: str, spellings: list[str]
) -> None:
    assert {spelling: normal_form(kind, spelling) for spelling in spellings} == dict.fromkeys(spellings, normal)
    assert len({token(keyset, kind, spelling) for spelling in spellings}) == 1
    assert normal_form(kind, normal) == normal


def test_a_number_without_a_country_is_one_of_the_region_given(keyset: Keyset) -> None:
    assert normal_form("phone", "(415) 555-2671", "US") == "+14155552671"
    assert token(keyset, "phone", "(415) 555-2671", "US") == token(keyset, "phone", "+1 415 555 2671")


def test_a_token_is_hexadecimal_and_tells_nothing(keyset: Keyset) -> None:
    found = token(keyset, "phone", "13812341234")
    assert found is not None
    assert len(bytes.fromhex(found)) == 16
    assert "1381234" not in found


def test_only_the_exact_value_has_the_token(keyset: Keyset) -> None:
    whole = token(keyset, "name", "张三丰")
    assert whole not in {token(keyset, "name", part) for part in ("张三", "张", "三丰", "张三丰丰")}
    assert token(keyset, "phone", "13812341234") != token(keyset, "phone", "13812341235")


def test_one_text_has_another_token_in_each_kind(keyset: Keyset) -> None:
    assert len({token(keyset, kind, "a12345678901") for kind in KINDS}) == len(KINDS)


def test_another_installation_has_other_tokens(keyset: Keyset, tmp_path: Path) -> None:
    other = open_keyset(Home(tmp_path / "other"), on=FIRST, must_exist=False)
    assert not set(record_tokens(keyset, ZHANG)) & set(record_tokens(other, ZHANG))


def test_the_tokens_of_an_installation_stay_the_same_when_it_starts_again_and_when_data_keys_rotate(
    home: Home, keyset: Keyset
) -> None:
    rotate(home, on=LATER)
    again = open_keyset(home, on=LATER, must_exist=True)
    assert record_tokens(again, ZHANG) == record_tokens(keyset, ZHANG)


@pytest.mark.parametrize("nothing", ["", " ", "　", "\u200b", "-", "无"])
def test_an_empty_value_has_no_token_so_that_it_finds_nobody(keyset: Keyset, nothing: str) -> None:
    assert token(keyset, "phone", nothing) is None
    assert record_tokens(keyset, PersonRecord(phones=(nothing,))) == ()
    assert search_tokens(keyset, nothing, ("phone",)) == ()


def test_a_person_is_found_by_each_value_and_by_each_only_once(keyset: Keyset) -> None:
    stored = set(record_tokens(keyset, ZHANG))
    assert [kind for kind, _ in record_tokens(keyset, ZHANG)] == ["name", "id_no", "phone", "phone", "email"]
    for text in ("张 三", "11010119900307123x", "+86 138 1234 1234", "010 8765 4321", "ZHANG.SAN@example.com"):
        assert stored & set(search_tokens(keyset, text)), text
        assert not set(record_tokens(keyset, JANE)) & set(search_tokens(keyset, text))
    twice = PersonRecord(phones=("13812341234", "+8613812341234"))
    assert len(record_tokens(keyset, twice)) == 1


def test_after_the_token_key_is_rotated_people_are_found_before_and_after_their_tokens_are_computed_anew(
    home: Home, keyset: Keyset
) -> None:
    before = set(record_tokens(keyset, ZHANG))
    rotated = rotate_tokens(home, on=LATER)
    anew = set(record_tokens(rotated, ZHANG))
    assert not before & anew
    searched = set(search_tokens(rotated, "13812341234"))
    assert searched & before
    assert searched & anew


GUESSES: list[tuple[str, tuple[Kind, ...]]] = [
    ("张三", ("name",)),
    ("买买提·吐尔逊", ("name",)),
    ("江州3号机械有限公司", ("name",)),
    ("Jane Doe", ("name",)),
    ("zhang@example.com", ("email",)),
    ("zhang＠example.com", ("email",)),
    ("13812341234", ("phone",)),
    ("+86 138-1234-1234", ("phone",)),
    ("１３８１２３４１２３４", ("phone",)),
    ("010-87654321", ("phone", "id_no")),
    ("12345678", ("phone", "id_no")),
    ("11010119900307123x", ("id_no",)),
    ("110101199003071234", ("id_no",)),
    ("110101900307123", ("id_no", "phone")),
    ("E12345678", ("id_no", "name")),
    ("91310000MA1K4B6X2Q", ("id_no", "name")),
    ("123", ("name",)),
    ("", ()),
    ("　 ", ()),
]


@pytest.mark.parametrize(("text", "kinds"), GUESSES)
def test_a_text_in_the_search_box_is_taken_for_what_it_could_be(text: str, kinds: tuple[Kind, ...]) -> None:
    assert guess_kinds(text) == kinds


def test_a_counterparty_has_one_token_however_it_is_written_and_whatever_was_rotated(tmp_path: Path) -> None:
    home = Home(tmp_path)
    keyset = open_keyset(home, on=FIRST, must_exist=False)
    first = [counterparty_token(keyset, text) for text in ("恒远 机械", "6222 0200-0000 1234", "Acme  LTD")]
    for _ in range(3):  # the numbers of keys are drawn, and the oldest must be found among several
        keyset = rotate_tokens(home, on=LATER)
    assert [counterparty_token(keyset, text) for text in ("恒远机械", "6222020000001234", "acme ltd")] == first
    assert len(set(first)) == 3
    assert token(keyset, "name", "恒远机械") not in first
    assert counterparty_token(keyset, " \u200b") is None


def test_a_way_to_reach_somebody_has_a_token_under_every_key_the_primary_first(tmp_path: Path) -> None:
    home = Home(tmp_path)
    before = point_tokens(open_keyset(home, on=FIRST, must_exist=False), "address", "江州市 城南区幸福路１２号")
    after = point_tokens(rotate_tokens(home, on=FIRST), "address", "江州市城南区幸福路12号")
    assert (len(before), after[1:]) == (1, before)
    keyset = open_keyset(home, on=FIRST, must_exist=True)
    assert point_tokens(keyset, "phone", "139 0000 1111") == point_tokens(keyset, "phone", "+8613900001111")
    assert point_tokens(keyset, "phone", "139 0000 1111")[0] == token(keyset, "phone", "13900001111")
    assert point_tokens(keyset, "email", " ") == ()
