"""An entry's detail as people read it: what was before and after, field by field, and what else was given."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Difference(NamedTuple):
    """A field before and after, and whether it changed. What did not exist is empty."""

    field: str
    before: str
    after: str
    changed: bool


def differences(detail: Mapping[str, Any]) -> list[Difference]:
    """The fields of `before` and `after`, in the order in which they were written."""
    before, after = _fields(detail.get("before")), _fields(detail.get("after"))
    return [
        Difference(name, shown(before.get(name)), shown(after.get(name)), before.get(name) != after.get(name))
        for name in dict.fromkeys((*before, *after))
    ]


def given(detail: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Everything else of the detail."""
    return [(name, shown(value)) for name, value in detail.items() if name not in ("before", "after")]


def shown(value: Any) -> str:
    """A value as text."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _fields(part: Any) -> dict[str, Any]:
    if part is None:
        return {}
    return part if isinstance(part, dict) else {"": part}
