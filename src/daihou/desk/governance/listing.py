"""The list of rules: what is in force of each, what is on its way, and how the list is filtered by the page's address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import pgettext_lazy

from daihou.desk.governance import labels, published
from daihou.desk.governance.models import OPEN, Draft, State
from daihou.warning.rule import Text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from django.http import QueryDict

    from daihou.warning.rule import Rule, Version

STATES: Final[Mapping[str, Any]] = {
    "live": pgettext_lazy("state of a rule", "In force"),
    "shadow": pgettext_lazy("state of a rule", "In shadow"),
    "coming": pgettext_lazy("state of a rule", "Comes into force"),
    "draft": pgettext_lazy("state of a rule", "Has a draft"),
    "review": pgettext_lazy("state of a rule", "Waits for review"),
    "ended": pgettext_lazy("state of a rule", "Ended"),
}
CHARACTERS: Final = 80


@dataclass(frozen=True, slots=True)
class Row:
    """A rule on a day, or one that only has a draft yet."""

    id: str
    name: Text
    topic: str
    subject: str
    level: str
    live: Version | None
    shadow: Version | None
    coming: Version | None
    ended: Version | None
    draft: Draft | None

    @property
    def states(self) -> set[str]:
        """Which of STATES it is in."""
        review = self.draft is not None and self.draft.state in (State.SUBMITTED, State.APPROVED)
        said = {
            "live": self.live is not None,
            "shadow": self.shadow is not None,
            "coming": self.coming is not None,
            "draft": self.draft is not None,
            "review": review,
            "ended": self.ended is not None,
        }
        return {name for name, holds in said.items() if holds}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the address asks for; a value that does not exist asks for nothing."""

    q: str = ""
    topic: str = ""
    level: str = ""
    subject: str = ""
    state: str = ""

    @property
    def any(self) -> bool:
        """Whether anything is asked for."""
        return self != Chosen()


def chosen(query: QueryDict) -> Chosen:
    """The filter of an address."""
    known = {"topic": labels.TOPICS, "level": labels.LEVELS, "subject": labels.SUBJECTS, "state": STATES}
    stated = {name: query.get(name, "") for name in known}
    asked = {name: value for name, value in stated.items() if value in known[name]}
    return Chosen(q=query.get("q", "").strip()[:CHARACTERS], **asked)


def rows(day: dt.date, wanted: Chosen) -> list[Row]:
    """The rules that a filter leaves, in order of id."""
    drafts = {draft.rule_id: draft for draft in Draft.objects.filter(state__in=OPEN)}
    book = published.rulebook()
    found = [_row(rule, day, drafts.pop(rule.id, None)) for rule in book.rules]
    found += [_drafted(draft) for draft in drafts.values()]
    return sorted((row for row in found if _fits(row, wanted)), key=lambda row: row.id)


def _row(rule: Rule, day: dt.date, draft: Draft | None) -> Row:
    live, shadow = rule.live(day), rule.shadow(day)
    newer = [version for version in rule.versions if live is None or version.number > live.number]
    later = [version for version in newer if version.from_on is not None and version.from_on > day]
    ended = live if live is not None and live.retired else None
    shown = (live if ended is None else None) or shadow or next(iter(later), None) or rule.versions[-1]
    return Row(
        id=rule.id,
        name=rule.name,
        topic=rule.topic,
        subject=rule.subject,
        level=shown.level,
        live=live if ended is None else None,
        shadow=shadow,
        coming=min(later, key=lambda version: version.from_on or day) if later else None,
        ended=ended,
        draft=draft,
    )


def _drafted(draft: Draft) -> Row:
    values = draft.values
    name = Text(values["name_en"], values["name_zh"])
    return Row(draft.rule_id, name, values["topic"], values["subject"], values["level"], None, None, None, None, draft)


def _fits(row: Row, wanted: Chosen) -> bool:
    text = f"{row.id} {row.name.en} {row.name.zh}".lower()
    return (
        (not wanted.q or wanted.q.lower() in text)
        and wanted.topic in ("", row.topic)
        and wanted.level in ("", row.level)
        and wanted.subject in ("", row.subject)
        and (not wanted.state or wanted.state in row.states)
    )
