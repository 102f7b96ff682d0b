"""One entry of the audit log, and its link in the chain."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Entry(models.Model):
    """Who did what, when, from where, with what before and after. Written once, never changed; the sealer adds its link."""

    at = models.DateTimeField(_("at"), db_index=True)
    actor_id = models.BigIntegerField(null=True)
    """The user's key; empty for the system. No foreign key: an entry outlives its actor."""
    actor = models.CharField(_("who"), max_length=150)
    address = models.CharField(_("from where"), max_length=64, blank=True)
    request_id = models.CharField(_("request"), max_length=32, blank=True)
    action = models.CharField(_("what"), max_length=60, db_index=True)
    subject_kind = models.CharField(_("of what"), max_length=40)
    subject_id = models.CharField(_("number"), max_length=200, db_index=True)
    detail = models.JSONField(_("detail"), default=dict)
    """What was given, and what was before and after."""

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["actor_id", "action", "at"], name="audit_by_actor")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.action} {self.subject_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Append; an entry that stands is not saved again."""
        if self.pk:
            raise TypeError("an audit entry is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:  # noqa: ARG002 - Django's signature
        """Refuse: an entry is never deleted."""
        raise TypeError("an audit entry is never deleted")


class Link(models.Model):
    """An entry's place in the chain: its hash covers the entry and the link before."""

    seq = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="link")
    hash = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar = ["seq"]

    def __str__(self) -> str:
        return f"{self.seq} {self.hash[:12]}"
