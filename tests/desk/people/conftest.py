"""Real sign-in: a browser that sends the password, and the code of an authenticator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.test import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = "correct horse battery"  # noqa: S105 - of users that live as long as a test


@pytest.fixture(autouse=True)
def _no_limit_is_left_over(db: None) -> Iterator[None]:
    """Limits on sign-in are counted in the cache; each test begins with none used."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def browser() -> Client:
    """A browser of a stranger who reads English."""
    return Client(headers={"Accept-Language": "en"})


@pytest.fixture
def enter() -> Any:
    """A function that signs somebody in by the form and answers the page that follows."""

    def entered(browser: Client, username: str, password: str = PASSWORD, to: str = "") -> Any:
        return browser.post("/accounts/login/", {"login": username, "password": password, "next": to}, follow=True)

    return entered


@pytest.fixture
def code() -> Any:
    """A function that gives the six digits of a secret, now."""

    def digits(secret: str) -> str:
        return str(totp.format_hotp_value(totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time()))))

    return digits
