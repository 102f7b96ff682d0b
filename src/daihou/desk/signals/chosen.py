"""What the address of the list of signals asks for: which signals, in what order, which page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import pgettext_lazy

from daihou.book.errors import DaihouError
from daihou.desk.governance import labels, published
from daihou.desk.people import orgs

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping

    from django.http import QueryDict

SHADOWS: Final[Mapping[str, Any]] = {
    "": pgettext_lazy("signals of rules", "In force"),
    "1": pgettext_lazy("signals of rules", "In shadow"),
    "all": pgettext_lazy("signals of rules", "Both"),
}
"""Signals of rules in shadow call nobody; they are shown where they are asked for."""
WITHIN: Final[Mapping[str, Any]] = {
    "1": pgettext_lazy("signal", "On this date"),
    "7": pgettext_lazy("signal", "Within 7 days"),
    "30": pgettext_lazy("signal", "Within 30 days"),
    "90": pgettext_lazy("signal", "Within 90 days"),
}
"""Days up to the date, itself among them, in which a signal was opened."""
SORTS: Final[Mapping[str, str]] = {
    "level": "rank", "subject": "subject_id", "rule": "rule_id", "opened": "opened_on", "balance": "balance", "org": "org_id",
    "officer": "officer_id",
}  # fmt: skip
SIZES: Final = (25, 50, 100)
CHARACTERS: Final = 200
"""Letters of a value that are taken; no id is longer."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A filter of signals; what is empty asks for nothing."""

    rule: str = ""
    level: str = ""
    topic: str = ""
    subject: str = ""
    org_id: str = ""
    officer_id: str = ""
    borrower: str = ""
    within: str = ""
    shadow: str = ""

    @property
    def any(self) -> bool:
        """Whether anything is asked for."""
        return self != Chosen()

    def condition(self, day: dt.date, *, level: bool = True) -> tuple[str, list[Any]]:
        """The filter as SQL over the open signals of a day, with its parameters; without `level`, whatever their level."""
        parts: list[tuple[str, list[Any]]] = []
        if self.shadow != "all":
            parts.append(("shadow = ?", [self.shadow == "1"]))
        held = {
            "rule_id": self.rule,
            "subject": self.subject,
            "officer_id": self.officer_id,
            "borrower_id": self.borrower,
        }
        parts += [(f"{name} = ?", [value]) for name, value in held.items() if value]
        if level and self.level:
            parts.append(("level = ?", [self.level]))
        if self.org_id:
            parts.append(_among("org_id", orgs.tree().below(self.org_id)))
        if self.topic:
            parts.append(
                _among("rule_id", [rule.id for rule in published.rulebook().rules if rule.topic == self.topic])
            )
        if self.within:
            parts.append(("opened_on > ?::DATE - ?::INTEGER", [day, int(self.within)]))
        return " AND ".join(text for text, _ in parts) or "true", [value for _, values in parts for value in values]


def _among(name: str, values: Collection[str]) -> tuple[str, list[Any]]:
    return (f"{name} IN ({', '.join('?' * len(values))})", sorted(values)) if values else ("false", [])


def chosen(query: QueryDict) -> Chosen:
    """The filter of an address; DaihouError names a value that does not exist."""
    known = {
        "level": labels.LEVELS,
        "topic": labels.TOPICS,
        "subject": labels.SUBJECTS,
        "shadow": SHADOWS,
        "within": WITHIN,
    }
    for name, values in known.items():
        _one_of(name, query.get(name, ""), ["", *values])
    free = ("rule", "org_id", "officer_id", "borrower")
    return Chosen(**{name: query.get(name, "").strip()[:CHARACTERS] for name in (*known, *free)})


def order(query: QueryDict) -> tuple[str, bool]:
    """By what an address sorts, and whether the greatest comes first; DaihouError where nothing is sorted by that."""
    stated = query.get("sort") or "level"
    _one_of("sort", stated.removeprefix("-"), list(SORTS))
    return stated.removeprefix("-"), stated.startswith("-")


def paged(query: QueryDict) -> tuple[int, int]:
    """The page that an address asks for, and how many rows a page has."""
    size = int(query.get("size", "")) if query.get("size", "") in [str(size) for size in SIZES] else SIZES[1]
    page = query.get("page", "")
    return (max(int(page), 1) if page.isascii() and page.isdecimal() and len(page) < 8 else 1), size


def _one_of(name: str, stated: str, values: Collection[str]) -> None:
    if stated in values:
        return
    listed = [value for value in values if value]
    raise DaihouError(
        f"{name}: '{stated[:40]}' is nothing that signals are chosen by.",
        f"Use one of: {', '.join(listed)}; or choose from the form.",
        zh=(f"{name}：“{stated[:40]}”不是可用的筛选值。", f"可用：{'、'.join(listed)}；也可在页面上选择。"),
    )
