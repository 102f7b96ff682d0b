"""Credit reports as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class Bureau(AppConfig):
    """Queries of credit reports and what came of them."""

    name = "daihou.desk.bureau"
    label = "bureau"
