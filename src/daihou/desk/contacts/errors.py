"""Why something about a contact was not done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import get_language

if TYPE_CHECKING:
    from daihou.collection.conduct.contact import Decision


class RefusedError(Exception):
    """The conduct gate refused; `decision` says by which rules and until when. The refusal is written and stays written."""

    def __init__(self, decision: Decision) -> None:
        first = decision.refusals[0]
        super().__init__(first.zh if (get_language() or "").startswith("zh") else first.en)
        self.decision = decision


class UnfitError(Exception):
    """What was asked for does not fit together, or is not for this user; the text says why, in the language in hand."""
