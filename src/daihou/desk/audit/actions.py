"""What the audit log may hold: every action and every kind of subject with its label. A test holds that no other is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

ACTIONS: Final[dict[str, _StrPromise]] = {
    "sign_in": _("Signed in"),
    "sign_in.refused": _("Sign-in refused"),
    "sign_in.limited": _("Sign-in blocked after too many attempts"),
    "sign_out": _("Signed out"),
    "password.change": _("Changed the own password"),
    "second_factor.add": _("Added a second factor"),
    "second_factor.remove": _("Removed a second factor"),
    "second_factor.renew": _("Made new recovery codes"),
    "second_factor.refused": _("Second factor refused"),
    "access.refused": _("Opened a page without permission"),
    "user.create": _("Entered a user"),
    "user.change": _("Changed a user's data"),
    "user.deactivate": _("Deactivated a user"),
    "user.reactivate": _("Reactivated a user"),
    "user.password": _("Gave a one-time password"),
    "user.second_factor": _("Reset a user's second factor"),
    "role.grant": _("Gave a role"),
    "role.withdraw": _("Withdrew a role"),
    "absence.enter": _("Entered an absence"),
    "absence.end": _("Ended an absence"),
    "audit.export": _("Took out the audit log"),
    "audit.verify": _("Verified the audit log"),
    "job.start": _("Started a job"),
    "job.cancel": _("Cancelled a job"),
    "job.download": _("Took out what a job made"),
    "upload.receive": _("Uploaded a file"),
    "upload.refuse": _("Upload refused"),
    "upload.map": _("Matched the columns of an upload"),
    "upload.take": _("Took an upload in"),
    "upload.drop": _("Dropped an upload"),
    "upload.expire": _("Upload expired"),
    "quarantine.download": _("Took out quarantined rows"),
    "portfolio.export": _("Exported a list"),
    "figures.export": _("Exported figures"),
    "view.save": _("Saved a view"),
    "view.delete": _("Deleted a saved view"),
    "rule.begin": _("Began a version of a rule"),
    "rule.write": _("Wrote a draft of a rule"),
    "rule.try": _("Tried a draft of a rule"),
    "rule.attach": _("Attached evidence to a draft of a rule"),
    "rule.submit": _("Submitted a rule for review"),
    "rule.return": _("Returned a rule to its author"),
    "rule.approve": _("Approved a rule"),
    "rule.publish": _("Published a rule"),
    "rule.apply": _("Published a rule from a file"),
    "rule.withdraw": _("Withdrew a draft of a rule"),
    "rule.export": _("Took out rules as a file"),
    "alert.raise": _("Raised an alert"),
    "alert.assign": _("Assigned an alert"),
    "alert.claim": _("Claimed an alert"),
    "alert.conclude": _("Checked an alert"),
    "alert.confirm": _("Decided on the check of an alert"),
    "alert.send_back": _("Sent an alert back"),
    "alert.plan": _("Planned what is done about an alert"),
    "alert.carry_out": _("Carried out the plan of an alert"),
    "alert.follow_up": _("Followed an alert up"),
    "alert.propose_lift": _("Proposed to lift an alert"),
    "alert.approve_lift": _("Approved the lifting of an alert"),
    "alert.snooze": _("Snoozed an alert"),
    "alert.wake": _("Woke an alert"),
    "alert.escalate": _("Escalated an alert"),
    "alert.chase": _("Chased the owner of an alert"),
    "alert.level": _("Changed the level of an alert"),
    "alert.comment": _("Commented on an alert"),
    "alert.attach": _("Attached a file to an alert"),
    "alert.task": _("Began a task of an alert"),
    "alert.task_done": _("Ended a task of an alert"),
    "alert.task_dropped": _("Dropped a task of an alert"),
    "alert.bulk": _("Acted on many alerts"),
    "alert.ingest": _("Took signals in as alerts"),
    "alert.download": _("Took out a file of an alert"),
    "customer.level": _("Changed a customer's warning level or list"),
    "notice.prefer": _("Changed how one is told"),
    "notice.channel_add": _("Entered a channel of notices"),
    "notice.channel_remove": _("Removed a channel of notices"),
    "notice.test": _("Sent a test notice"),
    "notice.resend": _("Sent stuck notices again"),
    "person.search": _("Searched for a person"),
    "person.reveal": _("Uncovered a person"),
    "person.erase": _("Erased a person"),
    "person.readmit": _("Let an erased person be delivered again"),
    "vault.rotate": _("Changed the vault's key"),
    "vault.rotate_tokens": _("Changed the key of the vault's search"),
}
"""An action's code, `thing.act`, and its label."""

KINDS: Final[dict[str, _StrPromise]] = {
    "user": pgettext_lazy("subject", "user"),
    "page": pgettext_lazy("subject", "page"),
    "job": pgettext_lazy("subject", "job"),
    "audit": pgettext_lazy("subject", "audit log"),
    "upload": pgettext_lazy("subject", "upload"),
    "quarantine": pgettext_lazy("subject", "quarantine"),
    "list": pgettext_lazy("subject", "list"),
    "chart": pgettext_lazy("subject", "chart"),
    "view": pgettext_lazy("subject", "saved view"),
    "rule": pgettext_lazy("subject", "rule"),
    "alert": pgettext_lazy("subject", "alert"),
    "date": pgettext_lazy("subject", "data date"),
    "borrower": pgettext_lazy("subject", "borrower"),
    "channel": pgettext_lazy("subject", "channel of notices"),
    "notice": pgettext_lazy("subject", "notice"),
    "search": pgettext_lazy("subject", "search"),
    "vault": pgettext_lazy("subject", "vault"),
}
"""What an action may concern."""


def action_label(action: str) -> str:
    """The label of an action; its code where it has none."""
    return str(ACTIONS.get(action, action))


def kind_label(kind: str) -> str:
    """The label of a kind of subject; its code where it has none."""
    return str(KINDS.get(kind, kind))
