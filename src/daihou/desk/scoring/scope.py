"""Who may do what with models: they judge everybody's loans, so a role for a part of the lender is not enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from daihou.desk.governance.scope import holds

if TYPE_CHECKING:
    from daihou.desk.asked import Asked


def without_training(request: Asked) -> str:
    """Why the user may not train; nothing where they may."""
    return "" if holds(request, "models.write") else _("Models are trained by risk analysts of the whole lender.")


def without_validating(request: Asked) -> str:
    """Why the user may not validate; nothing where they may."""
    if holds(request, "models.write") or holds(request, "models.review"):
        return ""
    return _("Models are validated by risk analysts, reviewers and managers of the whole lender.")


def without_reviewing(request: Asked) -> str:
    """Why the user may not decide; nothing where they may."""
    return (
        ""
        if holds(request, "models.review")
        else _("Models are decided by reviewers and managers of the whole lender.")
    )


def without_proposing(request: Asked) -> str:
    """Why the user may not propose an overlay; nothing where they may."""
    return "" if holds(request, "models.write") else _("Overlays are proposed by risk analysts of the whole lender.")


def may_open(request: Asked) -> bool:
    """Whether pages of models open to the user."""
    return holds(request, "models.view")
