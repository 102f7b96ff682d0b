"""Who may open which page: every view names the permission it needs, and a view that names none is closed to all."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from daihou.desk import errors
from daihou.desk.audit.log import record
from daihou.desk.people.reach import Access as Rights
from daihou.desk.people.roles import PERMISSIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

LOG = logging.getLogger(__name__)

PUBLIC: Final = "public"
"""Open before signing in."""
SIGNED_IN: Final = "signed_in"
"""Open to everyone who is signed in: one's own settings."""

ALLAUTH: Final = {
    "account_login": PUBLIC,
    "account_logout": PUBLIC,  # also leaves a sign-in that waits for its second factor
    "account_inactive": PUBLIC,
    "account_change_password": SIGNED_IN,
    "account_reauthenticate": SIGNED_IN,
    "mfa_authenticate": PUBLIC,
    "mfa_reauthenticate": SIGNED_IN,
    "mfa_index": SIGNED_IN,
    "mfa_activate_totp": SIGNED_IN,
    "mfa_deactivate_totp": SIGNED_IN,
    "mfa_generate_recovery_codes": SIGNED_IN,
    "mfa_view_recovery_codes": SIGNED_IN,
    "mfa_download_recovery_codes": SIGNED_IN,
    "mfa_list_webauthn": SIGNED_IN,
    "mfa_add_webauthn": SIGNED_IN,
    "mfa_remove_webauthn": SIGNED_IN,
    "mfa_edit_webauthn": SIGNED_IN,
    "mfa_login_webauthn": PUBLIC,
    "mfa_reauthenticate_webauthn": SIGNED_IN,
}
"""The pages of sign-in that are open; those of signing up, of mail and of forgotten passwords are closed: an administrator enters people."""

View = TypeVar("View", bound="Callable[..., HttpResponseBase]")


def needs(permission: str) -> Callable[[View], View]:
    """Mark a view with the permission that it needs."""
    if permission not in (PUBLIC, SIGNED_IN, *PERMISSIONS):
        raise ValueError(f"{permission} is no permission")

    def mark(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def permission_of(view: Any, name: str | None) -> str | None:
    """The permission that a view needs; None where nobody may open it."""
    return getattr(view, "permission", None) or ALLAUTH.get(name or "")


class Access:
    """Lets a request through to its view when its user may open it."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with what the user may do at hand as `request.rights`."""
        request.rights = Rights(request.user)  # type: ignore[attr-defined]
        return self.answer(request)

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        """Refuse what may not be opened: 404 for a view that no rule opens, the sign-in page for a stranger, else 403."""
        name = request.resolver_match.url_name if request.resolver_match else None
        permission = permission_of(view, name)
        if permission is None:
            LOG.error("%s is open to nobody: its view names no permission", name or view)
            return errors.missing(request)
        if permission == PUBLIC:
            return None
        if not request.user.is_authenticated:
            return self._to_sign_in(request)
        if request.user.must_change_password and name not in ("account_change_password", "account_logout"):
            return redirect("account_change_password")
        if permission == SIGNED_IN or request.rights.may(permission):  # type: ignore[attr-defined]
            return None
        record(request, "access.refused", "page", request.path, {"needs": permission})
        return errors.forbidden(request)

    @staticmethod
    def _to_sign_in(request: HttpRequest) -> HttpResponse:
        target = f"{reverse('account_login')}?next={quote(request.get_full_path())}"
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": reverse("account_login")})
        return redirect(target)
