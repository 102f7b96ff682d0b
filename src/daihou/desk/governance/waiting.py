"""What rules ask of somebody: drafts of others that wait for review, and own ones that came back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import pgettext

from daihou.desk.governance import labels
from daihou.desk.governance.models import Draft, State
from daihou.desk.work.due import Due
from daihou.warning.rule import Text

if TYPE_CHECKING:
    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access


def waiting(user: User, rights: Access) -> list[Due]:
    """Drafts to review and drafts to go on with; they have no deadline."""
    found = []
    if rights.may("rules.review"):
        submitted = Draft.objects.filter(state__in=(State.SUBMITTED, State.APPROVED)).order_by("changed")
        found += [
            _due(draft, pgettext("what is to be done", "Review"))
            for draft in submitted
            if user.pk not in draft.makers()
        ]
    if rights.may("rules.write"):
        returned = Draft.objects.filter(state=State.RETURNED, author=user.pk).order_by("changed")
        found += [_due(draft, pgettext("what is to be done", "Revise")) for draft in returned]
    return found


def _due(draft: Draft, what: str) -> Due:
    values = draft.values
    name = labels.said(Text(values["name_en"], values["name_zh"])) or draft.rule_id
    return Due(what, name, f"{draft.rule_id} v{draft.number}", reverse("rule_review", args=[draft.rule_id]), None)
