"""What a job was told, in the words of the page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from daihou.desk.jobs.arguments import History, result
from daihou.desk.jobs.model_arguments import KINDS
from daihou.desk.jobs.models import Kind
from daihou.desk.jobs.rule_arguments import GOALS, SUBJECTS
from daihou.runs.scores.snapshots import called

if TYPE_CHECKING:
    from collections.abc import Mapping

LABELS: Final[Mapping[str, Any]] = {
    "as_of": gettext_lazy("Data date"),
    "known_on": gettext_lazy("Knowledge date"),
    "from": gettext_lazy("First date"),
    "to": gettext_lazy("Last date"),
    "step": gettext_lazy("Dates between"),
    "table": gettext_lazy("Table"),
    "files": gettext_lazy("Files"),
    "mapping": gettext_lazy("Mapping file"),
    "replace": gettext_lazy("Plans sent replace old ones whole"),
    "backfill": gettext_lazy("Facts for sealed dates are allowed"),
    "ending": gettext_lazy("File format"),
    "where": gettext_lazy("Filter"),
    "measure": gettext_lazy("Measure"),
    "subject": gettext_lazy("Watches"),
    "segment": gettext_lazy("Applies to"),
    "default": gettext_lazy("Default is"),
    "within": gettext_lazy("Within months"),
    "by": gettext_lazy("Told apart by"),
    "goal": gettext_lazy("Choose by"),
    "aim": gettext_lazy("Aim"),
    "worse": gettext_lazy("Which way it is bad"),
    "about": gettext_lazy("Rule"),
    "rules": gettext_lazy("Rules"),
    "draft": gettext_lazy("Draft"),
    "design": gettext_lazy("Design"),
    "kind": pgettext_lazy("of a model", "Kind"),
    "note": gettext_lazy("Note"),
    "model": gettext_lazy("Model"),
    "version": gettext_lazy("Version"),
}


CHOICES: Final[Mapping[str, Mapping[str, Any]]] = {
    "subject": dict(SUBJECTS),
    "goal": dict(GOALS),
    "worse": {"high": gettext_lazy("high values"), "low": gettext_lazy("low values")},
    "kind": dict(KINDS),
}
"""What the values of arguments of rules and models are called."""


def summary(kind: str, arguments: Mapping[str, Any]) -> str:
    """The job in a few words, for a list."""
    if kind == Kind.RUN:
        return str(arguments.get("as_of") or _("Business date of the start"))
    if kind == Kind.HISTORY:
        return f"{arguments['from']} – {arguments['to']} · {_value('step', arguments['step'])}"
    if kind == Kind.INTAKE:
        number = len(arguments["files"])
        return f"{arguments['table']} · " + ngettext("%(count)d file", "%(count)d files", number) % {"count": number}
    if kind == Kind.SUGGEST:
        return f"{arguments['measure']} · {arguments['default']}"
    if kind == Kind.BACKTEST:
        named = arguments.get("about") or ", ".join(arguments.get("rules", []))
        return f"{named or _('all rules in force')} · {arguments['default']}"
    if kind == Kind.TRAIN:
        stated = design_id(arguments["design"]) or _("a design")
        return f"{stated} · {_value('kind', arguments['kind'])}"
    if kind == Kind.VALIDATE:
        return called(arguments["model"], int(arguments["version"]))
    return result(arguments)


def design_id(design: str) -> str:
    """The id that a design's text states; empty where it states none."""
    found = re.search(r"^id:\s*([a-z][a-z0-9_]*)", design, re.MULTILINE)
    return found[1] if found else ""


def lines(arguments: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each argument with its label."""
    return [(str(LABELS.get(name, name)), _value(name, value)) for name, value in arguments.items()]


def _value(name: str, value: Any) -> str:
    if value is True:
        return _("yes")
    if name == "step":
        return str(dict(History.STEPS).get(value, value))
    if name == "known_on" and value == "event":
        return _("the day on which each happened")
    if name in CHOICES:
        return str(CHOICES[name].get(value, value))
    if name == "mapping":
        return Path(value).name
    if isinstance(value, list):
        return ", ".join(Path(each).name for each in value)
    return str(value)
