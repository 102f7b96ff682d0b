"""What the audit log holds of sign-in: signals of Django and allauth, each an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.signals import password_changed
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.signals import user_logged_out

from daihou.desk.audit.log import record

if TYPE_CHECKING:
    from allauth.mfa.models import Authenticator
    from django.http import HttpRequest

    from daihou.desk.people.models import User


def connect() -> None:
    """Connect every receiver of this module; doing so twice does no harm."""
    for signal, receiver in (
        (user_logged_out, _signed_out),
        (password_changed, _password_changed),
        (authenticator_added, _factor_added),
        (authenticator_removed, _factor_removed),
        (authenticator_reset, _codes_renewed),
        (authentication_failed, _factor_refused),
    ):
        signal.connect(receiver, dispatch_uid=f"{__name__}.{receiver.__name__}")


def ways(request: HttpRequest, user: User) -> list[str]:
    """How a user proved who they are in this session: password, totp, webauthn, recovery_codes."""
    return [str(one.get("type") or one.get("method")) for one in get_authentication_records(request, user)]


def _signed_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None:
        record(request, "sign_out", "user", user.username)


def _password_changed(request: HttpRequest, user: User, **_: Any) -> None:
    record(request, "password.change", "user", user.username)


def _factor_added(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    record(request, "second_factor.add", "user", user.username, {"kind": authenticator.type})


def _factor_removed(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    record(request, "second_factor.remove", "user", user.username, {"kind": authenticator.type})


def _codes_renewed(request: HttpRequest, user: User, **_: Any) -> None:
    record(request, "second_factor.renew", "user", user.username)


def _factor_refused(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    record(request, "second_factor.refused", "user", user.username, {"kind": authenticator.type})
