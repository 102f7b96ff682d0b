"""The app of people; once Django is ready it listens to what allauth says of sign-in."""

from __future__ import annotations

from django.apps import AppConfig


class People(AppConfig):
    """Users, roles and sign-in."""

    name = "daihou.desk.people"

    def ready(self) -> None:
        """Connect what is logged of sign-in."""
        from daihou.desk.people import signing

        signing.connect()
