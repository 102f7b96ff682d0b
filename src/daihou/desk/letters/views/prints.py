"""Letters on paper: many at once, each on its own sheet with the slip to be signed below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from daihou.desk.access import needs
from daihou.desk.letters import printing, scope
from daihou.desk.letters.choices import State
from daihou.desk.letters.policy import policy
from daihou.desk.vault.uncovering import TooOftenError

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked


@needs("letters.make")
@require_POST
@never_cache
def printed(request: Asked) -> HttpResponse:
    """The sheets of the letters chosen; those out of reach or withdrawn are left out."""
    asked = [int(text) for text in request.POST.getlist("ids") if text.isdecimal() and len(text) < 16]
    most = policy().together_most
    if len(set(asked)) > most:
        messages.warning(request, _("No more than %(most)d at once.") % {"most": most})
        return redirect("letters")
    seen = scope.seen(request.user, request.rights, "letters.make").exclude(state=State.WITHDRAWN).filter(pk__in=asked)
    letters = list(seen.select_related("wording").order_by("pk"))
    if not letters:
        messages.warning(request, _("Choose letters first."))
        return redirect("letters")
    stated = request.POST.get("language", "") or get_language() or ""
    try:
        pages = printing.pages(letters, request, chinese=stated.startswith("zh"))
    except TooOftenError as error:
        messages.warning(request, str(error))
        return redirect("letters")
    return render(
        request, "letters/print.html", {"pages": pages, "code": "zh-hans" if stated.startswith("zh") else "en"}
    )
