"""Records sealed person by person, each under a data key of its own, which is kept wrapped beside the record.

Erasing a person is deleting the wrapped data key: the sealed record is then noise to everyone, the holder of the keyset
included, because the keyset wraps data keys and encrypts no record. `unseal` cannot be called without the data key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import tink
from tink import aead, core
from tink.proto import tink_pb2

from daihou.book.errors import DaihouError
from daihou.vault.person import PersonRecord, from_json, to_json

if TYPE_CHECKING:
    from daihou.vault.wrapper import Wrapper

aead.register()
_TEMPLATE: Final = aead.aead_key_templates.AES256_GCM_RAW


class AlteredError(Exception):
    """A sealed file does not open with the key it names."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """The key of one person, in clear: for the moment of use only, never to be stored or logged."""

    secret: bytes = field(repr=False)


def new_data_key() -> DataKey:
    """A new random key (AES256-GCM)."""
    return DataKey(bytes(core.Registry.new_key_data(_TEMPLATE).value))


def wrap(wrapper: Wrapper, data_key: DataKey, borrower_id: str) -> bytes:
    """The data key wrapped, to be stored in the person's row; it opens for this borrower only."""
    return wrapper.encrypt(data_key.secret, _bound("data key", borrower_id))


def unwrap(wrapper: Wrapper, wrapped: bytes, borrower_id: str) -> DataKey:
    """The data key of a borrower; DaihouError when it was wrapped for another, altered, or by another keyset."""
    try:
        return DataKey(wrapper.decrypt(wrapped, _bound("data key", borrower_id)))
    except tink.TinkError as error:
        raise _closed("data key", "数据密钥", borrower_id) from error


def rewrap(wrapper: Wrapper, wrapped: bytes, borrower_id: str) -> bytes:
    """The data key wrapped anew under the wrapper's primary key; the sealed record stays as it is."""
    return wrap(wrapper, unwrap(wrapper, wrapped, borrower_id), borrower_id)


def seal(data_key: DataKey, borrower_id: str, record: PersonRecord) -> bytes:
    """The record encrypted; it opens with this key and for this borrower only."""
    return _aead(data_key).encrypt(to_json(record), _bound("record", borrower_id))


def unseal(data_key: DataKey, borrower_id: str, sealed: bytes) -> PersonRecord:
    """The record of a borrower; DaihouError when it was sealed for another or altered."""
    try:
        return from_json(_aead(data_key).decrypt(sealed, _bound("record", borrower_id)))
    except tink.TinkError as error:
        raise _closed("record", "记录", borrower_id) from error


def seal_file(data_key: DataKey, whose: str, digest: str, content: bytes) -> bytes:
    """A file encrypted; it opens with this key, for this borrower and as this file (its SHA-256) only."""
    return _aead(data_key).encrypt(content, _bound(f"file {digest}", whose))


def unseal_file(data_key: DataKey, whose: str, digest: str, sealed: bytes) -> bytes:
    """What a sealed file holds; AlteredError where it was sealed for another, as another file, or changed since."""
    try:
        return bytes(_aead(data_key).decrypt(sealed, _bound(f"file {digest}", whose)))
    except tink.TinkError as error:
        raise AlteredError(whose) from error


def _aead(data_key: DataKey) -> Wrapper:
    key_data = tink_pb2.KeyData(
        type_url=_TEMPLATE.type_url, value=data_key.secret, key_material_type=tink_pb2.KeyData.SYMMETRIC
    )
    primitive: Wrapper = core.Registry.primitive(key_data, aead.Aead)
    return primitive


def _bound(what: str, borrower_id: str) -> bytes:
    """Associated data: neither may a row be moved to another person, nor a record pass for a data key."""
    if not borrower_id:
        raise ValueError("a sealed row belongs to a borrower")
    return f"daihou {what} 1\0{borrower_id}".encode()


def _closed(what: str, zh: str, borrower_id: str) -> DaihouError:
    return DaihouError(
        f"The sealed {what} of borrower {borrower_id} does not open: it was altered, or belongs to another person.",
        "Restore the row from a backup, and find out who wrote to the database.",
        f"borrower {borrower_id}",
        zh=(
            f"客户 {borrower_id} 的加密{zh}无法打开：内容被改动，或属于他人。",
            "请从备份恢复该行，并查明是谁改写了数据库。",
        ),
    )
