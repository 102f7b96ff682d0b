"""Why an arrangement may not be, in sentences with their figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from daihou.desk.templatetags.figures import amount, percent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daihou.collection.arrangement import Trouble

COMPONENT_NAMES: Final[dict[str, Any]] = {
    "principal": pgettext_lazy("component of a claim", "Principal"),
    "interest": pgettext_lazy("component of a claim", "Interest"),
    "fee": pgettext_lazy("component of a claim", "Fees"),
    "charges": pgettext_lazy("component of a claim", "Penalties and costs"),
    "unsplit": pgettext_lazy("component of a claim", "Not split up"),
}
SENTENCES: Final[dict[str, Any]] = {
    "nothing_owed": gettext_lazy("Nothing is past due on %(day)s, so there is nothing to agree on."),
    "no_parts": gettext_lazy("Name at least one part, with its day and amount."),
    "too_many_parts": gettext_lazy("It has %(parts)s parts; policy allows %(most)s."),
    "part_not_positive": gettext_lazy("Every part needs an amount above 0."),
    "parts_not_ascending": gettext_lazy("The days of the parts must rise from row to row."),
    "part_past": gettext_lazy("A part lies before %(day)s, the day of agreement."),
    "no_length": gettext_lazy("Say by how many months it is extended, or until which day; not both."),
    "until_past": gettext_lazy("It must be extended to a day after %(day)s."),
    "too_long": gettext_lazy("It goes on for %(days)s days; policy agrees on %(most)s at most."),
    "waived_wrong": gettext_lazy("What is waived must be amounts of 0 or more."),
    "nothing_waived": gettext_lazy("Say what is waived."),
    "waived_too_much": gettext_lazy("%(component)s: %(waived)s is waived, but %(owed)s is past due."),
    "too_much": gettext_lazy("Its parts come to %(paid)s, more than the %(owed)s that is past due."),
    "not_exact": gettext_lazy(
        "Parts of %(paid)s and a waiver of %(waived)s do not make the %(owed)s that is past due."
    ),
    "paid_too_little": gettext_lazy(
        "It brings %(paid)s; policy asks for %(least)s at least, %(share)s of what is past due."
    ),
}
BEYOND: Final[dict[str, Any]] = {
    "forgives": gettext_lazy("More is given up than a branch may give up."),
    "longest": gettext_lazy("It goes on for longer than a branch may agree on."),
    "no_rate": gettext_lazy("There is no exchange rate by which to tell a branch's limit."),
}
MONEY: Final = ("paid", "owed", "waived", "least")


def sentences(troubles: Iterable[Trouble], currency: str) -> list[str]:
    """Each trouble as a sentence, amounts in a currency."""
    found = []
    for trouble in troubles:
        values: dict[str, Any] = dict(trouble.values)
        for name in MONEY:
            if name in values:
                values[name] = amount(values[name], currency)
        if "share" in values:
            values["share"] = percent(values["share"], 0)
        if "component" in values:
            values["component"] = COMPONENT_NAMES[values["component"]]
        found.append(str(SENTENCES[trouble.code]) % values)
    return found


def changed(troubles: Iterable[Trouble], currency: str) -> str:
    """Why what was submitted cannot be approved any more: the claim has moved on."""
    return _("By the claim of today it no longer fits: %(why)s Return it, so that it is drafted anew.") % {
        "why": " ".join(sentences(troubles, currency))
    }
