"""How the calls about facts are described in OpenAPI: what they take and what they answer."""

from __future__ import annotations

from typing import Any, Final

_WHOLE: Final = {"type": "integer"}
_TEXT: Final = {"type": "string"}
_MAYBE: Final = {"type": ["string", "null"]}
_ERROR: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "row": {**_WHOLE, "description": "Place in what was sent, from 1"},
        "column": _MAYBE,
        "value": _MAYBE,
        "reason": {**_TEXT, "description": "Code of the reason"},
        "message_en": _TEXT,
        "message_zh": _TEXT,
    },
}
_TAKEN: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["first", "last", "accepted", "rejected", "errors"],
    "properties": {
        "first": {
            **_WHOLE,
            "description": "Place in the log of the first row accepted; the others follow in the order sent. 0 where none is",
        },
        "last": _WHOLE,
        "accepted": _WHOLE,
        "rejected": _WHOLE,
        "errors": {"type": "array", "items": _ERROR, "description": "The first 1,000 rows refused"},
    },
}
_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "RFC 9457",
    "properties": {
        "type": _TEXT, "title": _TEXT, "status": _WHOLE, "detail": _TEXT, "remedy": _TEXT, "request_id": _TEXT,
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}  # fmt: skip
_STATE: Final = {"type": "string", "enum": ["waiting", "in_lake", "refused"]}
_REFUSAL: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"place": _WHOLE, "column": _TEXT, "reason": _TEXT, "message_en": _TEXT, "message_zh": _TEXT},
}


def _answers(status: int, said: dict[str, Any], words: str) -> dict[str, Any]:
    """An answer, and that a problem may come in its place."""
    return {
        "responses": {
            status: _json(said, words),
            "default": {"description": "A problem", "content": {"application/problem+json": {"schema": _PROBLEM}}},
        }
    }


def _json(schema: dict[str, Any], words: str) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


POST: Final[dict[str, Any]] = {
    "parameters": [
        {
            "name": "Idempotency-Key", "in": "header", "required": False, "schema": {"type": "string", "maxLength": 200},
            "description": "Sending again with the same key and body gives the first answer and takes nothing in",
        }
    ],
    "requestBody": {
        "required": True,
        "description": "Up to 10,000 rows or 20 MB; Content-Encoding gzip is read",
        "content": {
            "application/json": {"schema": {"oneOf": [{"type": "object"}, {"type": "array", "items": {"type": "object"}}]}},
            "application/x-ndjson": {"schema": {"type": "string", "description": "One object a line"}},
        },
    },
    **_answers(202, _TAKEN, "On the disk; with `dry_run` it is 200, and nothing was taken in"),
}  # fmt: skip
FATE: Final = _answers(
    200,
    {
        "type": "object",
        "properties": {
            "place": _WHOLE,
            "table": _TEXT,
            "accepted_at": _TEXT,
            "state": _STATE,
            **_REFUSAL["properties"],
        },
    },
    "What became of it",
)
FATES: Final = _answers(
    200,
    {
        "type": "object",
        "properties": {
            "spans": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "first": _WHOLE,
                        "last": _WHOLE,
                        "table": _TEXT,
                        "accepted_at": _TEXT,
                        "state": _STATE,
                    },
                },
            },
            "refused": {"type": "array", "items": _REFUSAL},
        },
    },
    "What became of them",
)
