"""The way of a draft into force, as the strip above its pages shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from daihou.desk.governance.models import Attachment, Draft, State
from daihou.warning.past import has_past

if TYPE_CHECKING:
    from daihou.desk.governance.checks import Examined


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage, what there is to say of it, and whether it is done or the one in hand."""

    name: str
    said: str
    done: bool = False
    here: bool = False


def way(draft: Draft, examined: Examined, *, counts: bool = True) -> list[Stage]:
    """The stages in order; one at most is in hand. `counts`: whether what counts the whole lender may be said."""
    values, wrong = draft.values, len(examined.problems)
    drafted = not wrong or not draft.writable
    stages = [
        Stage(
            pgettext("stage of a rule", "Draft"),
            _("complete") if drafted else ngettext("%(n)d thing to do", "%(n)d things to do", wrong) % {"n": wrong},
            done=drafted,
        )
    ]
    if not draft.retires and has_past(values["subject"]):
        stages += [_trial(draft, counts=counts), _backtest(draft)]
    stages.append(_review(draft))
    published = draft.state == State.PUBLISHED
    if values["shadow_from"]:
        stages.append(Stage(pgettext("stage of a rule", "In shadow"), _from(values["shadow_from"]), done=published))
    elif not draft.retires:
        stages.append(Stage(pgettext("stage of a rule", "In shadow"), _("not planned"), done=published))
    last = pgettext("stage of a rule", "Ended") if draft.retires else pgettext("stage of a rule", "In force")
    stages.append(Stage(last, _from(values["from"]) if values["from"] else _("no date yet"), done=published))
    return _with_here(stages) if draft.open else stages


def _trial(draft: Draft, *, counts: bool) -> Stage:
    name, found = pgettext("stage of a rule", "Try"), draft.evidence(Attachment.Kind.TRIAL)
    if found and not counts:
        return Stage(name, _("done"), done=True)
    if found:
        hits = found.result["hits"]
        return Stage(name, ngettext("%(n)d hit today", "%(n)d hits today", hits) % {"n": hits}, done=True)
    return Stage(name, _outdated(draft, Attachment.Kind.TRIAL, _("on today's book")))


def _backtest(draft: Draft) -> Stage:
    name, found = pgettext("stage of a rule", "Backtest"), draft.evidence(Attachment.Kind.BACKTEST)
    if found:
        return Stage(name, _("attached on %(day)s") % {"day": found.at.date().isoformat()}, done=True)
    if draft.without_backtest:
        return Stage(name, _("none, with a reason"), done=True)
    return Stage(name, _outdated(draft, Attachment.Kind.BACKTEST, _("not attached")))


def _review(draft: Draft) -> Stage:
    said: dict[str, Any] = {
        State.DRAFTING: _("not submitted"),
        State.RETURNED: _("returned"),
        State.SUBMITTED: _("waits for somebody else"),
        State.WITHDRAWN: _("withdrawn"),
    }
    by = _("by %(name)s") % {"name": draft.approved_by.name} if draft.approved_by else ""
    name = pgettext("stage of a rule", "Review")
    return Stage(name, by or said.get(draft.state, ""), done=draft.state in (State.APPROVED, State.PUBLISHED))


def _outdated(draft: Draft, kind: str, otherwise: str) -> str:
    return _("for an older text") if draft.outdated(kind) else otherwise


def _from(day: str) -> str:
    return _("from %(day)s") % {"day": day}


def _with_here(stages: list[Stage]) -> list[Stage]:
    first = next((place for place, stage in enumerate(stages) if not stage.done), None)
    return [
        Stage(stage.name, stage.said, stage.done, here=True) if place == first else stage
        for place, stage in enumerate(stages)
    ]
