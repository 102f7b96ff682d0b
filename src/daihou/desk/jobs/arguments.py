"""What each kind of job is told: a form per kind checks it, and makes it into words of the command line."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from daihou.book import contracts
from daihou.book.errors import DaihouError
from daihou.desk.jobs.day import Day
from daihou.desk.jobs.model_arguments import DESIGN, Train, Validate, train_words, validate_words
from daihou.desk.jobs.models import Kind
from daihou.desk.jobs.rule_arguments import DRAFT, Backtest, Suggest, backtest_words, suggest_words

if TYPE_CHECKING:
    from collections.abc import Mapping


class Files(forms.Field):
    """Paths of files within the home."""

    def to_python(self, value: Any) -> list[str]:
        """The paths, each of a file that is there."""
        stated = [value] if isinstance(value, str) else list(value or [])
        return [_within_home(str(path)) for path in stated]


class Within(forms.Field):
    """The path of one file within the home."""

    def to_python(self, value: Any) -> str | None:
        """The path, of a file that is there."""
        return _within_home(str(value)) if value else None


def _within_home(stated: str) -> str:
    home = Path(settings.HOME.path).resolve()
    path = (home / stated).resolve()
    if not path.is_relative_to(home):
        raise forms.ValidationError(_("%(path)s does not lie in the home."), params={"path": stated})
    if not path.is_file():
        raise forms.ValidationError(_("%(path)s is not there any more: send it again."), params={"path": path.name})
    return str(path)


def _exported() -> list[tuple[str, str]]:
    """The tables that can be exported. Asked when needed: what runs are made of is heavy, and the worker needs none of it."""
    from daihou.runs.export import tables

    return [(name, name) for name in tables()]


class Run(forms.Form):
    """Measure every loan on a date."""

    as_of = Day(label=_("Data date"), required=False, help_text=_("The business date of the start, unless given."))
    known_on = Day(label=_("Knowledge date"), required=False, help_text=_("The newest knowledge, unless given."))


class History(forms.Form):
    """Measure every loan on many dates. The fields `from` and `to` are named like the options."""

    STEPS: ClassVar = [("month-end", _("Month ends")), ("week", _("Weeks")), ("day", _("Days"))]

    step = forms.ChoiceField(
        label=_("Dates between"),
        choices=STEPS,
        required=False,
        help_text=_("What follows from month to month needs every month end."),
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    known_on = Day(
        label=_("Knowledge date"), required=False, help_text=_("Every date by the knowledge of its day, unless given.")
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields = {"from": Day(label=_("First date")), "to": Day(label=_("Last date")), **self.fields}

    def clean(self) -> dict[str, Any]:
        """The first date comes first."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("from"), cleaned.get("to")
        if first and last and first > last:
            self.add_error("to", _("The last date lies before the first."))
        cleaned["step"] = cleaned.get("step") or "month-end"
        return cleaned


class Intake(forms.Form):
    """Take in files of facts that lie in the home."""

    table = forms.ChoiceField(choices=[(name, name) for name in contracts.TABLES])
    files = Files()  # type: ignore[assignment]  # no upload: paths
    mapping = Within(required=False)
    known_on = forms.CharField(required=False, max_length=10)
    replace = forms.BooleanField(required=False)
    backfill = forms.BooleanField(required=False)

    def clean_known_on(self) -> str:
        """A date, or `event`."""
        stated = str(self.cleaned_data["known_on"])
        if stated not in ("", "event"):
            try:
                dt.date.fromisoformat(stated)
            except ValueError:
                raise forms.ValidationError(_("%(stated)s is no date."), params={"stated": stated}) from None
        return stated


class Export(forms.Form):
    """Write a table to a file."""

    table = forms.ChoiceField(choices=_exported)
    ending = forms.CharField(validators=[RegexValidator(r"^\.[a-z]+$")])
    as_of = Day(required=False)
    known_on = Day(required=False)
    where = forms.CharField(required=False, max_length=4_000)

    def clean(self) -> dict[str, Any]:
        """The table can be written so."""
        cleaned = super().clean() or {}
        from daihou.runs.export import endings

        table, ending = cleaned.get("table"), cleaned.get("ending")
        if table and ending and ending not in endings(table):
            self.add_error("ending", _("Endings are: %(endings)s.") % {"endings": ", ".join(endings(table))})
        return cleaned


FORMS: Final[dict[str, type[forms.Form]]] = {
    Kind.RUN: Run,
    Kind.HISTORY: History,
    Kind.INTAKE: Intake,
    Kind.EXPORT: Export,
    Kind.SUGGEST: Suggest,
    Kind.BACKTEST: Backtest,
    Kind.TRAIN: Train,
    Kind.VALIDATE: Validate,
}


def plain(form: forms.Form) -> dict[str, Any]:
    """What a valid form holds, as JSON can: dates as ISO texts, and nothing that was not stated."""
    return {
        name: value.isoformat() if isinstance(value, dt.date) else value
        for name, value in form.cleaned_data.items()
        if value not in (None, "", False, [])
    }


def checked(kind: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments as the form of the kind takes them; DaihouError where it does not."""
    form = FORMS[Kind(kind)](dict(arguments))
    if form.is_valid():
        return plain(form)
    raise DaihouError(
        f"The arguments are wrong: {_said(form, 'en')}",
        "Correct it and start the job again.",
        zh=(f"参数有误：{_said(form, 'zh-hans')}", "请更正后重新发起任务。"),
    )


def _said(form: forms.Form, language: str) -> str:
    with translation.override(language):
        return " ".join(
            str(message) for messages in form.errors.as_data().values() for each in messages for message in each
        )


def given(kind: str, arguments: Mapping[str, Any]) -> dict[str, str]:
    """Files that the command reads from its folder, by name: their text."""
    if kind == Kind.TRAIN:
        return {DESIGN: arguments["design"]}
    return {DRAFT: arguments["draft"]} if kind == Kind.BACKTEST and "draft" in arguments else {}


def words(kind: str, arguments: Mapping[str, Any], person: str = "") -> list[str]:
    """The arguments as words of the command line; each value is joined to its option, so that none passes for an option itself.

    `person` is who asked for the job, for the commands that keep who did something.
    """
    if kind == Kind.TRAIN:
        return train_words(arguments, person)
    if kind == Kind.VALIDATE:
        return validate_words(arguments, person)
    if kind == Kind.SUGGEST:
        return suggest_words(arguments)
    if kind == Kind.BACKTEST:
        return backtest_words(arguments)
    loose = {"files", "ending", *(("table",) if kind == Kind.EXPORT else ())}
    options = []
    for name, value in arguments.items():
        option = f"--{name.replace('_', '-')}"
        if name not in loose:
            options.append(option if value is True else f"{option}={value}")
    if kind == Kind.INTAKE:
        return [kind, *options, *arguments["files"]]
    if kind == Kind.EXPORT:
        return [kind, arguments["table"], f"--output={result(arguments)}", *options]
    return [kind, *options]


def result(arguments: Mapping[str, Any]) -> str:
    """The name of the file that an export writes."""
    parts = [arguments["table"], *(arguments[name] for name in ("as_of", "known_on") if name in arguments)]
    return "-".join(parts) + str(arguments["ending"])
