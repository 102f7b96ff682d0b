"""Who may open what: the tables of docs/guides/access.md, written by hand, held against every page of the desk.

A new page fails here until it names its permission, stands in the table, and, where its address has parts, has an example below.

Every page is asked by every role, for the whole lender and for a part. The page itself is made once for each reach that may open it, and refused
once, through everything that lies before it; who asks for it so goes round with the pages. All others are asked at the door, where access is
decided. What concerns the whole lender is decided behind the door, and asked through it by all whom the door lets in.
"""

from __future__ import annotations

import re
import uuid
from copy import copy, deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse

from daihou.api.auth import PROGRAM
from daihou.desk.access import ALLAUTH, PUBLIC, SIGNED_IN, Access, permission_of
from daihou.desk.audit.log import record
from daihou.desk.audit.models import Entry
from daihou.desk.people.models import Membership, User
from daihou.desk.people.roles import GRANTS, OWN_CUSTOMERS, PERMISSIONS, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import polars as pl
    from django.http import HttpRequest
    from pytest_django.plugin import DjangoDbBlocker

GUIDE: Final = Path("docs/guides/access.md")
WHOLE: Final = " of the whole lender"
CLOSED: Final = "account_"
"""allauth's pages that nobody may open begin so; every other page of the desk must be open to somebody."""

UPLOAD: Final = uuid.UUID(int=1)
EXAMPLES: Final[dict[str, Callable[[pl.DataFrame], dict[str, Any]]]] = {
    "account_confirm_email": lambda _: {"key": "x"},
    "account_reset_password_from_key": lambda _: {"uidb36": "1", "key": "x"},
    "mfa_edit_webauthn": lambda _: {"pk": 1},
    "mfa_remove_webauthn": lambda _: {"pk": 1},
    "user": lambda _: {"pk": example_user().pk},
    "user_edit": lambda _: {"pk": example_user().pk},
    "user_deactivate": lambda _: {"pk": example_user().pk},
    "user_reactivate": lambda _: {"pk": example_user().pk},
    "user_password": lambda _: {"pk": example_user().pk},
    "user_second_factor": lambda _: {"pk": example_user().pk},
    "role_grant": lambda _: {"pk": example_user().pk},
    "role_withdraw": lambda _: {"pk": example_user().pk, "membership": 1},
    "loan": lambda loans: {"loan_id": loans["loan_id"][0]},
    "borrower": lambda loans: {"borrower_id": loans["borrower_id"][0]},
    "person": lambda loans: {"borrower_id": loans["borrower_id"][0]},
    "reveal": lambda loans: {"borrower_id": loans["borrower_id"][0]},
    "figures": lambda _: {"name": "ageing"},
    "save_view": lambda _: {"kind": "loans"},
    "delete_view": lambda _: {"view_id": 1},
    "export": lambda _: {"kind": "loans", "ending": "csv"},
    "signal": lambda _: {"signal_id": 24 * "0"},
    **{
        f"review{name}": lambda _: {"number": 1}
        for name in (
            "",
            "_claim",
            "_assign",
            "_postpone",
            "_waive",
            "_ask",
            "_begin",
            "_form",
            "_save",
            "_attach",
            "_accompany",
            "_carry",
            "_finish",
        )
    },
    "review_piece": lambda _: {"number": 1, "piece": 1},
    **{
        f"bureau_{name}": lambda _: {"number": 1}
        for name in (
            "query",
            "query_withdraw",
            "query_result",
            "query_settle",
            "query_reread",
            "query_bring",
            "raw",
            "scan",
            "revoke",
        )
    },
    **{
        f"bureau_{name}": lambda loans: {"borrower_id": loans["borrower_id"][0]}
        for name in ("borrower", "ask", "authorise")
    },
    "report_make": lambda _: {"review": 1},
    **{
        f"report{name}": lambda _: {"number": 1}
        for name in (
            "",
            "_versions",
            "_edit",
            "_type",
            "_save",
            "_fill",
            "_submit",
            "_check",
            "_return_unchecked",
            "_approve",
            "_return_checked",
            "_pdf",
            "_word",
            "_with_name",
        )
    },
    **{f"letter{name}": lambda _: {"number": 1} for name in ("", "_send", "_attach", "_arrive", "_withdraw")},
    "letter_proof": lambda _: {"number": 1, "proof": 1},
    **{f"claim_event{name}": lambda loans: {"loan_id": loans["loan_id"][0]} for name in ("s", "_add")},
    **{f"claim_event_{act}": lambda _: {"number": 1} for act in ("end", "withdraw")},
    "alert": lambda _: {"number": 1},
    **{
        f"alert_{name}": lambda _: {"number": 1}
        for name in [
            "conclude",
            "confirm",
            "send_back",
            "plan",
            "carry_out",
            "follow_up",
            "propose_lift",
            "approve_lift",
            "snooze",
            "wake",
            "claim",
            "assign",
            "escalate",
            "chase",
            "level",
            "comment",
            "people",
            "attach",
            "task",
        ]
    },
    "alert_file": lambda _: {"number": 1, "file": 1},
    "alert_task_end": lambda _: {"number": 1, "task": 1},
    "customer_level": lambda loans: {"borrower_id": loans["borrower_id"][0]},
    **{name: lambda loans: {"debtor_id": loans["borrower_id"][0]} for name in ("circumstances", "circumstance_enter")},
    **{
        name: lambda loans: {"debtor_id": loans["borrower_id"][0], "number": 1}
        for name in ("circumstance_lift", "point_mark")
    },
    "signals_export": lambda _: {"ending": "csv"},
    "alerts_export": lambda _: {"ending": "csv"},
    "alerts_bulk_confirm": lambda _: {"number": 1},
    **{name: lambda _: {"ending": "csv"} for name in ("cases_export", "performance_export", "reviews_export")},
    **{
        name: lambda _: {"number": 1}
        for name in [
            "share_out",
            "sample",
            "sample_judge",
            "complaint",
            "complaint_new",
            "complaint_own",
            "complaint_answer",
            "agency_review",
            "agency_switch",
        ]
    },
    "batch": lambda _: {"number": 1},
    "quarantine_file": lambda _: {"kind": "csv"},
    **{
        name: lambda _: {"key": UPLOAD}
        for name in [
            "upload_preview",
            "upload_match",
            "upload_mapping",
            "upload_mapping_file",
            "upload_check",
            "upload_take",
            "upload_drop",
        ]
    },
    "job_start": lambda _: {"kind": "run"},
    **{name: lambda _: {"number": 1} for name in ("job", "job_state", "job_cancel", "job_again")},
    "job_file": lambda _: {"number": 1, "name": "log.txt"},
    **{
        name: lambda _: {"rule_id": "R-001"}
        for name in [
            "rule",
            "rule_history",
            "rule_yaml",
            "rule_next",
            "rule_retire",
            "rule_draft",
            "rule_try",
            "rule_submit",
            "rule_withdraw",
            "rule_review",
            "rule_approve",
            "rule_publish",
            "rule_return",
            "rule_suggest",
            "rule_backtest",
        ]
    },
    **{
        name: lambda _: {"number": 1}
        for name in [
            "suggestion",
            "suggestion_state",
            "suggestion_use",
            "backtested",
            "backtested_state",
            "backtest_attach",
        ]
    },
    **{name: lambda _: {"number": 1, "ending": "csv"} for name in ("suggestion_file", "backtest_file")},
    **{name: lambda _: {"number": 1} for name in ("model_job", "model_job_state")},
    **{name: lambda _: {"model_id": "behaviour"} for name in ("model", "model_overlay")},
    **{
        name: lambda _: {"model_id": "behaviour", "number": 1}
        for name in [
            "model_version",
            "model_validate",
            "model_approve",
            "model_return",
            "model_retire",
            "model_report",
            "model_overlay_agree",
        ]
    },
    "model_file": lambda _: {"model_id": "behaviour", "number": 1, "ending": "json"},
    **{
        name: lambda loans: {"borrower_id": loans["borrower_id"][0]}
        for name in ("borrower_score", "borrower_score_history")
    },
    **{
        name: lambda _: {"number": 1}
        for name in ("notice", "notice_channel_remove", "notice_group_remove", "notice_group_test")
    },
    **{
        name: lambda _: {"number": 1}
        for name in [
            "webhook",
            "webhook_edit",
            "webhook_ping",
            "webhook_pause",
            "webhook_resume",
            "webhook_secret",
            "webhook_remove",
            "hook_delivery",
        ]
    },
    **{
        name: lambda _: {"number": 1}
        for name in [
            "case",
            "case_calculator",
            "case_ways",
            "case_pulse",
            "case_statement",
            "case_dial",
            "case_outcome",
            "case_inbound",
            "case_send",
            "case_pause",
            "case_resume",
            "case_hand_up",
            "case_claim",
            "arrangement",
            "arrangement_change",
            "arrangement_submit",
            "arrangement_approve",
            "arrangement_return",
            "arrangement_withdraw",
            "arrangement_end",
            "case_arrangements",
            "arrangement_new",
            "hardship",
        ]
    },
    **{
        name: lambda _: {"number": 1}
        for name in [
            "program",
            "program_edit",
            "program_suspend",
            "program_resume",
            "program_token_new",
            "program_client_new",
        ]
    },
    **{name: lambda _: {"number": 1, "token": 1} for name in ("program_token_replace", "program_token_revoke")},
    "program_client_revoke": lambda _: {"number": 1, "client": 1},
    "hand_over": lambda _: {"pk": example_user().pk},
    "absence_end": lambda _: {"pk": 1},
    "audit_entry": lambda _: {"pk": record(None, "sign_in", "user", "example").pk},
}
"""For each page whose address has parts: what stands there, given the loans of the book. A record need not exist: 404 is no refusal."""


class Page(NamedTuple):
    """An address by its name, or by itself where it has none; what answers it; and the names of its parts."""

    name: str
    view: Any
    parts: frozenset[str]
    target: Any


def pages() -> list[Page]:
    """Every page of the desk, in the order of the addresses; calls of programs are none (tests/api)."""
    found = _pages(get_resolver().url_patterns, frozenset())
    return [page for page in found if getattr(page.view, "permission", None) != PROGRAM]


def _pages(patterns: list[Any], parts: frozenset[str]) -> Iterator[Page]:
    for pattern in patterns:
        here = parts | frozenset(pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLResolver):
            yield from _pages(pattern.url_patterns, here)
        elif isinstance(pattern, URLPattern):
            name = pattern.name or str(pattern.pattern)
            yield Page(name, pattern.callback, here, pattern.name or pattern.callback)


def table(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading of the guide, its head first."""
    section = GUIDE.read_text("utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("|")
    ]
    return [row for row in rows if not re.fullmatch(r"-+", row[0])]


def granted() -> dict[str, frozenset[str]]:
    """Role to permissions, as the guide says."""
    (_, *roles), *rows = table("Permissions by role")
    return {role: frozenset(row[0] for row in rows if row[1 + place] == "x") for place, role in enumerate(roles)}


def needed() -> dict[str, str]:
    """Page to permission, as the guide says."""
    return {name: permission.removesuffix(WHOLE) for name, permission, _ in table("Pages by permission")[1:]}


def for_the_whole_lender() -> set[str]:
    """The pages for which a role for a part is not enough."""
    return {name for name, permission, _ in table("Pages by permission")[1:] if permission.endswith(WHOLE)}


def test_the_guide_names_every_role() -> None:
    assert [row[0] for row in table("Roles")[1:]] == list(Role.values)


def test_roles_grant_what_the_guide_says() -> None:
    assert [row[0] for row in table("Permissions by role")[1:]] == list(PERMISSIONS)
    assert granted() == {str(role): frozenset(permissions) for role, permissions in GRANTS.items()}


def test_every_page_has_a_name_of_its_own() -> None:
    names = [page.name for page in pages()]
    assert "" not in names
    assert len(names) == len(set(names))


def test_every_page_names_a_permission_and_the_guide_the_same() -> None:
    ruled = {page.name: permission_of(page.view, page.name) for page in pages()}
    closed = {name for name, permission in ruled.items() if permission is None}
    assert not {name for name in closed if not name.startswith(CLOSED)}, "mark the view with @needs(…)"
    said = {name: permission for name, permission in ruled.items() if permission is not None}
    missing = {name: permission for name, permission in said.items() if name not in needed()}
    assert not missing, "write these pages into the table of docs/guides/access.md"
    assert needed() == said


def test_what_is_open_of_allauth_exists() -> None:
    assert set(ALLAUTH) <= {page.name for page in pages()}


def test_every_page_with_parts_has_an_example() -> None:
    assert not {page.name for page in pages() if page.parts and page.name not in EXAMPLES}, (
        "add an example to EXAMPLES of this file"
    )


def example_user() -> User:
    """Somebody without a role, whom every administrator may see."""
    return User.objects.get_or_create(username="example", defaults={"name": "Example"})[0]


CASES: Final = [
    *((f"{role} of {org or 'the whole lender'}", ((role, org),)) for role in Role.values for org in ("", "B01")),
    ("nobody's role", ()),
]


class Person(NamedTuple):
    """Who asks: their browser, a request of theirs that came as far as the door, and what the guide gives them."""

    name: str
    browser: Client
    request: HttpRequest
    permissions: frozenset[str]

    @property
    def reach(self) -> str:
        """The whole lender, a part of it, or customers of one's own."""
        own = "own customers of " if self.name.startswith(tuple(OWN_CUSTOMERS)) else ""
        return own + self.name.partition(" of ")[2]


@pytest.fixture(scope="module")
def signed_in(loans: pl.DataFrame, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[list[Person]]:
    """Somebody of every role and part, signed in once for all pages: what a page does is undone after it, the users only in the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield _everyone(loans["officer_id"].drop_nulls().sort()[0])
        transaction.set_rollback(True)


@pytest.fixture
def people(signed_in: list[Person], db: None) -> list[Person]:
    """The same for one page, which may change what their browsers keep."""
    return [person._replace(browser=_copied(person.browser)) for person in signed_in]


def _copied(browser: Client) -> Client:
    copied = Client()
    copied.cookies = deepcopy(browser.cookies)
    return copied


def _everyone(officer_id: str) -> list[Person]:
    """The people of all cases, with the permissions that the guide gives them."""
    made, says = [], granted()
    for name, memberships in CASES:
        username = name.replace(" ", ".").replace("'", "")
        user = User.objects.create_user(username, password="x", name=name, officer_id=officer_id, language="en")  # noqa: S106
        Membership.objects.bulk_create([Membership(user=user, role=role, org_id=org) for role, org in memberships])
        browser = _browser(user)
        request = browser.get("/healthz").wsgi_request
        made.append(Person(name, browser, request, frozenset().union(*(says[role] for role, _ in memberships))))
    return made


def at_the_door(person: Person, where: str) -> HttpResponse | None:
    """How the rules of access answer a person who asks for an address; None where they let the request through."""
    request, found = copy(person.request), resolve(where)
    request.path = request.path_info = where
    request.resolver_match = found
    return Access(lambda _: HttpResponse()).process_view(request, found.func, found.args, found.kwargs)


def _browser(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def address(page: Page, loans: pl.DataFrame) -> str:
    return reverse(page.target, kwargs=EXAMPLES[page.name](loans) if page.parts else None)


def signs_in(response: Any) -> bool:
    return response.status_code == 302 and str(response.headers["Location"]).startswith("/accounts/login/")


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_role_opens_what_the_guide_says_and_nothing_else(
    page: Page, loans: pl.DataFrame, people: list[Person]
) -> None:
    permission, where, whole = needed().get(page.name), address(page, loans), page.name in for_the_whole_lender()
    first = len(page.name) % len(people)
    asked: set[str] = set()
    for person in people[first:] + people[:first]:
        name = person.name
        allowed = permission in (PUBLIC, SIGNED_IN) or permission in person.permissions
        behind = whole and allowed and (not name.endswith("the whole lender") or name.startswith(tuple(OWN_CUSTOMERS)))
        alike = person.reach if allowed else "refused"
        if alike in asked and not behind:
            refused = at_the_door(person, where)
            status = 200 if refused is None else refused.status_code
            assert status == (404 if permission is None else 200 if allowed else 403), name
            continue
        asked |= set() if behind else {alike}
        response = person.browser.get(where)
        if permission is None:
            assert response.status_code == 404, f"{name} opens a page that is closed to all"
        elif behind:
            sent = person.browser.post(where) if response.status_code == 405 else response
            assert sent.status_code in (403, 404), f"{name} should be refused: it concerns the whole lender"
        elif allowed:
            assert response.status_code not in (403, 500), f"{name} should open it"
            assert not signs_in(response) or permission == PUBLIC, f"{name} should open it"
        else:
            assert response.status_code == 403, f"{name} should be refused"


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_strangers_and_who_was_deactivated_are_sent_to_sign_in(page: Page, loans: pl.DataFrame, db: None) -> None:
    permission, where = needed().get(page.name), address(page, loans)
    gone = User.objects.create_user("gone", name="Gone")
    Membership.objects.bulk_create([Membership(user=gone, role=role) for role in Role.values])
    closed = _browser(gone)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    for browser in (Client(), closed):
        for response in (browser.get(where), browser.post(where)):
            if permission is None:
                assert response.status_code == 404
            elif permission != PUBLIC:
                assert signs_in(response)


def test_a_refused_page_is_logged(db: None) -> None:
    user = User.objects.create_user("curious", name="Curious")
    assert _browser(user).get("/audit/").status_code == 403
    entry = Entry.objects.get(action="access.refused")
    assert (entry.actor, entry.subject_id, entry.detail) == ("curious", "/audit/", {"needs": "audit.view"})


def test_a_view_without_a_rule_is_open_to_nobody() -> None:
    assert permission_of(lambda request: request, "new_page") is None
