"""Collection as a Django app: it tells the sender of messages what is so of its cases."""

from __future__ import annotations

from django.apps import AppConfig


class Casework(AppConfig):
    """Cases and what is done on them."""

    name = "daihou.desk.casework"
    label = "casework"

    def ready(self) -> None:
        """Let messages be asked for what is still so."""
        from daihou.desk.casework import message_facts

        message_facts.register()
