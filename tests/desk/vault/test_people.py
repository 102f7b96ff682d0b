"""The people in the vault: put in once, shown masked, found by exact values."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection

from daihou.desk.vault import people
from daihou.desk.vault.models import Person, Token
from daihou.vault.person import PersonRecord

MONDAY, TUESDAY, WEDNESDAY = dt.date(2026, 3, 2), dt.date(2026, 3, 3), dt.date(2026, 3, 4)
ZHANG = PersonRecord("张三", "110101199003071234", ("13812341234",), ("zhang@example.com",), "江州市城南区幸福路12号")
LI = PersonRecord("李四", "110101198801011111", ("13912341234",))
FIRM = PersonRecord("江海精密制造有限公司", "91110101MA0012345X", ("010-62345678",))

pytestmark = pytest.mark.django_db


def stored() -> list[Any]:
    """Everything that the vault's tables hold."""
    return [list(Person.objects.order_by("pk").values()), list(Token.objects.order_by("pk").values())]


def test_names_of_persons_are_masked_and_those_of_companies_whole() -> None:
    people.put([("B1", "person", ZHANG, MONDAY), ("B2", "company", FIRM, MONDAY)])
    assert people.masked_names(["B1", "B2", "B3"]) == {"B1": "张*", "B2": "江海精密制造有限公司"}


def test_the_names_of_a_page_are_one_query(django_assert_num_queries: Any) -> None:
    people.put([(f"B{number}", "person", ZHANG, MONDAY) for number in range(200)])
    with django_assert_num_queries(1):
        assert len(people.masked_names([f"B{number}" for number in range(100)])) == 100
    with django_assert_num_queries(0):
        assert people.masked_names([]) == {}


def test_a_whole_record_is_masked_in_every_field() -> None:
    people.put([("B1", "person", ZHANG, MONDAY)])
    masked = people.masked("B1")
    assert masked is not None
    assert (masked.name, masked.id_no, masked.phones) == ("张*", "110101********1234", ("138****1234",))
    assert (masked.emails, masked.address) == (("z***@example.com",), "江州市城南区****")
    assert people.masked("B2") is None


def test_nothing_is_in_clear_in_the_database() -> None:
    people.put([("B1", "person", ZHANG, MONDAY)])
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM vault_person")
        rows = cursor.fetchall()
        cursor.execute("SELECT kind, token FROM vault_token")
        rows += cursor.fetchall()
    held = b"".join(
        bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode() for row in rows for value in row
    )
    for value in (ZHANG.name, ZHANG.id_no, *ZHANG.phones, *ZHANG.emails, ZHANG.address):
        assert value.encode() not in held


def test_the_same_again_changes_nothing() -> None:
    first = people.put([("B1", "person", ZHANG, MONDAY), ("B2", "company", FIRM, MONDAY)])
    before = stored()
    again = people.put([("B1", "person", ZHANG, MONDAY), ("B2", "company", FIRM, MONDAY)])
    assert (first.new, again.new, again.changed, again.unchanged) == (2, 0, 0, 2)
    assert stored() == before


def test_what_was_known_later_stays_whichever_comes_first() -> None:
    people.put([("B1", "person", LI, TUESDAY)])
    assert people.put([("B1", "person", ZHANG, MONDAY)]).unchanged == 1
    assert people.masked_names(["B1"]) == {"B1": "李*"}
    assert people.put([("B1", "person", ZHANG, WEDNESDAY)]).changed == 1
    assert people.masked_names(["B1"]) == {"B1": "张*"}


def test_what_is_said_again_later_is_not_undone_by_an_older_word_that_comes_late() -> None:
    people.put([("B1", "person", LI, MONDAY)])
    people.put([("B1", "person", LI, WEDNESDAY)])
    people.put([("B1", "person", ZHANG, TUESDAY)])
    assert people.masked_names(["B1"]) == {"B1": "李*"}


def test_of_two_rows_of_one_call_the_one_known_later_stays() -> None:
    taken = people.put([("B1", "person", LI, TUESDAY), ("B1", "person", ZHANG, MONDAY)])
    assert (taken.new, taken.unchanged) == (1, 1)
    assert people.masked_names(["B1"]) == {"B1": "李*"}


def test_a_changed_record_is_found_by_what_it_says_now_only() -> None:
    people.put([("B1", "person", ZHANG, MONDAY)])
    people.put([("B1", "person", LI, TUESDAY)])
    assert people.find("张三") == []
    assert people.find("李四") == people.find("139 1234 1234") == ["B1"]


@pytest.mark.parametrize(
    "text", ["张三", " 张　三 ", "110101199003071234", "138-1234-1234", "+86 13812341234", "ZHANG@example.com"]
)
def test_somebody_is_found_by_an_exact_value_however_it_is_written(text: str) -> None:
    people.put([("B1", "person", ZHANG, MONDAY), ("B2", "person", LI, MONDAY)])
    assert people.find(text) == ["B1"]


@pytest.mark.parametrize("text", ["张", "1234", "1381234", "张三丰", "", "   ", "@"])
def test_a_part_of_a_value_finds_nobody(text: str) -> None:
    people.put([("B1", "person", ZHANG, MONDAY)])
    assert people.find(text) == []


def test_more_than_a_thousand_go_in_by_thousands(django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(400):
        taken = people.put([(f"B{number}", "person", LI, MONDAY) for number in range(2_500)])
    assert taken.new == Person.objects.count() == len(people.find("李四")) == 2_500


def test_who_turns_out_to_be_a_company_is_shown_whole() -> None:
    people.put([("B1", "person", FIRM, MONDAY)])
    assert people.masked_names(["B1"])["B1"] != FIRM.name
    people.set_kind("company", ["B1"])
    assert people.masked_names(["B1"]) == {"B1": FIRM.name}
