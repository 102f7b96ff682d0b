"""The answer to a question for a threshold, as its page and its file tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from daihou.desk.governance import labels, tradeoff
from daihou.desk.governance.tradeoff import said
from daihou.warning.columns import columns_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daihou.desk.jobs.models import Job

    Found = Mapping[str, Any]

STEPS: Final = {"day": gettext_lazy("days"), "week": gettext_lazy("weeks"), "month-end": gettext_lazy("month ends")}
KNOWLEDGE: Final = {
    "recorded": gettext_lazy("Knowledge dates: recorded"),
    "assumed": gettext_lazy("Knowledge dates: assumed"),
    "mixed": gettext_lazy("Knowledge dates: partly assumed"),
}


def heading(job: Job) -> str:
    """What was asked, for a list and a title."""
    asked = job.arguments
    return f"{measure_label(asked['measure'], asked['subject'])} · {default_said(asked['default'], asked['within'])}"


def measure_label(name: str, subject: str) -> str:
    """What a measure is called; its name where the catalogue has it no more."""
    field = columns_of("borrower" if subject == "borrower" else "loan").get(name)
    return name if field is None else field.zh if labels.chinese() else field.en


def default_said(default: str, months: int) -> str:
    """What counts as default."""
    return _("default: %(default)s within %(months)d months") % {"default": default, "months": months}


def spine_said(found: Found) -> str:
    """The dates, who stood on them, and how many came into default."""
    spine = found["spine"]
    words = (
        _("%(first)s to %(last)s, %(dates)d %(step)s; %(subjects)s borrowers at risk, %(defaults)s defaults")
        if found["subject"] == "borrower"
        else _("%(first)s to %(last)s, %(dates)d %(step)s; %(subjects)s loans at risk, %(defaults)s defaults")
    )
    counts = {name: f"{found[name]:,}" for name in ("subjects", "defaults")}
    return words % {**spine, "step": STEPS.get(spine["step"], spine["step"]), **counts}


def shown(found: Found, about: str, at: int | None = None) -> dict[str, Any]:
    """The context of `governance/tradeoff.html`, at a candidate where one is named, and all else that the page tells."""
    rows, at = tradeoff.candidates(found, about), tradeoff.start(found, about) if at is None else at
    return {
        "found": found,
        "drawn": tradeoff.drawn(found, about, at) if rows else None,
        "candidates": rows,
        "at": at,
        "slide": len(rows) - 1 - at,
        "first": rows[at] if rows else None,
        "now": tradeoff.present(found, about),
        "measure": measure_label(found["measure"], found["subject"]),
        "asks": default_said(found["default"], found["horizon_months"]),
        "confidence": round(100 * found["intervals"]["confidence"]),
        "spine": spine_said(found),
        "knowledge": KNOWLEDGE.get(found["spine"]["knowledge"], ""),
        "advice": said(found["advice"]),
        "pair": [(name, said(found[name]["why"])) for name in ("amber", "red") if found[name]],
        "segments": [_segment(one, found) for one in found["segments"]],
        "apart": measure_label(found["by"], found["subject"]) if found["by"] else "",
        "notes": [said(note) for note in found["notes"]],
    }


def as_rows(found: Found) -> list[list[Any]]:
    """The candidates as rows of a file, the heading first; shares as fractions of one."""
    columns: tuple[tuple[str, str], ...] = (
        ("support", _("Dates beyond")), ("episodes", _("Alerts in all")), ("alerts", _("Alerts per 1,000 a month")), ("rate_above", _("Default rate beyond")),
        ("rate_below", _("Default rate below")), ("lift", _("Lift")), ("precision", _("Precision")), ("caught_share", _("Caught")),
        ("caught_balance_share", _("Caught of balance")), ("lead_days", _("Lead in days")), ("censored", _("Not over yet")),
    )  # fmt: skip
    return [
        [pgettext("of a rule", "Condition"), *(label for _name, label in columns), _("Mark")],
        *([row.condition, *(row.figures[name] for name, _label in columns), ", ".join(row.marks)] for row in tradeoff.candidates(found)),
    ]  # fmt: skip


def _segment(one: Found, found: Found) -> dict[str, Any]:
    """A segment: how many defaults, its own best threshold and what that would do, or why there is none."""
    own = one["at_own"]
    return {
        "name": code_said(found["by"], one["name"], found["subject"]),
        "subjects": one["subjects"],
        "defaults": one["defaults"],
        "condition": own["condition"] if own else "",
        "alerts": "" if own is None or own["alerts"] is None else f"{own['alerts']:,.1f}",
        "precision": own["precision"] if own else None,
        "caught": own["caught_share"] if own else None,
        "why": said(one["note"]) or (said(one["chosen"]["why"]) if one["chosen"] and own is None else ""),
    }


def code_said(column: str | None, code: str | None, subject: str) -> str:
    """What a code of a column is called."""
    if code is None or code == "":
        return _("not stated")
    field = columns_of("borrower" if subject == "borrower" else "loan").get(column or "")
    return code if field is None else field.label(code, chinese=labels.chinese())
