"""Planning a review by hand, and giving several to somebody at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from daihou.book.errors import DaihouError
from daihou.desk import typed
from daihou.desk.access import needs
from daihou.desk.governance import labels
from daihou.desk.refusals import RefusedError, StaleError
from daihou.desk.reviews import by_hand, scope, transitions
from daihou.desk.reviews.choices import Type
from daihou.desk.reviews.views.acts import NOTE_MOST, REFUSED, chosen_user

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked

MOST: Final = 200
"""Reviews given at once: a page has fewer."""
TOLD: Final = 5
"""Refusals that are told one by one."""


@needs("reviews.work")
@require_http_methods(["GET", "POST"])
def new(request: Asked) -> HttpResponse:
    """The form for a review planned by hand, and the review that it makes; what does not fit is told beside it."""
    if request.method == "GET":
        return _form(request, request.GET.dict())
    sent = request.POST.dict()
    wish = by_hand.Wish(
        sent.get("number", "")[:255], sent.get("type", ""), typed.day(sent.get("due_on", "")), sent.get("why", "")[:NOTE_MOST]
    )  # fmt: skip
    try:
        review, made = by_hand.plan(wish, request)
    except RefusedError as error:
        return _form(request, sent, trouble=str(error))
    except DaihouError as error:
        return _form(request, sent, trouble=" ".join(labels.told(error)))
    if made:
        messages.success(request, _("Planned: %(number)s.") % {"number": review.number})
    else:
        messages.info(
            request, _("It is planned already, and is with %(name)s.") % {"name": review.owner or _("nobody yet")}
        )
    return redirect("review", review.pk)


def _form(request: Asked, typed: dict[str, str], trouble: str = "") -> HttpResponse:
    context = {"typed": typed, "types": Type.choices, "trouble": trouble, "most": NOTE_MOST}
    return render(request, "reviews/new.html", context, status=REFUSED if trouble else 200)


@needs("reviews.manage")
@require_POST
def assign_many(request: Asked) -> HttpResponse:
    """Give the chosen reviews to somebody; those that cannot be are told with why, and stay as they are."""
    owner = chosen_user(request.POST.get("owner", ""))
    if owner is None:
        messages.error(request, _("Choose who gets it."))
        return _back(request)
    done, refused = 0, list[str]()
    stated = [each.partition(".")[::2] for each in request.POST.getlist("ids")[:MOST]]
    wanted = {int(key): typed.revision(seen) for key, seen in stated if key.isdecimal() and len(key) < 16}
    for review in scope.seen(request.user, request.rights).filter(pk__in=list(wanted)).order_by("pk"):
        try:
            transitions.assign(review, wanted[review.pk], owner, "", request)
            done += 1
        except RefusedError as error:
            refused.append(f"{review.number}: {error}")
        except StaleError:
            refused.append(_("%(number)s: it was changed meanwhile.") % {"number": review.number})
    if done:
        messages.success(request, ngettext("%(n)d review given to %(name)s.", "%(n)d reviews given to %(name)s.", done) % {"n": done, "name": owner})  # fmt: skip
    for line in refused[:TOLD]:
        messages.error(request, line)
    if len(refused) > TOLD:
        messages.error(request, _("And %(n)d more.") % {"n": len(refused) - TOLD})
    return _back(request)


def _back(request: Asked) -> HttpResponse:
    query = request.POST.get("query", "")[:500]
    return redirect(f"{request.path.rpartition('assign/')[0]}?{query}")
