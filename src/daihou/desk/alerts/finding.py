"""What is looked for in the inbox becomes a filter: the number of an alert, a borrower's number, a model or its version, or by the vault's search an exact name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.desk.alerts import chosen as choice
from daihou.desk.alerts import scope
from daihou.desk.vault import finding

if TYPE_CHECKING:
    from django.http import QueryDict

    from daihou.desk.asked import Asked


def resolved(request: Asked, query: QueryDict) -> QueryDict | None:
    """The address with the borrowers found instead of the text, so that no name stays in it; None where it holds none, or nobody was found.

    Who may search by name is logged as in the search of every page, without the text.
    """
    text = query.get("q", "").strip()[: choice.CHARACTERS]
    if not text or choice.NUMBER.fullmatch(text):
        return None
    name, seen = "borrower", scope.seen(request.user, request.rights)
    if seen.filter(borrower_id=text).exists():
        found = [text]
    elif seen.filter(choice.of_model(text), borrower_id="").exists():
        name, found = "model", [text]
    elif request.rights.may(finding.ACTION):
        found = [hit.borrower_id for hit in finding.search(request, text).hits]
    else:
        found = []
    if not found:
        return None
    without = query.copy()
    for gone in ("q", "page"):
        without.pop(gone, None)
    without[name] = ",".join(found)
    return without
