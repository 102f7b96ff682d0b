"""Acts at the collector's screen: dial, note what came of it, send a message, set aside, hand on. Each does one transition and answers with the parts it changed."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from daihou.desk.access import needs
from daihou.desk.casework import calculator, calling, confirming, outcomes, terms, transitions, workbench
from daihou.desk.casework.choices import Said
from daihou.desk.casework.confirming import By
from daihou.desk.casework.models import Promise
from daihou.desk.casework.outcomes import Noted
from daihou.desk.casework.views.workbench import found
from daihou.desk.contacts import contacting
from daihou.desk.contacts.choices import Outcome
from daihou.desk.contacts.models import Contact
from daihou.desk.contacts.points import GoneError
from daihou.desk.refusals import RefusedError, StaleError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from daihou.desk.asked import Asked
    from daihou.desk.casework.calling import Call
    from daihou.desk.casework.models import Case
    from daihou.desk.casework.outcomes import Result
    from daihou.desk.casework.promising import Part

REFUSED, STALE = 422, 409
NOTE_MOST: Final = 4000


@needs("collection.work")
@require_POST
def dial(request: Asked, number: int) -> HttpResponse:
    """Begin a call or a visit. Refused by the gate, its row says why (409); a colleague who is speaking is told of first."""
    case, now = found(request, number), timezone.now()
    other = calling.colleague(case, request, now)
    if other is not None and not request.POST.get("anyway"):
        said = _("%(name)s is speaking with this debtor since %(at)s.") % {
            "name": other.actor or _("The desk"),
            "at": f"{timezone.localtime(other.at):%H:%M}",
        }
        again = {name: request.POST.get(name, "") for name in ("person", "point", "channel", "key")} | {"anyway": "1"}
        return _ways(request, case, status=STALE, told=said, told_colour="orange", anyway=json.dumps(again))
    try:
        call = calling.dial(
            case,
            request.POST.get("person", ""),
            _number(request, "point"),
            request.POST.get("channel", ""),
            _key(request),
            request,
            now,
        )
    except (RefusedError, contacting.RefusedError, contacting.UnfitError) as error:
        return _ways(request, case, status=STALE, told=str(error))
    except contacting.StaleError:
        return _ways(request, case, status=STALE, told=_("This call is over. Look at what was noted."))
    except GoneError:
        return _ways(
            request,
            case,
            status=STALE,
            told=_("The vault holds this number no more. Note the call as not reached."),
            oob=("outcome",),
        )
    return _ways(request, case, call=call, oob=("outcome", "script"))


@needs("collection.work")
@require_POST
def outcome(request: Asked, number: int) -> HttpResponse:
    """Note what came of the contact under way, and what follows from it. What is refused keeps what was typed."""
    case, now = found(request, number), timezone.now()
    contact = (
        Contact.objects.filter(pk=_number(request, "contact") or 0, case_id=case.pk, actor=request.user)
        .select_related("point")
        .first()
    )
    if contact is None:
        return _outcome(request, case, status=STALE, trouble=_("Begin a contact first: what came of it is noted here."))
    try:
        noted = _noted(request, case, contact)
        _on_these_figures(request, case, noted, now)
        result = outcomes.note(case, contact, noted, request, now)
    except (RefusedError, contacting.UnfitError) as error:
        return _outcome(request, case, status=REFUSED, trouble=str(error))
    except (StaleError, contacting.StaleError):
        return _outcome(request, case, status=STALE, trouble=_("It was noted already. Look at what stands."))
    return _outcome(request, result.case, saved=_saved(noted, result), oob=("queue", "who", "ways", "course", "script"))


@needs("collection.work")
@require_POST
def inbound(request: Asked, number: int) -> HttpResponse:
    """Note that the debtor called: it passes no gate, and later decisions know it."""
    case = found(request, number)
    try:
        calling.called_us(case, request.POST.get("note", "")[:NOTE_MOST], _key(request), request, timezone.now())
    except (RefusedError, contacting.UnfitError) as error:
        return _ways(request, case, status=REFUSED, told=str(error))
    return _ways(request, case, told=_("Noted: the debtor called."), told_colour="green", oob=("course",))


@needs("collection.work")
@require_POST
def send(request: Asked, number: int) -> HttpResponse:
    """Post a message; it leaves when the gate allows it."""
    case, now = found(request, number), timezone.now()
    given = {name: request.POST.get(name, "") for name in ("person", "channel", "template")}
    try:
        posted = calling.send(
            case,
            given["person"],
            _number(request, "point"),
            given["channel"],
            given["template"],
            _key(request),
            request,
            now,
        )
    except (RefusedError, contacting.RefusedError, contacting.UnfitError) as error:
        return _ways(request, case, status=STALE, told=str(error))
    due = posted.due_at or now
    soon = due <= now + dt.timedelta(minutes=1)
    said = (
        _("It is being sent.")
        if soon
        else _("It is sent at %(at)s, when it is permitted.") % {"at": f"{timezone.localtime(due):%m-%d %H:%M}"}
    )
    return _ways(request, case, told=said, told_colour="green", oob=("course",))


@needs("collection.work")
@require_POST
def pause(request: Asked, number: int) -> HttpResponse:
    """Set it aside until a day."""
    return _done(
        request,
        number,
        lambda case, revision: transitions.pause(
            case, revision, terms.day_of(request.POST.get("until", "")), _note(request), request
        ),
    )


@needs("collection.work")
@require_POST
def resume(request: Asked, number: int) -> HttpResponse:
    """Take it up again."""
    return _done(request, number, lambda case, revision: transitions.resume(case, revision, request))


@needs("collection.work")
@require_POST
def hand_up(request: Asked, number: int) -> HttpResponse:
    """Hand it to who manages."""
    return _done(request, number, lambda case, revision: transitions.hand_up(case, revision, _note(request), request))


@needs("collection.work")
@require_POST
def claim(request: Asked, number: int) -> HttpResponse:
    """Make it one's own."""
    return _done(request, number, lambda case, revision: transitions.claim(case, revision, request))


def _done(request: Asked, number: int, act: Callable[[Case, int], Case]) -> HttpResponse:
    """Do it and lead back to the case; or say why not."""
    case = found(request, number)
    try:
        act(case, _number(request, "revision") or 0)
    except RefusedError as refused:
        messages.error(request, str(refused))
    except StaleError:
        messages.warning(
            request, _("It was changed since you opened it, and nothing of yours was done. Look at it again.")
        )
    else:
        messages.success(request, _("Done."))
    return redirect("case", number)


def _noted(request: Asked, case: Case, contact: Contact) -> Noted:
    """What the form says: an outcome alone, or one with its answer."""
    of, _dot, answer = request.POST.get("answer", "").partition(".")
    came_to = of or request.POST.get("outcome", "")
    stop = answer if answer in outcomes.STOPS else ""
    said = "" if stop else answer
    parts: tuple[Part, ...] = ()
    loan_ids: tuple[str, ...] = ()
    instead_of = None
    if said == Said.PROMISE:
        loans = {loan.loan_id: loan for loan in case.of_loans.all()}
        loan = loans.get(request.POST.get("loan", "")) or next(iter(loans.values()), None)
        if loan is not None:
            parts, loan_ids = calculator.stated(request.POST, loan.currency), (loan.loan_id,)
        instead_of = Promise.objects.filter(case=case, pk=_number(request, "instead_of") or 0).first()
    if contact.party in outcomes.OTHERS and came_to == Outcome.CONVERSATION:
        came_to = Outcome.THIRD_PARTY
    call_at = _moment(request.POST.get("call_at", "")) if said == Said.CALL_BACK else None
    return Noted(
        came_to, said, stop, _note(request), call_at=call_at, parts=parts, loan_ids=loan_ids, instead_of=instead_of,
        confirm=_confirm(request),
    )  # fmt: skip


def _confirm(request: Asked) -> By | None:
    """By what a promise is to be confirmed, as the panel offered it."""
    channel, _dash, point = request.POST.get("confirm", "").partition("-")
    return By(channel, int(point)) if channel in confirming.BY and point.isascii() and point.isdecimal() else None


def _on_these_figures(request: Asked, case: Case, noted: Noted, now: dt.datetime) -> None:
    """A promise is taken on what the collector saw; RefusedError with what changed meanwhile."""
    if noted.said != Said.PROMISE:
        return
    of = workbench.found(case, request, now)
    if request.POST.get("claim") == of.claim:
        return
    said = " ".join(item.text for item in workbench.first_news(of))
    raise RefusedError(
        _("What is owed changed since you saw it. %(what)s Look at it, and note the promise again.") % {"what": said}
    )


def _saved(noted: Noted, result: Result) -> str:
    """What was noted, in a word, and what became of the confirmation."""
    if noted.stop:
        return _("Saved: calls are to stop. The gate knows it from now on.")
    label = Said(noted.said).label if noted.said else Outcome(noted.outcome).label
    saved = _("Saved: %(what)s.") % {"what": label}
    return f"{saved} {confirming.told(result.confirmation)}" if result.confirmation else saved


def _outcome(request: Asked, case: Case, *, status: int = 200, oob: tuple[str, ...] = (), **shown: Any) -> HttpResponse:
    """The panel of outcomes, with the other parts that an act changed."""
    now = timezone.now()
    of = workbench.found(case, request, now)
    panel = workbench.outcome(of, now)
    panel.saved, panel.trouble = shown.get("saved", ""), shown.get("trouble", "")
    panel.typed = _note(request) if panel.trouble else ""
    if not request.headers.get("HX-Request"):
        (messages.success if panel.saved else messages.error)(request, panel.saved or panel.trouble)
        return redirect("case", case.pk)
    context = {**workbench.parts(of, request, now), "outcome": panel, "oob": True, "with_parts": oob}
    if panel.saved:
        context |= workbench.beside(of, request, now)
        panel.next = context["queue"].next
    return render(request, "casework/noted.html", context, status=status)


def _ways(
    request: Asked, case: Case, *, status: int = 200, call: Call | None = None, oob: tuple[str, ...] = (), **told: str
) -> HttpResponse:
    """The panel of ways, with the call that was begun, or why it was not."""
    now = timezone.now()
    if not request.headers.get("HX-Request"):
        if told:
            messages.error(request, told["told"])
        return redirect("case", case.pk)
    of = workbench.found(case, request, now)
    of.ways.told, of.ways.told_colour, of.ways.anyway = (
        told.get("told", ""),
        told.get("told_colour", ""),
        told.get("anyway", ""),
    )
    if call is not None and of.ways.live is not None:
        of.ways.live = calling.shown(of.ways.live, call)
    context = {**workbench.parts(of, request, now), "outcome": workbench.outcome(of, now), "with_parts": oob}
    if "course" in oob:
        context |= workbench.beside(of, request, now)
    return render(request, "casework/dialled.html", context, status=status)


def _key(request: Asked) -> str:
    """What makes an act one, however often it is sent."""
    return request.POST.get("key", "")[:64]


def _note(request: Asked) -> str:
    return request.POST.get("note", "")[:NOTE_MOST]


def _number(request: Asked, name: str) -> int | None:
    stated = request.POST.get(name, "")
    return int(stated) if stated.isascii() and stated.isdecimal() and len(stated) < 16 else None


def _moment(stated: str) -> dt.datetime | None:
    """A local moment as a form states it; None for what is none."""
    try:
        found = dt.datetime.fromisoformat(stated)
    except ValueError:
        return None
    return timezone.make_aware(found) if timezone.is_naive(found) else found
