"""Versions of rules that are asked together of one kind of subject, with all that does not change from one asking to the next."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.runs.watch.answers import Questions

if TYPE_CHECKING:
    from daihou.warning.checked import Checked

META: Final = {
    "rule_id": pl.String,
    "shadow": pl.Boolean,
    "subject": pl.String,
    "number": pl.Int32,
    "level": pl.String,
    "cooldown_days": pl.Int32,
}
"""What is told of a version beside a signal."""


@dataclass(frozen=True)
class Chosen:
    """The versions in their order, each with whether it runs in shadow."""

    versions: tuple[tuple[Checked, bool], ...]

    @cached_property
    def questions(self) -> Questions:
        """Their conditions."""
        return Questions([rule for rule, _ in self.versions])

    @cached_property
    def places(self) -> pl.DataFrame:
        """The place of each (`rule`), by what memory calls it."""
        rows = [(rule.rule.id, shadow, place) for place, (rule, shadow) in enumerate(self.versions)]
        return pl.DataFrame(rows, {"rule_id": pl.String, "shadow": pl.Boolean, "rule": pl.Int64}, orient="row")

    @cached_property
    def by_name(self) -> dict[tuple[str, bool], int]:
        """The same as a mapping."""
        return {(rule.rule.id, shadow): place for place, (rule, shadow) in enumerate(self.versions)}

    @cached_property
    def meta(self) -> pl.DataFrame:
        """The columns of META, a row a version."""
        return pl.DataFrame(
            [(rule.rule.id, shadow, rule.rule.subject, rule.version.number, rule.version.level, rule.version.cooldown_days) for rule, shadow in self.versions],
            META, orient="row",
        )  # fmt: skip
