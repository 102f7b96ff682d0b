"""OAuth2 client credentials: a secret for a token of an hour, and nothing else of OAuth2."""

from __future__ import annotations

import base64
import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from allauth.idp.oidc.models import Token as AccessToken
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from api.sending import payment, sender
from daihou.desk.audit.models import Entry
from daihou.desk.programs import oauth, presented, transitions
from daihou.desk.programs.models import OAuthClient
from desk.alerts.hands import asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.sending import Sender

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_failures(db: None) -> Iterator[None]:
    cache.clear()
    presented.forget()
    yield
    presented.forget()


def client_of(one: Sender) -> tuple[str, str]:
    """A client of a program: its id and secret."""
    return transitions.issue_client(one.program, asked(one.program.made_by), timezone.now())


def exchanged(client_id: str, secret: str, **more: str) -> Any:
    """The answer to a client that asks for a token."""
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return Client().post(
        "/oauth/token", {"grant_type": "client_credentials"} | more, headers={"Authorization": f"Basic {basic}"}
    )


def answered(token: str) -> int:
    """How a trial row is answered."""
    response = Client().post(
        "/api/v1/facts/payments?dry_run=true",
        payment(),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    return response.status_code


def test_a_secret_is_exchanged_for_a_token_that_opens_what_the_program_may() -> None:
    one = sender()
    client_id, secret = client_of(one)
    response = exchanged(client_id, secret)
    said = response.json()
    assert response.status_code == 200
    assert (said["token_type"], said["expires_in"], said["scope"]) == ("Bearer", 3600, "facts:write")
    assert "no-store" in response["Cache-Control"]
    assert "refresh_token" not in said
    assert answered(said["access_token"]) == 200
    entry = Entry.objects.get(action="program.sign_in")
    assert (entry.subject_id, entry.detail) == ("core", {"client": client_id, "scopes": ["facts:write"]})
    assert said["access_token"] not in str(AccessToken.objects.get().__dict__)


def test_a_secret_may_stand_in_the_form_too() -> None:
    client_id, secret = client_of(sender())
    body = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    assert Client().post("/oauth/token", body).status_code == 200


def test_fewer_scopes_may_be_asked_for_and_no_more_than_the_program_has() -> None:
    one = sender(scopes=["facts:write", "alerts:read"])
    client_id, secret = client_of(one)
    token = exchanged(client_id, secret, scope="alerts:read").json()["access_token"]
    assert answered(token) == 403
    refused = exchanged(client_id, secret, scope="promises:write")
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")


def test_a_scope_that_the_program_loses_is_lost_to_its_tokens_at_once() -> None:
    one = sender()
    token = exchanged(*client_of(one)).json()["access_token"]
    values = {name: getattr(one.program, name) for name in transitions.FIELDS} | {"scopes": ["alerts:read"]}
    transitions.change(one.program, values, asked(one.program.made_by))
    assert answered(token) == 403


def test_expired_revoked_and_suspended_open_nothing() -> None:
    one = sender()
    client_id, secret = client_of(one)
    tokens = [exchanged(client_id, secret).json()["access_token"] for _ in range(2)]
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    assert (
        Client().post("/oauth/revoke", {"token": tokens[0]}, headers={"Authorization": f"Basic {basic}"}).status_code
        == 200
    )
    assert [answered(token) for token in tokens] == [401, 200]
    transitions.suspend(one.program, asked(one.program.made_by), timezone.now())
    assert answered(tokens[1]) == 401
    transitions.resume(one.program, asked(one.program.made_by))
    AccessToken.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    presented.forget()
    assert answered(tokens[1]) == 401
    fresh = exchanged(client_id, secret).json()["access_token"]
    assert AccessToken.objects.count() == 1  # those that have expired are forgotten
    transitions.revoke_client(OAuthClient.objects.get(), asked(one.program.made_by), timezone.now())
    assert answered(fresh) == 401
    assert exchanged(client_id, secret).status_code == 401


def test_wrong_secrets_are_logged_and_then_wait() -> None:
    client_id, secret = client_of(sender())
    for _ in range(oauth.FAILURES):
        refused = exchanged(client_id, "wrong")
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert Entry.objects.filter(action="program.sign_in_refused", subject_id=client_id).count() == oauth.FAILURES
    waits = exchanged(client_id, secret)
    assert waits.status_code == 429
    assert waits["Retry-After"] == "60"
    assert not [entry for entry in Entry.objects.all() if secret in str(entry.__dict__)]


@pytest.mark.parametrize(
    "grant", ["", "password", "authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"]
)
def test_no_other_grant_is_given(grant: str) -> None:
    client_id, secret = client_of(sender())
    refused = exchanged(client_id, secret, grant_type=grant)
    assert (refused.status_code, refused.json()["error"]) == (400, "unsupported_grant_type")


def test_the_metadata_names_what_there_is() -> None:
    said = Client().get("/.well-known/oauth-authorization-server").json()
    assert said["issuer"] == "http://testserver"
    assert said["token_endpoint"] == "http://testserver/oauth/token"  # noqa: S105 - an address
    assert said["grant_types_supported"] == ["client_credentials"]
    assert "facts:write" in said["scopes_supported"]
