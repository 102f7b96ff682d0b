"""Tasks of an alert: begun by one press, and ended with what came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from daihou.desk.access import needs
from daihou.desk.alerts import forms, transitions
from daihou.desk.alerts.choices import Act
from daihou.desk.alerts.models import Task
from daihou.desk.alerts.views.acts import back, found, refusal, stale
from daihou.desk.refusals import RefusedError, StaleError

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked


ACTS: Final = (Act.TASK, Act.TASK_DONE, Act.TASK_DROPPED)


@needs("alerts.handle")
@require_POST
def begin(request: Asked, number: int) -> HttpResponse:
    """Begin what the level asks for; it is the owner's of the alert."""
    alert, form = found(request, number), forms.TaskForm(request.POST)
    try:
        task = transitions.begin_task(alert, forms.said(form)["kind"], None, request)
    except RefusedError as refused:
        return refusal(request, alert, str(refused))
    except StaleError:
        return stale(request, number, ACTS)
    words = _("“%(task)s” is begun; it is %(name)s's.")
    messages.success(request, words % {"task": task.get_kind_display(), "name": task.owner})
    return back(request, number, "tasks")


@needs("alerts.view")
@require_POST
def end(request: Asked, number: int, task: int) -> HttpResponse:
    """Say what came of it, or why it is dropped: whose it is, or who works on the alert."""
    alert, form = found(request, number), forms.TaskEndForm(request.POST)
    held = get_object_or_404(Task.objects.select_related("alert"), pk=task, alert=alert)
    try:
        said = forms.said(form)
        done = transitions.end_task(held, said["note"], request, dropped=said["dropped"])
    except RefusedError as refused:
        return refusal(request, alert, str(refused))
    except StaleError:
        return stale(request, number, ACTS)
    words = _("“%(task)s” is dropped.") if done.dropped else _("“%(task)s” is done.")
    messages.success(request, words % {"task": done.get_kind_display()})
    return back(request, number, "tasks")
