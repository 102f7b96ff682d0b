"""Rules that no longer keep what their backtest promised are told to who writes rules, once a month and version as long as it lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone

from daihou.desk.alerts import learning
from daihou.desk.alerts.models import Alert
from daihou.desk.alerts.watches import is_watch
from daihou.desk.notices import outbox
from daihou.desk.notices.choices import Kind
from daihou.desk.notices.outbox import Told
from daihou.desk.people.models import Membership
from daihou.desk.people.roles import GRANTS

if TYPE_CHECKING:
    import datetime as dt


def flag(now: dt.datetime) -> int:
    """Tell of every version of a rule that has decayed among all alerts; how many there are. Done again within the month it tells nobody twice."""
    decayed = [
        record
        for record in learning.records(Alert.objects.all(), now)
        if record.decayed and not is_watch(record.rule_id)
    ]
    if not decayed:
        return 0
    writing = [role for role, granted in GRANTS.items() if "rules.write" in granted]
    writers = Membership.objects.filter(role__in=writing, org_id="", user__is_active=True).values_list(
        "user_id", flat=True
    )
    month = f"{timezone.localtime(now):%Y-%m}"
    told = [
        Told(
            writer, Kind.RULE_DECAYED, f"decayed:{record.rule_id}:{record.version}:{month}", reverse("rule", args=[record.rule_id]),
            subject=f"rule:{record.rule_id}", params={"number": record.rule_id},
        )
        for record in decayed
        for writer in sorted(set(writers))
    ]  # fmt: skip
    outbox.post(told, now)
    return len(decayed)
