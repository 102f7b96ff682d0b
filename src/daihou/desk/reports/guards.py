"""Why an act on a report is not allowed: a sentence for the page, or nothing where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from daihou.desk.reports import scope
from daihou.desk.reports.choices import WRITTEN, Act, Grade, State
from daihou.desk.reports.models import ReportMove, Version
from daihou.desk.reviews.choices import State as ReviewState

if TYPE_CHECKING:
    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access
    from daihou.desk.reports.models import Report
    from daihou.desk.reviews.models import Review

NOTE_CHARACTERS: Final = 4
"""Fewer say nothing."""
WHO_ELSE: Final = {
    scope.WRITE: gettext_lazy("This is for who writes reports."),
    "reports.check": gettext_lazy("This is for who checks reports."),
    "reports.approve": gettext_lazy("This is for who approves reports."),
}
"""What is said to who holds a permission nowhere."""


def against_making(review: Review, user: User, rights: Access) -> str:
    """Of a review that is begun or done, by who writes reports on whom it is about, or whose the review is."""
    if not rights.may(scope.WRITE):
        return str(WHO_ELSE[scope.WRITE])
    if review.state not in (ReviewState.BEGUN, ReviewState.DONE):
        return _("A report is made of a review that is begun or done.")
    return "" if scope.makes(user, rights, review) else _("Your role does not reach this review for that.")


def against_writing(report: Report, user: User, rights: Access) -> str:
    """Whoever writes reports, while it is with them."""
    if refused := _seeing(report, user, rights, scope.WRITE):
        return refused
    if report.state not in WRITTEN:
        return _("It is %(state)s: nothing of it is changed now.") % {"state": report.get_state_display().lower()}
    return ""


def against_submitting(report: Report, user: User, rights: Access) -> str:
    """The same, once it says what it must."""
    if refused := against_writing(report, user, rights):
        return refused
    if report.review.state != ReviewState.DONE:
        return _("The review is not finished. Finish it, then fill the report anew.")
    if not report.of_done:
        return _("The figures are from before the review was finished. Fill the report anew first.")
    words = report.words
    if not str(words.get("conclusion", "")).strip():
        return _("Write a conclusion first.")
    if words.get("grade") not in Grade.values:
        return _("Choose a grade first.")
    suggested = report.figures.get("suggested", "")
    if words["grade"] == suggested or len(str(words.get("grade_reason", "")).strip()) >= NOTE_CHARACTERS:
        return ""
    if not suggested:
        return _("No grade is suggested: the one you choose needs a reason.")
    return _("Another grade than the one suggested needs a reason.")


def against_checking(report: Report, user: User, rights: Access) -> str:
    """The first approval: somebody who wrote nothing of it."""
    if refused := _seeing(report, user, rights, "reports.check"):
        return refused
    if report.state != State.SUBMITTED:
        return _("It is not waiting for a check.")
    return _("You wrote on it yourself. Somebody else checks it.") if user.pk in writers(report) else ""


def against_approving(report: Report, user: User, rights: Access) -> str:
    """The second approval: a third person."""
    if refused := _seeing(report, user, rights, "reports.approve"):
        return refused
    if report.state != State.CHECKED:
        return _("It is not waiting for approval.")
    if user.pk in writers(report):
        return _("You wrote on it yourself. Somebody else approves it.")
    return _("You checked it yourself. A third person approves it.") if user.pk == checker(report) else ""


def against_returning(report: Report, user: User, rights: Access, note: str | None) -> str:
    """Whoever it waits for may return it, with a reason."""
    act = {State.SUBMITTED: against_checking, State.CHECKED: against_approving}.get(State(report.state))
    refused = act(report, user, rights) if act else _("It is with nobody who could return it.")
    if refused:
        return refused
    return _("Say why, in a few words.") if note is not None and len(note.strip()) < NOTE_CHARACTERS else ""


def writers(report: Report) -> set[int]:
    """Everybody who wrote on it, at any time: who made it, whose words a version holds, who submitted it, who saved last."""
    acts = (Act.MAKE, Act.SAVE, Act.FILL, Act.SUBMIT)
    found = set(Version.objects.filter(report=report).values_list("made_by", flat=True))
    found |= set(ReportMove.objects.filter(report=report, act__in=acts).values_list("actor", flat=True))
    return found | {report.made_by_id, report.saved_by_id}


def checker(report: Report) -> int | None:
    """Who checked it since it was submitted last."""
    last = signatures(report).get(Act.CHECK)
    return last.actor_id if last else None


def signatures(report: Report) -> dict[str, ReportMove]:
    """What was signed since it was submitted last: by act."""
    found: dict[str, ReportMove] = {}
    for move in ReportMove.objects.filter(report=report).select_related("actor").order_by("id"):
        if move.act in (Act.SUBMIT, Act.SEND_BACK):
            found = {}
        if move.act in (Act.SUBMIT, Act.CHECK, Act.APPROVE):
            found[move.act] = move
    return found


def _seeing(report: Report, user: User, rights: Access, permission: str) -> str:
    """Who may not do such things at all, or not for this report, or not any more."""
    if not rights.may(permission):
        return str(WHO_ELSE[permission])
    if not scope.reaches(user, rights, report, permission):
        return _("Your role does not reach this report for that.")
    return _("It is approved: nothing of it is changed any more.") if report.state == State.APPROVED else ""
