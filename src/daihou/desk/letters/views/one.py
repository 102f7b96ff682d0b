"""One letter: what it says, how it was sent and served, by what that is proven, and what may be done now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_GET

from daihou.desk.access import needs
from daihou.desk.letters import addressees, figures, guards, printing, scope, serving
from daihou.desk.letters.choices import FACT_SERVED, Kind, Receiver, To
from daihou.desk.letters.policy import law
from daihou.desk.people import orgs
from daihou.desk.vault import people

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked
    from daihou.desk.letters.models import Letter


def found(request: Asked, number: int) -> Letter:
    """A letter that somebody sees; 404 else."""
    letter = (
        scope.seen(request.user, request.rights)
        .select_related("wording", "made_by", "withdrawn_by")
        .filter(pk=number)
        .first()
    )
    if letter is None:
        raise Http404
    return letter


@needs("letters.view")
@require_GET
def letter(request: Asked, number: int) -> HttpResponse:
    """The page of a letter."""
    return page(request, found(request, number))


def page(request: Asked, letter: Letter, *, trouble: str = "", status: int = 200, typed: Any = None) -> HttpResponse:
    """It, with what went wrong with an act and what was typed for it."""
    user, rights, held = request.user, request.rights, law()
    against = {
        "send": guards.against_sending(letter, user, rights, held.means[0]), "attach": guards.against_attaching(letter, user, rights),
        "arrive": guards.against_recording(letter, user, rights), "withdraw": guards.against_withdrawing(letter, user, rights, None),
    }  # fmt: skip
    services = list(letter.services.select_related("sent_by", "recorded_by").prefetch_related("proofs").order_by("-pk"))
    way = held.way(services[0].means) if services else None
    takers = [(code, label) for code, label in Receiver.choices if way is None or code in way.counts]
    if way is not None and Receiver.PUBLISHED not in way.counts and Receiver.RETURNED not in way.counts:
        takers.append((Receiver.RETURNED.value, Receiver.RETURNED.label))
    not_theirs = guards.NOT_TAKEN_BY.get(addressees.kind(letter.addressee_id, serving.today()))
    takers = [one for one in takers if one[0] != not_theirs]
    context = {
        "letter": letter, "figures": figures.read(letter.figures), "names": printing.masked([letter]), "org": orgs.tree().name(letter.org_id),
        "services": [(one, held.way(one.means)) for one in services], "means": held.means, "way": way, "takers": takers, "today": serving.today(),
        "against": against, "trouble": trouble, "typed": typed or {}, "may_acknowledge": letter.to == To.DEBTOR and letter.kind == Kind.OVERDUE,
        "fact": letter.facts.filter(kind=FACT_SERVED).first(), "erased": people.erased_on(letter.addressee_id),
        "may_print": rights.may("letters.make") and rights.may("person.reveal"),
    }  # fmt: skip
    return render(request, "letters/letter.html", context, status=status)
