"""What the vault keeps of a person, and how it stands in a lender's file."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_SEVERAL = re.compile(r"[;；,，、|/\n]+")


@dataclass(frozen=True, slots=True, repr=False)
class PersonRecord:
    """The vaulted columns of the contract's `people` table; what is unknown is empty."""

    name: str = ""
    id_no: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    address: str = ""
    timezone: str = ""
    language: str = ""

    def __repr__(self) -> str:
        """Tell nothing: what is printed ends in logs, and logs are no vault."""
        return "PersonRecord(…)"


def from_row(row: Mapping[str, str | None]) -> PersonRecord:
    """The person in a row of the `people` table; phones and e-mails part at `;` `,` `、` `|` `/` or a new line."""
    plain = {name: (row.get(name) or "").strip() for name in ("name", "id_no", "address", "timezone", "language")}
    return PersonRecord(phones=_parts(row.get("phones")), emails=_parts(row.get("emails")), **plain)


def to_json(record: PersonRecord) -> bytes:
    """The record as JSON in UTF-8."""
    values = {name: getattr(record, name) for name in PersonRecord.__slots__}
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def from_json(content: bytes) -> PersonRecord:
    """The record that `to_json` wrote; a field that did not exist then is empty."""
    values = json.loads(content)
    return PersonRecord(phones=tuple(values.pop("phones", ())), emails=tuple(values.pop("emails", ())), **values)


def _parts(text: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for part in (raw.strip() for raw in _SEVERAL.split(text or "")) if part))
