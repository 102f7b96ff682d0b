"""The page of hardship: what was found, what may be agreed within it, and a new assessment."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from daihou.desk.access import needs
from daihou.desk.casework import arrangements, terms
from daihou.desk.casework import hardship as assessing
from daihou.desk.casework.arrangement_form import loans_of
from daihou.desk.casework.choices import Hardships
from daihou.desk.casework.policy import policy
from daihou.desk.casework.views.arrangements import REFUSED, case_in_reach, of_a_case, read_claim
from daihou.desk.refusals import RefusedError, StaleError

if TYPE_CHECKING:
    from django.http import HttpResponse, QueryDict

    from daihou.desk.asked import Asked
    from daihou.desk.casework.models import Case

AMOUNTS: Final = ("income", "living", "other_debts")
LONGEST: Final = 4000


@needs("collection.work")
@require_http_methods(["GET", "POST"])
@never_cache
def hardship(request: Asked, number: int) -> HttpResponse:
    """Show the assessment that holds with what it allows, and the form of a new one; enter it, or say what is missing."""
    case = case_in_reach(request, number)
    refused = assessing.against_entering(case, None, request, arrangements.today())
    trouble = ""
    if request.method == "POST":
        try:
            assessing.enter(case, _assessed(request.POST, case.currency), request, arrangements.today())
        except RefusedError as error:
            trouble = str(error)
        except StaleError:
            trouble = _("The case was changed meanwhile. Look at it again.")
        else:
            messages.success(request, _("The assessment is entered, and that the debtor is in hardship."))
            return redirect("hardship", number=case.pk)
    context = {
        **of_a_case(case),
        **_measured(case),
        "refused": refused,
        "trouble": trouble,
        "causes": Hardships.choices,
        "stated": _stated(request.POST),
    }
    return render(request, "casework/hardship.html", context, status=REFUSED if trouble else 200)


def _measured(case: Case) -> dict[str, Any]:
    """The assessment that holds, the claim beside it, and what it allows."""
    found = assessing.latest(case)
    earlier = list(case.hardships.select_related("actor")[1:6])
    if found is None:
        return {"assessed": None, "earlier": earlier}
    day = arrangements.today()
    far = day + dt.timedelta(days=policy(day).approvals.longest_days)
    loan_ids = [loan.loan_id for loan in loans_of(case) if loan.currency == found.currency]
    claim, fault = read_claim(loan_ids, found.currency, far)
    offers = assessing.proposals(found, claim.basis, day) if claim else []
    return {
        "assessed": found,
        "earlier": earlier,
        "first": claim.basis.first if claim else None,
        "fault": fault,
        "offers": offers,
    }


def _assessed(query: QueryDict, currency: str) -> assessing.Assessed:
    stated = _stated(query)
    for name, label in (("income", _("Income")), ("living", _("Living costs"))):
        if not stated[name]:
            raise RefusedError(_("%(field)s: state an amount a month; 0 is one.") % {"field": label})
    income, living, other = (terms.amount_of(stated[name] or "0", currency) for name in AMOUNTS)
    until = terms.day_of(stated["lasts_until"]) if stated["lasts_until"] else None
    return assessing.Assessed(stated["cause"], currency, income, living, other, until, stated["evidence"])


def _stated(query: QueryDict) -> dict[str, str]:
    names = ("cause", *AMOUNTS, "lasts_until", "evidence")
    return {name: query.get(name, "").strip()[:LONGEST] for name in names}
