"""What the stream told of a date put right once the night has spoken for it: what the night remembers stands, nothing else does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.desk.alerts.models import AlertSignal
from daihou.desk.portfolio import moments, reading
from daihou.desk.signals.watch import parquet

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.alerts.merging import Said
    from daihou.desk.portfolio.moments import Moment


def differing(day: dt.date, moment: Moment) -> list[Said]:
    """Signals that the stream changed up to a date and that the night has otherwise, as rows to be merged: withdrawn, or resumed. By borrower.

    The stream tells of no models.
    """
    told = AlertSignal.objects.filter(told_on__lte=day).order_by("alert__borrower_id", "signal_id")
    held = list(told.values_list("signal_id", "alert__borrower_id", "ended_on"))
    if not held:
        return []
    standing = {signal_id for signal_id, _, ended_on in held if ended_on is None}
    open_now = _open(sorted({signal_id for signal_id, _, _ in held}), day, moment)
    whose = {signal_id: borrower_id for signal_id, borrower_id, _ in held}
    return [
        {
            "signal_id": one,
            "subject": "borrower",
            "borrower_id": whose[one],
            "transition": "withdrawn" if one in standing else "resumed",
        }
        for one in whose
        if (one in standing) != (one in open_now)
    ]


def settled(day: dt.date) -> None:
    """Note that the night has spoken for all that the stream changed up to a date."""
    AlertSignal.objects.filter(told_on__lte=day).update(told_on=None)


def _open(signal_ids: list[str], day: dt.date, moment: Moment) -> set[str]:
    """Which of some signals are open after the night of a date."""
    files = list(moments.files("rule_memory", (day, day), moment.stamp))
    if not files:
        return set()
    rows = reading.rows(
        f"SELECT signal_id FROM {parquet(files)} WHERE NOT shadow AND opened_on IS NOT NULL AND signal_id IN (SELECT unnest(?::VARCHAR[]))",
        [signal_ids],
    )
    return {row["signal_id"] for row in rows}
