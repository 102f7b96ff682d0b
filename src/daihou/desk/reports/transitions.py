"""How a report goes on. Each act is one conditional update: where it changes no row, somebody else was first, and nothing is written.

Every act but saving while somebody types leaves a ReportMove and an entry of the audit log, in the same transaction. A Version is made at each act, and
when the words pass from one writer to another, so that what each of them wrote stands under their name.
"""

from __future__ import annotations

import hashlib
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from daihou.desk.audit.log import record
from daihou.desk.files import keeping
from daihou.desk.files.errors import UnfitError
from daihou.desk.files.fitness import Incoming
from daihou.desk.refusals import RefusedError, StaleError, refuse
from daihou.desk.reports import filling, guards, scope, telling
from daihou.desk.reports import words as wording
from daihou.desk.reports.choices import Act, Language, State
from daihou.desk.reports.document import Stated, document
from daihou.desk.reports.models import Report, ReportMove, Version
from daihou.desk.reports.pdf import pdf

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from daihou.desk.asked import Asked
    from daihou.desk.people.models import User
    from daihou.desk.reviews.models import Review


def make(review: Review, language: str, request: Asked) -> Report:
    """The report of a review, filled in; StaleError where one is at work already."""
    refuse(guards.against_making(review, request.user, request.rights))
    language = language if language in Language.values else Language.ZH
    filled = filling.fill(review, language)
    now, user = timezone.now(), request.user
    try:
        with transaction.atomic():
            report = Report.objects.create(
                review=review, borrower_id=review.borrower_id, **_owners(review), language=language, of_done=filled.of_done,
                as_of=filled.as_of, known_on=filled.known_on, figures=wording.cleaned(filled.figures),
                words=wording.cleaned(filled.words), made_at=now, made_by=user, saved_at=now, saved_by=user,
            )  # fmt: skip
            _done(report, Act.MAKE, _kept(report, now, user), request, now)
    except IntegrityError:
        raise StaleError from None
    return report


def type_on(report: Report, revision: int, words: Mapping[str, str], request: Asked, uid: str = "") -> Report:
    """Keep the words as they are typed; no version is made unless they pass from another writer. StaleError where somebody else changed them since.

    `uid`: the id that a page gives all its saves until it hears of one: where the last save has it, it is the page's own, whose answer was lost on the way.
    """
    refuse(guards.against_writing(report, request.user, request.rights))
    revision = _seen(report, revision, request.user, uid)
    if dict(words) == report.words and revision == report.revision:
        return report
    with transaction.atomic():
        return _written(report, revision, request.user, timezone.now(), words=dict(words), saved_uid=uid)


def save(report: Report, revision: int, words: Mapping[str, str], request: Asked, uid: str = "") -> Report:
    """Keep the words as a version, where something changed; `uid` as in `type_on`."""
    refuse(guards.against_writing(report, request.user, request.rights))
    now = timezone.now()
    with transaction.atomic():
        after = _written(
            report, _seen(report, revision, request.user, uid), request.user, now, words=dict(words), saved_uid=uid
        )
        if (version := _kept(after, now, request.user)) is not None:
            _done(after, Act.SAVE, version, request, now)
    return after


def fill(report: Report, revision: int, request: Asked) -> Report:
    """Take the figures anew as of the newest date, and whose the borrower is; the words stay."""
    refuse(guards.against_writing(report, request.user, request.rights))
    if report.revision != revision:
        raise StaleError
    filled, now = filling.fill(report.review, report.language), timezone.now()
    with transaction.atomic():
        after = _written(
            report, revision, request.user, now, figures=wording.cleaned(filled.figures), as_of=filled.as_of, known_on=filled.known_on, of_done=filled.of_done,
            **_owners(report),
        )  # fmt: skip
        _done(after, Act.FILL, _kept(after, now, request.user), request, now)
    return after


def submit(report: Report, revision: int, note: str, request: Asked) -> Report:
    """Hand it over to be checked: the signature of who prepared it."""
    refuse(guards.against_submitting(report, request.user, request.rights))
    now = timezone.now()
    with transaction.atomic():
        after = _moved(report, revision, state=State.SUBMITTED)
        _done(after, Act.SUBMIT, _kept(after, now, report.saved_by), request, now, note)
    return after


def check(report: Report, revision: int, note: str, request: Asked) -> Report:
    """The first approval."""
    refuse(guards.against_checking(report, request.user, request.rights))
    with transaction.atomic():
        after = _moved(report, revision, state=State.CHECKED)
        _done(after, Act.CHECK, None, request, timezone.now(), note)
    return after


def approve(report: Report, revision: int, note: str, request: Asked) -> Report:
    """The second approval: it is final, printed once and kept sealed with the key of whom it is about; RefusedError where they were erased."""
    refuse(guards.against_approving(report, request.user, request.rights))
    if report.revision != revision:
        raise StaleError
    now = timezone.now()
    version = last(report)
    stated = Stated(version.content, version.number, version.digest)
    content = pdf(document(report, stated, also={Act.APPROVE: (str(request.user), now)}))
    incoming = Incoming(f"{report.number}.pdf", "application/pdf", len(content), hashlib.sha256(content).hexdigest(), BytesIO(content))  # fmt: skip
    try:
        with keeping.kept(f"reports/{report.pk}", (), incoming, report.borrower_id) as name:
            return _final(report, revision, note, request, now, name, incoming.digest)
    except UnfitError as error:
        raise RefusedError(str(error)) from error


def _final(
    report: Report, revision: int, note: str, request: Asked, now: dt.datetime, name: str, digest: str
) -> Report:
    """Name the file in the report. Where somebody was first it is taken away, unless it is theirs too: the same, sign by sign."""
    try:
        with transaction.atomic():
            after = _moved(report, revision, state=State.APPROVED, approved_at=now, pdf=name, pdf_digest=digest)
            _done(after, Act.APPROVE, None, request, now, note, pdf=digest)
    except StaleError:
        if not Report.objects.filter(pk=report.pk, pdf=name).exists():
            Report.pdf.field.storage.delete(name)
        raise
    return after


def send_back(report: Report, revision: int, note: str, request: Asked) -> Report:
    """Return it to who writes, with a reason."""
    refuse(guards.against_returning(report, request.user, request.rights, note))
    submitted = guards.signatures(report)[Act.SUBMIT].actor
    with transaction.atomic():
        after = _moved(report, revision, state=State.RETURNED)
        _done(after, Act.SEND_BACK, None, request, timezone.now(), note, submitted=submitted)
    return after


def last(report: Report) -> Version:
    """The newest version; each report has one from the beginning."""
    version = Version.objects.filter(report=report).order_by("-number").first()
    assert version is not None  # noqa: S101 - made with the report
    return version


def _owners(row: Report | Review) -> dict[str, str]:
    """Whose the borrower is now, by the names of the fields of a report."""
    now = scope.place(row)
    return {"org_id": now.org_id, "lead_org_id": now.lead_org_id, "officer_id": now.officer_id}


def _seen(report: Report, revision: int, user: User, uid: str) -> int:
    """The revision that a page knows of: the one that stands where the last save is its own."""
    return report.revision if uid and report.saved_uid == uid and report.saved_by_id == user.pk else revision


def _written(report: Report, revision: int, user: User, now: dt.datetime, **changes: Any) -> Report:
    """The report with other words or figures. What another writer typed since the last version becomes a version of theirs first."""
    after = _moved(
        report, revision, **{"saved_at": now, "saved_by": user, "saved_uid": "", **changes}
    )  # first, as it locks the row
    if report.saved_by_id != user.pk:
        _kept(report, now, report.saved_by)
    return after


def _moved(report: Report, revision: int, **changes: Any) -> Report:
    """The report after a change, if it still stands as it was looked at."""
    seen = Report.objects.filter(pk=report.pk, revision=revision, state=report.state)
    if not seen.update(revision=F("revision") + 1, **changes):
        raise StaleError
    return Report.objects.select_related("review", "made_by", "saved_by").get(pk=report.pk)


def _kept(report: Report, now: dt.datetime, by: User) -> Version | None:
    """A version of the report as it stands; None where the last one says the same."""
    before = Version.objects.filter(report=report).order_by("-number").first()
    digest = wording.digest(report.content)
    if before is not None and before.digest == digest:
        return None
    number = before.number + 1 if before else 1
    return Version.objects.create(
        report=report, number=number, content=report.content, digest=digest, made_at=now, made_by=by
    )


def _done(
    report: Report, act: Act, version: Version | None, request: Asked, now: dt.datetime, note: str = "", *, submitted: User | None = None, **more: str
) -> None:  # fmt: skip
    """What an act leaves behind: a move, an entry of the log with the version that it was done to, and notices.

    `submitted`: who hears of its return beside who made it.
    """
    made = version or last(report)
    text = wording.clean(note)
    move = ReportMove.objects.create(report=report, at=now, actor=request.user, act=act, version=made.number, note=text)
    telling.tell(report, move, [report.made_by, *([submitted] if submitted else [])])
    detail = {"version": made.number, "digest": made.digest, **more, **({"note": text} if text else {})}
    record(request, f"report.{act.value}", "inspection", report.number, detail)
