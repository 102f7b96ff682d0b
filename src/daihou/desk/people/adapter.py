"""How sign-in is bent to the desk: nobody signs up, a given password must be changed, and every sign-in is logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from daihou.desk.audit.log import record
from daihou.desk.people.signing import ways

if TYPE_CHECKING:
    from django.http import HttpRequest


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-in without signing up."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("The user name or the password is wrong."),
        "too_many_login_attempts": _("Too many failed attempts. Wait five minutes and try again."),
        "rate_limited": _("Too many attempts. Wait a few minutes and try again."),
        "enter_current_password": _("This is not your present password."),
        "same_as_current": _("Choose a password other than the present one."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Never: an administrator enters people."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Log a sign-in that is not even tried, since too many failed before."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            record(request, "sign_in.limited", "user", _tried(credentials))
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Log a refused sign-in by the name that was tried."""
        record(request, "sign_in.refused", "user", _tried(credentials))

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        """Log the sign-in, and by what."""
        record(request, "sign_in", "user", user.username, {"by": ways(request, user)})
        return super().post_login(request, user, **kwargs)

    def clean_password(self, password: str, user: Any = None) -> str:
        """A new password is another than the one before: one that was given must not stay."""
        if user is not None and user.pk and user.check_password(password):
            raise self.validation_error("same_as_current")
        cleaned: str = super().clean_password(password, user)
        return cleaned

    def set_password(self, user: Any, password: str) -> None:
        """A password chosen by its user replaces the one that was given."""
        user.must_change_password = False
        super().set_password(user, password)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002 - allauth's signature
        """To one's own account."""
        return reverse("me")

    def get_logout_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002 - allauth's signature
        """Back to the sign-in page."""
        return reverse("account_login")


def _tried(credentials: dict[str, Any]) -> str:
    return str(credentials.get("username", ""))[:80]
