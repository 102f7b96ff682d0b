"""Saved views: an address with a name, and the one with which a list opens."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SavedView(models.Model):
    """A list as somebody likes to see it: filter, sort and columns, never a date. Shared ones are seen by all who may see the list."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=30)
    """Which ledger it is a view of."""
    name = models.CharField(_("name"), max_length=40)
    query = models.CharField(max_length=4000, blank=True)
    shared = models.BooleanField(_("shared with everyone"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "page", "name"], name="one_view_each")]

    def __str__(self) -> str:
        return self.name


class FirstView(models.Model):
    """The address with which a list opens for somebody, where they chose one over the usual."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="first_views")
    page = models.CharField(max_length=30)
    query = models.CharField(max_length=4000)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "page"], name="one_first_view_a_page")]

    def __str__(self) -> str:
        return f"{self.page}?{self.query}"
