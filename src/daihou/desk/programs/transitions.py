"""Every change of a program, each an entry of the audit log."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from allauth.idp.oidc.models import Client
from allauth.idp.oidc.models import Token as AccessToken
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _

from daihou.desk.audit.log import record
from daihou.desk.people.models import User
from daihou.desk.programs.models import OAuthClient, Program, Token
from daihou.desk.programs.presented import MARK, digest_of, forget
from daihou.desk.refusals import RefusedError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from daihou.desk.asked import Asked

FIELDS: Final = ("name", "purpose", "scopes", "tables", "requests_per_second", "rows_per_second")
"""What an administrator says of a program, beside its code, which stays."""
OVERLAP: Final = timedelta(days=1)
"""How long the token before goes on working when it is replaced: long enough to change it on every machine of the program."""
LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"
"""Of prefixes, which people read to each other: no l, o, 0 or 1."""


def enter(code: str, values: Mapping[str, Any], request: Asked, at: dt.datetime) -> Program:
    """Enter a program, with a technical user of its own that has no role yet."""
    given = {name: values[name] for name in FIELDS}
    with transaction.atomic():
        user = User(username=f"api-{code}", name=given["name"], is_active=False, serves_program=True)
        user.set_unusable_password()
        user.save()
        made = Program.objects.create(code=code, user=user, made_at=at, made_by=request.user, **given)
        record(request, "program.enter", "program", code, {"after": given})
    return made


def change(program: Program, values: Mapping[str, Any], request: Asked) -> Program:
    """Change what a program may do; it holds from its next request on."""
    with transaction.atomic():
        kept = _locked(program)
        new = {name: values[name] for name in FIELDS if values[name] != getattr(kept, name)}
        if new:
            before = {name: getattr(kept, name) for name in new}
            record(request, "program.change", "program", kept.code, {"before": before, "after": new})
            for name, value in new.items():
                setattr(kept, name, value)
            kept.save(update_fields=list(new))
        if "name" in new:
            User.objects.filter(pk=kept.user_id).update(name=new["name"])
        if "scopes" in new:
            _scope_clients(kept)
    forget()
    return kept


def suspend(program: Program, request: Asked, at: dt.datetime) -> None:
    """Let a program do nothing from now on; its tokens stay, and work again once it may go on."""
    with transaction.atomic():
        kept = _locked(program)
        if kept.suspended_at is None:
            kept.suspended_at = at
            kept.save(update_fields=["suspended_at"])
            User.objects.filter(pk=kept.user_id).update(serves_program=False)
            record(request, "program.suspend", "program", kept.code)
    forget()


def resume(program: Program, request: Asked) -> None:
    """Let it go on."""
    with transaction.atomic():
        kept = _locked(program)
        if kept.suspended_at is not None:
            kept.suspended_at = None
            kept.save(update_fields=["suspended_at"])
            User.objects.filter(pk=kept.user_id).update(serves_program=True)
            record(request, "program.resume", "program", kept.code)
    forget()


def issue_token(program: Program, days: int, request: Asked, at: dt.datetime) -> str:
    """Make a token that holds so many days; it is answered once and kept nowhere."""
    with transaction.atomic():
        value, token = _made(_locked(program), at + timedelta(days=days), request, at)
        record(
            request, "program.token", "program", program.code,
            {"token": str(token), "expires_on": token.expires_at.date().isoformat()},
        )  # fmt: skip
    return value


def replace_token(token: Token, request: Asked, at: dt.datetime) -> str:
    """Make a token in place of another, which goes on working for the time of changing over; the new one holds as long as the old one did."""
    with transaction.atomic():
        program = _locked(token.program)
        kept = Token.objects.select_for_update().get(pk=token.pk)
        if not kept.holds(at):
            raise RefusedError(_("This token has ended; make a new one instead."))
        value, made = _made(program, at + (kept.expires_at - kept.made_at), request, at)
        kept.expires_at = min(kept.expires_at, at + OVERLAP)
        kept.save(update_fields=["expires_at"])
        record(
            request, "program.token_replace", "program", program.code, {"token": str(made), "in_place_of": str(kept)}
        )
    forget()
    return value


def revoke_token(token: Token, request: Asked, at: dt.datetime) -> None:
    """End a token at once."""
    with transaction.atomic():
        if Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at):
            record(request, "program.token_revoke", "program", token.program.code, {"token": str(token)})
    forget()


def issue_client(program: Program, request: Asked, at: dt.datetime) -> tuple[str, str]:
    """Make a client of OAuth2 client credentials; its id and its secret, which is answered once and kept nowhere."""
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        kept = _locked(program)
        client = Client(id=f"{kept.code}-{_letters(8)}", name=kept.name, owner=None, type=Client.Type.CONFIDENTIAL)
        client.set_secret(secret)
        client.set_grant_types([Client.GrantType.CLIENT_CREDENTIALS])
        client.set_response_types([])
        client.set_scopes(kept.scopes)
        client.set_default_scopes(kept.scopes)
        client.save()
        OAuthClient.objects.create(program=kept, client=client, made_at=at, made_by=request.user)
        record(request, "program.client", "program", kept.code, {"client": client.pk})
    return str(client.pk), secret


def revoke_client(client: OAuthClient, request: Asked, at: dt.datetime) -> None:
    """End a client at once, with all the tokens that it got."""
    with transaction.atomic():
        if OAuthClient.objects.filter(pk=client.pk, revoked_at=None).update(revoked_at=at):
            AccessToken.objects.filter(client_id=client.client_id).delete()
            Client.objects.filter(pk=client.client_id).update(secret=make_password(None), scopes="", default_scopes="")
            record(request, "program.client_revoke", "program", client.program.code, {"client": client.client_id})
    forget()


def _made(program: Program, expires_at: dt.datetime, request: Asked, at: dt.datetime) -> tuple[str, Token]:
    prefix = _letters(10)
    value = f"{MARK}{prefix}_{secrets.token_urlsafe(32)}"
    token = Token.objects.create(
        program=program, prefix=prefix, digest=digest_of(value), made_at=at, made_by=request.user, expires_at=expires_at
    )
    return value, token


def _scope_clients(program: Program) -> None:
    for issued in program.clients.filter(revoked_at=None).select_related("client"):
        issued.client.set_scopes(program.scopes)
        issued.client.set_default_scopes(program.scopes)
        issued.client.save(update_fields=["scopes", "default_scopes"])


def _locked(program: Program) -> Program:
    """The program as the database has it, kept from others until the transaction ends."""
    return Program.objects.select_for_update().get(pk=program.pk)


def _letters(count: int) -> str:
    return "".join(secrets.choice(LETTERS) for _place in range(count))
