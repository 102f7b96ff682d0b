"""The telephone: a link by which the collector's own telephone dials. Nothing is sent from here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daihou.desk.contacts import points
from daihou.desk.contacts.channels.interface import only_for
from daihou.vault.normal_form import normal_form

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.asked import Asked
    from daihou.desk.contacts.contacting import Permit
    from daihou.desk.contacts.models import Point

CODE: Final = "phone"


def link(permit: Permit, point: Point, now: dt.datetime, request: Asked | None = None) -> str:
    """The address that dials a number: tel:+8613800000000. It is in clear: shown while the call is under way, and kept nowhere.

    GoneError where the vault holds the number no more; PermissionError where the permit is for something else, or the call has ended.
    """
    only_for(permit, CODE)
    return f"tel:{normal_form('phone', points.value(permit, point, now, request))}"
