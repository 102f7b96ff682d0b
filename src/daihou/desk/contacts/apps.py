"""Contacts as a Django app: reminders are asked for what is still so before they are sent."""

from __future__ import annotations

from django.apps import AppConfig


class Contacts(AppConfig):
    """People contacted, and messages to them."""

    name = "daihou.desk.contacts"
    label = "contacts"

    def ready(self) -> None:
        """Let reminders be asked for what is still so."""
        from daihou.desk.contacts import facts
        from daihou.desk.later import Later

        facts.register_plan("pre_due", Later("daihou.desk.contacts.reminder_facts.still"))
