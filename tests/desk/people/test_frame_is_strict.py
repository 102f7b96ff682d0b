"""Every page of the frame, of sign-in, of users and of the log: a strict policy, and nothing in the page that it would forbid."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any, Final

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt
from django.test import Client

from daihou.desk.audit.log import record
from daihou.desk.people.models import Membership, User
from daihou.desk.people.roles import Role
from desk.people.software_key import Key

OPEN: Final = ["/accounts/login/", "/accounts/login/?next=/audit/", "/accounts/inactive/"]
OWN: Final = [
    "/me/",
    "/nowhere/",
    "/accounts/logout/",
    "/accounts/password/change/",
    "/accounts/reauthenticate/",
    "/accounts/mfa/",
    "/accounts/mfa/reauthenticate/",
    "/accounts/mfa/webauthn/reauthenticate/",
    "/accounts/mfa/totp/deactivate/",
    "/accounts/mfa/recovery-codes/",
    "/accounts/mfa/recovery-codes/generate/",
    "/accounts/mfa/webauthn/",
    "/accounts/mfa/webauthn/add/",
    "/accounts/mfa/webauthn/keys/{key}/edit/",
    "/accounts/mfa/webauthn/keys/{key}/remove/",
    "/users/",
    "/users/new/",
    "/users/{user}/",
    "/users/{user}/edit/",
    "/audit/",
    "/audit/?action=unknown&first=x",
    "/audit/{entry}/",
]


class Strict(HTMLParser):
    """Collects what a policy without unsafe-inline forbids, and ids that stand twice."""

    def __init__(self) -> None:
        super().__init__()
        self.forbidden: list[str] = []
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.controls: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        names = [name for name in given if name == "style" or name.startswith("on")]
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            names.append("script")
        if tag == "style" or str(given.get("href", "")).startswith("javascript:"):
            names.append(tag)
        self.forbidden += [f"{tag} {name} at {self.getpos()}" for name in names]
        self.ids += [given["id"] or ""] if given.get("id") else []
        if tag == "label":
            self.labelled.add(given.get("for") or "")
        if tag in ("input", "select", "textarea") and given.get("type") not in ("hidden", "submit"):
            self.controls += [] if given.get("aria-label") else [given.get("id") or ""]


def check(response: Any) -> None:
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    page = Strict()
    page.feed(response.content.decode())
    assert not page.forbidden
    assert len(page.ids) == len(set(page.ids)), "an id stands twice"
    assert not [control for control in page.controls if control not in page.labelled], "a control without a label"


@pytest.fixture
def browser(db: None) -> tuple[Client, dict[str, int]]:
    """Somebody with every role, an app, a key and codes, who has just confirmed who they are."""
    user = User.objects.create_user("all", password="correct horse battery", name="Everything", language="en")  # noqa: S106
    Membership.objects.bulk_create([Membership(user=user, role=role) for role in Role.values])
    Authenticator.objects.create(user=user, type="totp", data={"secret": encrypt("JBSWY3DPEHPK3PXP")})
    Authenticator.objects.create(user=user, type="recovery_codes", data={"seed": encrypt("00" * 20), "used_mask": 0})
    credential = Key().added({"publicKey": {"challenge": "AAAA", "user": {"id": "1"}}})
    key = Authenticator.objects.create(
        user=user, type="webauthn", data={"name": "Key", "credential": json.loads(credential)}
    )
    entry = record(None, "user.change", "user", "x", {"before": {"a": 1}, "after": {"a": 2}})
    made = Client()
    made.force_login(user)
    session = made.session
    session["account_authentication_methods"] = [{"method": "password", "at": 9e9, "reauthenticated": True}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return made, {"key": key.pk, "user": user.pk, "entry": entry.pk}


@pytest.mark.parametrize("page", OPEN)
def test_a_page_before_signing_in_is_strict(db: None, page: str) -> None:
    response = Client().get(page)
    assert response.status_code == 200
    check(response)


@pytest.mark.parametrize("page", OWN)
def test_a_page_is_strict(browser: tuple[Client, dict[str, int]], page: str) -> None:
    client, parts = browser
    response = client.get(page.format(**parts))
    assert response.status_code in (200, 404), response.headers.get("Location")
    check(response)


def test_setting_an_app_up_is_strict(browser: tuple[Client, dict[str, int]]) -> None:
    client, _ = browser
    Authenticator.objects.filter(type="totp").delete()
    response = client.get("/accounts/mfa/totp/activate/")
    assert response.status_code == 200
    check(response)


def test_the_second_step_and_the_first_password_are_strict(browser: tuple[Client, dict[str, int]]) -> None:
    client = Client()
    response = client.post("/accounts/login/", {"login": "all", "password": "correct horse battery"}, follow=True)
    assert response.request["PATH_INFO"] == "/accounts/mfa/authenticate/"
    check(response)
    Authenticator.objects.all().delete()
    User.objects.update(must_change_password=True)
    client = Client()
    response = client.post("/accounts/login/", {"login": "all", "password": "correct horse battery"}, follow=True)
    assert response.request["PATH_INFO"] == "/accounts/password/change/"
    check(response)


def test_what_shows_a_password_and_what_is_refused_are_strict(browser: tuple[Client, dict[str, int]]) -> None:
    client, _ = browser
    check(client.post("/users/new/", {"username": "", "name": ""}))
    check(client.post("/users/new/", {"username": "new", "name": "New", "language": "en"}))
    other = User.objects.create_user("none", name="None")
    poor = Client()
    poor.force_login(other)
    check(poor.get("/audit/"))
    check(poor.get("/"))
