"""Who an officer number in the loans stands for, where that officer works at the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.desk.people.models import User

if TYPE_CHECKING:
    from collections.abc import Iterable


def names(officer_ids: Iterable[str | None]) -> dict[str, str]:
    """Names by officer number, of those that are known; one query."""
    wanted = {officer_id for officer_id in officer_ids if officer_id}
    return (
        dict(User.objects.filter(officer_id__in=wanted, is_active=True).values_list("officer_id", "name"))
        if wanted
        else {}
    )
