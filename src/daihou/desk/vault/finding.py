"""Finding somebody from one text: a loan number, a borrower number, or an exact name, id number, phone or e-mail, all within reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from daihou.desk.audit.log import record as log
from daihou.desk.vault import people
from daihou.desk.vault.keys import keyset, made
from daihou.desk.vault.models import Person
from daihou.desk.vault.portfolio_reach import in_reach, loans_in_reach
from daihou.vault.normal_form import normal_form
from daihou.vault.tokens import guess_kinds, token

if TYPE_CHECKING:
    from daihou.desk.asked import Asked
    from daihou.vault.normal_form import Kind

ACTION: Final = "person.search"
SHOWN: Final = 50
"""Borrowers on the page; who shares a name with more is found by another value."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A borrower found: masked name, kind, and loans within reach."""

    borrower_id: str
    name: str
    kind: str
    loans: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: the kinds of value that were tried, how many within reach, and the first of them."""

    kinds: tuple[Kind, ...]
    count: int
    hits: tuple[Hit, ...]


def search(request: Asked, text: str) -> Found:
    """Who has this very value, among the borrowers whom the user may search; logged without the text."""
    reach = request.rights.reach(ACTION)
    kinds = guess_kinds(text)
    within = sorted(in_reach(people.find(text), reach))
    shown = within[:SHOWN]
    names, loans = people.masked_names(shown), loans_in_reach(shown, reach)
    labels = {
        row.borrower_id: row.get_kind_display()
        for row in Person.objects.filter(borrower_id__in=shown).only("borrower_id", "kind")
    }
    hits = tuple(Hit(number, names.get(number, ""), str(labels.get(number, "")), loans[number]) for number in shown)
    log(request, ACTION, "search", "", _said(text, kinds, len(within)))
    return Found(kinds, len(within), hits)


def searched(found: Found | None) -> list[str]:
    """What was looked through, in words."""
    words = {"name": _("names"), "id_no": _("id numbers"), "phone": _("phone numbers"), "email": _("e-mail addresses")}
    return [_("loan numbers"), _("borrower numbers"), *(words[kind] for kind in (found.kinds if found else ()))]


def _said(text: str, kinds: tuple[Kind, ...], count: int) -> dict[str, Any]:
    """What the log keeps of a search: a token says whether two searches were for the same, and not for what."""
    said: dict[str, Any] = {"kinds": list(kinds), "hits": count}
    if made() and kinds and normal_form(kinds[0], text):
        said["token"] = token(keyset(), kinds[0], text)
    return said
