"""What the jobs of models are told: the design to train, and the version to validate. Who does it is who asked for the job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from collections.abc import Mapping

TRAINED: Final = "trained.json"
VALIDATED: Final = "validated.json"
"""What the commands write into the folder of their job."""
DESIGN: Final = ".design.yaml"
"""The design that training is given, in the same folder."""
TEXT, WORDS = 60_000, 2_000
MODEL_ID: Final = r"^[a-z][a-z0-9_]{2,39}$"
KINDS: Final = [
    ("both", pgettext_lazy("kind of a model", "Scorecard and challenger")),
    ("card", pgettext_lazy("kind of a model", "Scorecard")),
    ("trees", pgettext_lazy("kind of a model", "Boosted trees")),
]


class Train(forms.Form):
    """Train the models of a design."""

    design = forms.CharField(
        label=_("Design"), max_length=TEXT, strip=False,
        widget=forms.Textarea({"rows": 24, "spellcheck": "false", "autocomplete": "off", "class": "form-control mono"}),
    )  # fmt: skip
    kind = forms.ChoiceField(label=pgettext_lazy("of a model", "Kind"), choices=KINDS)
    note = forms.CharField(
        label=_("Note"), required=False, max_length=WORDS, widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("Why it is trained; kept in the register."),
    )  # fmt: skip


class Validate(forms.Form):
    """Validate a version."""

    model = forms.RegexField(MODEL_ID, max_length=40)
    version = forms.IntegerField(min_value=1, max_value=1_000_000)


def train_words(arguments: Mapping[str, Any], person: str) -> list[str]:
    """The words of the command that trains."""
    note = [f"--note={arguments['note']}"] if "note" in arguments else []
    return [
        "models",
        "train",
        DESIGN,
        f"--kind={arguments['kind']}",
        f"--by={person}",
        "--at-desk",
        *note,
        f"--json={TRAINED}",
    ]


def validate_words(arguments: Mapping[str, Any], person: str) -> list[str]:
    """The words of the command that validates."""
    return [
        "models",
        "validate",
        arguments["model"],
        f"--version={arguments['version']}",
        f"--by={person}",
        "--at-desk",
        f"--json={VALIDATED}",
    ]
