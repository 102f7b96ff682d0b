"""Why an act on a case is not allowed: a sentence for the page, or nothing where it is. Transitions ask before they act, pages before they show a button.

What a form still has to say (a note, a day, a person) may be None: then only whether the act is open at all is answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from daihou.collection.ladder import PRE_DUE
from daihou.desk.casework import scope
from daihou.desk.casework.choices import Track
from daihou.desk.casework.policy import policy
from daihou.desk.people.reach import Access

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.casework.models import Agency, Case
    from daihou.desk.people.models import User

NOTE_CHARACTERS: Final = 4
"""Fewer say nothing."""
WHO_ELSE: Final = {
    "collection.view": gettext_lazy("This is for who sees collection cases."),
    "collection.work": gettext_lazy("This is for who works cases."),
    "collection.manage": gettext_lazy("This is for who manages collection."),
}
"""What is said to who holds a permission nowhere."""
AGENCY_NOTE: Final = gettext_lazy(
    "An agency works on the lender's behalf: the contract states for what, how long, in which way and with which data, and the lender watches over it (Personal "
    "Information Protection Law, art. 21). An agency that decides for itself is another handler: the debtor is told, and consents separately (art. 23)."
)
"""What is read before a case is given away."""
SPEAKING: Final = ("collection.work", "collection.manage", "collection.approve")
"""Who may leave a note."""


def against_seeing(case: Case, user: User, rights: Access, permission: str = "collection.work") -> str:
    """Who may not do such things at all, or not for this case, or not any more."""
    if not rights.may(permission):
        return str(WHO_ELSE[permission])
    if not scope.reaches(user, rights, case, permission):
        return _("Your role does not reach this case for that.")
    if not case.open:
        return _("The case is closed.")
    return ""


def against_working(case: Case, user: User, rights: Access) -> str:
    """What its collector does, or who stands in while they are away, or anybody in reach where it is nobody's: nobody else, and not what an agency has."""
    refused = against_seeing(case, user, rights)
    if refused:
        return refused
    if case.agency is not None:
        return _("It is with %(agency)s. Take it back first.") % {"agency": case.agency}
    if case.owner is not None and case.owner_id not in {user.pk, *rights.stands_in_for}:
        return _("%(name)s works on it. Claim it, or have it assigned to you.") % {"name": case.owner}
    if case.handed_up_at is not None and not scope.reaches(user, rights, case, "collection.manage"):
        return _("It is with the manager.")
    return ""


def against_claiming(case: Case, user: User, rights: Access) -> str:
    """A collector takes what lies in the queue, or theirs who left or for whom they stand in; all else is taken by who manages."""
    refused = against_seeing(case, user, rights)
    if refused:
        return refused
    if case.owner_id == user.pk:
        return _("It is yours already.")
    if scope.reaches(user, rights, case, "collection.manage"):
        return ""
    if case.handed_up_at is not None:
        return _("It is with the manager.")
    if case.owner is None or not case.owner.is_active or case.owner_id in rights.stands_in_for:
        return ""
    return _("%(name)s works on it. Who manages collection can give it to you.") % {"name": case.owner}


def against_assigning(case: Case, user: User, rights: Access, owner: User | None) -> str:
    """Its collector hands it on, who manages gives it to anybody; the new one must be there and able to work it."""
    refused = against_seeing(case, user, rights, "collection.work" if case.owner_id == user.pk else "collection.manage")
    if refused or owner is None:
        return refused
    if not owner.is_active:
        return _("%(name)s no longer works at the desk.") % {"name": owner}
    if owner.pk == case.owner_id:
        return _("It is theirs already.")
    if not may_own(Access(owner), case):
        return _("%(name)s does not work cases of this part of the lender.") % {"name": owner}
    return ""


def may_own(rights: Access, case: Case) -> bool:
    """Whether somebody may be given a case: they work cases of its org, or of the one that leads the borrower."""
    places = {case.org_id, case.lead_org_id} - {""}
    parts = rights.reach("collection.work").parts
    return any(part.org_ids is None or not part.org_ids.isdisjoint(places) for part in parts)


def against_to_agency(
    case: Case, user: User, rights: Access, agency: Agency | None, note: str | None, today: dt.date | None = None
) -> str:  # fmt: skip
    """What is overdue and in house, to an agency that works for the lender and was reviewed within the days of policy."""
    refused = against_seeing(case, user, rights, "collection.manage") or _not_on(case, Track.HOUSE) or _not_due(case)
    if refused:
        return refused
    if agency is not None:
        today = today or timezone.localdate()
        if not agency.active:
            return _("%(agency)s does not work for the lender any more.") % {"agency": agency}
        days = policy(today).agency_review_days
        if agency.reviewed_on is None or not 0 <= (today - agency.reviewed_on).days <= days:
            return ngettext(
                "%(agency)s was not reviewed within %(n)s day. Review it first.",
                "%(agency)s was not reviewed within %(n)s days. Review it first.",
                days,
            ) % {"agency": agency, "n": days}  # fmt: skip
    return _without_note(note)


def against_from_agency(case: Case, user: User, rights: Access, note: str | None) -> str:
    """What is there comes back, with the reason."""
    return against_seeing(case, user, rights, "collection.manage") or _not_on(case, Track.AGENCY) or _without_note(note)


def against_to_litigation(case: Case, user: User, rights: Access, note: str | None) -> str:
    """What is overdue and in house; from an agency it comes back first."""
    refused = against_seeing(case, user, rights, "collection.manage") or _not_on(case, Track.HOUSE)
    return refused or _not_due(case) or _without_note(note)


def against_from_litigation(case: Case, user: User, rights: Access, note: str | None) -> str:
    """What is there comes back, with the reason."""
    refused = against_seeing(case, user, rights, "collection.manage") or _not_on(case, Track.LITIGATION)
    return refused or _without_note(note)


def against_pausing(
    case: Case, user: User, rights: Access, until: dt.date | None, note: str | None, today: dt.date | None = None
) -> str:  # fmt: skip
    """Set aside to a day that policy allows, with the reason."""
    refused = against_working(case, user, rights)
    if refused:
        return refused
    if case.paused_until is not None:
        return _("It is set aside already. Take it up again first.")
    if until is not None:
        refused = _not_ahead((until - (today or timezone.localdate())).days, least=1)
    return refused or _without_note(note)


def against_resuming(case: Case, user: User, rights: Access) -> str:
    """What is not set aside is not taken up; who manages may, whoever's it is."""
    if case.paused_until is None:
        return _("It is not set aside.")
    if scope.reaches(user, rights, case, "collection.manage"):
        return against_seeing(case, user, rights, "collection.manage")
    return against_working(case, user, rights)


def against_handing_up(case: Case, user: User, rights: Access, note: str | None) -> str:
    """Once, with the reason."""
    refused = against_working(case, user, rights)
    if refused:
        return refused
    if case.handed_up_at is not None:
        return _("It is with the manager already.")
    return _without_note(note)


def against_calling_back(
    case: Case, user: User, rights: Access, at: dt.datetime | None, now: dt.datetime | None = None
) -> str:  # fmt: skip
    """At a moment to come, within the days of policy. Whether the call may be made is asked of the gate, when it is."""
    refused = against_working(case, user, rights)
    if refused or at is None:
        return refused
    now = now or timezone.now()
    if at <= now:
        return _("Agree on a time to come.")
    return _not_ahead((timezone.localtime(at).date() - timezone.localtime(now).date()).days, least=0)


def against_noting(case: Case, user: User, rights: Access, text: str | None) -> str:
    """Who works, manages or decides on it may speak, also once it is closed."""
    if not any(scope.reaches(user, rights, case, permission) for permission in SPEAKING):
        return _("Your role does not reach this case for that.")
    return _("Write something first.") if text is not None and not text.strip() else ""


def _not_on(case: Case, track: Track) -> str:
    if case.track == track:
        return ""
    if track != Track.HOUSE:
        return _("The case is on another track now: %(track)s.") % {"track": case.get_track_display()}
    if case.agency is not None:
        return _("It is with %(agency)s. Take it back first.") % {"agency": case.agency}
    return _("It is in litigation. Take it back first.")


def _not_due(case: Case) -> str:
    return _("Nothing is overdue yet.") if case.stage == PRE_DUE else ""


def _not_ahead(days: int, *, least: int) -> str:
    """A day that does not lie so many days ahead, or lies too far."""
    most = policy().put_off_most_days
    if days < least:
        return _("Choose a day to come.")
    if days > most:
        return ngettext("At most %(n)s day ahead.", "At most %(n)s days ahead.", most) % {"n": most}
    return ""


def _without_note(note: str | None) -> str:
    if note is not None and len(note.strip()) < NOTE_CHARACTERS:
        return _("Say why, in a few words.")
    return ""
