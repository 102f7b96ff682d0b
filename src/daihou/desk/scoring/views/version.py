"""A version: its card in the sense of model risk, its scorecard, its validation, its history, and what may be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from daihou.book.errors import DaihouError
from daihou.desk import errors
from daihou.desk.governance.scope import whole_lender
from daihou.desk.jobs import transitions as jobs
from daihou.desk.jobs.models import Kind
from daihou.desk.scoring import acting, carded, facts, forms, labels, registry, results, scope, validated
from daihou.runs.scores import register
from daihou.runs.scores.steps import same

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.forms import Form
    from django.http import HttpResponse

    from daihou.desk.asked import Asked
    from daihou.runs.scores.register import Version


@whole_lender("models.view")
@require_GET
def version(request: Asked, model_id: str, number: int) -> HttpResponse:
    """A version; what may not be done says why."""
    return _shown(request, registry.version_or_404(model_id, number), {})


def _shown(request: Asked, found: Version, bound: dict[str, Form], status: int = 200) -> HttpResponse:
    day = registry.today()
    model = register.model(settings.HOME, found)
    judged = validated.of(found)
    standing = registry.standing(found, day)
    initial = {"from_on": day, "role": "champion"}
    context: dict[str, Any] = {
        "version": found, "model": model, "standing": standing, "role": found.role(day), "name": found.trained.payload["name"], "day": day,
        "purpose": facts.purpose(model), "design": facts.design(model), "origin": facts.origin(found, model), "sizes": facts.sizes(model),
        "left_out": facts.left_out(model), "dropped": facts.dropped(model), "notes": facts.notes(model), "policy": facts.policy(model),
        "groups": carded.groups(model), "inputs": carded.inputs(model), "validation": judged,
        "findings": [] if judged is None else validated.findings(judged), "steps": found.entries[::-1],
        "people": registry.names(entry.person for entry in found.entries), "running": results.running(found.model_id, found.number),
        "approve_form": bound.get("approve") or forms.Approve(initial=initial, prefix="approve"),
        "return_form": bound.get("return") or forms.Return(prefix="return"),
        "retire_form": bound.get("retire") or forms.Retire(initial=initial, prefix="retire"),
        "no_validating": scope.without_validating(request), "no_reviewing": scope.without_reviewing(request),
        "no_approving": _against_approving(request, found), "open": next(iter(bound), ""),
    }  # fmt: skip
    return render(request, "scoring/version.html", context, status=status)


def _against_approving(request: Asked, found: Version) -> str:
    """Why it cannot be approved by whoever looks, before a day is chosen; the register holds to the same."""
    refused = scope.without_reviewing(request)
    if refused:
        return refused
    if same(request.user.get_username(), found.trained.person):
        return _("You trained it. Somebody else approves it.")
    return "" if found.validated is not None else _("It was not validated yet: validate it first.")


@whole_lender("models.view")
@require_POST
def validate(request: Asked, model_id: str, number: int) -> HttpResponse:
    """Start the job that validates it."""
    found = registry.version_or_404(model_id, number)
    if scope.without_validating(request):
        return errors.forbidden(request)
    job = results.running(model_id, number) or jobs.request(
        Kind.VALIDATE, {"model": found.model_id, "version": found.number}, request.user, request
    )
    return redirect("model_job", job.pk)


@whole_lender("models.review")
@require_POST
def approve(request: Asked, model_id: str, number: int) -> HttpResponse:
    """Let it score from a day on, as champion or in shadow."""

    def act(found: Version, said: dict[str, Any]) -> str:
        acting.approve(request, found, said["role"], said["from_on"], said["note"])
        return _("%(version)s is approved from %(day)s.") % {
            "version": found.called,
            "day": said["from_on"].isoformat(),
        }

    return _done(request, model_id, number, "approve", forms.Approve, act)


@whole_lender("models.review")
@require_POST
def send_back(request: Asked, model_id: str, number: int) -> HttpResponse:
    """Return it to its author."""

    def act(found: Version, said: dict[str, Any]) -> str:
        acting.send_back(request, found, said["note"])
        return _("%(version)s is returned to its author.") % {"version": found.called}

    return _done(request, model_id, number, "return", forms.Return, act)


@whole_lender("models.review")
@require_POST
def retire(request: Asked, model_id: str, number: int) -> HttpResponse:
    """End it from a day on."""

    def act(found: Version, said: dict[str, Any]) -> str:
        acting.retire(request, found, said["from_on"], said["note"])
        return _("%(version)s ends on %(day)s.") % {"version": found.called, "day": said["from_on"].isoformat()}

    return _done(request, model_id, number, "retire", forms.Retire, act)


def _done(
    request: Asked, model_id: str, number: int, name: str, form: type[Form], act: Callable[[Version, dict[str, Any]], str]
) -> HttpResponse:  # fmt: skip
    """Do it and go back to the version; where it is refused, the page says why beside the form."""
    found = registry.version_or_404(model_id, number)
    bound = form(request.POST, prefix=name)
    if bound.is_valid():
        try:
            messages.success(request, act(found, bound.cleaned_data))
        except DaihouError as error:
            bound.add_error(None, " ".join(labels.told(error)))
        else:
            return redirect("model_version", model_id, number)
    return _shown(request, found, {name: bound}, status=422)
