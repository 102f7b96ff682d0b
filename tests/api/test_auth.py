"""Who gets in: a token that is known, in force, with the scope, within the limits; and how everybody else is answered."""

from __future__ import annotations

import datetime as dt
import hmac
import logging
import time
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from api.sending import payment, sender
from daihou.api.limits import Limit, spent
from daihou.api.reference import calls
from daihou.desk.audit.models import Entry
from daihou.desk.people.models import Membership, User
from daihou.desk.people.reach import Access
from daihou.desk.people.roles import Role
from daihou.desk.programs import presented, transitions
from daihou.desk.programs.models import Token
from daihou.desk.programs.scopes import SCOPES
from desk.alerts.hands import asked

pytestmark = pytest.mark.django_db


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """What a problem says, once it is one."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    said: dict[str, Any] = response.json()
    assert said["type"] == f"/api/v1/docs#{code}"
    assert said["status"] == status
    assert said["title"]
    assert said["detail"]
    assert said["request_id"] == response["X-Request-Id"]
    return said


def test_without_a_token_nobody_gets_in() -> None:
    for header in ("", "Bearer", "Bearer ", "Basic eDp5", "dh_abc"):
        response = Client().get("/api/v1/contract", headers={"Authorization": header} if header else {})
        problem(response, 401, "unauthorized")
        assert response["WWW-Authenticate"] == 'Bearer realm="daihou"'


def test_a_wrong_token_opens_nothing() -> None:
    one = sender()
    for token in ("dh_", "dh__", "dh_nothing_here", one.token[:-1], one.token + "x", "x" * 5_000, "dh_\xff_\xff"):
        response = Client().get("/api/v1/contract", headers={"Authorization": f"Bearer {token}"})
        problem(response, 401, "unauthorized")
        assert 'error="invalid_token"' in response["WWW-Authenticate"]
    assert one.get("/contract").status_code == 200


def test_a_revoked_token_opens_nothing_at_once_and_the_log_says_who_still_uses_it() -> None:
    one = sender()
    token = Token.objects.get(program=one.program)
    transitions.revoke_token(token, asked(one.program.made_by), timezone.now())
    for _again in range(3):
        assert "revoked" in problem(one.get("/contract"), 401, "unauthorized")["detail"]
    entry = Entry.objects.get(action="program.refused")  # once a minute
    assert entry.detail == {"token": str(token), "because": "revoked"}


def test_an_expired_token_opens_nothing() -> None:
    one = sender()
    one.get("/contract")
    Token.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    presented.forget()
    assert "expired" in problem(one.get("/contract"), 401, "unauthorized")["detail"]


def test_a_suspended_program_does_nothing_and_its_user_has_no_rights_until_it_may_go_on() -> None:
    one = sender()
    Membership.objects.create(user=one.program.user, role=Role.VIEWER)
    transitions.suspend(one.program, asked(one.program.made_by), timezone.now())
    assert "suspended" in problem(one.get("/contract"), 401, "unauthorized")["detail"]
    assert not Access(User.objects.get(pk=one.program.user_id)).permissions
    transitions.resume(one.program, asked(one.program.made_by))
    assert one.get("/contract").status_code == 200
    assert Access(User.objects.get(pk=one.program.user_id)).may("portfolio.view")


def test_what_a_process_recalls_it_asks_anew_after_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    one = sender()
    assert one.get("/contract").status_code == 200
    Token.objects.update(revoked_at=timezone.now())  # as another process does
    assert one.get("/contract").status_code == 200
    at = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: at + presented.RECALLED_SECONDS)
    problem(one.get("/contract"), 401, "unauthorized")


def test_a_token_that_is_recalled_ends_when_it_expires() -> None:
    one = sender()
    one.get("/contract")
    ((until, found),) = presented._recalled.values()
    presented._recalled.update(
        {key: (until + 60, replace(found, expires_at=timezone.now())) for key in presented._recalled}
    )
    Token.objects.update(expires_at=timezone.now())
    problem(one.get("/contract"), 401, "unauthorized")


def test_a_missing_scope_is_named() -> None:
    one = sender(scopes=["alerts:read"])
    response = one.post("/facts/payments", payment())
    assert "facts:write" in problem(response, 403, "scope_missing")["detail"]
    assert 'scope="facts:write"' in response["WWW-Authenticate"]


def test_a_scope_is_not_enough_where_no_role_of_the_user_allows_it() -> None:
    one = sender(scopes=["alerts:read"])
    assert "alerts.view" in problem(one.get("/alerts"), 403, "not_permitted")["detail"]


def test_narrower_scopes_hold_from_the_next_request_on() -> None:
    one = sender()
    assert one.post("/facts/payments?dry_run=true", payment()).status_code == 200
    values = {name: getattr(one.program, name) for name in transitions.FIELDS} | {"scopes": []}
    transitions.change(one.program, values, asked(one.program.made_by))
    problem(one.post("/facts/payments?dry_run=true", payment()), 403, "scope_missing")


def test_every_call_asks_for_a_scope_that_exists_and_is_described() -> None:
    open_to_all = {call.path for call in calls() if not call.scope}
    assert open_to_all == {"/contract", "/contract/{table}"}
    assert {call.scope for call in calls() if call.scope} == set(SCOPES)
    assert all(call.summary and call.description and call.group for call in calls())


def test_every_call_turns_strangers_away() -> None:
    for call in calls():
        where = "/api/v1" + call.path.replace("{", "").replace("}", "").replace("place", "1").replace(
            "number", "1"
        ).replace("as_of", "2026-01-31")
        problem(Client().generic(call.method, where, "{}", content_type="application/json"), 401, "unauthorized")


def test_neither_cookies_nor_forms_let_anybody_in() -> None:
    one = sender()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(one.program.made_by)
    problem(browser.get("/api/v1/contract"), 401, "unauthorized")
    sent = browser.post(
        "/api/v1/facts/payments?dry_run=true",
        payment(),
        content_type="application/json",
        headers={"Authorization": f"Bearer {one.token}"},
    )
    assert sent.status_code == 200
    assert not sent.cookies


def test_a_token_is_kept_as_its_digest_and_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    one = sender()
    kept = Token.objects.get()
    assert one.token not in str(kept.__dict__)
    assert one.token.split("_", 2)[2] not in str(kept.__dict__)
    compared: list[tuple[str, str]] = []
    real = hmac.compare_digest

    def noted(first: str, second: str) -> bool:
        compared.append((first, second))
        return real(first, second)

    monkeypatch.setattr(hmac, "compare_digest", noted)
    one.get("/contract")
    problem(Client().get("/api/v1/contract", headers={"Authorization": "Bearer dh_unknown_x"}), 401, "unauthorized")
    assert len(compared) == 2  # also where no such token is


def test_tokens_stand_in_no_log_and_no_entry(caplog: pytest.LogCaptureFixture) -> None:
    one = sender()
    with caplog.at_level(logging.DEBUG):
        one.post("/facts/payments", "{broken")
        one.get("/nowhere")
        Client().get("/api/v1/contract", headers={"Authorization": f"Bearer {one.token}x"})
        Token.objects.update(revoked_at=timezone.now())
        presented.forget()
        one.get("/contract")
    secret = one.token.split("_", 2)[2]
    assert secret not in caplog.text
    assert not [entry for entry in Entry.objects.all() if secret in str(entry.__dict__)]


def test_use_is_noted_at_most_once_a_minute(django_assert_num_queries: Any) -> None:
    one = sender()
    one.get("/contract")
    first = Token.objects.get().last_used_at
    presented.forget()
    with django_assert_num_queries(1):  # the token with its program and user
        one.get("/contract")
    with django_assert_num_queries(0):  # it is recalled
        one.get("/contract")
    assert Token.objects.get().last_used_at == first
    Token.objects.update(last_used_at=timezone.now() - dt.timedelta(seconds=61))
    presented.forget()
    one.get("/contract")
    then = Token.objects.get().last_used_at
    assert first is not None
    assert then is not None
    assert then > first


def test_a_replaced_token_works_on_for_a_day_beside_the_new_one() -> None:
    one = sender()
    old, now = Token.objects.get(), timezone.now()
    value = transitions.replace_token(old, asked(one.program.made_by), now)
    old.refresh_from_db()
    assert old.expires_at == now + transitions.OVERLAP
    for token in (one.token, value):
        assert Client().get("/api/v1/contract", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_who_asks_too_often_is_told_when_to_come_back() -> None:
    one = sender(requests_per_second=1)
    answers = [one.get("/contract") for _ in range(4)]
    assert [each.status_code for each in answers[:2]] == [200, 200]
    assert answers[0]["RateLimit-Policy"] == '"requests";q=2;w=2'
    assert answers[0]["RateLimit"].startswith('"requests";r=1;')
    problem(answers[-1], 429, "too_often")
    assert int(answers[-1]["Retry-After"]) >= 1


def test_too_many_rows_wait_and_none_of_them_is_taken() -> None:
    one = sender(rows_per_second=1)
    rows = [payment() for _ in range(6_000)]
    assert one.post("/facts/payments?dry_run=true", rows).status_code == 200
    refused = one.post("/facts/payments", rows)
    problem(refused, 429, "too_often")
    assert '"rows";q=10000' in refused["RateLimit-Policy"]


def test_a_limit_lets_through_its_rate_and_no_more() -> None:
    limit, until, allowed = Limit(10, 20), 0.0, 0
    for tick in range(1_000):  # 100 s of ten requests each 0.1 s, twice what is allowed in the long run
        for _ in range(2):
            until, left = spent(until, limit, 1, tick / 10)
            allowed += left.allowed
    assert 1_000 <= allowed <= 1_020
    assert spent(1e9, limit, 1, 5.0)[1].wait_seconds <= 2  # a number from before the machine was started


def test_what_is_not_there_and_wrong_methods_are_problems_too() -> None:
    one = sender()
    problem(one.get("/nowhere"), 404, "not_found")
    problem(Client().get("/api/v1/nowhere"), 404, "not_found")
    wrong = one.get("/facts/payments")
    problem(wrong, 405, "wrong_method")
    assert wrong["Allow"] == "POST"
    problem(Client().get("/api/v1/contract", headers={"Host": "elsewhere.example"}), 400, "unreadable")


def test_problems_speak_the_language_asked_for() -> None:
    assert "没有" not in Client().get("/api/v1/contract").json()["detail"]
    said = Client().get("/api/v1/contract", headers={"Accept-Language": "zh-CN,zh;q=0.9"}).json()
    assert said["title"] == "令牌无效"


def test_the_user_of_a_program_cannot_sign_in_nor_be_opened_to_people() -> None:
    one = sender()
    user = one.program.user
    assert not user.has_usable_password()
    assert not user.is_active
    browser = Client()
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert browser.get("/users/").status_code == 302  # to sign in
    admin = Client()
    admin.force_login(one.program.made_by)
    for act in ("password", "second-factor", "reactivate"):
        admin.post(f"/users/{user.pk}/{act}/")
    user.refresh_from_db()
    assert not user.is_active
    assert not user.has_usable_password()
