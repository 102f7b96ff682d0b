"""One's own notices: what one was told, whether it was sent, and why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from daihou.desk.access import SIGNED_IN, needs
from daihou.desk.notices import outbox, wording
from daihou.desk.notices.models import Delivery, Notice

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked

PAGE: Final = 50


@needs(SIGNED_IN)
@require_GET
def notices(request: Asked) -> HttpResponse:
    """The newest first; a page begins where the one before ended. `unread=1` leaves out what was seen or withdrawn."""
    unread = request.GET.get("unread") == "1"
    found = Notice.objects.filter(recipient=request.user.pk)
    if unread:
        found = found.filter(seen_at=None, withdrawn_at=None)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    sent = Prefetch("deliveries", Delivery.objects.select_related("channel").order_by("id"))
    rows = list(found.prefetch_related(sent).order_by("-pk")[: PAGE + 1])
    context: dict[str, Any] = {
        "rows": [wording.plain(row) for row in rows[:PAGE]],
        "older": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "newest": not before,
        "only_unread": unread,
        "sees_outbox": request.rights.reach("people.manage").everything,
    }
    return render(request, "notices/mine.html", context)


@needs(SIGNED_IN)
@require_GET
def notice(request: Asked, number: int) -> HttpResponse:
    """To what a notice is about; it counts as seen from then on."""
    found = get_object_or_404(Notice, pk=number, recipient=request.user.pk)
    outbox.see(request.user.pk, timezone.now(), notice_id=found.pk)
    return redirect(found.path)


@needs(SIGNED_IN)
@require_POST
def seen(request: Asked) -> HttpResponse:
    """All of them are seen."""
    outbox.see(request.user.pk, timezone.now())
    return redirect("notices")
