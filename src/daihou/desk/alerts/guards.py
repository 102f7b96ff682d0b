"""Why an act on an alert is not allowed: a sentence for the page, or nothing where it is. Transitions ask before they act, pages before they show a button.

What a form still has to say (a note, a date) may be None: then only whether the act is open at all is answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from daihou.desk.alerts import scope
from daihou.desk.alerts.choices import RANKS, Act, Conclusion, Listing, Outcome, Stage
from daihou.desk.alerts.policy import policy
from daihou.desk.people import orgs
from daihou.desk.people.reach import Access
from daihou.desk.people.sight import within
from daihou.policies.alerts import NEVER_SNOOZED

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.alerts.models import Alert, Task
    from daihou.desk.people.models import User
    from daihou.policies.alerts import TaskKind

NOTE_CHARACTERS: Final = 4
"""Fewer say nothing."""
LISTED: Final = {"": 0, Listing.WATCH: 1, Listing.EXIT: 2}
"""How far a list goes."""
WHO_ELSE: Final = {
    "alerts.handle": gettext_lazy("This is for who works on alerts."),
    "alerts.confirm": gettext_lazy("This is for who confirms alerts."),
    "alerts.assign": gettext_lazy("This is for who assigns alerts."),
}
"""What is said to who holds a permission nowhere."""


def against_seeing(alert: Alert, user: User, rights: Access, permission: str = "alerts.handle") -> str:
    """Who may not do such things at all, or not for this alert."""
    if not rights.may(permission):
        return str(WHO_ELSE[permission])
    if not scope.reaches(user, rights, alert, permission):
        return _("Your role does not reach this alert for that.")
    if not alert.open:
        return _("The alert is closed.")
    return ""


def against_handling(alert: Alert, user: User, rights: Access) -> str:
    """What its owner does, or who stands in while the owner is away: nobody else, unless nobody owns it."""
    refused = against_seeing(alert, user, rights)
    if refused:
        return refused
    if alert.owner_id is not None and alert.owner_id not in scope.answers_for(user, rights):
        return _("%(name)s works on it. Claim it, or have it assigned to you.") % {"name": alert.owner}
    return ""


def against_concluding(alert: Alert, user: User, rights: Access, note: str | None) -> str:
    """A check says what it is, with a note, while it is being checked."""
    refused = against_handling(alert, user, rights) or _not_at(alert, Stage.CHECK)
    return refused or _without_note(note)


def against_doubling(alert: Alert, conclusion: str, of: Alert | None) -> str:
    """What is concluded to be a duplicate names an alert that stands by itself."""
    if conclusion != Conclusion.DUPLICATE:
        return ""
    if of is None:
        return _("Say which alert it doubles.")
    if of.pk == alert.pk:
        return _("An alert is not its own duplicate.")
    if of.duplicate_of_id is not None or of.outcome == Outcome.DUPLICATE:
        return _("%(number)s is said to be a duplicate itself. Name the alert that is worked on.") % {
            "number": of.number
        }
    return ""


def against_confirming(
    alert: Alert, user: User, rights: Access, note: str | None, conclusion: str = "", level: str = ""
) -> str:
    """Another person with authority for the colour; who says otherwise than the check says why."""
    refused = against_seeing(alert, user, rights, "alerts.confirm") or _not_at(alert, Stage.CONFIRM)
    if refused:
        return refused
    worst = min((alert.level, alert.proposed_level or alert.level, level or alert.level), key=lambda each: RANKS[each])
    if not scope.has_authority(user, rights, alert, worst):
        return _("This colour is confirmed by head office.")
    if user.pk in checkers(alert):
        return _("You checked it yourself. Somebody else confirms it.")
    otherwise = (conclusion and conclusion != alert.conclusion) or (
        level and level != (alert.proposed_level or alert.level)
    )
    return _without_note(note) if otherwise else ""


def against_sending_back(alert: Alert, user: User, rights: Access, note: str | None) -> str:
    """Who may confirm or approve may also send it back, saying what is missing."""
    refused = against_seeing(alert, user, rights, "alerts.confirm")
    if refused:
        return refused
    if alert.stage not in (Stage.CONFIRM, Stage.LIFT):
        return _("Only what waits for confirmation or for lifting can be sent back.")
    made = checkers(alert) if alert.stage == Stage.CONFIRM else backers(alert)[:1]
    if user.pk in made:
        return _("It was you who handed it on. Somebody else decides.")
    return _without_note(note)


def against_planning(alert: Alert, user: User, rights: Access, note: str | None) -> str:
    """The plan is its note."""
    return against_handling(alert, user, rights) or _not_at(alert, Stage.PLAN) or _without_note(note)


def against_carrying_out(alert: Alert, user: User, rights: Access, note: str | None) -> str:
    """What was done is its note."""
    return against_handling(alert, user, rights) or _not_at(alert, Stage.ACT) or _without_note(note)


def against_following_up(alert: Alert, user: User, rights: Access, note: str | None) -> str:
    """What was seen is its note."""
    return against_handling(alert, user, rights) or _not_at(alert, Stage.FOLLOW) or _without_note(note)


def against_proposing_lift(alert: Alert, user: User, rights: Access, note: str | None) -> str:
    """Once it was confirmed, with evidence: a file, unless all its signals ceased, and words."""
    refused = against_handling(alert, user, rights)
    if refused:
        return refused
    if alert.stage not in (Stage.PLAN, Stage.ACT, Stage.FOLLOW):
        return _("Lifting is proposed once the alert was confirmed.")
    return _without_evidence(alert) or _without_note(note)


def against_approving_lift(alert: Alert, user: User, rights: Access) -> str:
    """Another person with authority for the colour."""
    refused = against_seeing(alert, user, rights, "alerts.confirm") or _not_at(alert, Stage.LIFT)
    if refused:
        return refused
    if user.pk in backers(alert):
        return _("You stand behind this lifting already. It needs somebody else.")
    if not scope.has_authority(user, rights, alert, alert.level):
        return _("This colour is lifted by head office.")
    return _without_evidence(alert)


def against_snoozing(
    alert: Alert, user: User, rights: Access, until: dt.date | None, note: str | None, today: dt.date | None = None
) -> str:
    """Red never rests; the others with a reason and an end that policy allows."""
    if alert.level == NEVER_SNOOZED:
        return _("A red alert cannot be snoozed.")
    refused = against_handling(alert, user, rights)
    if refused:
        return refused
    if alert.snoozed:
        return _("It is snoozed already. Wake it first.")
    if alert.stage in (Stage.CONFIRM, Stage.LIFT):
        return _("It waits for somebody's decision and cannot be snoozed.")
    if until is not None:
        days = (until - (today or timezone.localdate())).days
        most = policy().snooze_most_days[alert.level]
        if days < 1:
            return _("Snooze it until a day to come.")
        if days > most:
            return ngettext(
                "An alert of this colour is snoozed for %(n)s day at most.",
                "An alert of this colour is snoozed for %(n)s days at most.",
                most,
            ) % {"n": most}
    return _without_note(note)


def against_waking(alert: Alert, user: User, rights: Access) -> str:
    """What does not rest is not woken."""
    if not alert.snoozed:
        return _("It is not snoozed.")
    return against_seeing(alert, user, rights)


def against_claiming(alert: Alert, user: User, rights: Access) -> str:
    """Who handles alerts takes what is nobody's, or theirs who left or for whom they stand in; all else is taken by who may assign."""
    refused = against_seeing(alert, user, rights)
    if refused:
        return refused
    if alert.owner_id == user.pk:
        return _("It is yours already.")
    if alert.owner is None or not alert.owner.is_active or alert.owner_id in scope.answers_for(user, rights):
        return ""
    if not scope.reaches(user, rights, alert, "alerts.assign"):
        return _("%(name)s works on it. Who may assign alerts can give it to you.") % {"name": alert.owner}
    return ""


def against_assigning(alert: Alert, user: User, rights: Access, owner: User | None) -> str:
    """Its owner hands it on, who may assign gives it to anybody; the new one must be there and able to work on it."""
    permission = "alerts.handle" if alert.owner_id == user.pk else "alerts.assign"
    refused = against_seeing(alert, user, rights, permission)
    if refused or owner is None:
        return refused
    if not owner.is_active:
        return _("%(name)s no longer works at the desk.") % {"name": owner}
    if owner.pk == alert.owner_id:
        return _("It is theirs already.")
    if not scope.may_own(Access(owner), alert):
        return _("%(name)s does not work on alerts of this part of the lender.") % {"name": owner}
    return ""


def against_escalating(alert: Alert, user: User, rights: Access, note: str | None) -> str:
    """As long as there is an org above."""
    refused = against_seeing(alert, user, rights)
    if refused:
        return refused
    if above(alert) is None:
        return _("It is with head office already.")
    return _without_note(note)


def against_chasing(alert: Alert, user: User, rights: Access, note: str | None) -> str:
    """Who may assign may chase whoever has it."""
    refused = against_seeing(alert, user, rights, "alerts.assign")
    if refused:
        return refused
    if alert.owner_id is None:
        return _("Nobody has it. Assign it first.")
    if alert.owner_id == user.pk:
        return _("It is yours.")
    return _without_note(note)


def against_level(alert: Alert, user: User, rights: Access, level: str, note: str | None) -> str:
    """Whoever works on it raises it; it is lowered by who has authority for the colour it has."""
    if level == alert.level:
        return _("It has this level already.")
    lowered = RANKS[level] > RANKS[alert.level]
    refused = against_seeing(alert, user, rights, "alerts.confirm" if lowered else "alerts.handle")
    if refused:
        return refused
    if lowered and not scope.has_authority(user, rights, alert, alert.level):
        return _("This colour is lowered by head office.")
    if lowered and user.pk in _handed_on(alert):  # else a lesser colour would need less of the others
        return _("It was you who handed it on. Somebody else decides.")
    return _without_note(note)


def against_commenting(alert: Alert, user: User, rights: Access, text: str | None) -> str:
    """Who sees it may speak, also after it is closed."""
    if not scope.reaches(user, rights, alert, "alerts.view"):
        return _("Your role does not reach this alert for that.")
    return _("Write something first.") if text is not None and not text.strip() else ""


def against_downloading(alert: Alert, user: User, rights: Access) -> str:
    """Files may name people: they are read by who works on alerts, decides on them, or inspects the bank."""
    if any(scope.reaches(user, rights, alert, one) for one in ("alerts.handle", "alerts.confirm", "audit.view")):
        return ""
    return _("Files may name people. Your role sees alerts without them.")


def suggested(alert: Alert) -> tuple[TaskKind, ...]:
    """The tasks that its level suggests; they are done to a borrower, so an alert about a model has none."""
    return () if alert.model else policy().suggests[alert.level]


def against_task(alert: Alert, user: User, rights: Access, kind: str, owner: User | None = None) -> str:
    """What the level suggests, each kind once at a time, for somebody who sees the alert."""
    refused = against_seeing(alert, user, rights)
    if refused:
        return refused
    if kind not in suggested(alert):
        return _("The level of this alert does not ask for that.")
    if alert.tasks.filter(kind=kind, ended_at=None).exists():
        return _("This task is begun already.")
    if owner is not None and owner.pk != user.pk and not scope.sees(owner, alert):
        return _("%(name)s does not see this alert.") % {"name": owner}
    return ""


def against_ending_task(task: Task, user: User, rights: Access, note: str | None) -> str:
    """Its owner or who works on the alert; also after the alert is closed, so that nothing that was begun stays open for ever."""
    if task.owner_id != user.pk and not scope.reaches(user, rights, task.alert, "alerts.handle"):
        return _("Your role does not reach this alert for that.")
    if note is not None and len(note.strip()) < NOTE_CHARACTERS:
        return _("Say what came of it, in a few words.")
    return ""


def against_raising(alert: Alert, rights: Access) -> str:
    """An alert that is not there yet: for a borrower within reach, not because it will be one's own."""
    if within(rights.reach("alerts.handle"), alert.org_id, alert.lead_org_id, alert.officer_id):
        return ""
    return _("This borrower lies outside your part of the organisation.")


def against_customer(
    whose: dict[str, Any], rights: Access, before: tuple[str, str], after: tuple[str, str], note: str | None
) -> str:
    """A customer's own level and list, each as (level, list): who handles alerts raises and lists, who confirms lowers and takes off.

    From the watch list to the exit list is further, back is a lowering. `whose`: org_id, lead_org_id and officer_id of the borrower.
    """
    lowered = _severity(after[0]) < _severity(before[0]) or LISTED[after[1]] < LISTED[before[1]]
    reach = rights.reach("alerts.confirm" if lowered else "alerts.handle")
    if not within(reach, whose["org_id"], whose["lead_org_id"], whose["officer_id"]):
        return (
            _("A level is lowered, and a customer taken off a list, by who confirms alerts.")
            if lowered
            else _("Your role does not reach this borrower for that.")
        )
    if note is not None and after == before:
        return _("It has this level and list already.")
    return _without_note(note)


def _severity(level: str) -> int:
    """How urgent a level is; none is 0."""
    return len(RANKS) - RANKS[level] if level else 0


def above(alert: Alert) -> str | None:
    """The org to which it goes up next: '' is head office; None where it is there."""
    here = alert.escalated_org_id if alert.escalated_org_id is not None else alert.org_id
    if not here:
        return None
    org = orgs.tree().orgs.get(here)
    return org.parent_id if org is not None and org.parent_id in orgs.tree().orgs else ""


def _handed_on(alert: Alert) -> set[int]:
    """Who brought it to where others decide."""
    if alert.stage == Stage.CONFIRM:
        return checkers(alert)
    return set(backers(alert)) if alert.stage == Stage.LIFT else set()


def checkers(alert: Alert) -> set[int]:
    """Who checked it in the round that waits for confirmation."""
    acts = (
        alert.moves.filter(act__in=(Act.CONCLUDE, Act.SEND_BACK, Act.CONFIRM))
        .order_by("-id")
        .values_list("act", "actor_id")
    )
    found: set[int] = set()
    for act, actor_id in acts:
        if act != Act.CONCLUDE:
            break
        found.add(actor_id)
    return found


def backers(alert: Alert) -> list[int]:
    """Who stands behind the lifting that is proposed, who proposed it first."""
    acts = (
        alert.moves.filter(act__in=(Act.PROPOSE_LIFT, Act.APPROVE_LIFT, Act.SEND_BACK))
        .order_by("id")
        .values_list("act", "actor_id")
    )
    found: list[int] = []
    for act, actor_id in acts:
        if act == Act.SEND_BACK:
            found = []
        elif act == Act.PROPOSE_LIFT:
            found = [actor_id]
        elif actor_id not in found:
            found.append(actor_id)
    return found


def closes_alone(alert: Alert, user: User, level: str) -> bool:
    """Whether what a check of that colour found stands without another person: not where they lowered the level to it themselves."""
    if policy().confirmed_by[level] != "anyone":
        return False
    own = alert.moves.filter(act=Act.LEVEL, actor=user.pk).values_list("level_before", "level_after")
    return not any(RANKS[after] > RANKS[before] for before, after in own)


def _not_at(alert: Alert, stage: Stage) -> str:
    if alert.stage != stage:
        return _("The alert is at “%(stage)s” now.") % {"stage": alert.get_stage_display()}
    return ""


def _without_evidence(alert: Alert) -> str:
    if alert.ceased_on is None and not alert.files.exists():
        return _("Lifting needs evidence: attach a file, since a signal is still open.")
    return ""


def _without_note(note: str | None) -> str:
    if note is not None and len(note.strip()) < NOTE_CHARACTERS:
        return _("Say why, in a few words.")
    return ""
