"""Acts on letters; each does one step, and what is refused keeps what was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from daihou.desk import typed
from daihou.desk.access import needs
from daihou.desk.audit.log import record
from daihou.desk.files import arriving, fitness, keeping
from daihou.desk.files.arriving import Arrived
from daihou.desk.files.errors import DamagedError, ErasedError, UnfitError
from daihou.desk.letters import making, serving
from daihou.desk.letters.choices import Kind, State
from daihou.desk.letters.models import Proof
from daihou.desk.letters.policy import policy
from daihou.desk.letters.views import lists
from daihou.desk.letters.views.one import found, page
from daihou.desk.refusals import RefusedError, StaleError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from daihou.desk.asked import Asked
    from daihou.desk.letters.models import Letter

REFUSED: Final = 422
STALE: Final = 409
DAMAGED: Final = 410
NOTE_MOST: Final = 2_000


@needs("letters.make")
@require_POST
def make(request: Asked) -> HttpResponse:
    """Letters of one kind about the loans chosen."""
    kind, loan_ids = request.POST.get("kind", ""), list(dict.fromkeys(request.POST.getlist("ids")))
    most, moment = policy().together_most, lists.newest()
    if kind not in Kind.values or not loan_ids or moment is None:
        return lists.due_page(request, kind, trouble=_("Choose loans first."), status=REFUSED)
    if len(loan_ids) > most:
        return lists.due_page(
            request, kind, trouble=_("No more than %(most)d at once.") % {"most": most}, status=REFUSED
        )
    done = making.make(loan_ids, kind, moment, request, guarantors=request.POST.get("guarantors") == "1")
    if not done.new and not done.stood:
        return lists.due_page(
            request,
            kind,
            trouble=_("Nothing is to be asked for on these loans, or it cannot be measured."),
            status=REFUSED,
        )
    if done.new:
        said = ngettext(
            "%(n)d letter is made. Print it, then send it.",
            "%(n)d letters are made. Print them, then send them.",
            len(done.new),
        )
        messages.success(request, said % {"n": len(done.new)})
    if done.stood:
        said = ngettext("%(n)d stood already.", "%(n)d stood already.", len(done.stood))
        messages.info(request, said % {"n": len(done.stood)})
    if done.none:
        messages.warning(request, _("None could be made of: %(loans)s.") % {"loans": ", ".join(done.none)})
    return redirect(f"{reverse('letters')}?view={State.MADE}")


@needs("letters.serve")
@require_POST
def send(request: Asked, number: int) -> HttpResponse:
    """Hand a letter to who carries it, past the conduct gate."""
    asked = request.POST

    def act(letter: Letter, revision: int) -> Letter:
        sent_on = typed.day(asked.get("sent_on", ""))
        if sent_on is None and asked.get("sent_on"):
            raise RefusedError(_("Say on which day."))
        return serving.send(
            letter, revision, asked.get("means", ""), asked.get("tracking", ""), request, agreed_address=asked.get("agreed_address") == "1",
            sent_on=sent_on,
        )  # fmt: skip

    return _done(request, number, act)


@needs("letters.serve")
@require_POST
def arrive(request: Asked, number: int) -> HttpResponse:
    """Record what came of a letter that was sent."""
    asked = request.POST

    def act(letter: Letter, revision: int) -> Letter:
        return serving.arrive(
            letter, revision, typed.day(asked.get("arrived_on", "")), asked.get("receiver", ""), asked.get("note", "")[:NOTE_MOST], request,
            acknowledged=asked.get("acknowledged") == "1",
        )  # fmt: skip

    return _done(request, number, act)


@needs("letters.serve")
@require_POST
def withdraw(request: Asked, number: int) -> HttpResponse:
    """Take a letter back, with a reason."""
    note = request.POST.get("note", "")[:NOTE_MOST]
    return _done(request, number, lambda letter, revision: serving.withdraw(letter, revision, note, request))


@csrf_exempt  # `taken_in` checks the token, once it is known where the file goes
@needs("letters.serve")
@require_POST
def attach(request: Asked, number: int) -> HttpResponse:
    """Take a paper in that proves service; whatever is wrong with it, nothing of it stays."""
    letter = found(request, number)
    try:
        return arriving.taken_in(request, _attached, letter)
    except UnfitError as unfit:
        return page(request, letter, trouble=str(unfit), status=REFUSED)


def _attached(request: Asked, letter: Letter) -> HttpResponse:
    sent = request.FILES.get("file")
    if not isinstance(sent, Arrived):
        return page(request, letter, trouble=_("Choose a file first."), status=REFUSED)
    try:
        serving.attach(letter, fitness.fit(sent), request)
    except (RefusedError, UnfitError) as error:
        return page(request, letter, trouble=str(error), status=REFUSED)
    except StaleError:
        return _stale(request, letter.pk)
    return redirect("letter", letter.pk)


@needs("letters.view")
@require_GET
def proof(request: Asked, number: int, proof: int) -> HttpResponseBase:
    """A paper as it was attached; that somebody looked at it is logged."""
    letter = found(request, number)
    row = Proof.objects.filter(pk=proof, service__letter=letter).first()
    if row is None:
        raise Http404
    try:
        content = keeping.read(row.content.path, row.digest, letter.addressee_id)
    except DamagedError:
        return page(
            request, letter, trouble=_("This paper is not what was attached. Tell an administrator."), status=DAMAGED
        )
    except ErasedError:
        return page(
            request,
            letter,
            trouble=_("It is about somebody who was erased. It opens to nobody any more."),
            status=DAMAGED,
        )
    record(request, "letter.proof", "letter", letter.number, {"digest": row.digest})
    return keeping.given(content, row.name, row.mime, download=not row.mime.startswith("image/"))


def _done(request: Asked, number: int, act: Callable[[Letter, int], Letter]) -> HttpResponse:
    letter, revision = found(request, number), request.POST.get("revision", "")
    said = {**request.POST.dict(), "act": request.path.rstrip("/").rpartition("/")[2]}
    try:
        after = act(letter, typed.revision(revision))
    except RefusedError as error:
        return page(request, letter, trouble=str(error), status=REFUSED, typed=said)
    except StaleError:
        return _stale(request, number, said)
    messages.success(request, _("Saved: %(number)s.") % {"number": after.number})
    return redirect("letter", number)


def _stale(request: Asked, number: int, typed: dict[str, str] | None = None) -> HttpResponse:
    trouble = _("It was changed meanwhile. Look at what stands, and try again.")
    return page(request, found(request, number), trouble=trouble, status=STALE, typed=typed)
