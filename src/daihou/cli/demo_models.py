"""The demo's scoring model: trained, validated and approved four month ends before the last, so that the last ones are scored."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from daihou.book.errors import DaihouError
from daihou.cli.language import chinese, text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from daihou.book.home import Home

    Progress = Callable[[str, int, int], None]
    Pair = tuple[dt.date, dt.date]

SCORED: Final = 4
"""Month ends that the model scores: with three months between the first and the last, a change can be told."""
LEAST: Final = 12
"""Month ends without which there is nothing to train on."""


def in_two(pairs: Sequence[Pair]) -> tuple[Sequence[Pair], Sequence[Pair]]:
    """The dates to train on, and those to score; none of the latter in a book that is too short."""
    return (pairs[:-SCORED], pairs[-SCORED:]) if len(pairs) >= LEAST else (pairs, ())


def model(home: Home, progress: Progress) -> tuple[str, ...]:
    """Train what ships for the kind of lender, let the analyst validate it and the manager approve the card; the challenger waits.

    What came of it, in words.
    """
    from daihou.runs.scores import steps
    from daihou.runs.scores.own_runs import OwnRuns
    from daihou.runs.scores.suited import suited
    from daihou.runs.scores.train import registered, train
    from daihou.runs.scores.validate import validate

    on = OwnRuns(home).dates[-1] + dt.timedelta(days=1)
    lines = []
    for name, design in suited(home).items():
        try:
            found = train(home, design, name, ("card", "trees"), on, progress)
        except DaihouError as error:
            lines.append(" ".join(error.zh) if chinese() else f"{error.message} {error.remedy}")
            continue
        card, challenger = (registered(home, one, "analyst", on, "", "command") for one in found)
        for version in (card, challenger):
            judged = validate(home, version.model_id, version.number, "analyst", on, "command", progress).found.judging
            area = "" if judged is None or judged.auc is None else f", AUC {judged.auc.value:.3f}"
            lines.append(text(f"{version.called} trained and validated{area}", f"{version.called} 已训练并验证{area}"))
        steps.approve(home, card.model_id, card.number, "champion", on, "manager", "", on, "command")
        lines.append(
            text(
                f"{card.called} approved by manager from {on}; {challenger.called} waits",
                f"{card.called} 由 manager 审批，自 {on} 起为冠军模型；{challenger.called} 待审批",
            )
        )
    return tuple(lines)
