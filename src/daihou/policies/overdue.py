"""Regulatory overdue: which part of a loan past due a regulator's return calls overdue."""

from __future__ import annotations

from dataclasses import dataclass

from daihou.policies.dated import Dated, dated


@dataclass(frozen=True, slots=True)
class RegulatoryOverdue:
    """Instalment retail loans report their overdue principal up to `days` past due, then the whole balance; all others the whole at once."""

    asset_classes: list[str]
    repayment_methods: list[str]
    days: int

    def is_instalment_retail(self, asset_class: str | None, repayment_method: str | None) -> bool:
        """Whether a loan is one of those."""
        return asset_class in self.asset_classes and repayment_method in self.repayment_methods


def regulatory_overdue(text: str, place: str) -> Dated[RegulatoryOverdue]:
    """The policy from its file."""
    return dated("regulatory_overdue", RegulatoryOverdue, text, place)
