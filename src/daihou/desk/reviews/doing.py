"""Doing a review: begun with the form in force, saved answer by answer, proven by pieces, finished once nothing is missing; then it is facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from daihou.book import money
from daihou.book.business_date import business_date
from daihou.desk.casework.transitions import RefusedError, StaleError
from daihou.desk.files import keeping
from daihou.desk.files.errors import UnfitError
from daihou.desk.reviews import guards, sheets
from daihou.desk.reviews.choices import Act, State
from daihou.desk.reviews.models import Fact, Piece, Review, Sheet
from daihou.desk.reviews.transitions import move, refuse
from daihou.reviews.forms.answers import Piece as Shown
from daihou.reviews.forms.answers import check, standing
from daihou.reviews.forms.told import told

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from daihou.desk.asked import Asked
    from daihou.desk.files.fitness import Incoming
    from daihou.reviews.forms.answers import Problem
    from daihou.reviews.forms.form import PieceKind, Question

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


def save(sheet: Sheet, revision: int, answers: Mapping[str, Any], request: Asked) -> Sheet:
    """Keep the answers as they are now; StaleError where somebody else saved since."""
    refuse(guards.against_filling(sheet.review, request.user, request.rights))
    if answers == sheet.answers:
        return sheet
    seen = Sheet.objects.filter(pk=sheet.pk, revision=revision)
    if not seen.update(
        answers=dict(answers), revision=F("revision") + 1, saved_at=timezone.now(), saved_by=request.user
    ):
        raise StaleError
    return Sheet.objects.select_related("review__owner").get(pk=sheet.pk)


def attach(sheet: Sheet, question: Question, shows: str, incoming: Incoming, request: Asked) -> Piece:
    """Keep a piece beside an answer; the same piece twice is one. What it is, is found by what it holds."""
    refuse(guards.against_filling(sheet.review, request.user, request.rights))
    kind = _kind(incoming)
    evidence = question.evidence
    if evidence is None or kind not in evidence.kinds:
        raise UnfitError(_("A file of this kind proves nothing here."))
    known = list(sheet.pieces.values_list("digest", flat=True))
    if len(known) >= PIECES_EACH:
        raise UnfitError(_("There are %(most)d pieces already.") % {"most": PIECES_EACH})
    shows = shows if any(one.code == shows for one in evidence.asked) else ""
    stated = {"kind": kind, "shows": shows, "name": incoming.name, "mime": incoming.kind, "size": incoming.size, "at": timezone.now(), "actor": request.user}  # fmt: skip
    with keeping.kept(f"reviews/{sheet.pk}", known, incoming, sheet.review.borrower_id) as name, transaction.atomic():
        made, _new = Piece.objects.get_or_create(sheet=sheet, question=question.id, digest=incoming.digest, defaults={**stated, "content": name})  # fmt: skip
    return made


def accompany(sheet: Sheet, request: Asked) -> Sheet:
    """Somebody else says that they were there too."""
    refuse(guards.against_accompanying(sheet, request.user, request.rights))
    now = timezone.now()
    with transaction.atomic():
        if not Sheet.objects.filter(pk=sheet.pk, companion=None).update(companion=request.user, companion_at=now):
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
    rows = [("review_done", done)]
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
