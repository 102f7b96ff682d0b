"""The plan of reviews in force: the home's own, else the one that ships."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from daihou.desk import house
from daihou.policies.reviews import Reviews, reviews
from daihou.reviews.plan import SECURITY, WATCH_LEVEL, Asked, asked
from daihou.warning.columns import columns_of

if TYPE_CHECKING:
    import datetime as dt

NAME = "reviews"


def policy(day: dt.date | None = None) -> Reviews:
    """What holds on a day, else today; DaihouError names the file and the key that is wrong."""
    return house.dated(NAME, reviews).on(day or timezone.localdate()).values


def asked_on(day: dt.date) -> Asked:
    """The same with its conditions parsed over the columns of a loan's row."""
    dated = house.dated(NAME, reviews)
    columns = {**columns_of("loan"), **{field.name: field for field in (WATCH_LEVEL, *SECURITY)}}
    return asked(dated.on(day).values, columns, dated.place)
