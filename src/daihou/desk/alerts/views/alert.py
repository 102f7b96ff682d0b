"""The page of one alert."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from daihou.desk.access import needs
from daihou.desk.alerts import acting, page, scope, telling
from daihou.desk.alerts.models import Alert
from daihou.desk.notices import outbox

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked


@needs("alerts.view")
@require_GET
def alert(request: Asked, number: int) -> HttpResponse:
    """The page of an alert in reach; anything else is 404. What its notices said is seen then."""
    found = Alert.objects.select_related("owner", "lead", "duplicate_of").filter(pk=number).first()
    if found is None or not scope.reaches(request.user, request.rights, found, "alerts.view"):
        raise Http404
    outbox.see(request.user.pk, timezone.now(), subject=telling.subject(found))
    context = {**page.context(found, request), **acting.context(found, request)}
    return render(request, "alerts/alert.html", context)
