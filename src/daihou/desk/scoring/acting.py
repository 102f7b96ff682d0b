"""What people do with models at the desk: each step is taken in the register, under four eyes, and noted in the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from daihou.desk.audit.log import record
from daihou.desk.scoring import registry
from daihou.runs.scores import overlay, steps

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from daihou.desk.asked import Asked
    from daihou.runs.scores.register import Entry, Role, Version


def approve(request: Asked, version: Version, role: Role, from_on: dt.date, note: str) -> Version:
    """Let a version score from a day on; DaihouError where it may not."""
    found = steps.approve(
        settings.HOME, version.model_id, version.number, role, from_on, _who(request), note, registry.today(), "desk"
    )
    record(request, "model.approve", "model", found.called, {"as": role, "from": from_on.isoformat(), "note": note})
    return found


def send_back(request: Asked, version: Version, note: str) -> Version:
    """Return a version to its author, with the reason; DaihouError where it may not."""
    found = steps.send_back(
        settings.HOME, version.model_id, version.number, _who(request), note, registry.today(), "desk"
    )
    record(request, "model.return", "model", found.called, {"note": note})
    return found


def retire(request: Asked, version: Version, from_on: dt.date, note: str) -> Version:
    """End a version from a day on; DaihouError where it may not."""
    found = steps.retire(
        settings.HOME, version.model_id, version.number, from_on, _who(request), note, registry.today(), "desk"
    )
    record(request, "model.retire", "model", found.called, {"from": from_on.isoformat(), "note": note})
    return found


def propose(
    request: Asked, model_id: str, multiplier: float, span: tuple[dt.date, dt.date], scenario: Mapping[str, Any], note: str
) -> Entry:  # fmt: skip
    """Propose an overlay; DaihouError where it may not be."""
    found = overlay.propose(
        settings.HOME, model_id, multiplier, span, scenario, _who(request), note, registry.today(), "desk"
    )
    told = {
        "overlay": found.version,
        "multiplier": multiplier,
        "from": span[0].isoformat(),
        "to": span[1].isoformat(),
        "note": note,
    }
    record(request, "model.overlay_propose", "model", model_id, told)
    return found


def agree(request: Asked, model_id: str, number: int, note: str) -> Entry:
    """Agree to an overlay of somebody else; DaihouError where it may not be."""
    found = overlay.agree(settings.HOME, model_id, number, _who(request), note, registry.today(), "desk")
    record(request, "model.overlay_agree", "model", model_id, {"overlay": number, "note": note})
    return found


def _who(request: Asked) -> str:
    """Whoever asks, by the name that they sign in with."""
    return request.user.get_username()
