"""A backtest as its page and its file tell it: a draft beside what is live, every rule, what they do together, how early, and for whom it is work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from daihou.desk.governance import labels
from daihou.desk.governance.suggested import KNOWLEDGE, STEPS, code_said, default_said, measure_label
from daihou.desk.templatetags.figures import DASH, percent
from daihou.runs.watch.caveats import caveats
from daihou.runs.watch.lineup import DRAFT, LIVE
from daihou.warning.backtest import LEADS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from daihou.desk.jobs.models import Job
    from daihou.runs.watch.backtest import Backtest
    from daihou.warning.backtest import OfRule, OfSet, Result, Results

FIRST: Final = "-alerts"
"""How rules are sorted unless asked otherwise."""
MOST_OFFICERS: Final = 10
MOST_OVERLAPS: Final = 8
MOST_GROUPS: Final = 40


def _decimal(number: float | None) -> str:
    return DASH if number is None else f"{number:,.1f}"


def _whole(number: float | None) -> str:
    return DASH if number is None else f"{number:,.0f}"


def _share(share: float | None) -> str:
    return percent(share, 1)


def _median(one: Result) -> float | None:
    return None if one.lead_days is None else one.lead_days[1]


@dataclass(frozen=True, slots=True)
class Column:
    """A figure of a result: its key, its heading, the number itself, and how it is told."""

    key: str
    label: Any
    of: Callable[[Result], float | None]
    told: Callable[[float | None], str]


FIGURES: Final = (
    Column("alerts", gettext_lazy("Alerts a month"), lambda one: one.alerts_a_month, _decimal),
    Column("precision", gettext_lazy("Precision"), lambda one: one.precision, _share),
    Column("recall", gettext_lazy("Recall by number"), lambda one: one.recall, _share),
    Column("recall_balance", gettext_lazy("Recall by balance"), lambda one: one.recall_balance, _share),
    Column("lead", gettext_lazy("Median lead in days"), _median, _whole),
    Column("false", gettext_lazy("False alarms a month"), lambda one: one.false_a_month, _decimal),
)
"""What is set side by side."""
MORE: Final = (Column("censored", gettext_lazy("Not over yet"), lambda one: one.censored, _whole),)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its name, its defaults, and a pair (or one) of figures a column; `few` where no ratio is told."""

    name: str
    defaults: int
    cells: tuple[tuple[str, ...], ...]
    few: bool
    first: bool = False


@dataclass(frozen=True, slots=True)
class Beside:
    """What is live and the draft beside it: their names, whether there are both, and a row for all and for each group."""

    heads: tuple[str, ...]
    drafted: bool
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Ruled:
    """A rule's row among all: its label, its number, whether it is a draft, its figures, and what it alone caught."""

    label: str
    rule: str
    draft: bool
    cells: tuple[str, ...]
    unknown: str
    alone: str


def heading(job: Job) -> str:
    """What was asked, for a list and a title."""
    asked = job.arguments
    named = asked.get("about") or ", ".join(asked.get("rules", [])) or _("all rules in force")
    drafted = [_("with the draft")] if "draft" in asked else []
    return " · ".join([named, *drafted, default_said(asked["default"], asked["within"])])


def shown(found: Backtest, about: str, sort: str = FIRST) -> dict[str, Any]:
    """The context of the page: a part for each kind of subject that is watched; where it is about a rule, those that have it."""
    parts = [one for one in found.results if not about or any(rule.rule == about for rule in one.rules)]
    return {
        "found": found,
        "asks": default_said(found.default, found.months),
        "spine": spine_said(found),
        "knowledge": KNOWLEDGE.get(found.knowledge, ""),
        "fewest": found.fewest_defaults,
        "apart": measure_label(found.by, "loan") if found.by else "",
        "figures": FIGURES,
        "parts": [_part(found, one, about, sort) for one in parts],
        "notes": [note.said(chinese=labels.chinese()) for note in caveats(found)],
        "sort": sort,
    }


def spine_said(found: Backtest) -> str:
    """The dates, and how signals are counted."""
    return _("%(first)s to %(last)s, %(dates)d %(step)s; repeats within %(days)d days count once; as known then") % {
        "first": found.dates[0],
        "last": found.dates[-1],
        "dates": len(found.dates),
        "step": STEPS.get(found.step, found.step),
        "days": found.episode_days,
    }


def drafted_of(one: Results) -> set[str]:
    """The labels of versions that are drafts."""
    by_name = {of.name: set(of.rules) for of in one.sets}
    return by_name.get(DRAFT, set()) - by_name.get(LIVE, set())


def as_rows(found: Backtest) -> list[list[Any]]:
    """Every rule, every set and every group of them as rows of a file, the heading first; shares as fractions of one."""
    columns = (*FIGURES, *MORE)
    head = [_("Watches"), _("Rules"), found.by or _("Group"), _("Defaults"), *(str(column.label) for column in columns)]
    rows: list[list[Any]] = [head]
    for one in found.results:
        subject = str(labels.SUBJECTS[one.subject])
        for name, result, groups in _all_of(one):
            for group, of in (("", result), *groups):
                rows.append([subject, name, group, of.defaults, *(column.of(of) for column in columns)])
    return rows


def _all_of(one: Results) -> Iterator[tuple[str, Result, Sequence[tuple[str, Result]]]]:
    drafts = drafted_of(one)
    for rule in one.rules:
        yield _labelled(rule, drafts), rule.result, rule.groups
    for of in one.sets:
        yield _together(of), of.result, of.groups


def _part(found: Backtest, one: Results, about: str, sort: str) -> dict[str, Any]:
    drafts = drafted_of(one)
    live, draft = _pair(one, about, drafts)
    stated = [of for of in (live, draft) if of is not None]
    return {
        "subject": one.subject,
        "subjects": one.subjects,
        "title": labels.SUBJECTS[one.subject],
        "beside": _beside(found, live, draft),
        "lines": [(column.label, [column.told(column.of(of.result)) for of in stated]) for column in FIGURES],
        "few_span": len(stated) * (len(FIGURES) - 1),
        "footer": _footer(stated, about),
        "columns": [(column, f"-{column.key}", column.key) for column in (*FIGURES, *MORE)],
        "rules": [_ruled(rule, drafts) for rule in _sorted(one.rules, sort)],
        "sets": [
            (_together(of), tuple(column.told(column.of(of.result)) for column in (*FIGURES, *MORE))) for of in one.sets
        ],
        "leads": _leads(live, draft),
        "overlaps": _overlaps(one, stated[-1:] if about else (), drafts),
        "loads": [_load(of) for of in one.sets if of.officers],
    }


def _pair(one: Results, about: str, drafts: set[str]) -> tuple[OfRule | OfSet | None, OfRule | OfSet | None]:
    """What is live and the draft of it: of a rule, or of all rules together."""
    if about:
        of = [rule for rule in one.rules if rule.rule == about]
        return (
            next((rule for rule in of if rule.label not in drafts), None),
            next((rule for rule in of if rule.label in drafts), None),
        )
    by_name = {of.name: of for of in one.sets}
    return by_name.get(LIVE), by_name.get(DRAFT)


def _beside(found: Backtest, live: OfRule | OfSet | None, draft: OfRule | OfSet | None) -> Beside:
    both = [of for of in (live, draft) if of is not None]
    heads = [*([_head(live, _("in force"))] if live else []), *([_head(draft, _("draft"))] if draft else [])]
    groups = [dict(of.groups) for of in both]
    names = [name for name, _result in both[0].groups[:MOST_GROUPS]] if both and found.by else []
    rows = [
        _row(pgettext("row of a table", "All"), [of.result for of in both], found, first=True),
        *(_row(code_said(found.by, name, "loan"), [of[name] for of in groups if name in of], found) for name in names),
    ]
    return Beside(tuple(heads), draft is not None, tuple(rows) if both else ())


def _head(of: OfRule | OfSet, name: str) -> str:
    """A column's heading: in force v4, draft v5; of a set, how many rules."""
    version = getattr(of, "version", None)
    return (
        f"{name} v{version}"
        if version is not None
        else _("%(name)s (%(n)d)") % {"name": name, "n": len(getattr(of, "rules", ()))}
    )


def _row(name: str, results: Sequence[Result], found: Backtest, *, first: bool = False) -> Row:
    defaults = max((one.defaults for one in results), default=0)
    cells = tuple(tuple(column.told(column.of(one)) for one in results) for column in FIGURES)
    return Row(name, defaults, cells, defaults < found.fewest_defaults, first)


def _footer(stated: Sequence[OfRule | OfSet], about: str) -> list[str]:
    """What is not over yet; of a rule, what it shares with another, and what it alone caught."""
    if not stated:
        return []
    last = stated[-1]
    told = [
        _("%(n)s alerts are not over yet: they stand apart and count in no precision")
        % {"n": f"{last.result.censored:,}"}
    ]
    if about:
        other = next(
            ((label, share) for label, share in getattr(last, "overlaps", ()) if label.rpartition(" ")[0] != about),
            None,
        )
        if other is not None:
            told.append(
                _("%(share)s of those it warned of, %(rule)s did too") % {"share": _share(other[1]), "rule": other[0]}
            )
        alone = getattr(last, "alone_share", None)
        if alone is not None:
            told.append(_("%(points)s points of defaults caught by it alone") % {"points": f"{100 * alone:.1f}"})
    return told


def _sorted(rules: Sequence[OfRule], sort: str) -> list[OfRule]:
    """By a figure, what is not told last; else by number, drafts after what is live."""
    columns = {column.key: column for column in (*FIGURES, *MORE)}
    column = columns.get(sort.removeprefix("-"))
    if column is None:
        return sorted(rules, key=lambda rule: (rule.rule, rule.version), reverse=sort == "-rule")
    sign = -1 if sort.startswith("-") else 1

    def key(rule: OfRule) -> tuple[bool, float, str]:
        value = column.of(rule.result)
        return value is None, sign * (value or 0.0), rule.label

    return sorted(rules, key=key)


def _ruled(rule: OfRule, drafts: set[str]) -> Ruled:
    alone = f"{rule.alone:,}" + ("" if rule.alone_share is None else f" ({_share(rule.alone_share)})")
    cells = tuple(column.told(column.of(rule.result)) for column in (*FIGURES, *MORE))
    return Ruled(rule.label, rule.rule, rule.label in drafts, cells, _share(rule.unknown_share), alone)


def _labelled(rule: OfRule, drafts: set[str]) -> str:
    return f"{rule.label} {_('draft')}" if rule.label in drafts else rule.label


def _together(of: OfSet) -> str:
    named = {LIVE: _("in force"), DRAFT: _("with the draft")}.get(of.name, of.name)
    return _("%(name)s, %(n)d together") % {"name": named, "n": len(of.rules)}


def _leads(live: OfRule | OfSet | None, draft: OfRule | OfSet | None) -> dict[str, Any] | None:
    """How many defaults were caught how early: the option of the chart, and its rows; None where none was."""
    both = [(name, of.result.leads) for name, of in ((_("in force"), live), (_("draft"), draft)) if of is not None]
    if not any(sum(leads) for _name, leads in both):
        return None
    classes = [_class(place) for place in range(len(LEADS) + 1)]
    option = {
        "title": {"text": _("Lead time of the defaults caught")},
        "xAxis": {"type": "category", "data": classes, "name": _("days"), "nameLocation": "middle"},
        "yAxis": {"type": "value", "name": _("Defaults")},
        "series": [{"type": "bar", "name": name, "data": list(leads)} for name, leads in both],
    }
    rows = [(label, [leads[place] for _name, leads in both]) for place, label in enumerate(classes)]
    return {"option": option, "names": [name for name, _leads_of in both], "rows": rows}


def _class(place: int) -> str:
    if place == len(LEADS):
        return f">{LEADS[-1]}"
    return f"{LEADS[place - 1] + 1 if place else 0}–{LEADS[place]}"


def _overlaps(one: Results, of: Sequence[OfRule | OfSet], drafts: set[str]) -> list[tuple[str, str, str]]:
    """Which rules warn of the same subjects: with one rule those that share most, with none the pairs of all that share most."""
    pairs = [
        (share, _labelled(rule, drafts), label)
        for rule in one.rules
        for label, share in rule.overlaps
        if label.rpartition(" ")[0] != rule.rule and (not of or rule in of)
    ]
    chosen = sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2]))[:MOST_OVERLAPS]
    return [(rule, other, _share(share)) for share, rule, other in chosen]


def _load(of: OfSet) -> dict[str, Any]:
    rest = max(len(of.officers) - MOST_OFFICERS, 0)
    most = of.officers[0][1] or 1.0
    rows = [(officer, _decimal(load), round(100 * load / most)) for officer, load in of.officers[:MOST_OFFICERS]]
    return {"name": _together(of), "rows": rows, "rest": rest}
