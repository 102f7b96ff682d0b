"""A sealed person and the tokens they are found by."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Kind(models.TextChoices):
    """What a borrower is: the name of a person is masked, that of a company is not."""

    PERSON = "person", pgettext_lazy("borrower", "Person")
    COMPANY = "company", pgettext_lazy("borrower", "Company")


class Person(models.Model):
    """Who a borrower is, sealed. An erased one stays as a row without key, record and tokens, so that nobody brings them back unnoticed."""

    borrower_id = models.CharField(_("borrower number"), max_length=255, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    wrapped = models.BinaryField(null=True)
    """The person's data key, wrapped under the keyset; None once erased."""
    sealed = models.BinaryField(null=True)
    """The record, encrypted with the data key; None once erased."""
    wrapping_key = models.BigIntegerField(null=True, db_index=True)
    """The number of the key that wrapped the data key; None where a service did, or once erased."""
    token_key = models.BigIntegerField(null=True, db_index=True)
    """The number of the key that made the tokens; None once erased."""
    known_on = models.DateField(_("known on"))
    updated_at = models.DateTimeField(_("updated at"))
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True, db_index=True)
    erased_by = models.CharField(_("erased by"), max_length=150, blank=True)
    erased_because = models.CharField(_("reason of erasure"), max_length=500, blank=True)
    may_return = models.BooleanField(_("may be delivered again"), default=False)
    """Whether a later delivery may bring an erased person back."""

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="erased_holds_nothing",
                condition=models.Q(erased_at=None, wrapped__isnull=False, sealed__isnull=False)
                | models.Q(erased_at__isnull=False, wrapped=None, sealed=None, wrapping_key=None, token_key=None),
            ),
        ]

    def __str__(self) -> str:
        return self.borrower_id

    @property
    def erased(self) -> bool:
        """Whether the person was erased."""
        return self.erased_at is not None


class FileKey(models.Model):
    """The data key of the files about a borrower, wrapped. Erased with the person: it is one of its own, since files come before people do, and after."""

    borrower_id = models.CharField(max_length=255, unique=True)
    wrapped = models.BinaryField()
    wrapping_key = models.BigIntegerField(null=True, db_index=True)
    """The number of the key that wrapped it; None where a service did."""

    def __str__(self) -> str:
        return self.borrower_id


class Token(models.Model):
    """A keyed hash of a value of a person, by which they are found."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="tokens")
    kind = models.CharField(max_length=8)
    token = models.CharField(max_length=32)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "token"], name="vault_by_token")]

    def __str__(self) -> str:
        return f"{self.kind} {self.token[:6]}…"
