"""What a program may be allowed to do through the API, and which permission of its user each scope stands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class Scope:
    """One scope: what it lets a program do, and what the roles of its user must allow besides."""

    label: _StrPromise
    permission: str = ""
    """Empty: the scope is enough."""


SCOPES: Final[dict[str, Scope]] = {
    "facts:write": Scope(_("Send facts into the log and see what became of them")),
    "standings:read": Scope(_("Read where loans stand"), "portfolio.view"),
    "snapshots:read": Scope(_("Take out whole snapshots as files"), "portfolio.export"),
    "explain:read": Scope(_("Read explanations and statements of claims"), "portfolio.view"),
    "runs:read": Scope(_("Read runs and the catalogue of measures"), "portfolio.view"),
    "rules:read": Scope(_("Read the warning rules in force"), "rules.view"),
    "signals:read": Scope(_("Read signals"), "portfolio.view"),
    "alerts:read": Scope(_("Read alerts and their history"), "alerts.view"),
    "alerts:write": Scope(_("Comment on alerts and act on them"), "alerts.view"),
    "cases:read": Scope(_("Read collection cases"), "collection.view"),
    "promises:read": Scope(_("Read promises to pay"), "collection.view"),
    "promises:write": Scope(_("Enter promises to pay that were taken elsewhere"), "collection.work"),
}
"""Facts concern the whole lender and are judged row by row whoever sends them: no role is asked for, so that what sends facts need not see anything."""
