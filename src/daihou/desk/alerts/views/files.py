"""Files beside an alert: taken in, and given out as they were attached."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from daihou.desk.access import needs
from daihou.desk.alerts import guards, transitions
from daihou.desk.alerts.views.acts import REFUSED, back, found, refusal
from daihou.desk.audit.log import record
from daihou.desk.files import arriving, fitness, keeping
from daihou.desk.files.arriving import Arrived
from daihou.desk.files.errors import DamagedError, ErasedError, UnfitError
from daihou.desk.refusals import RefusedError

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from daihou.desk.alerts.models import Alert
    from daihou.desk.asked import Asked

LOG = logging.getLogger(__name__)
DAMAGED = 410


@csrf_exempt  # `taken_in` checks the token, once it is known where the file goes
@needs("alerts.handle")
@require_POST
def attach(request: Asked, number: int) -> HttpResponse:
    """Take a file in; whatever is wrong with it, nothing of it stays."""
    alert = found(request, number)
    try:
        return arriving.taken_in(request, _attached, number)
    except UnfitError as unfit:
        # What was read of a form that was stopped half way is not asked for again.
        return _refused(request, alert, str(unfit), REFUSED)


def _attached(request: Asked, number: int) -> HttpResponse:
    alert, sent = found(request, number), request.FILES.get("file")
    if not isinstance(sent, Arrived):
        return refusal(request, alert, _("Choose a file first."))
    if alert.files.count() >= keeping.FILES_EACH:
        return refusal(request, alert, _("There are %(most)d files beside it already.") % {"most": keeping.FILES_EACH})
    try:
        file = transitions.attach(alert, fitness.fit(sent), request)
    except RefusedError as refused:
        return refusal(request, alert, str(refused))
    messages.success(request, _("%(name)s is attached.") % {"name": file.name})
    return back(request, number, "files")


@needs("alerts.view")
@require_GET
def file(request: Asked, number: int, file: int) -> HttpResponseBase:
    """A file as it was attached, to be saved; its digest is checked first."""
    alert = found(request, number)
    row = alert.files.filter(pk=file).first()
    if row is None:
        raise Http404
    no = guards.against_downloading(alert, request.user, request.rights)
    if no:
        return refusal(request, alert, no)
    detail = {"file": row.pk, "name": row.name, "digest": row.digest}
    try:
        content = keeping.read(row.content.path, row.digest, alert.subject_id)
    except DamagedError:
        LOG.error("file %s of alert %s is not what was attached", row.pk, alert.number)  # noqa: TRY400 - there is nothing to trace
        record(request, "alert.download", "alert", alert.number, {**detail, "damaged": True})
        reason = _(
            "The file is not what was attached, or is gone from the disk. It is not given out. Tell an administrator."
        )
        return _refused(request, alert, reason, DAMAGED)
    except ErasedError:
        record(request, "alert.download", "alert", alert.number, {**detail, "erased": True})
        reason = _("It is about somebody who was erased. It opens to nobody any more.")
        return _refused(request, alert, reason, DAMAGED)
    record(request, "alert.download", "alert", alert.number, detail)
    return keeping.given(content, row.name, row.kind)


def _refused(request: Asked, alert: Alert, reason: str, status: int) -> HttpResponse:
    context = {"called": alert.number, "reason": reason, "back": reverse("alert", args=[alert.pk])}
    return render(request, "alerts/refused.html", context, status=status)
