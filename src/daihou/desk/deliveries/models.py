"""Files sent to the desk, and what became of them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.book.home import Home


class Upload(models.Model):
    """Files for one table: looked at first, then taken in by a job, or dropped."""

    class Status(models.TextChoices):
        """Where an upload stands."""

        WAITING = "waiting", pgettext_lazy("status of an upload", "Looked at")
        TAKEN = "taken", pgettext_lazy("status of an upload", "Given to intake")
        DROPPED = "dropped", pgettext_lazy("status of an upload", "Dropped")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="uploads", verbose_name=_("who"))
    at = models.DateTimeField(_("at"), db_index=True)
    table = models.CharField(_("table"), max_length=40)
    files = models.JSONField(_("files"), default=list)
    """Each with name, size, sha256, path below the home, and what it was found to be: format, encoding, damaged, quotes, repaired."""
    mapping = models.TextField(_("mapping"), blank=True)
    """YAML as intake reads it; empty where columns are taken by their own names."""
    options = models.JSONField(_("options"), default=dict)
    """known_on (a date, `event`, or empty), replace, backfill."""
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    job = models.CharField(_("job"), max_length=40, blank=True)
    """The job that takes it in."""
    deliveries = models.TextField(blank=True)
    """The ids under which intake registers its files, so that a batch finds who sent it."""

    class Meta:
        ordering: ClassVar = ["-at"]
        indexes: ClassVar = [models.Index(fields=["status", "at"], name="uploads_waiting")]

    def __str__(self) -> str:
        return f"{self.table} · {', '.join(file['name'] for file in self.files)}"

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return uploads_folder() / str(self.id)

    @property
    def mapping_path(self) -> Path:
        """Where its mapping lies for intake."""
        return self.folder / "mapping.yaml"

    @property
    def waiting(self) -> bool:
        """Whether it is neither taken in nor dropped yet."""
        return bool(self.status == self.Status.WAITING)

    @property
    def bytes(self) -> int:
        """The size of all its files."""
        return sum(file["size"] for file in self.files)

    def path(self, file: dict[str, Any]) -> Path:
        """Where one of its files lies."""
        home: Home = settings.HOME
        return home.path / str(file["path"])


def uploads_folder() -> Path:
    """Where uploads lie in the home."""
    home: Home = settings.HOME
    return home.files / "uploads"
