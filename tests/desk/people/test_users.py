"""Users and roles as an administrator manages them: every change a line in the log, and what the rules refuse."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import authenticate
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from daihou.desk.audit.models import Entry
from daihou.desk.people import orgs, transitions
from daihou.desk.people.models import Membership, User
from daihou.desk.people.orgs import Org, Tree
from daihou.desk.people.reach import Access
from daihou.desk.people.roles import Role
from daihou.desk.refusals import RefusedError

PASSWORD = "correct horse battery"  # noqa: S105 - of users that live as long as a test
TREE = Tree(
    {
        name: Org(name, text, up)
        for name, text, up in (("HQ", "Head office", ""), ("B01", "East branch", "HQ"), ("B02", "West branch", "HQ"))
    },
    {"": ("HQ",), "HQ": ("B01", "B02")},
)


@pytest.fixture(autouse=True)
def _organisation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Head office over two branches, where a test needs no loans."""
    monkeypatch.setattr(orgs, "tree", lambda: TREE)


def person(username: str, *roles: tuple[str, str], **more: Any) -> User:
    made = User.objects.create_user(username, password=PASSWORD, name=username.title(), language="en", **more)
    Membership.objects.bulk_create([Membership(user=made, role=role, org_id=org) for role, org in roles])
    return made


@pytest.fixture
def admin(db: None) -> User:
    return person("admin", (Role.ADMINISTRATOR, ""))


@pytest.fixture
def chen(db: None) -> User:
    return person("chen.li", (Role.OFFICER, "B01"), officer_id="O17")


@pytest.fixture
def desk(admin: User) -> Client:
    browser = Client()
    browser.force_login(admin)
    return browser


def text(response: Any) -> str:
    return str(response.content.decode())


def by(actor: User) -> Any:
    request = RequestFactory().post("/")
    request.user = actor
    return request


def last() -> Entry:
    return Entry.objects.latest("id")


def test_a_new_user_gets_a_password_that_is_shown_once_and_must_be_replaced(desk: Client) -> None:
    values = {"username": "bai.hua", "name": "Bai Hua", "email": "", "officer_id": "O3", "language": "en"}
    page = desk.post("/users/new/", values)
    shown = re.search(r"data-password>([^<]+)<", text(page))
    assert shown is not None
    assert "no-store" in page.headers["Cache-Control"]
    made = User.objects.get(username="bai.hua")
    assert made.check_password(shown[1])
    assert made.must_change_password
    assert shown[1] not in text(desk.get(f"/users/{made.pk}/"))
    assert (last().action, last().actor, last().subject_id) == ("user.create", "admin", "bai.hua")
    assert shown[1] not in str(last().detail)


def test_a_user_name_is_given_once(desk: Client, chen: User) -> None:
    page = desk.post("/users/new/", {"username": "chen.li", "name": "Another", "language": "en"})
    assert "errors" in text(page)
    desk.post(
        f"/users/{chen.pk}/edit/", {"username": "other", "name": "Chen Li", "officer_id": "O17", "language": "en"}
    )
    assert User.objects.get(pk=chen.pk).username == "chen.li"


def test_what_changed_is_logged_before_and_after_and_nothing_else(desk: Client, chen: User) -> None:
    desk.post(f"/users/{chen.pk}/edit/", {"name": "Chen Li", "email": "", "officer_id": "O18", "language": "en"})
    assert last().detail == {
        "before": {"name": "Chen.Li", "officer_id": "O17"},
        "after": {"name": "Chen Li", "officer_id": "O18"},
    }
    count = Entry.objects.count()
    desk.post(f"/users/{chen.pk}/edit/", {"name": "Chen Li", "email": "", "officer_id": "O18", "language": "en"})
    assert Entry.objects.count() == count


def test_a_deactivated_user_stays_with_their_roles_and_can_come_back(desk: Client, chen: User) -> None:
    theirs = Client()
    theirs.force_login(chen)
    assert theirs.get("/me/").status_code == 200
    page = desk.post(f"/users/{chen.pk}/deactivate/", follow=True)
    assert "Reactivate the account" in text(page)
    assert theirs.get("/me/").status_code == 302
    assert last().detail == {"before": {"active": True}, "after": {"active": False}}
    desk.post(f"/users/{chen.pk}/reactivate/")
    assert last().action == "user.reactivate"
    assert Access(User.objects.get(pk=chen.pk)).roles == [Role.OFFICER]


def test_a_given_password_ends_the_sessions_and_the_old_password(desk: Client, chen: User) -> None:
    theirs = Client()
    theirs.force_login(chen)
    shown = re.search(r"data-password>([^<]+)<", text(desk.post(f"/users/{chen.pk}/password/")))
    assert shown is not None
    assert theirs.get("/me/").status_code == 302
    assert authenticate(RequestFactory().get("/"), username="chen.li", password=PASSWORD) is None
    assert User.objects.get(pk=chen.pk).must_change_password
    assert (last().action, last().detail) == ("user.password", {})


def test_a_lost_second_factor_is_forgotten(desk: Client, chen: User) -> None:
    Authenticator.objects.create(user=chen, type="totp", data={"secret": "x"})
    desk.post(f"/users/{chen.pk}/second-factor/")
    assert not Authenticator.objects.exists()
    assert last().detail == {"before": {"kinds": ["totp"]}, "after": {"kinds": []}}


def test_roles_are_given_and_withdrawn_with_what_was_before(desk: Client, chen: User) -> None:
    page = text(desk.get(f"/users/{chen.pk}/"))
    assert "\u3000East branch · B01" in page, "indented below head office"
    desk.post(f"/users/{chen.pk}/roles/", {"role": "manager", "org_id": "B01"})
    assert last().detail == {
        "before": {"roles": ["officer @ B01"]},
        "after": {"roles": ["manager @ B01", "officer @ B01"]},
    }
    given = Membership.objects.get(role="manager")
    assert "held already" in text(
        desk.post(f"/users/{chen.pk}/roles/", {"role": "manager", "org_id": "B01"}, follow=True)
    )
    desk.post(f"/users/{chen.pk}/roles/{given.pk}/withdraw/")
    assert (last().action, last().detail["after"]) == ("role.withdraw", {"roles": ["officer @ B01"]})


def test_a_role_for_an_org_that_does_not_exist_is_refused(desk: Client, chen: User) -> None:
    assert desk.post(f"/users/{chen.pk}/roles/", {"role": "manager", "org_id": "B99"}).status_code == 422
    assert chen.memberships.count() == 1


def test_nobody_changes_their_own_rights(desk: Client, admin: User) -> None:
    person("second", (Role.ADMINISTRATOR, ""))
    desk.post(f"/users/{admin.pk}/roles/", {"role": "auditor", "org_id": ""})
    desk.post(f"/users/{admin.pk}/roles/{admin.memberships.get().pk}/withdraw/")
    desk.post(f"/users/{admin.pk}/edit/", {"name": "Admin", "officer_id": "O1", "language": "en"})
    assert Access(User.objects.get(pk=admin.pk)).roles == [Role.ADMINISTRATOR]
    assert User.objects.get(pk=admin.pk).officer_id == ""
    assert "Nobody changes their own roles" in text(desk.get(f"/users/{admin.pk}/"))
    with pytest.raises(RefusedError):
        transitions.change(admin, {"officer_id": "O1"}, by(admin))


def test_nobody_resets_or_closes_themselves(desk: Client, admin: User) -> None:
    person("second", (Role.ADMINISTRATOR, ""))
    Authenticator.objects.create(user=admin, type="totp", data={"secret": "x"})
    for act in ("deactivate", "password", "second-factor"):
        page = desk.post(f"/users/{admin.pk}/{act}/", follow=True)
        assert "note error" in text(page) or "note red" in text(page)
    assert User.objects.get(pk=admin.pk).is_active
    assert Authenticator.objects.exists()


def test_the_last_administrator_stays(admin: User) -> None:
    second = person("second", (Role.ADMINISTRATOR, ""))
    transitions.deactivate(admin, by(second))
    with pytest.raises(RefusedError, match="last active administrator"):
        transitions.deactivate(second, None)
    with pytest.raises(RefusedError, match="last active administrator"):
        transitions.withdraw(second.memberships.get(), None)
    person("branch", (Role.ADMINISTRATOR, "B01"))
    with pytest.raises(RefusedError, match="last active administrator"):
        transitions.deactivate(second, None)
    transitions.reactivate(admin, by(second))
    transitions.withdraw(second.memberships.get(), by(admin))


def test_the_first_administrator_is_entered_by_the_system(db: None) -> None:
    first, password = transitions.create_first_administrator("root", {"name": "Root", "language": "en"})
    assert first.check_password(password)
    assert Access(first).may("people.manage")
    assert list(Entry.objects.order_by("id").values_list("actor", "action")) == [
        ("system", "user.create"),
        ("system", "role.grant"),
    ]


def test_an_administrator_of_a_branch_manages_that_branch_alone(admin: User, chen: User) -> None:
    branch = person("branch", (Role.ADMINISTRATOR, "B01"))
    wide = person("wide", (Role.VIEWER, "B01"), (Role.VIEWER, "B02"))
    browser = Client()
    browser.force_login(branch)
    page = text(browser.get("/users/"))
    assert "chen.li" in page
    assert "wide" not in page
    assert browser.get(f"/users/{wide.pk}/").status_code == 404
    assert browser.post(f"/users/{admin.pk}/password/").status_code == 404
    own = text(browser.get(f"/users/{chen.pk}/"))
    assert "East branch" in own
    assert "West branch" not in own
    assert '<option value="">The whole lender</option>' not in own
    for org in ("", "HQ", "B02"):
        assert browser.post(f"/users/{chen.pk}/roles/", {"role": "administrator", "org_id": org}).status_code == 422


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=chen", "chen.li"),
        ("q=O17", "chen.li"),
        ("role=officer", "chen.li"),
        ("org=HQ", "chen.li"),
        ("active=False", "gone"),
    ],
)
def test_the_list_is_filtered_by_its_address(desk: Client, chen: User, query: str, found: str) -> None:
    person("gone", is_active=False)
    page = desk.get(f"/users/?{query}")
    assert [user.username for user, _roles in page.context["rows"]] == [found]


def test_a_wrong_filter_is_no_fault(desk: Client) -> None:
    assert desk.get("/users/?role=king&org=B99&page=x").status_code == 200


def test_the_list_asks_the_database_as_often_for_two_hundred_users_as_for_two(desk: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert desk.get("/users/").status_code == 200
        return len(queries)

    person("first", (Role.VIEWER, "B01"))
    few = asked()
    for number in range(200):
        person(f"user{number:03}", (Role.VIEWER, "B01"), (Role.OFFICER, "B02"))
    assert asked() == few <= 8
    assert "202 users" in text(desk.get("/users/?page=2"))


def test_an_officer_without_a_number_is_pointed_out(desk: Client) -> None:
    lost = person("lost", (Role.OFFICER, "B01"))
    assert "officer number" in text(desk.get(f"/users/{lost.pk}/"))
    assert "this user has none" in text(desk.get(f"/users/{lost.pk}/"))


def test_ones_own_page_shows_roles_factors_and_sign_ins(chen: User) -> None:
    browser = Client(headers={"Accept-Language": "en"})
    browser.post("/accounts/login/", {"login": "chen.li", "password": "wrong"})
    browser.post("/accounts/login/", {"login": "chen.li", "password": "correct horse battery"})
    page = text(browser.get("/me/"))
    assert "East branch" in page
    assert "own customers only" in page
    assert "Not set up" in page
    assert "Sign-in refused" in page
    assert "Signed in" in page
    assert "127.0.0.1" in page


def test_ones_own_page_speaks_chinese(chen: User) -> None:
    User.objects.update(language="zh-hans")
    browser = Client()
    browser.force_login(chen)
    page = text(browser.get("/me/"))
    assert "客户经理" in page
    assert "仅本人管户" in page
