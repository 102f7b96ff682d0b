"""How sign-in is bent to the desk: nobody signs up, a given password must be changed, and every sign-in is logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter

from daihou.desk.audit.log import record

if TYPE_CHECKING:
    from django.http import HttpRequest


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-in without signing up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Never: an administrator enters people."""
        return False

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Log a refused sign-in by the name that was tried."""
        record(request, "sign_in.refused", "user", str(credentials.get("username", ""))[:80])

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        """Log the sign-in."""
        record(request, "sign_in", "user", user.username)
        return super().post_login(request, user, **kwargs)

    def set_password(self, user: Any, password: str) -> None:
        """A password chosen by its user replaces the one that was given."""
        user.must_change_password = False
        super().set_password(user, password)

    def get_logout_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002 - allauth's signature
        """Back to the sign-in page."""
        return "/accounts/login/"
