"""What people say beside an alert, and whom they mention."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from daihou.desk.access import needs
from daihou.desk.alerts import acting, forms, mentions, transitions
from daihou.desk.alerts.views.acts import back, found, refusal
from daihou.desk.refusals import RefusedError

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.alerts.mentions import Mentioned
    from daihou.desk.asked import Asked


@needs("alerts.view")
@require_POST
def comment(request: Asked, number: int) -> HttpResponse:
    """Say something; who is mentioned and sees the alert is told, and the writer is told who is not."""
    alert, form = found(request, number), forms.CommentForm(request.POST)
    try:
        text = forms.said(form)["text"]
        whom = mentions.mentioned(text, alert)
        transitions.comment(alert, text, whom.told, request)
    except RefusedError as refused:
        return refusal(request, alert, str(refused))
    _tell(request, whom)
    return back(request, number, "comments")


@needs("alerts.view")
@never_cache
@require_GET
def people(request: Asked, number: int) -> JsonResponse:
    """Who sees the alert and is called so: [{"value": user name, "text": name}], for who types an @."""
    said = request.GET.get("q", "").strip()[:150]
    offered = mentions.offered(found(request, number), said)
    return JsonResponse([{"value": user.username, "text": user.name} for user in offered], safe=False)


def _tell(request: Asked, whom: Mentioned) -> None:
    """The writer is told whom the comment reached, and plainly whom it did not."""
    told = acting.names([user for user in whom.told if user.pk != request.user.pk])
    messages.success(request, _("Said. Told: %(names)s.") % {"names": told} if told else _("Said."))
    if whom.unseen:
        words = ngettext(
            "%(names)s does not see this alert and is told nothing.",
            "%(names)s do not see this alert and are told nothing.",
            len(whom.unseen),
        )
        messages.warning(request, words % {"names": acting.names(whom.unseen)})
    if whom.unknown:
        words = _("Nobody at the desk is called %(names)s.")
        messages.warning(request, words % {"names": " ".join(f"@{name}" for name in whom.unknown)})
