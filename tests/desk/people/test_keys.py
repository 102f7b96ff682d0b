"""Security keys and passkeys, with a key in software: added, asked for at sign-in, and signing in alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from daihou.desk.audit.models import Entry
from daihou.desk.people.models import Membership, User
from daihou.desk.people.roles import Role
from desk.people.software_key import Key

PASSWORD = "correct horse battery"  # noqa: S105 - of users that live as long as a test


@pytest.fixture
def zhou(db: None) -> User:
    made = User.objects.create_user("zhou.min", password=PASSWORD, name="Zhou Min", language="en")
    Membership.objects.create(user=made, role=Role.AUDITOR)
    return made


@pytest.fixture
def key(browser: Client, enter: Any, zhou: User) -> Key:
    """Zhou Min's key, added by the pages; the browser is signed out again."""
    made = Key()
    enter(browser, "zhou.min")
    page = browser.get("/accounts/mfa/webauthn/add/", follow=True)
    page = browser.post(page.redirect_chain[-1][0], {"password": PASSWORD}, follow=True)
    answer = made.added(page.context["js_data"]["creation_options"])
    data = {"name": "Blue key", "credential": answer, "passwordless": "on"}
    page = browser.post("/accounts/mfa/webauthn/add/", data, follow=True)
    assert "Recovery codes" in page.content.decode()
    browser.post("/accounts/logout/")
    return made


def passkey(browser: Client, key: Key) -> Any:
    options = browser.get("/accounts/mfa/webauthn/login/", headers={"Accept": "application/json"}).json()
    answer = key.signed(options["request_options"])
    return browser.post("/accounts/mfa/webauthn/login/", {"credential": answer}, follow=True)


def test_a_key_that_was_added_is_listed_and_logged(browser: Client, enter: Any, key: Key) -> None:
    browser.force_login(User.objects.get())
    page = browser.get("/accounts/mfa/webauthn/").content.decode()
    assert "Blue key" in page
    assert "Passkey" in page
    assert Entry.objects.filter(action="second_factor.add", detail__kind="webauthn").exists()


def test_a_key_is_the_second_step_of_a_sign_in(browser: Client, enter: Any, key: Key) -> None:
    page = enter(browser, "zhou.min")
    assert "Use a security key" in page.content.decode()
    answer = key.signed(page.context["js_data"]["request_options"])
    browser.post("/accounts/mfa/authenticate/", {"credential": answer})
    assert browser.get("/audit/").status_code == 200
    assert Entry.objects.filter(action="sign_in").latest("id").detail == {"by": ["password", "webauthn"]}


def test_a_passkey_signs_in_alone(browser: Client, key: Key) -> None:
    passkey(browser, key)
    assert browser.get("/audit/").status_code == 200
    assert Entry.objects.filter(action="sign_in").latest("id").detail == {"by": ["webauthn"]}


def test_another_key_does_not(browser: Client, key: Key) -> None:
    other = Key()
    other.user = key.user
    page = passkey(browser, other)
    assert page.request["PATH_INFO"] == "/accounts/login/"
    assert browser.get("/audit/").status_code == 302


def test_an_answer_is_good_once(browser: Client, key: Key) -> None:
    options = browser.get("/accounts/mfa/webauthn/login/", headers={"Accept": "application/json"}).json()
    answer = key.signed(options["request_options"])
    browser.post("/accounts/mfa/webauthn/login/", {"credential": answer})
    other = Client()
    other.post("/accounts/mfa/webauthn/login/", {"credential": answer})
    assert other.get("/audit/").status_code == 302


def test_a_passkey_of_a_closed_account_opens_nothing(browser: Client, key: Key) -> None:
    User.objects.update(is_active=False)
    assert "deactivated by an administrator" in passkey(browser, key).content.decode()
    assert browser.get("/audit/").status_code == 302


def test_a_passkey_does_not_spare_choosing_a_password(browser: Client, key: Key) -> None:
    User.objects.update(must_change_password=True)
    assert passkey(browser, key).request["PATH_INFO"] == "/accounts/password/change/"


def test_a_key_confirms_who_one_is_before_it_is_removed(browser: Client, key: Key) -> None:
    passkey(browser, key)
    page = browser.get("/accounts/mfa/webauthn/reauthenticate/?next=/accounts/mfa/")
    answer = key.signed(page.context["js_data"]["request_options"])
    where = "/accounts/mfa/webauthn/reauthenticate/?next=/accounts/mfa/"
    assert browser.post(where, {"credential": answer}).headers["Location"] == "/accounts/mfa/"
    assert browser.get("/accounts/mfa/webauthn/add/").status_code == 200
