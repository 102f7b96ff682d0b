"""Sealed records: they come back whole, for their own person and key only, and not at all once the key is erased."""

from __future__ import annotations

import sqlite3
from dataclasses import fields
from typing import TYPE_CHECKING

import pytest
import tink
from tink import aead

from daihou.book import contracts
from daihou.book.errors import DaihouError
from daihou.vault.keyset import stale, wrapped_under
from daihou.vault.person import PersonRecord, from_row
from daihou.vault.seal import new_data_key, rewrap, seal, unseal, unwrap, wrap
from vault.conftest import JANE, ZHANG

if TYPE_CHECKING:
    from daihou.vault.keyset import Keyset
    from daihou.vault.wrapper import Wrapper

ODD = PersonRecord(name="买买提·吐尔逊\n\0𠮷'\"", phones=("", "1"), address="🏠")


@pytest.mark.parametrize("record", [ZHANG, JANE, PersonRecord(), ODD])
@pytest.mark.parametrize("borrower_id", ["B1", "客户/7", " "])
def test_a_record_comes_back_as_it_was_sealed(keyset: Keyset, record: PersonRecord, borrower_id: str) -> None:
    data_key = new_data_key()
    wrapped, sealed = wrap(keyset, data_key, borrower_id), seal(data_key, borrower_id, record)
    assert unseal(unwrap(keyset, wrapped, borrower_id), borrower_id, sealed) == record


def test_a_record_has_the_vaulted_columns_of_the_contract() -> None:
    people = contracts.TABLES["people"]
    assert [field.name for field in fields(PersonRecord)] == [column.name for column in people.columns if column.vault]


def test_nothing_of_a_record_can_be_read_in_what_is_stored() -> None:
    data_key = new_data_key()
    sealed = seal(data_key, "B1", ZHANG)
    assert not [text for text in ("张三", "1990", "138", "example", "Asia") if text.encode() in sealed]
    assert seal(data_key, "B1", ZHANG) != sealed


def test_a_record_and_a_key_do_not_print_themselves() -> None:
    data_key = new_data_key()
    assert "张" not in repr(ZHANG)
    assert repr(data_key) == "DataKey()"


def test_rows_swapped_between_people_are_refused(keyset: Keyset) -> None:
    zhang, jane = new_data_key(), new_data_key()
    wrapped = {"B1": wrap(keyset, zhang, "B1"), "B2": wrap(keyset, jane, "B2")}
    sealed = {"B1": seal(zhang, "B1", ZHANG), "B2": seal(jane, "B2", JANE)}
    with pytest.raises(DaihouError, match="data key of borrower B2 does not open"):
        unwrap(keyset, wrapped["B1"], "B2")  # the whole row moved
    with pytest.raises(DaihouError, match="record of borrower B2 does not open") as caught:
        unseal(unwrap(keyset, wrapped["B2"], "B2"), "B2", sealed["B1"])  # the record alone moved
    with pytest.raises(DaihouError, match="record of borrower B2 does not open"):
        unseal(zhang, "B2", sealed["B1"])  # even with the key in hand
    assert "无法打开" in caught.value.zh[0]
    assert "张三" not in str(caught.value)


def test_a_record_does_not_pass_for_a_data_key(keyset: Keyset) -> None:
    data_key = new_data_key()
    with pytest.raises(DaihouError, match="does not open"):
        unwrap(keyset, seal(data_key, "B1", ZHANG), "B1")
    with pytest.raises(DaihouError, match="does not open"):
        unseal(data_key, "B1", wrap(keyset, data_key, "B1"))


def test_any_byte_altered_or_cut_is_noticed(keyset: Keyset) -> None:
    data_key = new_data_key()
    sealed, wrapped = seal(data_key, "B1", JANE), wrap(keyset, data_key, "B1")
    for place in range(len(sealed)):
        altered = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        for bad in (altered, sealed[:place]):
            with pytest.raises(DaihouError):
                unseal(data_key, "B1", bad)
    for place in range(len(wrapped)):
        altered = wrapped[:place] + bytes([wrapped[place] ^ 1]) + wrapped[place + 1 :]
        for bad in (altered, wrapped[:place]):
            with pytest.raises(DaihouError):
                unwrap(keyset, bad, "B1")


def test_an_erased_person_cannot_be_read_by_anyone_who_holds_everything_else(keyset: Keyset) -> None:
    """Two people in a table, as the desk keeps them; one data key is deleted, and no other key opens the record."""
    rows = sqlite3.connect(":memory:")
    rows.execute("create table people (borrower_id text primary key, wrapped blob, sealed blob)")
    for borrower_id, record in (("B1", ZHANG), ("B2", JANE)):
        data_key = new_data_key()
        row = (borrower_id, wrap(keyset, data_key, borrower_id), seal(data_key, borrower_id, record))
        rows.execute("insert into people values (?, ?, ?)", row)
    rows.execute("update people set wrapped = null where borrower_id = 'B1'")
    (erased,) = rows.execute("select sealed from people where borrower_id = 'B1'").fetchone()
    wrapped, sealed = rows.execute("select wrapped, sealed from people where borrower_id = 'B2'").fetchone()
    rows.close()
    others = unwrap(keyset, wrapped, "B2")
    assert unseal(others, "B2", sealed) == JANE
    for data_key in (others, new_data_key()):
        with pytest.raises(DaihouError, match="does not open"):
            unseal(data_key, "B1", erased)
    with pytest.raises(tink.TinkError):  # nor does the keyset itself: it wraps data keys only
        keyset.decrypt(erased, b"daihou record 1\0B1")


def test_a_sealed_row_must_belong_to_a_borrower(keyset: Keyset) -> None:
    with pytest.raises(ValueError, match="belongs to a borrower"):
        seal(new_data_key(), "", ZHANG)


def test_a_key_service_can_wrap_data_keys_instead_of_the_keyset(keyset: Keyset) -> None:
    """The AEAD of a Tink KMS client is an `Aead`; one of Tink's own stands for it here, whole and without a keyset file."""
    service: Wrapper = tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM_RAW).primitive(aead.Aead)
    data_key = new_data_key()
    wrapped, sealed = wrap(service, data_key, "B1"), seal(data_key, "B1", ZHANG)
    assert unseal(unwrap(service, rewrap(service, wrapped, "B1"), "B1"), "B1", sealed) == ZHANG
    with pytest.raises(DaihouError, match="does not open"):
        unwrap(service, wrapped, "B2")
    moved = wrap(keyset, unwrap(service, wrapped, "B1"), "B1")
    assert wrapped_under(moved) is not None
    assert not stale(keyset, moved)


def test_ten_thousand_people_are_sealed_and_read_back(keyset: Keyset) -> None:
    """Measured on one core of a shared server: 16 µs to make a key, wrap it and seal, 15 µs to unwrap and unseal."""
    ids = [f"B{number}" for number in range(10_000)]
    rows = []
    for borrower_id in ids:
        data_key = new_data_key()
        rows.append((borrower_id, wrap(keyset, data_key, borrower_id), seal(data_key, borrower_id, ZHANG)))
    assert len({wrapped for _, wrapped, _ in rows}) == len(ids)
    assert all(unseal(unwrap(keyset, wrapped, own), own, sealed) == ZHANG for own, wrapped, sealed in rows)


def test_a_row_of_the_people_table_becomes_a_record() -> None:
    row = {
        "borrower_id": "B1",
        "name": " 张三 ",
        "phones": "13812341234；010-8765 4321、13812341234",
        "emails": "a@b.cn, c@d.cn",
    }
    assert from_row(row) == PersonRecord(
        name="张三", phones=("13812341234", "010-8765 4321"), emails=("a@b.cn", "c@d.cn")
    )
    assert from_row({"borrower_id": "B1", "name": None}) == PersonRecord()
