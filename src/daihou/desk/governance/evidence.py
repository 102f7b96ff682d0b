"""The evidence of a draft as pages show it: of each kind the newest, and whether it is for the text as it now reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from daihou.desk.governance.models import Attachment

if TYPE_CHECKING:
    from daihou.desk.governance.models import Draft


@dataclass(frozen=True, slots=True)
class Evidence:
    """An attachment, and whether the draft has changed since in what it judges."""

    attachment: Attachment
    outdated: bool


def shown(draft: Draft | None) -> dict[str, Any]:
    """The context of `governance/rule_evidence.html`: trial, backtest and suggest, each None where there is none."""
    return {kind.value: _newest(draft, kind) if draft else None for kind in Attachment.Kind}


def _newest(draft: Draft, kind: str) -> Evidence | None:
    fits = draft.evidence(kind)
    if fits:
        return Evidence(fits, outdated=False)
    older = draft.outdated(kind)
    return Evidence(older, outdated=True) if older else None
