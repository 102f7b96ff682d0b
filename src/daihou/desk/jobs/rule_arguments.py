"""What the jobs of rules are told: the question for a threshold, and the span and the rules of a backtest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.functional import lazy
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from daihou.book.errors import DaihouError
from daihou.desk.jobs.day import Day

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from daihou.expressions import Columns, Field

SUGGESTED: Final = "suggest.json"
BACKTESTED: Final = "backtest.json"
"""What the commands write into the folder of their job."""
DRAFT: Final = ".draft.yaml"
"""The rule that a backtest is given beside those in force, in the same folder."""
CONDITION, TEXT = 2_000, 40_000
MOST_MONTHS: Final = 120
RULE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
QUESTION: Final = (
    "measure", "subject", "segment", "default", "within", "from", "to", "step", "by", "goal", "aim", "worse",
)  # fmt: skip
SPAN: Final = ("rules", "default", "within", "from", "to", "step", "by")
"""The fields in the order in which they are asked."""
STEPS: Final = [("month-end", _("Month ends")), ("week", _("Weeks")), ("day", _("Days"))]
SUBJECTS: Final = [
    ("loan", pgettext_lazy("subject of a rule", "Loan")),
    ("borrower", pgettext_lazy("subject of a rule", "Borrower")),
]
GOALS: Final = [
    ("budget", _("An alert budget: the most caught within it")),
    ("capture", _("A share to be caught: the fewest alerts for it")),
    ("cost", _("What errors cost: the least in all")),
]
AIMS: Final[Mapping[str, tuple[re.Pattern[str], Any]]] = {
    "budget": (re.compile(r"\d+(?:\.\d+)?"), _("Write alerts per 1,000 a month, like 10.")),
    "capture": (re.compile(r"\d+(?:\.\d+)?%"), _("Write a share, like 60%.")),
    "cost": (
        re.compile(r"\d+(?:\.\d+)?\s*[:：]\s*\d+(?:\.\d+)?"),
        _("Write the cost of a false alarm to that of a missed default, like 1:20."),
    ),
}
"""How the aim of each goal is written."""


def _measures() -> list[tuple[str, str]]:
    """Every measure that has thresholds, of loans first. What measures are made of is heavy: asked when needed."""
    from daihou.expressions.field import NUMERIC

    return _named(lambda field: field.unit in NUMERIC)


def _parts() -> list[tuple[str, str]]:
    """Every column by which a book may be told apart."""
    from daihou.runs.watch.asked import TOLD_APART

    return [("", "–"), *_named(lambda field: field.unit in TOLD_APART)]


def _named(fits: Callable[[Field], bool]) -> list[tuple[str, str]]:
    from daihou.warning.columns import columns_of

    fields = {**columns_of("loan"), **columns_of("borrower")}
    return [(name, f"{name} · {field.zh if _chinese() else field.en}") for name, field in fields.items() if fits(field)]


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


def _select(label: Any, choices: Any, **more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, **more)


def _in_words(error: DaihouError) -> str:
    return " ".join(error.zh if _chinese() else (error.message, error.remedy))


_told = lazy(_in_words, str)
"""An error as sentences, in the language in which they will be read."""


class Numbers(forms.Field):
    """Numbers of rules: typed with blanks or commas between, or a list of them."""

    def to_python(self, value: Any) -> list[str]:
        """The numbers, each once."""
        stated = value if isinstance(value, list) else re.split(r"[\s,，、]+", str(value or ""))
        found = list(dict.fromkeys(str(one) for one in stated if one))
        for one in found:
            if not RULE.fullmatch(one):
                raise forms.ValidationError(_("%(stated)s is no number of a rule."), params={"stated": one})
        return found


class _History(forms.Form):
    """What both ask: what counts as default, within how many months, over which dates, told apart by what."""

    default = forms.CharField(
        label=_("Default is"),
        initial="dpd > 90",
        max_length=CONDITION,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("A condition over the measures of a loan."),
    )
    within = forms.IntegerField(
        label=_("Within months"), initial=12, validators=[MinValueValidator(1), MaxValueValidator(MOST_MONTHS)]
    )
    step = _select(_("Dates between"), STEPS)
    by = _select(
        _("Told apart by"),
        _parts,
        required=False,
        widget=forms.Select({"data-choose": ""}),
        help_text=_("Empty: the book as a whole."),
    )
    about = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    """The rule from whose page it was asked; nothing to the command."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["from"] = Day(label=_("First date"), required=False, help_text=self.EARLIEST)
        self.fields["to"] = Day(label=_("Last date"), required=False, help_text=_("Empty: the business date."))

    EARLIEST: ClassVar[Any] = _("Empty: as far back as the book is known.")

    def clean(self) -> dict[str, Any]:
        """The condition of default can be judged, the dates stand in order, and the rule it is about has a number."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("from"), cleaned.get("to")
        if first and last and first >= last:
            self.add_error("to", _("The last date lies before the first."))
        if cleaned.get("default"):
            self._tried("default", lambda: _default(cleaned["default"]))
        if cleaned.get("about") and not RULE.fullmatch(cleaned["about"]):
            self.add_error("about", _("%(stated)s is no number of a rule.") % {"stated": cleaned["about"]})
        return cleaned

    def _tried(self, name: str, act: Callable[[], Any]) -> None:
        """Do it; what is wrong stands at the field."""
        try:
            act()
        except DaihouError as error:
            self.add_error(name, forms.ValidationError(_told(error)))


class Suggest(_History):
    """Ask for the threshold of a measure."""

    EARLIEST: ClassVar[Any] = _("Empty: 36 months back, or as far as the book is known.")

    measure = _select(_("Measure"), _measures, widget=forms.Select({"data-choose": ""}))
    subject = _select(_("Watches"), SUBJECTS)
    segment = forms.CharField(
        label=_("Applies to"),
        required=False,
        max_length=CONDITION,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("A condition; empty: everybody."),
    )
    goal = _select(_("Choose by"), GOALS)
    aim = forms.CharField(
        label=_("Aim"),
        required=False,
        max_length=20,
        help_text=_(
            "A budget like 10 per 1,000 a month, a share like 60%, costs like 1:20. Empty: the budget of the policy."
        ),
    )
    worse = _select(
        _("Which way it is bad"),
        [("", _("as the catalogue says")), ("high", _("high values")), ("low", _("low values"))],
        required=False,
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.order_fields(QUESTION)

    def clean(self) -> dict[str, Any]:
        """The measure, the segment and the parts are those of who is watched; the aim is written as its goal asks."""
        cleaned = super().clean()
        goal, aim = cleaned.get("goal", ""), cleaned.get("aim", "").replace(" ", "")
        if aim or goal not in ("", "budget"):
            pattern, how = AIMS[goal] if goal in AIMS else (re.compile(""), "")
            if not pattern.fullmatch(aim) or not re.search("[1-9]", aim):
                self.add_error("aim", how)
        cleaned["aim"] = aim.replace("：", ":")
        if cleaned.get("subject"):
            self._fits(cleaned)
        return cleaned

    def _fits(self, cleaned: dict[str, Any]) -> None:
        from daihou.runs.watch.asked import segment_condition, told_apart
        from daihou.warning.columns import columns_of

        columns = columns_of(cleaned["subject"])
        if cleaned.get("measure"):
            self._measure_fits(cleaned, columns)
        if cleaned.get("segment"):
            self._tried("segment", lambda: segment_condition(cleaned["segment"], columns))
        if cleaned.get("by"):
            self._tried("by", lambda: told_apart(cleaned["by"], columns))

    def _measure_fits(self, cleaned: dict[str, Any], columns: Columns) -> None:
        from daihou.warning.columns import families_of

        if cleaned["measure"] not in columns:
            self.add_error("measure", _("Who is watched has no such measure."))
            return
        measures = {one.name: one for family in reversed(families_of(cleaned["subject"])) for one in family.measures}
        if measures[cleaned["measure"]].bad == "none" and not cleaned.get("worse"):
            self.add_error("worse", _("The catalogue does not say it for this measure: choose."))


class Backtest(_History):
    """Ask what rules would have said on past dates."""

    rules = Numbers(
        label=_("Rules"),
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("Numbers, with blanks between; empty: all in force."),
    )
    draft = forms.CharField(required=False, max_length=TEXT, strip=False, widget=forms.HiddenInput)
    """A rule as YAML, to be judged beside those in force."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.order_fields(SPAN)


def _default(text: str) -> None:
    from daihou.runs.watch.asked import default_condition

    default_condition(text)


def suggest_words(arguments: Mapping[str, Any]) -> list[str]:
    """The words of the command that answers a question for a threshold."""
    told = {name: value for name, value in arguments.items() if name not in ("measure", "goal", "aim", "about")}
    goal = [f"--{arguments['goal']}={arguments['aim']}"] if "aim" in arguments else []
    return ["rules", "suggest", arguments["measure"], *_options(told), *goal, f"--json={SUGGESTED}"]


def backtest_words(arguments: Mapping[str, Any]) -> list[str]:
    """The words of the command that does a backtest."""
    told = {name: value for name, value in arguments.items() if name not in ("rules", "draft", "about")}
    draft = [f"--draft={DRAFT}"] if "draft" in arguments else []
    return ["rules", "backtest", *arguments.get("rules", []), *_options(told), *draft, f"--json={BACKTESTED}"]


def _options(arguments: Mapping[str, Any]) -> list[str]:
    return [f"--{name}={f'{value}m' if name == 'within' else value}" for name, value in arguments.items()]
