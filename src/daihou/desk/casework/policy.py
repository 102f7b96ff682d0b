"""The policy of collection in force: the home's own, else the one that ships."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from daihou.desk import house
from daihou.policies.collection import Collection, collection

if TYPE_CHECKING:
    import datetime as dt


def policy(day: dt.date | None = None) -> Collection:
    """What holds on a day, else today; DaihouError names the file and the key that is wrong."""
    return house.dated("collection", collection).on(day or timezone.localdate()).values
