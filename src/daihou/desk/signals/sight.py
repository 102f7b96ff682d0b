"""Which signals somebody sees: those of loans and borrowers within their reach, and those about scoring models where they may see models of the whole lender."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from daihou.desk.people.sight import reaches_models

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daihou.desk.people.reach import Access, Reach


@dataclass(frozen=True, slots=True)
class Sight:
    """A reach over signals."""

    reach: Reach
    models: bool

    def sql(self) -> tuple[str, list[Any]]:
        """As a condition over the columns subject, org_id and officer_id, with its parameters."""
        within, values = self.reach.sql()
        return (f"({within} OR subject = 'model')" if self.models else f"({within} AND subject <> 'model')"), values

    def holds(self, signal: Mapping[str, Any]) -> bool:
        """Whether a signal may be seen as whose it was when it was said."""
        if signal["subject"] == "model":
            return self.models
        return self.reach.holds(signal.get("org_id"), signal.get("officer_id"))


def sight(rights: Access, permission: str) -> Sight:
    """What somebody sees of signals by a permission."""
    return Sight(rights.reach(permission), reaches_models(rights, permission))
