"""The administrator's pages of programs."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from daihou.desk.audit.models import Entry
from daihou.desk.people.models import Membership, User
from daihou.desk.people.reach import Access
from daihou.desk.people.roles import Role
from daihou.desk.programs import presented
from daihou.desk.programs.models import OAuthClient, Program, Token
from desk.conftest import user

pytestmark = pytest.mark.django_db

VALUES = {
    "code": "core-bank", "name": "Core banking", "purpose": "Posts payments", "scopes": ["facts:write", "alerts:read"], "tables": ["payments"],
    "requests_per_second": 50, "rows_per_second": 500,
}  # fmt: skip


@pytest.fixture
def admin() -> Client:
    """The browser of an administrator of the whole lender."""
    browser = Client()
    browser.force_login(user("admin", (Role.ADMINISTRATOR, ""), language="en"))
    return browser


@pytest.fixture
def program(admin: Client) -> Program:
    """A program that was entered on the page."""
    assert admin.post("/programs/new/", VALUES).status_code == 302
    return Program.objects.get()


def shown(response: Any, name: str = "secret") -> str:
    """The secret that an answer shows."""
    found = re.search(rf"data-{name}>([^<]+)<", response.content.decode())
    assert found
    return found[1]


def opens(token: str) -> bool:
    """Whether a token opens the API."""
    presented.forget()  # as another process asks
    return Client().get("/api/v1/contract", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_a_program_is_entered_with_a_technical_user_that_nobody_signs_in_as(program: Program) -> None:
    assert (program.code, program.scopes, program.tables, program.rows_per_second) == (
        "core-bank",
        ["facts:write", "alerts:read"],
        ["payments"],
        500,
    )
    assert (program.user.username, program.user.is_active, program.user.has_usable_password()) == (
        "api-core-bank",
        False,
        False,
    )
    assert Entry.objects.get(action="program.enter").detail["after"]["tables"] == ["payments"]


def test_the_list_says_what_there_is_and_an_empty_one_what_to_do(admin: Client) -> None:
    assert "No program is entered" in admin.get("/programs/").content.decode()
    admin.post("/programs/new/", VALUES)
    assert "Core banking" in admin.get("/programs/").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "Core"},
        {"code": "1a"},
        {"code": "a b"},
        {"code": ""},
        {"name": ""},
        {"scopes": ["everything"]},
        {"tables": ["x"]},
        {"rows_per_second": 0},
    ],
)
def test_wrong_values_are_refused(admin: Client, wrong: dict[str, Any]) -> None:
    assert admin.post("/programs/new/", VALUES | wrong).status_code == 422
    assert not Program.objects.exists()


def test_a_code_is_used_once(admin: Client, program: Program) -> None:
    assert admin.post("/programs/new/", VALUES).status_code == 422


def test_changes_are_logged_with_before_and_after_and_the_code_stays(admin: Client, program: Program) -> None:
    admin.post(f"/programs/{program.pk}/edit/", VALUES | {"code": "other", "name": "Core 2", "tables": []})
    program.refresh_from_db()
    assert (program.code, program.name, program.tables) == ("core-bank", "Core 2", [])
    assert User.objects.get(pk=program.user_id).name == "Core 2"
    entry = Entry.objects.get(action="program.change")
    assert entry.detail == {
        "before": {"name": "Core banking", "tables": ["payments"]},
        "after": {"name": "Core 2", "tables": []},
    }


def test_a_token_is_shown_once_and_works(admin: Client, program: Program) -> None:
    made = admin.post(f"/programs/{program.pk}/tokens/", {"days": 30})
    token = shown(made)
    assert opens(token)
    assert "no-store" in made["Cache-Control"]
    page = admin.get(f"/programs/{program.pk}/").content.decode()
    assert token not in page
    assert str(Token.objects.get()) in page
    assert Token.objects.get().expires_at - timezone.now() <= dt.timedelta(days=30)
    assert not [entry for entry in Entry.objects.all() if token in str(entry.detail)]
    assert admin.post(f"/programs/{program.pk}/tokens/", {"days": 36_500}).status_code == 422


def test_a_token_is_replaced_with_an_overlap_and_revoked_at_once(admin: Client, program: Program) -> None:
    old = shown(admin.post(f"/programs/{program.pk}/tokens/", {"days": 30}))
    first = Token.objects.get()
    new = shown(admin.post(f"/programs/{program.pk}/tokens/{first.pk}/replace/"))
    assert opens(old)
    assert opens(new)
    admin.post(f"/programs/{program.pk}/tokens/{first.pk}/revoke/")
    assert not opens(old)
    assert opens(new)
    refused = admin.post(f"/programs/{program.pk}/tokens/{first.pk}/replace/", follow=True)
    assert "This token has ended" in refused.content.decode()
    actions = set(Entry.objects.filter(subject_kind="program").values_list("action", flat=True))
    assert {"program.token", "program.token_replace", "program.token_revoke"} <= actions


def test_the_token_of_one_program_is_not_touched_by_the_address_of_another(admin: Client, program: Program) -> None:
    admin.post("/programs/new/", VALUES | {"code": "other"})
    admin.post(f"/programs/{program.pk}/tokens/", {"days": 30})
    other = Program.objects.get(code="other")
    assert admin.post(f"/programs/{other.pk}/tokens/{Token.objects.get().pk}/revoke/").status_code == 404


def test_a_client_is_shown_once_and_revoked(admin: Client, program: Program) -> None:
    made = admin.post(f"/programs/{program.pk}/clients/")
    client_id, secret = shown(made, "client"), shown(made)
    body = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    assert Client().post("/oauth/token", body).status_code == 200
    assert secret not in admin.get(f"/programs/{program.pk}/").content.decode()
    admin.post(f"/programs/{program.pk}/clients/{OAuthClient.objects.get().pk}/revoke/")
    assert Client().post("/oauth/token", body).status_code == 401


def test_a_program_is_suspended_and_goes_on(admin: Client, program: Program) -> None:
    token = shown(admin.post(f"/programs/{program.pk}/tokens/", {"days": 30}))
    admin.post(f"/programs/{program.pk}/suspend/")
    assert not opens(token)
    admin.post(f"/programs/{program.pk}/resume/")
    assert opens(token)


def test_the_page_says_which_scopes_no_role_allows(admin: Client, program: Program) -> None:
    assert "no role grants alerts.view" in admin.get(f"/programs/{program.pk}/").content.decode()
    Membership.objects.create(user=program.user, role=Role.VIEWER)
    assert "no role grants" not in admin.get(f"/programs/{program.pk}/").content.decode()


def test_who_administers_a_part_sees_no_program(program: Program) -> None:
    browser = Client()
    browser.force_login(user("local", (Role.ADMINISTRATOR, "B01")))
    for address in ("/programs/", "/programs/new/", f"/programs/{program.pk}/", f"/programs/{program.pk}/edit/"):
        assert browser.get(address).status_code == 403
    assert browser.post(f"/programs/{program.pk}/tokens/", {"days": 30}).status_code == 403
    assert not Token.objects.exists()


def test_the_user_of_a_program_has_rights_and_gets_no_work(program: Program) -> None:
    from daihou.desk.people.holders import holders

    Membership.objects.create(user=program.user, role=Role.MANAGER)
    assert Access(User.objects.get(pk=program.user_id)).may("alerts.handle")
    assert not holders("alerts.handle", None)


def test_the_user_of_a_program_is_marked_and_stays_closed_to_people(admin: Client, program: Program) -> None:
    page = admin.get(f"/users/{program.user_id}/").content.decode()
    assert "nobody signs in as it" in page
    said = admin.post(f"/users/{program.user_id}/reactivate/", follow=True).content.decode()
    assert "on the page of the program" in said
    assert not User.objects.get(pk=program.user_id).is_active


def test_pages_take_as_many_queries_for_many_rows_as_for_few(
    admin: Client, program: Program, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        admin.post("/programs/new/", VALUES | {"code": f"p-{number}"})
        admin.post(f"/programs/{program.pk}/tokens/", {"days": 30})
    with django_assert_max_num_queries(12):
        admin.get("/programs/")
    with django_assert_max_num_queries(14):
        admin.get(f"/programs/{program.pk}/")


def test_the_description_of_the_api_is_a_page_and_open_as_openapi(admin: Client) -> None:
    page = admin.get("/api/v1/docs")
    assert page.status_code == 200
    assert "/facts/{table}" in page.content.decode()
    assert "script-src 'self'" in page["Content-Security-Policy"]
    assert Client().get("/api/v1/docs").status_code == 302
    said = Client().get("/api/v1/openapi.json").json()
    assert said["openapi"].startswith("3.1")
    assert said["paths"]["/api/v1/facts/{table}"]["post"]["x-scope"] == "facts:write"
