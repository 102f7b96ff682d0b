"""Overlays of a model: what a scenario of the market would do, a proposal, and the second person's agreement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from daihou.book.errors import DaihouError
from daihou.desk import errors
from daihou.desk.governance.scope import whole_lender
from daihou.desk.scoring import acting, forms, labels, overlays, policy, registry, scope
from daihou.runs.scores.overlay import estimated

if TYPE_CHECKING:
    import datetime as dt

    from django.http import HttpResponse

    from daihou.assessment.scores.overlay import Estimate
    from daihou.desk.asked import Asked


@whole_lender("models.view")
@require_http_methods(["GET", "HEAD", "POST"])
def overlay(request: Asked, model_id: str) -> HttpResponse:
    """What a scenario would do (`?measure=…&value=…`), and the form that proposes an overlay; sent, it is proposed."""
    versions, day = registry.versions_or_404(model_id), registry.today()
    no_proposing = scope.without_proposing(request)
    if request.method == "POST" and no_proposing:
        return errors.forbidden(request)
    version = registry.known().champion(model_id, day) or versions[-1]
    ask = forms.Ask(request.GET) if request.GET.get("measure") else forms.Ask()
    found, refused = None, ""
    if ask.is_bound and ask.is_valid():
        try:
            found = estimated(
                settings.HOME, version, ask.cleaned_data["measure"], float(ask.cleaned_data["value"]), day
            )
        except DaihouError as error:
            refused = " ".join(labels.told(error))
    form = forms.Propose(request.POST) if request.method == "POST" else forms.Propose(initial=_initial(ask, found, day))
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        scenario = {name: said[name] for name in ("measure", "value") if said[name]}
        try:
            acting.propose(
                request, model_id, float(said["multiplier"]), (said["from_on"], said["to_on"]), scenario, said["note"]
            )
        except DaihouError as error:
            form.add_error(None, " ".join(labels.told(error)))
        else:
            messages.success(request, _("The overlay is proposed. Somebody else agrees to it."))
            return redirect("model", model_id)
    context = {
        "model_id": model_id, "version": version, "ask": ask, "form": form, "estimate": found, "refused": refused, "no_proposing": no_proposing,
        "house": policy.limits(day), "name": version.trained.payload["name"],
    }  # fmt: skip
    return render(request, "scoring/overlay.html", context, status=422 if form.is_bound else 200)


def _initial(ask: forms.Ask, found: Estimate | None, day: dt.date) -> dict[str, Any]:
    """A proposal begins with the estimate."""
    if found is None:
        return {"from_on": day}
    return {
        "from_on": day,
        "multiplier": f"{found.multiplier:.4f}",
        "measure": ask.cleaned_data["measure"],
        "value": str(ask.cleaned_data["value"]),
    }


@whole_lender("models.review")
@require_POST
def agree(request: Asked, model_id: str, number: int) -> HttpResponse:
    """Agree to an overlay that somebody else proposed."""
    registry.versions_or_404(model_id)
    if not any(one.proposed.version == number for one in overlays.of(model_id, registry.today())):
        raise Http404
    form = forms.Agree(request.POST)
    note = form.cleaned_data["note"] if form.is_valid() else ""
    try:
        acting.agree(request, model_id, number, note)
    except DaihouError as error:
        messages.error(request, " ".join(labels.told(error)))
    else:
        messages.success(request, _("Overlay %(number)d is agreed.") % {"number": number})
    return redirect("model", model_id)
