"""Doing a review: begun with the form in force, saved answer by answer, proven by pieces, finished once nothing is missing; then it is facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from daihou.book import money
from daihou.book.business_date import business_date
from daihou.desk.files import keeping
from daihou.desk.files.errors import UnfitError
from daihou.desk.refusals import RefusedError, StaleError, refuse
from daihou.desk.reviews import guards, sheets
from daihou.desk.reviews.choices import Act, State
from daihou.desk.reviews.models import Fact, Piece, Review, Sheet
from daihou.desk.reviews.transitions import move
from daihou.policies.reviews import PAPERS
from daihou.reviews.forms.answers import Piece as Shown
from daihou.reviews.forms.answers import check, standing
from daihou.reviews.forms.carried import carried
from daihou.reviews.forms.told import told

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from daihou.desk.asked import Asked
    from daihou.desk.files.fitness import Incoming
    from daihou.desk.reviews.device import Said
    from daihou.reviews.forms.answers import Problem
    from daihou.reviews.forms.carried import Carried
    from daihou.reviews.forms.form import Form, PieceKind, Question

PIECES_EACH = 60
"""Pieces of one review at most."""


class WantingError(Exception):
    """It cannot be finished yet; `problems` say what is missing."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(str(len(problems)))
        self.problems = problems


def unit() -> int:
    """Minor units to one unit of the home's base currency, in which forms ask for money."""
    return money.unit(settings.HOME.settings.base_currency)


def begin(review: Review, revision: int, request: Asked) -> Sheet:
    """Begin it: from now on it stays as it is, whatever the plan says; who begins what is nobody's has it."""
    if review.revision != revision:
        raise StaleError
    refuse(guards.against_doing(review, request.user, request.rights))
    if review.state != State.PLANNED:
        raise StaleError
    now = timezone.now()
    form = sheets.form_on(review.form, business_date(settings.HOME.settings, now))
    detail = {"form": form.id, "version": form.number}
    stated = {"form": form.id, "version": form.number, "digest": form.digest, "previous": _before(review)}
    with transaction.atomic():
        owner = review.owner or request.user
        after = move(
            review, Act.BEGIN, request=request, at=now, detail=detail, state=State.BEGUN, begun_at=now, owner=owner
        )
        return Sheet.objects.create(review=after, **stated, saved_at=now, saved_by=request.user)


def save(
    sheet: Sheet, revision: int, answers: Mapping[str, Any], request: Asked, *, off_s: int | None = None, uid: str = "",
) -> Sheet:  # fmt: skip
    """Keep the answers as they are now; StaleError where somebody else saved since. Who was the second person and saves fills it in: another must confirm.

    `off_s`: how far the device's clock is ahead. `uid`: the id that the device gives all its saves until it hears of one: where the last save has it, it is
    the device's own, whose answer was lost on the way.
    """
    refuse(guards.against_filling(sheet.review, request.user, request.rights))
    confirmed = sheet.companion_id == request.user.pk
    if answers == sheet.answers and not confirmed:
        if off_s is not None:
            Sheet.objects.filter(pk=sheet.pk).update(clock_off_s=off_s)
            sheet.clock_off_s = off_s
        return sheet
    own = uid != "" and sheet.saved_uid == uid
    seen = Sheet.objects.filter(pk=sheet.pk, revision=sheet.revision if own else revision)
    now = timezone.now()
    stated = {"saved_at": now, "saved_by": request.user, "saved_uid": uid, "clock_off_s": off_s}
    alone = {"companion": None, "companion_at": None} if confirmed else {}
    with transaction.atomic():
        if not seen.update(answers=dict(answers), revision=F("revision") + 1, **stated, **alone):
            raise StaleError
        if confirmed:
            move(sheet.review, Act.ALONE, request=request, at=now, detail={"companion_before": request.user.username})
    return Sheet.objects.select_related("review__owner", "companion").get(pk=sheet.pk)


def attach(
    sheet: Sheet, question: Question, shows: str, incoming: Incoming, request: Asked, *, uid: str = "", said: Said | None = None,
) -> Piece:  # fmt: skip
    """Keep a piece beside an answer; the same piece twice is one, by the id that the device gave it and by its digest. What it is, is found by what it holds."""
    refuse(guards.against_filling(sheet.review, request.user, request.rights))
    if sent := _sent(sheet, question, uid, incoming):
        return sent
    kind = _kind(incoming)
    evidence = question.evidence
    if evidence is None or kind not in evidence.kinds:
        raise UnfitError(_("A file of this kind proves nothing here."))
    known = list(sheet.pieces.values_list("digest", flat=True))
    if len(known) >= PIECES_EACH:
        raise UnfitError(_("There are %(most)d pieces already.") % {"most": PIECES_EACH})
    shows = shows if any(one.code == shows for one in evidence.asked) else ""
    stated = {
        "kind": kind, "shows": shows, "name": incoming.name, "mime": incoming.kind, "size": incoming.size, "at": timezone.now(), "actor": request.user,
        "uid": uid, "taken_at": said.taken_at if said else None, "clock_off_s": said.off_s if said else None,
    }  # fmt: skip
    try:
        with keeping.kept(f"reviews/{sheet.pk}", known, incoming, sheet.review.borrower_id) as name, transaction.atomic():  # fmt: skip
            made, _new = Piece.objects.get_or_create(sheet=sheet, question=question.id, digest=incoming.digest, defaults={**stated, "content": name})  # fmt: skip
    except IntegrityError:  # the same id came in at the same moment
        found = _sent(sheet, question, uid, incoming)
        if found is None:
            raise
        return found
    return made


def _sent(sheet: Sheet, question: Question, uid: str, incoming: Incoming) -> Piece | None:
    """The piece that came in before under an id; UnfitError where that was another."""
    found = sheet.pieces.filter(uid=uid).first() if uid else None
    if found and (found.question, found.digest) != (question.id, incoming.digest):
        raise UnfitError(_("Another piece came in under this id. Take this one out of the list, and attach it anew."))
    return found


def newer(sheet: Sheet) -> Form | None:
    """The version of its form in force today, where that is a newer one than a sheet keeps and its review is still open."""
    if not sheet.review.open:
        return None
    today = sheets.form_on(sheet.form, business_date(settings.HOME.settings, timezone.now()))
    return today if today.number > sheet.version else None


def carried_to(sheet: Sheet, form: Form) -> Carried:
    """What of a sheet's answers another version of its form keeps, and what must be answered again."""
    return carried(sheets.form_of(sheet), form, sheet.answers, amount_unit=unit())


def carry(sheet: Sheet, revision: int, number: int, request: Asked) -> Sheet:
    """Go on with the newer version of the form, as it was looked at: what still says the same stays, all that was answered stands in the move."""
    refuse(guards.against_filling(sheet.review, request.user, request.rights))
    form = newer(sheet)
    if sheet.revision != revision or form is None or form.number != number:
        raise StaleError
    kept = carried_to(sheet, form)
    now = timezone.now()
    logged = {"form": form.id, "version": [sheet.version, form.number], "again": {one.question: one.cause for one in kept.again}}  # fmt: skip
    stated = {"answers": dict(kept.answers), "version": form.number, "digest": form.digest, "saved_at": now, "saved_by": request.user, "saved_uid": ""}  # fmt: skip
    with transaction.atomic():
        if not Sheet.objects.filter(pk=sheet.pk, revision=revision).update(revision=F("revision") + 1, **stated):
            raise StaleError
        # The log keeps no words of people: these stay in the desk, with the review.
        move(sheet.review, Act.CARRY, request=request, at=now, detail={**logged, "answers": sheet.answers}, logged=logged)  # fmt: skip
    return Sheet.objects.select_related("review__owner", "companion").get(pk=sheet.pk)


def accompany(sheet: Sheet, request: Asked) -> Sheet:
    """Somebody else says that they were there too."""
    refuse(guards.against_accompanying(sheet, request.user, request.rights))
    now = timezone.now()
    with transaction.atomic():
        seen = Sheet.objects.filter(pk=sheet.pk, companion=sheet.companion_id)
        if not seen.update(companion=request.user, companion_at=now):
            raise StaleError
        move(sheet.review, Act.ACCOMPANY, request=request, at=now)
    return Sheet.objects.select_related("review__owner", "companion").get(pk=sheet.pk)


def problems(sheet: Sheet) -> list[Problem]:
    """What is wrong or missing in a sheet, in the order of its form."""
    return check(sheets.form_of(sheet), sheet.answers, sheet.previous, evidence(sheet), amount_unit=unit())


def evidence(sheet: Sheet) -> dict[str, Sequence[Shown]]:
    """The pieces of a sheet by question."""
    found: dict[str, list[Shown]] = {}
    for question, kind, shows in sheet.pieces.values_list("question", "kind", "shows"):
        found.setdefault(question, []).append(Shown(cast("PieceKind", kind), shows))
    return dict(found)


def finish(sheet: Sheet, revision: int, request: Asked) -> Review:
    """Finish it: its clock counts from today, and what it says is told as facts. WantingError where something is missing."""
    review = sheet.review
    refuse(guards.against_filling(review, request.user, request.rights))
    if sheet.revision != revision:
        raise StaleError
    form = sheets.form_of(sheet)
    if blocking := [one for one in problems(sheet) if one.blocking]:
        raise WantingError(blocking)
    if form.two_people and sheet.companion is None:
        raise RefusedError(_("Two must have been there. The second person opens this page and says so."))
    if form.two_people and guards.second(sheet, request.user) is None:
        one = {"name": sheet.companion}
        raise RefusedError(_("%(name)s confirmed as the second person and does this review now. Another who was there opens this page and says so.") % one)  # fmt: skip
    now = timezone.now()
    today = business_date(settings.HOME.settings, now)
    said = told(form, sheet.answers, sheet.previous, amount_unit=unit())
    result = {
        "ratings": dict(said.ratings), "findings": [[one.code, one.level] for one in said.findings], "points": said.points, "possible": said.possible,
        "band": said.band.code if said.band else "",
    }  # fmt: skip
    with transaction.atomic():
        if not Sheet.objects.filter(pk=sheet.pk, revision=revision).update(revision=F("revision") + 1, result=result):
            raise StaleError
        after = move(
            review, Act.FINISH, request=request, at=now, detail=result, state=State.DONE, ended_at=now, done_on=today
        )
        Fact.objects.bulk_create(_facts(after, now, sheet, result))
    return after


def _facts(review: Review, at: dt.datetime, sheet: Sheet, result: dict[str, Any]) -> list[Fact]:
    done = {
        "review": review.pk,
        "type": review.type,
        "form": sheet.form,
        "version": sheet.version,
        "onsite": review.site == "on",
    }
    rows = [("papers_received" if review.type in PAPERS else "review_done", done)]
    rows += [(f"rating_{name}", {"review": review.pk, "rating": rating}) for name, rating in result["ratings"].items()]
    rows += [(f"found_{code}", {"review": review.pk, "level": level}) for code, level in result["findings"]]
    return [Fact(review=review, kind=kind, at=at, value=value) for kind, value in rows]


def _before(review: Review) -> dict[str, Any]:
    """The answers that counted in the last finished review of the same subject."""
    last = Sheet.objects.filter(review__about=review.about, review__subject=review.subject, review__state=State.DONE).order_by("-review__ended_at").first()  # fmt: skip
    return dict(standing(sheets.form_of(last), last.answers, last.previous, amount_unit=unit()).answers) if last else {}


def _kind(incoming: Incoming) -> str:
    if incoming.kind.startswith("image/"):
        return "photo"
    if incoming.kind.startswith("audio/"):
        return "audio"
    return "pdf" if incoming.kind == "application/pdf" else ""
