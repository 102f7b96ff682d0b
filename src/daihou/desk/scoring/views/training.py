"""Training: choose or paste a design, see what is wrong with it, start the job; and what came of a job of models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from daihou.book.errors import DaihouError
from daihou.desk import errors
from daihou.desk.governance.results import trouble
from daihou.desk.governance.scope import whole_lender
from daihou.desk.governance.views.moving import moved
from daihou.desk.jobs import course, wording
from daihou.desk.jobs import transitions as jobs
from daihou.desk.jobs.arguments import plain
from daihou.desk.jobs.model_arguments import Train
from daihou.desk.jobs.model_results import versions
from daihou.desk.jobs.models import Kind
from daihou.desk.scoring import designing, labels, registry, results, scope

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked
    from daihou.desk.jobs.models import Job
    from daihou.runs.scores.register import Version


@whole_lender("models.view")
@require_http_methods(["GET", "HEAD", "POST"])
def train(request: Asked) -> HttpResponse:
    """The design, what is wrong with it, and the start of its job. `?from=ID` begins with a design that ships."""
    no_training = scope.without_training(request)
    if request.method == "POST" and no_training:
        return errors.forbidden(request)
    shipped = designing.shipped()
    chosen = request.GET.get("from", "")
    form = Train(request.POST) if request.method == "POST" else Train(initial={"design": shipped.get(chosen, "")})
    faults: list[designing.Fault] = []
    if form.is_bound and form.is_valid():
        faults = designing.faults(form.cleaned_data["design"])
        if not faults:
            try:
                job = jobs.request(Kind.TRAIN, plain(form), request.user, request)
            except DaihouError as error:
                form.add_error(None, " ".join(labels.told(error)))
            else:
                return redirect("model_job", job.pk)
    context = {
        "form": form, "faults": faults, "no_training": no_training, "shipped": [(key, designing.named(text)[1] or key) for key, text in shipped.items()],
        "chosen": chosen, "jobs": [(job, wording.summary(job.kind, job.arguments)) for job in results.recent()],
    }  # fmt: skip
    return render(request, "scoring/train.html", context, status=422 if form.is_bound else 200)


@whole_lender("models.view")
@never_cache
@require_GET
def job(request: Asked, number: int) -> HttpResponse:
    """A job of models: how far it is, and which versions came of it."""
    found = results.job_or_404(number)
    context: dict[str, Any] = {
        **course.of(found), "state_url": f"{request.path}state/", "heading": wording.summary(found.kind, found.arguments), "training": found.kind == Kind.TRAIN,
        "versions": [] if found.alive else _versions(found),
    }  # fmt: skip
    if not found.alive and not context["versions"]:
        context["trouble"], context["remedy"] = trouble(found)
    return render(request, "scoring/job.html", context)


def _versions(found: Job) -> list[tuple[Version, str]]:
    """The versions that a job names and the register still knows, with their standing."""
    day, known = registry.today(), registry.known().versions
    named = {(one["model"], one["version"]) for one in versions(found)}
    return [(one, registry.standing(one, day)) for one in known if (one.model_id, one.number) in named]


@whole_lender("models.view")
@never_cache
@require_GET
def state(request: Asked, number: int) -> HttpResponse:
    """How far it is."""
    return moved(request, results.job_or_404(number))
