"""Programs, the tokens by which they are known, and the OAuth2 clients they may have instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from allauth.idp.oidc.models import Client
from django.db import models

from daihou.desk.people.models import User

if TYPE_CHECKING:
    import datetime as dt

REQUESTS_PER_SECOND = 200
ROWS_PER_SECOND = 10_000
"""What a program may send before it is told to slow down, unless an administrator says otherwise: what one machine of two cores takes in and judges
beside its other work. It keeps one program from taking the place of all others; the log has limits of its own."""


class Program(models.Model):
    """Another system that acts at the desk: with the roles of a technical user, and of what they allow only what its scopes name."""

    code = models.CharField(max_length=40, unique=True)
    """By which the log and the quarantine name it, `api:CODE`; it stays."""
    name = models.CharField(max_length=80)
    purpose = models.CharField(max_length=400, blank=True)
    """What it is for, and whom to ask about it."""
    user = models.OneToOneField(User, models.PROTECT, related_name="program")
    """As whom it acts: `api-CODE`. Nobody signs in as it."""
    scopes: models.JSONField[Any, Any] = models.JSONField(default=list)
    """Codes of `SCOPES`."""
    tables: models.JSONField[Any, Any] = models.JSONField(default=list)
    """The tables of the contract that it may send; empty: all."""
    requests_per_second = models.PositiveIntegerField(default=REQUESTS_PER_SECOND)
    rows_per_second = models.PositiveIntegerField(default=ROWS_PER_SECOND)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    suspended_at = models.DateTimeField(null=True)
    """Since when it may do nothing."""

    class Meta:
        ordering: ClassVar = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def source(self) -> str:
        """How the log names what it sent."""
        return f"api:{self.code}"

    def may_send(self, table: str) -> bool:
        """Whether it may send rows of a table."""
        return not self.tables or table in self.tables


class Token(models.Model):
    """A secret by which a program is known until it expires. Only its digest is kept: who lost it makes a new one."""

    program = models.ForeignKey(Program, models.PROTECT, related_name="tokens")
    prefix = models.CharField(max_length=12, unique=True)
    """Its first part, by which it is found and people tell two apart."""
    digest = models.CharField(max_length=64)
    """SHA-256 of the whole token, hexadecimal: it holds 256 bits of chance, so nothing slower is needed."""
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    """To a minute."""
    refused_at = models.DateTimeField(null=True)
    """When it was last presented after its end, to a minute."""
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"dh_{self.prefix}_…"

    def holds(self, now: dt.datetime) -> bool:
        """Whether it opens anything at a moment."""
        return self.revoked_at is None and now < self.expires_at


class OAuthClient(models.Model):
    """A client of OAuth2 client credentials that a program has; the secret and the short-lived tokens are kept by allauth, as digests."""

    program = models.ForeignKey(Program, models.PROTECT, related_name="clients")
    client = models.OneToOneField(Client, models.PROTECT, related_name="issued")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    last_used_at = models.DateTimeField(null=True)
    """When it last asked for a token and got one."""
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return str(self.client_id)
