"""Who may do what with an arrangement, and why not: an empty text where it is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from daihou.desk.casework import authority, scope
from daihou.desk.casework.choices import ArrangementState
from daihou.desk.casework.models import Arrangement

if TYPE_CHECKING:
    from collections.abc import Collection

    from daihou.collection.arrangement import Authority
    from daihou.desk.casework.models import Case
    from daihou.desk.casework.terms import Stated
    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access

REASON_CHARACTERS: Final = 4
"""Of a reason at least."""


def against_drafting(case: Case, stated: Stated | None, user: User, rights: Access) -> str:
    """Who works on an open case, for its own loans, with a reason. Without what is stated: whether one may begin."""
    if not scope.reaches(user, rights, case, "collection.work"):
        return _("Your role does not reach this case for that.")
    if not case.open:
        return _("The case is closed.")
    return "" if stated is None else _against_stating(case, stated)


def against_changing(arrangement: Arrangement, stated: Stated | None, user: User, rights: Access) -> str:
    """The same, for a draft or what was returned."""
    if arrangement.state not in (ArrangementState.DRAFT, ArrangementState.RETURNED):
        return _not_at(arrangement)
    refused = against_drafting(arrangement.case, stated, user, rights)
    if refused or stated is None:
        return refused
    currencies = set(arrangement.case.of_loans.filter(loan_id__in=stated.loan_ids).values_list("currency", flat=True))
    return "" if currencies == {arrangement.currency} else _("Loans in different currencies need an arrangement each.")


def against_submitting(arrangement: Arrangement, user: User, rights: Access) -> str:
    """A draft, by who works on the case."""
    if arrangement.state != ArrangementState.DRAFT:
        return _not_at(arrangement)
    return against_drafting(arrangement.case, None, user, rights)


def against_approving(arrangement: Arrangement, needed: Authority, user: User, rights: Access) -> str:
    """By another person, with the authority that its limits need."""
    refused = _against_deciding(arrangement, user, rights)
    if refused:
        return refused
    if not authority.holds(user, rights, arrangement.case, needed):
        return _("It goes beyond what a branch may approve: head office decides.")
    return ""


def against_returning(arrangement: Arrangement, user: User, rights: Access, note: str | None) -> str:
    """By another person within reach, who says what is wrong; it needs no greater authority."""
    return _against_deciding(arrangement, user, rights) or _without_note(note)


def against_withdrawing(arrangement: Arrangement, user: User, rights: Access, note: str | None) -> str:
    """Before it is decided on, by who works on the case."""
    undecided = (ArrangementState.DRAFT, ArrangementState.RETURNED, ArrangementState.SUBMITTED)
    if arrangement.state not in undecided:
        return _not_at(arrangement)
    if not scope.reaches(user, rights, arrangement.case, "collection.work"):
        return _("Your role does not reach this case for that.")
    return _without_note(note)


def against_ending(arrangement: Arrangement, user: User, rights: Access, note: str | None) -> str:
    """One that stands, by who manages cases in reach, with a reason."""
    if arrangement.state != ArrangementState.APPROVED:
        return _not_at(arrangement)
    if not scope.reaches(user, rights, arrangement.case, "collection.manage"):
        return _("It is ended by who manages the cases of the branch.")
    return _without_note(note)


def against_unknown_consents(missing: Collection[str], *, known: bool) -> str:
    """That somebody is bound whose consent is missing must have been seen."""
    if missing and not known:
        return _("Guarantors have not agreed in writing. Tick that you know what is at stake, or enter their consent.")
    return ""


def against_two(arrangement: Arrangement) -> str:
    """Of the arrangements for a loan one stands at a time."""
    others = Arrangement.objects.filter(case=arrangement.case_id, state=ArrangementState.APPROVED).exclude(
        pk=arrangement.pk
    )
    if any(set(other.loan_ids) & set(arrangement.loan_ids) for other in others):
        return _("Another arrangement stands for one of these loans. End it first.")
    return ""


def _against_deciding(arrangement: Arrangement, user: User, rights: Access) -> str:
    if arrangement.state != ArrangementState.SUBMITTED:
        return _not_at(arrangement)
    if not scope.reaches(user, rights, arrangement.case, authority.APPROVE):
        return _("Your role does not reach this case for that.")
    if user.pk in authority.makers(arrangement):
        return _("Who drafted or submitted it does not decide on it.")
    return "" if arrangement.case.open else _("The case is closed.")


def _against_stating(case: Case, stated: Stated) -> str:
    of_case = dict(case.of_loans.values_list("loan_id", "currency"))
    if not stated.loan_ids or not set(stated.loan_ids) <= set(of_case):
        return _("Choose among the loans of the case.")
    if len({of_case[loan] for loan in stated.loan_ids}) > 1:
        return _("Loans in different currencies need an arrangement each.")
    if len(stated.reason) < REASON_CHARACTERS:
        return _("Say why, in a few words.")
    return ""


def _not_at(arrangement: Arrangement) -> str:
    return _("It is at “%(state)s” now.") % {"state": arrangement.get_state_display()}


def _without_note(note: str | None) -> str:
    return _("Say why, in a few words.") if note is not None and len(note.strip()) < REASON_CHARACTERS else ""
