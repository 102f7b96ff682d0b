"""Signing in as people do it: password, second factor, a given password, too many attempts, signing out."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.test import Client

from daihou.desk.audit.models import Entry
from daihou.desk.people.models import Membership, User
from daihou.desk.people.roles import Role

PASSWORD = "correct horse battery"  # noqa: S105 - of users that live as long as a test


@pytest.fixture
def zhou(db: None) -> User:
    """Zhou Min, auditor at head office."""
    made = User.objects.create_user("zhou.min", password=PASSWORD, name="Zhou Min", language="en")
    Membership.objects.create(user=made, role=Role.AUDITOR)
    return made


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def set_up_app(code: Any, django_capture_on_commit_callbacks: Any) -> Any:
    """A function that sets an authenticator app up by its pages, and answers its secret."""

    def done(browser: Client) -> str:
        page = browser.get("/accounts/mfa/totp/activate/", follow=True)
        if page.redirect_chain:
            page = browser.post(page.redirect_chain[-1][0], {"password": PASSWORD}, follow=True)
        secret: str = page.context["form"].secret
        drawn = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', text(page))
        assert drawn is not None
        assert b'fill="#fff"' in base64.b64decode(drawn[1]), "on white, also on a dark page"
        with django_capture_on_commit_callbacks(execute=True):
            page = browser.post("/accounts/mfa/totp/activate/", {"code": code(secret)}, follow=True)
        assert "<h1>Recovery codes</h1>" in text(page)
        return secret

    return done


def test_it_asks_in_the_language_of_the_browser_and_offers_no_signing_up(browser: Client) -> None:
    page = text(browser.get("/accounts/login/"))
    assert "Sign in with a passkey" in page
    assert "signup" not in page
    assert "password/reset" not in page
    assert "An administrator gives you a one-time password" in page


def test_a_password_opens_the_page_that_was_asked_for(browser: Client, enter: Any, zhou: User) -> None:
    asked = browser.get("/audit/", follow=True)
    assert "Sign in to open the page you asked for" in text(asked)
    assert 'name="next" value="/audit/"' in text(asked)
    page = enter(browser, "zhou.min", to="/audit/")
    assert page.redirect_chain[-1][0] == "/audit/"
    entry = Entry.objects.get(action="sign_in")
    assert (entry.actor, entry.address, entry.detail) == ("zhou.min", "127.0.0.1", {"by": ["password"]})


def test_the_way_in_leads_to_no_other_site(browser: Client, enter: Any, zhou: User) -> None:
    page = enter(browser, "zhou.min", to="https://elsewhere.example/")
    assert all("elsewhere" not in address for address, _status in page.redirect_chain)


def test_a_wrong_password_is_refused_without_saying_whether_the_name_exists(
    browser: Client, enter: Any, zhou: User
) -> None:
    wrong, unknown = (text(enter(browser, name, "something else")) for name in ("zhou.min", "nobody"))
    assert "The user name or the password is wrong." in wrong
    assert "The user name or the password is wrong." in unknown
    assert list(Entry.objects.filter(action="sign_in.refused").values_list("subject_id", flat=True)) == [
        "nobody",
        "zhou.min",
    ]


def test_after_five_failures_even_the_right_password_waits(browser: Client, enter: Any, zhou: User) -> None:
    for _attempt in range(5):
        enter(browser, "zhou.min", "something else")
    assert "Wait five minutes" in text(enter(browser, "zhou.min"))
    assert Entry.objects.filter(action="sign_in.limited", subject_id="zhou.min").count() == 1
    assert not Entry.objects.filter(action="sign_in").exists()


def test_too_many_requests_from_one_place_get_a_page_that_says_so(browser: Client, zhou: User) -> None:
    answers = [browser.post("/accounts/login/", {"login": f"u{number}", "password": ""}) for number in range(31)]
    assert [answers[29].status_code, answers[30].status_code] == [200, 429]
    assert "Too many attempts" in text(answers[30])


def test_a_second_factor_is_asked_for_and_works_once(
    browser: Client, enter: Any, code: Any, set_up_app: Any, zhou: User
) -> None:
    enter(browser, "zhou.min")
    secret = set_up_app(browser)
    assert Entry.objects.filter(action="second_factor.add").count() == 2, "the app, and its recovery codes"
    browser.post("/accounts/logout/")

    page = enter(browser, "zhou.min")
    assert "Enter the six digits" in text(page)
    assert browser.get("/audit/").status_code == 302, "the password alone opens nothing"
    assert browser.post("/accounts/mfa/authenticate/", {"code": "000000"}).status_code == 200
    assert Entry.objects.get(action="second_factor.refused").subject_id == "zhou.min"
    digits = code(secret)
    browser.post("/accounts/mfa/authenticate/", {"code": digits})
    assert browser.get("/audit/").status_code == 200
    assert Entry.objects.filter(action="sign_in").latest("id").detail == {"by": ["password", "totp"]}

    other = Client()
    enter(other, "zhou.min")
    assert other.post("/accounts/mfa/authenticate/", {"code": digits}).status_code == 200, "used up"


def test_a_recovery_code_takes_the_place_of_the_app_once(
    browser: Client, enter: Any, code: Any, set_up_app: Any, zhou: User
) -> None:
    enter(browser, "zhou.min")
    set_up_app(browser)
    spare = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    assert spare in text(browser.get("/accounts/mfa/recovery-codes/"))
    browser.post("/accounts/logout/")
    enter(browser, "zhou.min")
    browser.post("/accounts/mfa/authenticate/", {"code": spare})
    assert browser.get("/me/").status_code == 200


def test_waiting_for_the_second_factor_can_be_cancelled(
    browser: Client, enter: Any, code: Any, set_up_app: Any, zhou: User
) -> None:
    enter(browser, "zhou.min")
    set_up_app(browser)
    browser.post("/accounts/logout/")
    enter(browser, "zhou.min")
    page = browser.post("/accounts/logout/", {"next": "/accounts/login/"}, follow=True)
    assert "<h1>Sign in</h1>" in text(page)
    assert "<h1>Sign in</h1>" in text(browser.get("/accounts/mfa/authenticate/", follow=True))


def test_removing_the_app_asks_for_the_password_again(
    browser: Client, enter: Any, set_up_app: Any, zhou: User, django_capture_on_commit_callbacks: Any
) -> None:
    enter(browser, "zhou.min")
    secret = set_up_app(browser)
    session = browser.session
    session["account_authentication_methods"] = [{**one, "at": 0} for one in session["account_authentication_methods"]]
    session.save()
    page = browser.get("/accounts/mfa/totp/deactivate/", follow=True)
    assert "Confirm that it is you" in text(page)
    page = browser.post(page.redirect_chain[-1][0], {"password": PASSWORD}, follow=True)
    assert "Remove the app" in text(page)
    with django_capture_on_commit_callbacks(execute=True):
        page = browser.post("/accounts/mfa/totp/deactivate/", follow=True)
    assert "The authenticator app is removed." in text(page) + text(browser.get("/me/"))
    assert Entry.objects.filter(action="second_factor.remove", detail__kind="totp").exists()
    assert secret not in json.dumps(list(Entry.objects.values_list("detail", flat=True)))


def test_a_given_password_must_be_replaced_before_anything_opens(browser: Client, enter: Any, zhou: User) -> None:
    User.objects.update(must_change_password=True)
    page = enter(browser, "zhou.min", to="/audit/")
    assert page.redirect_chain[-1][0] == "/accounts/password/change/"
    assert "given to you by somebody else" in text(page)
    assert 'class="side"' not in text(page), "no menu of pages that do not open"
    change = {"oldpassword": PASSWORD, "password1": PASSWORD, "password2": PASSWORD}
    assert "other than the present one" in text(browser.post("/accounts/password/change/", change))
    assert browser.get("/audit/").headers["Location"] == "/accounts/password/change/"
    change |= {"password1": "a longer one of mine", "password2": "a longer one of mine"}
    page = browser.post("/accounts/password/change/", change, follow=True)
    assert "The password is changed." in text(page)
    assert browser.get("/audit/").status_code == 200
    assert Entry.objects.get(action="password.change").actor == "zhou.min"


def test_who_was_deactivated_gets_in_no_more_and_is_out_at_once(browser: Client, enter: Any, zhou: User) -> None:
    enter(browser, "zhou.min")
    User.objects.update(is_active=False)
    assert browser.get("/audit/").status_code == 302
    assert "deactivated by an administrator" in text(enter(Client(headers={"Accept-Language": "en"}), "zhou.min"))


def test_a_session_that_ended_leads_back_to_the_page(browser: Client, enter: Any, zhou: User) -> None:
    enter(browser, "zhou.min")
    assert browser.session.get_expire_at_browser_close()
    call_command("clearsessions")
    browser.session.flush()
    page = browser.get("/audit/?action=sign_in", follow=True)
    assert "A session ends after 12 hours" in text(page)
    assert 'value="/audit/?action=sign_in"' in text(page)


def test_signing_out_is_logged(browser: Client, enter: Any, zhou: User) -> None:
    enter(browser, "zhou.min")
    assert "Sign out?" in text(browser.get("/accounts/logout/")), "a link alone signs nobody out"
    browser.post("/accounts/logout/")
    assert Entry.objects.get(action="sign_out").actor == "zhou.min"
    assert browser.get("/me/").status_code == 302


@pytest.mark.parametrize("page", ["signup/", "password/reset/", "email/", "confirm-email/", "login/code/confirm/"])
def test_what_an_administrator_does_is_closed_to_strangers(browser: Client, db: None, page: str) -> None:
    assert browser.get(f"/accounts/{page}").status_code == 404


def test_a_key_is_offered_with_what_the_browser_needs(browser: Client, enter: Any, zhou: User) -> None:
    options = browser.get("/accounts/mfa/webauthn/login/", headers={"Accept": "application/json"}).json()
    assert options["request_options"]["publicKey"]["challenge"]
    enter(browser, "zhou.min")
    page = browser.get("/accounts/mfa/webauthn/add/", follow=True)
    if "password" in page.context["form"].fields:
        page = browser.post(page.redirect_chain[-1][0], {"password": PASSWORD}, follow=True)
    assert '<script id="js_data" type="application/json">' in text(page)
    assert "desk/webauthn.js" in text(page)


def test_keys_can_be_seen_renamed_and_removed(browser: Client, enter: Any, zhou: User) -> None:
    data = {"name": "Blue key", "credential": {}, "passwordless": False}
    key = Authenticator.objects.create(user=zhou, type="webauthn", data=data)
    browser.force_login(zhou)
    session = browser.session
    session["account_authentication_methods"] = [{"method": "password", "at": 9e9, "reauthenticated": True}]
    session["account_authentication_methods_user"] = str(zhou.pk)
    session.save()
    assert "Blue key" in text(browser.get("/accounts/mfa/webauthn/"))
    assert "1 key is added." in text(browser.get("/accounts/mfa/"))
    browser.post(f"/accounts/mfa/webauthn/keys/{key.pk}/edit/", {"name": "Red key"})
    assert "Red key can no longer be used" in text(browser.get(f"/accounts/mfa/webauthn/keys/{key.pk}/remove/"))
    browser.post(f"/accounts/mfa/webauthn/keys/{key.pk}/remove/")
    assert not Authenticator.objects.exists()


def test_scripts_for_keys_are_files_of_ours() -> None:
    scripts = Path("src/daihou/desk/templates/mfa/webauthn/snippets/scripts.html").read_text("utf-8")
    assert "{% static 'desk/webauthn.js' %}" in scripts
