"""The policies of letters and of limitation in force: the home's own, else those that ship."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from daihou.desk import house
from daihou.policies.letters import Letters, letters
from daihou.policies.limitation import Limitation, limitation

if TYPE_CHECKING:
    import datetime as dt


def policy(day: dt.date | None = None) -> Letters:
    """What holds of letters on a day, else today; DaihouError names the file and the key that is wrong."""
    return house.dated("letters", letters).on(day or timezone.localdate()).values


def law(day: dt.date | None = None) -> Limitation:
    """The law of limitation on a day, else today."""
    return house.dated("limitation_cn", limitation, "policies/cn").on(day or timezone.localdate()).values
