"""Rules of a policy: mappings of an id, a kind and the parameters of that kind. The kinds and what each may hold are the policy's own."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Rule = TypeVar("Rule")


def read_rule(kinds: Mapping[str, type[Rule]], stated: Any) -> Rule:
    """A rule from its mapping; ValueError names the rule and what is wrong with it."""
    if not isinstance(stated, dict) or "id" not in stated:
        raise ValueError("each rule is a mapping with an id")
    name = f"rule {stated['id']}"
    kind = kinds.get(str(stated.get("kind")))
    if kind is None:
        raise ValueError(f"{name}: kind must be one of {', '.join(kinds)}")
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]  # always a dataclass
    given = {key: value for key, value in stated.items() if key != "kind"}
    if unknown := sorted(set(map(str, given)) - known):
        raise ValueError(f"{name}: unknown key {unknown[0]}; keys are {', '.join(sorted(known))}")
    try:
        return kind(**given)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: {error}") from error


def make_set(rule: object, name: str, allowed: Iterable[str], *, empty: bool = True) -> None:
    """Make a set of a rule's list; TypeError or ValueError names a value that is not allowed, or a list that is empty and must not be."""
    stated = getattr(rule, name)
    valid = tuple(allowed)
    if not isinstance(stated, list | tuple | set | frozenset):
        raise TypeError(f"{name} must be a list")
    if wrong := [str(each) for each in stated if each not in valid]:
        raise ValueError(f"{name} may name {', '.join(valid)}, not {wrong[0]}")
    if not stated and not empty:
        raise ValueError(f"{name} names nothing")
    object.__setattr__(rule, name, frozenset(stated))
