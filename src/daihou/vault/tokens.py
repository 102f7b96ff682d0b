"""Search tokens: keyed hashes by which a sealed person is found by an exact value, and by nothing less.

A token is computed from the normal form of a value (see `normal_form`) and its kind. Without the keyset it can be
neither read nor guessed; another installation has other tokens. Half a name or the end of a number finds nobody.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from daihou.vault.normal_form import HAN, KINDS, Kind, clean, normal_form

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daihou.vault.keyset import Keyset, Prf
    from daihou.vault.person import PersonRecord

__all__ = [
    "KINDS",
    "Kind",
    "Token",
    "Way",
    "counterparty_token",
    "guess_kinds",
    "normal_form",
    "point_tokens",
    "record_tokens",
    "search_tokens",
    "token",
]

_BYTES: Final = 16
"""Ample: among 100 million values two of one token are expected less than once in 10**20 installations."""
_RESIDENT: Final = re.compile(r"\d{17}[\dX]|\d{15}")
_OTHER_ID: Final = re.compile(r"(?=(?:.*\d){5})[0-9A-Z]{7,20}")


Way = Literal["phone", "email", "address"]
"""By what somebody is reached."""


class Token(NamedTuple):
    """A token and the kind of value it stands for."""

    kind: Kind
    token: str


def token(keyset: Keyset, kind: Kind, value: str, region: str = "CN") -> str | None:
    """The token of a value under the primary key, 32 hex digits; None of an empty value, which must find nobody."""
    normal = normal_form(kind, value, region)
    return _hash(keyset.prfs[0], kind, normal) if normal else None


def record_tokens(keyset: Keyset, record: PersonRecord, region: str = "CN") -> tuple[Token, ...]:
    """The tokens to be stored for a person, each once; all anew when the record changes or the token key is rotated."""
    pairs = ((kind, token(keyset, kind, value, region)) for kind, value in _values(record))
    return tuple(dict.fromkeys(Token(kind, found) for kind, found in pairs if found))


def counterparty_token(keyset: Keyset, text: str) -> str | None:
    """The token of the other side of a transaction, 32 hex digits; None of a text that names nobody.

    It is made under the oldest token key, whatever was rotated since: the text is kept nowhere, so that no token could be made
    anew, and a payer known for years must not become another one on the day of a rotation.
    """
    name = normal_form("name", text)
    spaceless = re.sub(r"[\s-]", "", name)
    normal = spaceless if spaceless.isdigit() else name  # of an account number, however it is grouped
    return _hash(keyset.prfs[-1], "counterparty", normal) if normal else None


def point_tokens(keyset: Keyset, kind: Way, value: str, region: str = "CN") -> tuple[str, ...]:
    """The tokens of a way to reach somebody, 32 hex digits each: the one under the primary key first, then those under older keys.

    None of an empty value. An address is the same however it is spaced, and in whichever width and case it is written.
    """
    normal = "".join(clean(value).casefold().split()) if kind == "address" else normal_form(kind, value, region)
    return tuple(_hash(prf, kind, normal) for prf in keyset.prfs) if normal else ()


def search_tokens(
    keyset: Keyset, text: str, kinds: tuple[Kind, ...] | None = None, region: str = "CN"
) -> tuple[Token, ...]:
    """The tokens to look for when somebody searches a text: of every kind it could be, under every token key."""
    wanted = guess_kinds(text) if kinds is None else kinds
    normals = [(kind, normal_form(kind, text, region)) for kind in wanted]
    return tuple(Token(kind, _hash(prf, kind, normal)) for prf in keyset.prfs for kind, normal in normals if normal)


def guess_kinds(text: str) -> tuple[Kind, ...]:
    """The kinds of value that a text in a search box could be, the likeliest first; none of an empty text."""
    cleaned = clean(text)
    if not cleaned:
        return ()
    if "@" in cleaned:
        return ("email",)
    if re.search(f"[{HAN}]", cleaned):
        return ("name",)
    return tuple(_plain_kinds(cleaned)) or ("name",)


def _plain_kinds(text: str) -> Iterator[Kind]:
    number = normal_form("id_no", text)
    resident = _RESIDENT.fullmatch(number) is not None
    phone = 7 <= sum(letter.isdigit() for letter in text) <= 15 and re.fullmatch(r"[\d\s()+./\-\u2010-\u2015]+", text)
    mainland = phone is not None and re.fullmatch(r"(?:\+?86)?1[3-9]\d{9}", normal_form("phone", text)) is not None
    if resident and not text.startswith("+"):
        yield "id_no"
    if phone:
        yield "phone"
    if not resident and not mainland and "+" not in text and _OTHER_ID.fullmatch(number):
        yield "id_no"
    if any(letter.isalpha() for letter in text) and not resident:
        yield "name"


def _values(record: PersonRecord) -> Iterator[tuple[Kind, str]]:
    yield "name", record.name
    yield "id_no", record.id_no
    for phone in record.phones:
        yield "phone", phone
    for email in record.emails:
        yield "email", email


def _hash(prf: Prf, kind: Kind | Literal["counterparty", "address"], normal: str) -> str:
    return prf.compute(f"daihou {kind}\0{normal}".encode(), _BYTES).hex()
