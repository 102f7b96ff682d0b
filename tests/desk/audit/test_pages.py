"""The auditor's pages: filters in the address, pages that stay, before and after, and the log as a file."""

from __future__ import annotations

import ast
import csv
import datetime as dt
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from daihou.desk.alerts.choices import Act
from daihou.desk.audit import guards
from daihou.desk.audit.actions import ACTIONS, KINDS
from daihou.desk.audit.differences import differences, given
from daihou.desk.audit.limits import exceeded
from daihou.desk.audit.log import record
from daihou.desk.audit.models import Entry
from daihou.desk.casework.choices import Act as CaseAct
from daihou.desk.people.models import Membership, User
from daihou.desk.people.roles import Role
from daihou.desk.reports.choices import Act as ReportAct
from daihou.desk.reviews.choices import Act as ReviewAct

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path("src/daihou")


def text(response: Any) -> str:
    return str(response.content.decode())


def taken_out(browser: Client, query: str = "") -> str:
    response: Any = browser.get(f"/audit/audit.csv{query}")
    return b"".join(response.streaming_content).decode()


def ids(response: Any) -> list[int]:
    return [row["entry"].pk for row in response.context["rows"]]


def test_the_newest_stands_first_and_pages_do_not_shift(auditor: Client, db: None) -> None:
    made = [record(None, "sign_in", "user", f"u{number}").pk for number in range(120)][::-1]
    first = auditor.get("/audit/")
    assert ids(first) == made[:50]
    record(None, "sign_in", "user", "meanwhile")
    second = auditor.get(f"/audit/?before={first.context['older']}")
    assert ids(second) == made[50:100]
    third = auditor.get(f"/audit/?before={second.context['older']}")
    assert ids(third) == made[100:]
    assert third.context["older"] is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("actor=chen", ["b"]),
        ("action=sign_out", ["b"]),
        ("subject=c", ["c"]),
        ("first=2026-03-02", ["c", "b"]),
        ("first=2026-03-02&last=2026-03-02", ["b"]),
        ("request=abc", ["a"]),
        ("action=sign_in&last=2026-03-01", ["a"]),
    ],
)
def test_the_log_is_filtered_by_its_address(auditor: Client, db: None, query: str, found: list[str]) -> None:
    for subject, day, actor, action, request_id in (
        ("a", 1, "zhou", "sign_in", "abc"),
        ("b", 2, "chen", "sign_out", ""),
        ("c", 3, "zhou", "sign_in", ""),
    ):
        at = dt.datetime(2026, 3, day, 12, tzinfo=dt.UTC)
        Entry(at=at, actor=actor, action=action, subject_kind="user", subject_id=subject, request_id=request_id).save()
    page = auditor.get(f"/audit/?{query}")
    assert [row["entry"].subject_id for row in page.context["rows"]] == found


@pytest.mark.parametrize("query", ["action=unknown", "first=yesterday", "before=x", f"before={10**30}"])
def test_a_wrong_filter_is_no_fault(auditor: Client, query: str) -> None:
    assert auditor.get(f"/audit/?{query}").status_code == 200


def test_an_entry_shows_what_was_before_and_after(auditor: Client) -> None:
    entry = record(
        None,
        "user.change",
        "user",
        "chen.li",
        {"before": {"name": "Chen"}, "after": {"name": "Chen Li"}, "why": "typing error"},
    )
    page = text(auditor.get(f"/audit/{entry.pk}/"))
    assert '<span class="void">Chen</span>' in page
    assert "<b>Chen Li</b>" in page
    assert "typing error" in page
    assert "Not sealed yet" in page
    assert auditor.get("/audit/999999/").status_code == 404


def test_what_a_stranger_typed_is_shown_as_text(auditor: Client) -> None:
    entry = record(None, "sign_in.refused", "user", "<script>alert(1)</script>")
    assert "<script>alert" not in text(auditor.get("/audit/")) + text(auditor.get(f"/audit/{entry.pk}/"))


def test_differences_are_told_field_by_field() -> None:
    detail = {"before": {"a": 1, "b": "x"}, "after": {"b": "x", "c": ["是"]}, "why": "w"}
    assert [tuple(one) for one in differences(detail)] == [
        ("a", "1", "", True),
        ("b", "x", "x", False),
        ("c", "", '["是"]', True),
    ]
    assert given(detail) == [("why", "w")]
    assert differences({}) == []


def test_the_log_is_taken_out_as_it_is_filtered_and_that_is_logged(auditor: Client, db: None) -> None:
    record(None, "sign_in", "user", "kept")
    record(None, "sign_out", "user", "left out")
    record(None, "sign_in.refused", "user", '=HYPERLINK("x")')
    body = taken_out(auditor, "?action=sign_in")
    rows = list(csv.DictReader(io.StringIO(body.lstrip("\ufeff"))))
    assert [row["subject_id"] for row in rows] == ["kept"]
    entry = Entry.objects.latest("id")
    assert (entry.actor, entry.action, entry.detail) == ("auditor", "audit.export", {"filter": {"action": "sign_in"}})
    whole = taken_out(auditor)
    assert "\"'=HYPERLINK" in whole, "no formula reaches a spreadsheet"


def test_the_chain_is_verified_on_the_page_and_what_was_found_stays(auditor: Client, entries: list[Entry]) -> None:
    assert "Sealed up to link 10" in text(auditor.get("/audit/"))
    page = text(auditor.post("/audit/verify/", follow=True))
    assert "The chain holds: 10 links were computed again." in page
    assert "by auditor" in page
    guards.remove(connection)
    Entry.objects.filter(pk=entries[3].pk).update(actor="another")
    page = text(auditor.post("/audit/verify/", follow=True))
    assert f"Link 4 does not hold: entry {entries[3].pk} is not what was sealed." in page
    assert json.loads(json.dumps(Entry.objects.latest("id").detail))["broken"] == "changed"


def test_an_auditor_of_a_branch_reads_what_its_people_did(db: None) -> None:
    east, west, auditor = (User.objects.create_user(name, name=name) for name in ("east", "west", "auditor"))
    for user, role, org in ((east, Role.OFFICER, "B01"), (west, Role.OFFICER, "B02"), (auditor, Role.AUDITOR, "B01")):
        Membership.objects.create(user=user, role=role, org_id=org)
    made = {}
    for user in (east, west):
        made[user.username] = Entry(
            at=timezone.now(),
            actor_id=user.pk,
            actor=user.username,
            action="sign_in",
            subject_kind="user",
            subject_id="",
        )
        made[user.username].save()
    browser = Client()
    browser.force_login(auditor)
    assert ids(browser.get("/audit/")) == [made["east"].pk]
    assert browser.get(f"/audit/{made['west'].pk}/").status_code == 404


def test_a_limit_counts_what_one_user_did_in_the_time(db: None) -> None:
    user = User.objects.create_user("chen", name="Chen")
    other = User.objects.create_user("other", name="Other")
    now = timezone.now()
    for minutes in (1, 5, 90):
        Entry(
            at=now - dt.timedelta(minutes=minutes),
            actor_id=user.pk,
            actor="chen",
            action="person.reveal",
            subject_kind="b",
            subject_id="",
        ).save()
    hour = dt.timedelta(hours=1)
    assert exceeded(user, "person.reveal", hour, 2)
    assert not exceeded(user, "person.reveal", hour, 3)
    assert not exceeded(user, "person.search", hour, 1)
    assert not exceeded(other, "person.reveal", hour, 1)


ACTS = {
    ast.unparse(ast.parse('f"alert.{act.value}"', mode="eval").body): {
        f"alert.{act}" for act in set(Act.values) - {Act.MERGE, Act.CEASE, Act.RESUME, Act.RULE_WITHDRAWN, Act.MOVE}
    },
    ast.unparse(ast.parse('f"case.{act.value}"', mode="eval").body): {
        f"case.{act}" for act in set(CaseAct.values) - {CaseAct.OPEN, CaseAct.STAGE, CaseAct.MOVE, CaseAct.CLOSE}
    },
    ast.unparse(ast.parse('f"review.{act.value}"', mode="eval").body): {
        f"review.{act}"
        for act in set(ReviewAct.values) - {ReviewAct.REPLAN, ReviewAct.WITHDRAW, ReviewAct.REOPEN, ReviewAct.ESCALATE}
    },
    ast.unparse(ast.parse('f"report.{act.value}"', mode="eval").body): {f"report.{act}" for act in ReportAct.values},
}
"""How an act of a person on an alert, a case or a review is recorded, whichever it is. Of what runs do there is an entry a date that says how many there were."""


def recorded() -> Iterator[tuple[str, set[str], set[str]]]:
    """Every call of audit.log.record in the source: where it is, and the actions and kinds that stand in it."""
    for file in SOURCE.rglob("*.py"):
        tree = ast.parse(file.read_text("utf-8"))
        names = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "daihou.desk.audit.log"
            for alias in node.names
            if alias.name == "record"
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                yield f"{file}:{node.lineno}", texts(node.args[1], tree), texts(node.args[2], tree)


def texts(node: ast.expr, tree: ast.Module) -> set[str]:
    """The texts that an argument can be: written there, chosen by if, or a constant of the module."""
    if isinstance(node, ast.IfExp):
        return texts(node.body, tree) | texts(node.orelse, tree)
    if isinstance(node, ast.Name):
        values = [
            one.value
            for one in tree.body
            if isinstance(one, ast.Assign | ast.AnnAssign) and node.id in ast.unparse(one).split("=")[0]
        ]
        return set().union(*(texts(value, tree) for value in values if value is not None))
    if isinstance(node, ast.JoinedStr):
        return ACTS.get(ast.unparse(node), set())
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def test_everything_that_is_recorded_has_a_label() -> None:
    found = list(recorded())
    assert len(found) > 20, "the search finds them"
    for place, actions, kinds in found:
        assert actions, f"{place}: write the action as text, so that it can be checked"
        assert kinds, f"{place}: write the kind as text, so that it can be checked"
        assert not actions - set(ACTIONS), f"{place}: give it a label in audit/actions.py"
        assert not kinds - set(KINDS), f"{place}: give it a label in audit/actions.py"
