"""What the register knows, as pages ask for it: today, versions or 404, how a version stands, and who people are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404
from django.utils import timezone

from daihou.book.business_date import business_date
from daihou.book.errors import DaihouError
from daihou.desk.people.models import User
from daihou.runs.scores import register

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from daihou.runs.scores.register import Register, Version


def today() -> dt.date:
    """The business date of now."""
    return business_date(settings.HOME.settings, timezone.now())


def known() -> Register:
    """The register as it now is."""
    return register.register(settings.HOME)


def versions_or_404(model_id: str) -> tuple[Version, ...]:
    """The versions of a model, where a page is about it."""
    found = known().of(model_id)
    if not found:
        raise Http404
    return found


def version_or_404(model_id: str, number: int) -> Version:
    """A version, where a page is about it."""
    try:
        return known().version(model_id, number)
    except DaihouError:
        raise Http404 from None


def standing(version: Version, day: dt.date) -> str:
    """How a version stands on a day."""
    return known().standing(version, day)


def names(usernames: Iterable[str]) -> dict[str, str]:
    """What people are called by the name that they sign in with; who is no user stays out."""
    return dict(User.objects.filter(username__in=set(usernames)).values_list("username", "name"))
