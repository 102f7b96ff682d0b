"""A validation as plain JSON and back, exactly: keys as the fields are named, what cannot be told null, no number that JSON does not know."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from daihou.assessment.validation.result import Validation

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT: Final = 1
"""Grows when a key goes or changes its meaning; keys may be added."""
Told = dict[str, Any]


def as_dict(found: Validation) -> Told:
    """All of a validation; ValueError should any number not be finite."""
    return {"format": FORMAT, **_told(found)}


def from_dict(told: Mapping[str, Any]) -> Validation:
    """The validation that was told; ValueError of another format or of a value that is not of its kind, KeyError where a key is not there."""
    if told["format"] != FORMAT:
        raise ValueError(f"the format is {told['format']}, not {FORMAT}")
    found: Validation = _read(Validation, told)
    return found


def _told(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _told(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_told(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a figure is not finite")
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, told: Any) -> Any:
    """A value of a kind: a dataclass, a tuple of one kind or of several, one of two kinds, a literal, or plain."""
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        if told is None:
            return None
        return _read(next(one for one in get_args(kind) if one is not NoneType), told)
    if origin is tuple:
        of = get_args(kind)
        return tuple(_read(of[0] if of[-1] is Ellipsis else of[at], one) for at, one in enumerate(told))
    if origin is Literal:
        if told not in get_args(kind):
            raise ValueError(f"{told!r} is none of {', '.join(map(str, get_args(kind)))}")
        return told
    if is_dataclass(kind) and isinstance(kind, type):
        return kind(**{name: _read(hint, told[name]) for name, hint in _hints(kind).items()})
    if kind is float and isinstance(told, int) and not isinstance(told, bool):
        return float(told)
    if not isinstance(told, kind) or isinstance(told, bool):
        raise ValueError(f"{told!r} is no {kind.__name__}")  # noqa: TRY004 (the file is wrong, not the program)
    return told
