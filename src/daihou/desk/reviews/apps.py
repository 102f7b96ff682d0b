"""Reviews as a Django app: it tells timelines of borrowers what was found, and the sender of messages what is still asked for."""

from __future__ import annotations

from django.apps import AppConfig


class Reviews(AppConfig):
    """Reviews and papers asked for."""

    name = "daihou.desk.reviews"
    label = "reviews"

    def ready(self) -> None:
        """Let others ask for what reviews know."""
        from django.utils.translation import pgettext_lazy

        from daihou.desk.contacts import facts
        from daihou.desk.later import Later
        from daihou.desk.portfolio import tellers
        from daihou.desk.reviews.choices import EVENT

        facts.register_plan("papers_wanted", Later("daihou.desk.reviews.asking.still"))
        tellers.register(EVENT, pgettext_lazy("page", "Reviews"), Later("daihou.desk.reviews.events.events"))
