"""The list of models: who scores now, what waits for approval, and how each fares by the newest run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings

from daihou.desk.scoring import registry
from daihou.runs.scores.own_runs import OwnRuns
from daihou.runs.scores.recalled import figures_on

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from daihou.runs.scores.register import Entry, Version


@dataclass(frozen=True, slots=True)
class Row:
    """A model."""

    model_id: str
    name: Mapping[str, str]
    subject: str
    versions: int
    champion: Version | None
    since: Entry | None
    """The approval by which the champion stands."""
    shadows: tuple[Version, ...]
    waiting: tuple[Version, ...]
    figures: Mapping[str, Any] | None
    """Of the champion by the newest run, `psi`, `auc` and `default_rate` of all whom it scores; None where no run has watched it."""

    @property
    def checked(self) -> Mapping[str, Any] | None:
        """What the validation of the champion, or of the newest version that has one, found."""
        chosen = self.champion or next((one for one in self.waiting[::-1]), None)
        return chosen.validated.payload if chosen is not None and chosen.validated is not None else None


def rows(day: dt.date) -> tuple[list[Row], dt.date | None]:
    """The models, those with something that waits first; and the date of the run whose figures are shown."""
    known = registry.known()
    last = max(OwnRuns(settings.HOME).dates, default=None) if known.versions else None
    found = [] if last is None else figures_on(settings.HOME, last)
    scoring = known.scoring(day)
    listed = [
        _row(model_id, list(known.of(model_id)), scoring, day, found)
        for model_id in sorted({one.model_id for one in known.versions})
    ]
    return sorted(listed, key=lambda row: (not row.waiting, row.model_id)), last


def _row(model_id: str, versions: list[Version], scoring: Any, day: dt.date, found: list[dict[str, Any]]) -> Row:
    roles = {one.called: role for one, role in scoring if one.model_id == model_id}
    champion = next((one for one in versions if roles.get(one.called) == "champion"), None)
    named = champion or versions[-1]
    figures = {
        one["figure"]: one
        for one in found
        if champion is not None and one["model"] == champion.called and one["of"] == "" and one["observed_on"] is None
    }
    return Row(
        model_id, named.trained.payload["name"], named.trained.payload["subject"], len(versions), champion,
        None if champion is None else champion.role(day), tuple(one for one in versions if roles.get(one.called) == "shadow"),
        tuple(one for one in versions if registry.standing(one, day) == "waits"), figures or None,
    )  # fmt: skip
