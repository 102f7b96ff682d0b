"""Who may change rules: they concern everybody's loans, so a role for a part of the lender is not enough."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from daihou.desk import errors
from daihou.desk.access import needs
from daihou.desk.governance.models import OPEN, Draft

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http.response import HttpResponseBase

    from daihou.desk.asked import Asked


def whole_lender(permission: str) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Mark a view with a permission that must be held for the whole lender."""

    def mark(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def answer(request: Asked, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not holds(request, permission):
                return errors.forbidden(request)
            return view(request, *args, **kwargs)

        return needs(permission)(answer)

    return mark


def holds(request: Asked, permission: str) -> bool:
    """Whether the user holds a permission for the whole lender."""
    return bool(request.rights.reach(permission).everything)


def without_writing(request: Asked) -> str:
    """Why the user may not draft; nothing where they may."""
    return "" if holds(request, "rules.write") else _("Rules are drafted by risk analysts of the whole lender.")


def without_reviewing(request: Asked) -> str:
    """Why the user may not review; nothing where they may."""
    return (
        "" if holds(request, "rules.review") else _("Rules are reviewed by reviewers and managers of the whole lender.")
    )


def open_draft(rule_id: str) -> Draft | None:
    """The draft of a rule that is not at its end."""
    return Draft.objects.select_related("author", "approved_by").filter(rule_id=rule_id, state__in=OPEN).first()


def open_draft_or_404(rule_id: str) -> Draft:
    """The same, where a page is about it."""
    return get_object_or_404(Draft.objects.select_related("author", "approved_by"), rule_id=rule_id, state__in=OPEN)
