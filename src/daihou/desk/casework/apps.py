"""Collection as a Django app: it tells the sender of messages what is so of its cases."""

from __future__ import annotations

from django.apps import AppConfig


class Casework(AppConfig):
    """Cases and what is done on them."""

    name = "daihou.desk.casework"
    label = "casework"

    def ready(self) -> None:
        """Let messages be asked for what is still so."""
        from daihou.desk.casework.choices import OF_CASES
        from daihou.desk.contacts import facts
        from daihou.desk.later import Later

        for template in OF_CASES:
            facts.register(template, Later("daihou.desk.casework.message_facts.still"))
