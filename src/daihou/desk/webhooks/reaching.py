"""Who may be told of an event: whose roles reach what it is about, where it stood when it happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.desk.people.sight import reaches_models, within
from daihou.desk.webhooks.choices import NEEDS

if TYPE_CHECKING:
    from daihou.desk.people.reach import Access
    from daihou.desk.webhooks.models import HookEvent


def reaches(rights: Access, event: HookEvent) -> bool:
    """Whether somebody may read of an event; of a run, which concerns no borrower, all who see some of the portfolio."""
    thing = event.kind.partition(".")[0]
    permission = NEEDS[thing]
    if not rights.may(permission):
        return False
    if thing == "run":
        return True
    if event.data.get("model"):  # what is about a model lies in no part of the lender
        return reaches_models(rights, permission)
    own = event.owner_id is not None and event.owner_id in {rights.user.pk, *rights.stands_in_for}
    return own or within(rights.reach(permission), event.org_id, event.lead_org_id, event.officer_id)
