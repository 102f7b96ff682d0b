"""The list of models, and one model: who scores now, how it fares, its versions, its overlays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_GET

from daihou.desk.governance.scope import whole_lender
from daihou.desk.scoring import charts, labels, listing, overlays, policy, registry, scope, watch

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked


@whole_lender("models.view")
@require_GET
def models(request: Asked) -> HttpResponse:
    """Every model, what waits for approval first."""
    day = registry.today()
    rows, counted = listing.rows(day)
    context = {"rows": rows, "counted": counted, "no_training": scope.without_training(request)}
    return render(request, "scoring/models.html", context)


@whole_lender("models.view")
@require_GET
def model(request: Asked, model_id: str) -> HttpResponse:
    """One model; `?of=N` shows how another version than the champion fares."""
    versions, day = registry.versions_or_404(model_id), registry.today()
    frame = watch.watched(model_id)
    champion = registry.known().champion(model_id, day)
    seen = set(frame["model"].unique().to_list())
    stated = request.GET.get("of", "")
    watched = [one for one in versions if one.called in seen]
    shown = next((one for one in watched if stated.isdecimal() and one.number == int(stated)), None) or (
        champion if champion in watched else next(iter(watched[::-1]), None)
    )
    found = None if shown is None else watch.of(shown, frame)
    house = policy.limits(day)
    validated = shown.validated.payload.get("auc") if shown is not None and shown.validated is not None else None
    context = {
        "model_id": model_id, "day": day, "champion": champion, "since": None if champion is None else champion.role(day),
        "named": (champion or versions[-1]).trained.payload["name"], "subject": versions[-1].trained.payload["subject"],
        "versions": [(one, registry.standing(one, day), one.role(day)) for one in versions[::-1]], "watched": watched, "shown": shown,
        "watch": found, "house": house, "overlays": overlays.of(model_id, day),
        "people": registry.names([entry.person for entry in registry.known().entries if entry.model_id == model_id]),
        "charts": None if found is None else (charts.shift(found, house), charts.rates(found), charts.power(found, validated)),
        "names": {} if shown is None else labels.inputs(shown), "segments": {} if shown is None else labels.segments(shown),
        "no_training": scope.without_training(request),
    }  # fmt: skip
    return render(request, "scoring/model.html", context)
