"""The overlays of a model: what was proposed, by whom, who agreed, and which is in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings

from daihou.desk.scoring import labels, registry
from daihou.monitoring.market.family import MARKET
from daihou.runs.scores import overlay

if TYPE_CHECKING:
    import datetime as dt

    from daihou.runs.scores.register import Entry


@dataclass(frozen=True, slots=True)
class Overlay:
    """A proposal, and what came of it."""

    proposed: Entry
    agreed: Entry | None
    to_on: dt.date
    state: str
    """proposed, agreed (its span is to come), in_force, ended, superseded by one agreed later, or lapsed: its span ended before anybody agreed."""

    @property
    def multiplier(self) -> float:
        """What probabilities are multiplied by."""
        return float(self.proposed.payload["multiplier"])

    @property
    def from_on(self) -> dt.date | None:
        """The first day on which it holds."""
        return (self.agreed or self.proposed).from_on

    @property
    def scenario(self) -> str:
        """The view of the market it is made for, in words; empty where none was named."""
        stated: Any = self.proposed.payload.get("scenario") or {}
        name = next(
            (one.zh if labels.chinese() else one.en for one in MARKET.measures if one.name == stated.get("measure")), ""
        )
        return f"{name} {stated.get('value')}" if name else ""


def of(model_id: str, day: dt.date) -> list[Overlay]:
    """Of a model, the newest first."""
    entries = [entry for entry in registry.known().entries if entry.model_id == model_id]
    agreed = {entry.version: entry for entry in entries if entry.event == "agreed"}
    force = overlay.in_force(settings.HOME, model_id, day)
    found = [_one(entry, agreed.get(entry.version), force, day) for entry in entries if entry.event == "proposed"]
    return sorted(found, key=lambda one: -one.proposed.version)


def _one(proposed: Entry, agreed: Entry | None, force: Entry | None, day: dt.date) -> Overlay:
    to_on = type(day).fromisoformat(proposed.payload["to"])
    if agreed is None:
        state = "proposed" if to_on >= day else "lapsed"
    elif force is not None and force.version == agreed.version:
        state = "in_force"
    elif to_on < day:
        state = "ended"
    else:
        state = "agreed" if agreed.from_on is not None and agreed.from_on > day else "superseded"
    return Overlay(proposed, agreed, to_on, state)
