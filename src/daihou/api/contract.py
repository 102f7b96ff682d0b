"""The contract as programs read it: tables, columns, what they mean, and a JSON Schema of each table's rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ninja import Router

from daihou.api.auth import any_token
from daihou.api.problems import Problem, Words
from daihou.book import contracts
from daihou.book.contracts import KNOWN_ON, TYPE_LABELS
from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from django.http import HttpRequest

    from daihou.book.contracts import Column, Table

router = Router(tags=["Contract"])

_SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "id": {"type": ["string", "integer"], "maxLength": 50},
    "text": {"type": "string"},
    "date": {"type": "string", "format": "date"},
    "timestamp": {"type": "string", "format": "date-time"},
    "money": {"type": ["string", "number"], "pattern": r"^\d+(\.\d+)?$"},
    "signed_money": {"type": ["string", "number"], "pattern": r"^-?\d+(\.\d+)?$"},
    "rate": {"type": ["string", "number"]},
    "ratio": {"type": ["string", "number"]},
    "number": {"type": ["string", "number"]},
    "integer": {"type": ["string", "integer"]},
    "boolean": {"type": ["boolean", "string"]},
    "code": {"type": "string"},
}
"""How a value of each type is written in JSON; numbers are read by their digits, never rounded, whether they stand in quotes or not."""


@router.get("", auth=any_token(), summary="The tables of the contract")
def tables(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001 - the signature of a call
    """Every table: its name, what it holds, its key."""
    return {"tables": [_head(table) for table in contracts.TABLES.values()]}


@router.get("/{table}", auth=any_token(), summary="One table of the contract")
def table(request: HttpRequest, table: str) -> dict[str, Any]:  # noqa: ARG001 - the signature of a call
    """Its columns with types and meanings, and a JSON Schema of its rows."""
    try:
        found = contracts.table(table)
    except DaihouError as error:
        raise Problem("not_found", Words(error.message, error.zh[0]), Words(error.remedy, error.zh[1])) from None
    columns = _sent(found)
    return _head(found) | {"columns": [_column(one) for one in columns], "schema": schema(found)}


def schema(found: Table) -> dict[str, Any]:
    """A JSON Schema (2020-12) of a row; what is right between rows and columns only judging tells."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": found.name,
        "description": found.en,
        "type": "object",
        "required": list(found.required),
        "properties": {one.name: _value(one) for one in _sent(found)},
    }


def _sent(found: Table) -> tuple[Column, ...]:
    """The columns that may be sent: of a table of the vault all, of others those that the lake keeps or makes something of; and when it was known."""
    columns = found.columns if found.vault else found.sent
    return columns if any(one.name == KNOWN_ON.name for one in columns) else (*columns, KNOWN_ON)


def _head(found: Table) -> dict[str, Any]:
    return {
        "name": found.name,
        "kind": found.kind,
        "key": list(found.key),
        "en": found.en,
        "zh": found.zh,
        "vault": found.vault,
    }


def _column(one: Column) -> dict[str, Any]:
    en, zh = TYPE_LABELS[one.type]
    said: dict[str, Any] = {
        "name": one.name, "type": one.type, "type_en": en, "type_zh": zh, "en": one.en, "zh": one.zh, "required": one.required, "default": one.default,
    }  # fmt: skip
    if one.choices:
        said["choices"] = [{"code": choice.code, "en": choice.en, "zh": choice.zh} for choice in one.choices]
        said["extensible"] = one.extensible
    if one.becomes:
        said["becomes"] = one.becomes
    return said


def _value(one: Column) -> dict[str, Any]:
    said = dict(_SCHEMAS[one.type]) | {"description": one.en}
    if one.choices and not one.extensible:
        said["enum"] = [choice.code for choice in one.choices]
    if not one.required:
        said["type"] = [*([said["type"]] if isinstance(said["type"], str) else said["type"]), "null"]
        if "enum" in said:
            said["enum"] = [*said["enum"], None]
    return said
