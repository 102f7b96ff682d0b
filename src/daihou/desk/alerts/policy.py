"""The policy of alerts in force: the home's own, else the one that ships."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from daihou.desk import house
from daihou.policies.alerts import Alerts, alerts

if TYPE_CHECKING:
    import datetime as dt


def policy(day: dt.date | None = None) -> Alerts:
    """What holds on a day, else today; DaihouError names the file and the key that is wrong."""
    return house.dated("alerts", alerts).on(day or timezone.localdate()).values
