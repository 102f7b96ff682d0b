"""Reviews as a Django app: it tells timelines of borrowers what was found, and the sender of messages what is still asked for."""

from __future__ import annotations

from django.apps import AppConfig


class Reviews(AppConfig):
    """Reviews and papers asked for."""

    name = "daihou.desk.reviews"
    label = "reviews"

    def ready(self) -> None:
        """Let others ask for what reviews know."""
        from daihou.desk.reviews import asking, events

        asking.register()
        events.register()
