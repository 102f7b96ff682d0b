"""Where files lie while they come in."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings


def incoming() -> Path:
    """The folder of what is on its way, on the same disk as the files of the home."""
    found = Path(settings.MEDIA_ROOT) / "incoming"
    found.mkdir(parents=True, exist_ok=True)
    return found
