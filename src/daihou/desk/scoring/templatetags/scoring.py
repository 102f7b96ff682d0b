"""Scores on the pages of borrowers and loans, and the codes of models in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from django import template
from django.conf import settings
from django.utils.html import format_html

from daihou.assessment.scores.explained import span, valued
from daihou.desk.scoring import labels, scope, scored
from daihou.runs.scores import one
from daihou.runs.scores.recalled import scores_of

if TYPE_CHECKING:
    import datetime as dt

    from django.utils.safestring import SafeString

    from daihou.assessment.scores.breakdown import Line
    from daihou.assessment.validation.said import Said
    from daihou.desk.portfolio.moments import Moment

register = template.Library()

LEAST_CHANCE: Final = 0.001


@register.inclusion_tag("scoring/score_card.html", takes_context=True)
def behaviour_score(context: Any, borrower_id: str, row: Mapping[str, Any], moment: Moment) -> dict[str, Any]:
    """The card of a borrower's score; nothing where no model scores it."""
    found = scored.of(borrower_id, row, *moment.pair)
    return {
        "scored": found,
        "borrower_id": borrower_id,
        "moment": moment,
        "may_open": scope.may_open(context["request"]),
    }


@register.inclusion_tag("scoring/loan_line.html", takes_context=True)
def loan_score(context: Any, loan_id: str, borrower_id: str, as_of: dt.date, known_on: dt.date) -> dict[str, Any]:
    """The line of a loan's score; nothing where no model of loans scores it."""
    day = one.scored_day(settings.HOME, as_of, known_on)
    rows = [] if day is None else scores_of(settings.HOME, borrower_id, [day]).to_dicts()
    found = [
        row for row in rows if row["subject"] == "loan" and row["subject_id"] == loan_id and row["role"] == "champion"
    ]
    return {"rows": found, "day": day, "may_open": scope.may_open(context["request"])}


def _badge(label: object, colour: str) -> SafeString:
    return format_html('<span class="b {}">{}</span>', colour, label)


@register.filter
def standing(code: str) -> SafeString:
    """How a version stands, as a badge."""
    return _badge(*labels.STANDINGS[code])


@register.filter
def model_kind(code: str) -> str:
    """What a kind of model is called."""
    return str(labels.KINDS[code])


@register.filter
def scores_whom(code: str) -> str:
    """What a model's subject is called."""
    return str(labels.SUBJECTS[code])


@register.filter
def light(code: str | None) -> SafeString:
    """A traffic light as a badge with its word; hatched where there is none."""
    if not code:
        return _badge("–", "none")
    return _badge(*labels.LIGHTS[code])


@register.filter
def finding(level: str) -> SafeString:
    """The level of a finding, as a badge."""
    return _badge(*labels.LEVELS[level])


@register.filter
def step(code: str) -> str:
    """What a step of a version is called."""
    return str(labels.EVENTS[code])


@register.filter
def origin(code: str) -> str:
    """Where a step was taken."""
    return str(labels.ORIGINS[code])


@register.filter
def role(code: str | None) -> str:
    """What a role is called."""
    return str(labels.ROLES[code]) if code else ""


@register.filter
def in_language(text: Said | Mapping[str, str] | None) -> str:
    """A text of both languages in that of the page."""
    if text is None:
        return ""
    if isinstance(text, Mapping):
        return text["zh" if labels.chinese() else "en"]
    return labels.said(text)


@register.filter
def figure(value: float | str | None, places: int = 3) -> str:
    """A number with so many decimals; a dash where there is none, or nothing that could have one."""
    return "–" if value is None or isinstance(value, str) else f"{value:.{places}f}".replace("-", "\N{MINUS SIGN}")


@register.filter
def chance(p: float) -> str:
    """A probability of chance; the smallest are not told apart."""
    return f"< {LEAST_CHANCE:g}" if p < LEAST_CHANCE else f"{p:.3f}"


@register.filter
def ends(interval: Any, places: int = 3) -> str:
    """The ends of an interval, of an object or a row with `low` and `high`; empty where it has none."""
    low, high = (interval["low"], interval["high"]) if isinstance(interval, dict) else (interval.low, interval.high)
    return "" if low is None or high is None else f"{low:.{places}f} – {high:.{places}f}"


@register.filter
def share_ends(interval: Any) -> str:
    """The same of shares, in percent."""
    low, high = (interval["low"], interval["high"]) if isinstance(interval, dict) else (interval.low, interval.high)
    return "" if low is None or high is None else f"{low:.2%} – {high:.2%}"


@register.filter
def signed(points: float | None) -> str:
    """Points with their sign."""
    return "–" if points is None else f"{points:+g}".replace("-", "\N{MINUS SIGN}") if points else "0"


@register.filter
def input_name(line: Line) -> str:
    """What an input is called."""
    return line.input.label(chinese=labels.chinese())


@register.filter
def stands(line: Line) -> str:
    """How a subject stands in an input."""
    return valued(line, settings.HOME.settings.base_currency, chinese=labels.chinese())


@register.filter
def better_at(line: Line) -> str:
    """The nearest bin that gives more, in words."""
    return (
        span(line, line.better.place, settings.HOME.settings.base_currency, chinese=labels.chinese())
        if line.better is not None
        else ""
    )


@register.filter
def against(line: Line) -> str:
    """Points that an input takes or adds, with their sign."""
    return signed(round(-line.lost, 1) + 0.0)


@register.filter
def person(username: str, people: Mapping[str, str]) -> str:
    """What somebody is called; their name of signing in where they are no user."""
    return people.get(username) or username or "–"
