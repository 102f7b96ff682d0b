"""What a job was told, in the words of the page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from daihou.desk.jobs.arguments import History, result
from daihou.desk.jobs.models import Kind

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
}


def summary(kind: str, arguments: Mapping[str, Any]) -> str:
    """The job in a few words, for a list."""
    if kind == Kind.RUN:
        return str(arguments.get("as_of") or _("Business date of the start"))
    if kind == Kind.HISTORY:
        return f"{arguments['from']} – {arguments['to']} · {_value('step', arguments['step'])}"
    if kind == Kind.INTAKE:
        number = len(arguments["files"])
        return f"{arguments['table']} · " + ngettext("%(count)d file", "%(count)d files", number) % {"count": number}
    return result(arguments)


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
    if name == "mapping":
        return Path(value).name
    if isinstance(value, list):
        return ", ".join(Path(each).name for each in value)
    return str(value)
