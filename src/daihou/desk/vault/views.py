"""Pages of the vault: the search box, a person masked, a person uncovered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.shortcuts import redirect, render
from django.utils.translation import get_language, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from daihou.desk import errors
from daihou.desk.access import needs
from daihou.desk.audit.log import record as log
from daihou.desk.vault import finding, people
from daihou.desk.vault.forms import PurposeForm
from daihou.desk.vault.portfolio_reach import in_reach, loan_in_reach
from daihou.desk.vault.uncovering import ACTION, FIELDS, MOST_AN_HOUR, TooOftenError
from daihou.desk.vault.uncovering import reveal as uncover

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked

LONGEST: Final = 200
"""Characters of a search."""


@needs("portfolio.view")
@require_GET
@never_cache
def find(request: Asked) -> HttpResponse:
    """Go to the loan or the borrower of this number; else list who has this name, id number, phone or e-mail."""
    text = request.GET.get("q", "").strip()[:LONGEST]
    reach = request.rights.reach("portfolio.view")
    if text and loan_in_reach(text, reach):
        return redirect("loan", loan_id=text)
    if text and in_reach([text], reach):
        return redirect("borrower", borrower_id=text)
    may_search = request.rights.may(finding.ACTION)
    found = finding.search(request, text) if text and may_search else None
    searched = pgettext("between things of a list", ", ").join(finding.searched(found))
    shown = {"text": text, "may_search": may_search, "found": found, "searched": searched, "most": finding.SHOWN}
    return render(request, "vault/find.html", shown)


@needs("portfolio.view")
@require_GET
@never_cache
def person(request: Asked, borrower_id: str) -> HttpResponse:
    """The panel of a person, masked."""
    if not in_reach([borrower_id], request.rights.reach("portfolio.view")):
        return errors.missing(request)
    return render(request, "vault/person_panel.html", panel(borrower_id))


@needs("person.reveal")
@require_http_methods(["GET", "POST"])
@never_cache
def reveal(request: Asked, borrower_id: str) -> HttpResponse:
    """Ask what for; then show the person in full, in this answer only."""
    if not in_reach([borrower_id], request.rights.reach(ACTION)):
        log(request, "access.refused", "borrower", borrower_id, {"needs": ACTION})
        return errors.missing(request)
    form = PurposeForm(request.POST if request.method == "POST" else None)
    answer: dict[str, Any] = {}
    status = 200
    if form.is_valid():
        try:
            answer["seen"] = uncover(
                request, borrower_id, FIELDS, form.cleaned_data["purpose"], form.cleaned_data["note"]
            )
        except TooOftenError as error:
            answer["refused"] = error.zh if (get_language() or "").startswith("zh") else (error.message, error.remedy)
            status = 429
    elif form.is_bound:
        status = 422
    shown = panel(borrower_id) | {"form": form, "most": MOST_AN_HOUR} | answer
    if request.headers.get("HX-Request"):
        return render(request, "vault/reveal_part.html", shown)  # as a 200: htmx puts nothing else in place
    return render(request, "vault/reveal.html", shown, status=status)


def panel(borrower_id: str) -> dict[str, Any]:
    """What `vault/person_panel.html` needs: the person masked, or the day on which they were erased."""
    shown = people.masked(borrower_id)
    erased_on = people.erased_on(borrower_id) if shown is None else None
    return {"borrower_id": borrower_id, "person": shown, "erased_on": erased_on}
