"""Alerts by hand, for tests: as the ingester would write them, without a run."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any, Final

from django.utils import timezone

from daihou.desk.alerts import deadlines
from daihou.desk.alerts.choices import Act, Stage
from daihou.desk.alerts.models import Alert, AlertSignal, Move

NUMBERS: Final = itertools.count(1)
DAY: Final = dt.date(2026, 3, 31)


def alert(borrower_id: str = "C1", level: str = "orange", *, signals: int = 1, **values: Any) -> Alert:
    """An open alert on arrears of branch B01 at its first stage, with signals of rule R-001."""
    now = values.pop("now", timezone.now())
    stage = values.get("stage", Stage.CHECK)
    closed = stage == Stage.CLOSED
    stated = {
        "borrower_id": borrower_id, "topic": "arrears", "level": level, "rank": Alert.rank_of(level), "rule_id": "R-001", "version": 1,
        "org_id": "B01", "officer_id": "", "raised_on": DAY, "raised_at": now, "staged_at": now, "exposure": 1_000_000,
        "due_at": None if closed else deadlines.of_stage(stage, level, now), "closed_at": now if closed else None,
        "signals_open": 0 if closed else signals, "signals_all": signals,
    }  # fmt: skip
    made = Alert.objects.create(**(stated | values))
    for _ in range(signals):
        made.lead = AlertSignal.objects.create(
            alert=made, signal_id=f"{next(NUMBERS):024x}", rule_id=made.rule_id, version=made.version or 1, subject="borrower",
            subject_id=borrower_id, level=level, opened_on=made.raised_on, currency="CNY", condition="dpd > 30", evidence='{"dpd": 45}',
        )  # fmt: skip
        made.save(update_fields=["lead"])
    Move.objects.create(alert=made, at=now, act=Act.RAISE, stage_after=Stage.CHECK, level_after=level)
    return Alert.objects.select_related("owner", "lead").get(pk=made.pk)
