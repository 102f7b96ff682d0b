"""The rules that signals may name: those that the night judges, and the watches within a day, which the stream alone judges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.desk.alerts import watches
from daihou.desk.governance import published
from daihou.desk.signals import said

if TYPE_CHECKING:
    from daihou.warning.rule import Rule


def all_rules() -> dict[str, Rule]:
    """All of them by id, as they are published now."""
    return {rule.id: rule for rule in published.rulebook().rules} | watches.as_rules()


def rule(rule_id: str) -> Rule | None:
    """The one of an id; None where it stands nowhere any more."""
    return watches.as_rules().get(rule_id) if watches.is_watch(rule_id) else published.rule(rule_id)


def rule_name(rule_id: str) -> str:
    """What it is called; its id where it stands nowhere any more."""
    return said.rule_name(rule(rule_id), rule_id)
