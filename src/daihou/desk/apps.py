"""The desk as a Django app of its own: shared templates, static files and template tags."""

from __future__ import annotations

from django.apps import AppConfig


class Desk(AppConfig):
    """What all pages share."""

    name = "daihou.desk"
    label = "desk"
