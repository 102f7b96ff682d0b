"""Why a case stands where it stands on a list, in words: the reason, and what speaks for it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from daihou.book import money
from daihou.collection.ordering import WHOLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daihou.desk.casework.models import Row

NAMES: Final = {
    "call_agreed": pgettext_lazy("reason on a list", "Call agreed"),
    "plan_part_due": pgettext_lazy("reason on a list", "Part of a plan due"),
    "promise_due": pgettext_lazy("reason on a list", "Promise due"),
    "promise_broken": pgettext_lazy("reason on a list", "Promise broken"),
    "first_payment": pgettext_lazy("reason on a list", "First payment missed"),
    "out_of_touch": pgettext_lazy("reason on a list", "Out of touch"),
    "expected_recovery": pgettext_lazy("reason on a list", "Expected recovery"),
}
"""By code of `collection.ordering`."""


@dataclass(frozen=True, slots=True)
class Why:
    """A reason as a word, the values that speak for it as a sentence, and what is expected of the contact."""

    name: Any
    told: str
    expected: str


def why(row: Row) -> Why:
    """Why a row stands where it stands, in the language in hand."""
    return Why(NAMES[row.reason], _told(row.reason, row.values), _expected(row.values))


def _told(reason: str, values: Mapping[str, Any]) -> str:
    """What the reason names: a time, a day and an amount, how often or how long; of expected recovery the reckoning itself."""
    if reason == "call_agreed":
        at = timezone.localtime(dt.datetime.fromisoformat(values["call_at"]))
        return _("Agreed for %(at)s") % {"at": f"{at:%Y-%m-%d %H:%M}"}
    if reason in ("promise_due", "plan_part_due"):
        due = {"day": values["due_on"], "amount": money.text(values["due"], values["currency"])}
        return _("%(amount)s by %(day)s") % due
    if reason == "promise_broken":
        return ngettext("%(count)d promise broken", "%(count)d promises broken", values["broken"]) % {
            "count": values["broken"]
        }
    if reason == "out_of_touch":
        days = values["silent_days"]
        return ngettext("%(count)d day without a conversation", "%(count)d days without a conversation", days) % {
            "count": days
        }
    return reckoning(values)


def reckoning(values: Mapping[str, Any]) -> str:
    """How a place by expected recovery was reckoned: 18,440.72 x 35 % in 6 minutes."""
    return _("%(claim)s × %(chance)s ÷ %(minutes)s min") % {
        "claim": money.text(values["claim"], values["currency"]),
        "chance": chance(values["chance"]),
        "minutes": f"{Decimal(values['seconds']) / 60:.3g}",
    }


def chance(millionths: int) -> str:
    """Millionths in percent, with as many places as say something: 35%, 24.5%."""
    return f"{Decimal(millionths) * 100 / WHOLE:.4f}".rstrip("0").rstrip(".") + "%"


def _expected(values: Mapping[str, Any]) -> str:
    """What the contact may be expected to bring."""
    return money.text(values["expected"], values["currency"])
