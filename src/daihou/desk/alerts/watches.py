"""Watches within a day as alerts need them: as rules with topic, level and deadline, and what their signals say in words."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from daihou.book import money
from daihou.desk import house
from daihou.desk.governance import labels
from daihou.policies.between import DAY_HOURS, NAMED, between
from daihou.warning.rule import Rule, Text, Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from daihou.desk.alerts.models import AlertSignal
    from daihou.policies.between import Between, Watch

PREFIX: Final = "B-"
"""With which the ids of watches begin, by their policy; those of rules do not."""
AMOUNTS: Final = ("amount", "paid_out", "out")
MOMENTS: Final = ("first_at", "last_at", "paid_out_at")


def is_watch(rule_id: str) -> bool:
    """Whether a rule is judged by the stream alone: what is said of it is final, and neither runs nor the pages of rules know it."""
    return rule_id.startswith(PREFIX)


def as_rules() -> dict[str, Rule]:
    """Every watch of any date by id, the newest words of it, with all its versions."""
    found: dict[str, Rule] = {}
    for from_on, policy in _policies():
        for watch in policy.watches:
            before = found[watch.id].versions if watch.id in found else ()
            versions = [one for one in before if one.number != watch.number] + [_version(watch, from_on)]
            found[watch.id] = Rule(
                watch.id,
                Text(watch.name.en, watch.name.zh),
                watch.topic,  # type: ignore[arg-type]  # the policy checks the codes
                watch.subject,  # type: ignore[arg-type]  # as above
                tuple(versions),
            )
    return found


def message(signal: AlertSignal) -> str:
    """What a signal of a watch says; its bare condition where its version stands nowhere any more."""
    for _from_on, policy in reversed(list(_policies())):
        for watch in policy.watches:
            if (watch.id, watch.number) == (signal.rule_id, signal.version):
                values = _values(json.loads(signal.evidence or "{}"), signal.currency, policy)
                told = {name: values.get(name, "–") for name in NAMED[watch.kind]}
                return watch.message.said(chinese=labels.chinese()).format(**told)
    return signal.condition


def _policies() -> Iterator[tuple[dt.date, Between]]:
    """Every version of the policy, in order of its date."""
    for version in house.dated("between", between).versions:
        yield version.from_on, version.values


def _version(watch: Watch, from_on: dt.date) -> Version:
    return Version(
        watch.number, from_on, "", watch.level, "", Text(watch.message.en, watch.message.zh), Text(watch.reason.en, watch.reason.zh),  # type: ignore[arg-type]  # as above
        due_work_days=watch.due_work_days,
    )  # fmt: skip


def _values(evidence: Mapping[str, Any], currency: str, policy: Between) -> dict[str, str]:
    """Evidence as people read it, by the names that messages use."""
    found = {name: str(value) for name, value in evidence.items() if value is not None}
    coin = evidence.get("currency") or currency or "CNY"
    for name in AMOUNTS:
        if evidence.get(name) is not None:
            found[name] = f"{money.text(int(evidence[name]), coin)} {coin}"
    for name in MOMENTS:
        if evidence.get(name):
            found[name] = f"{timezone.localtime(dt.datetime.fromisoformat(evidence[name])):%m-%d %H:%M}"
    if evidence.get("within_hours"):
        found["within"] = _hours(int(evidence["within_hours"]))
    if evidence.get("share_percent") is not None:
        found["share"] = f"{evidence['share_percent']}%"
    if isinstance(evidence.get("classes"), dict):
        names = {code: of.zh if labels.chinese() else of.en for code, of in policy.classes.items()}
        parts = sorted(evidence["classes"].items(), key=lambda one: -int(one[1]))
        found["classes"] = _(", ").join(
            f"{names.get(code, code)} {money.text(int(sum_), coin)}" for code, sum_ in parts
        )
    return found


def _hours(hours: int) -> str:
    """How long a window is: in days where it is several whole ones."""
    if hours > 2 * DAY_HOURS and not hours % DAY_HOURS:
        return _("%(n)s days") % {"n": hours // DAY_HOURS}
    return _("%(n)s hours") % {"n": hours}
