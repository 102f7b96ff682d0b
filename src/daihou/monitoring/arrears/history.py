"""History as it was lived: late stretches and month codes, remembered stretch by stretch.

`dpd` grows by one a day within a stretch, so its greatest value in any window is that of the last day of a stretch or of the
window. Remembering those days gives every maximum without walking day by day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.book.ledger.layout import FOREVER, NO_DAY
from daihou.monitoring.arrears import shapes as at
from daihou.monitoring.arrears.shapes import (
    CLOSED,
    EMPTY,
    NOT_STARTED,
    ON_NOTHING,
    ON_REPORTED,
    TRANSFERRED,
    WRITTEN_OFF,
    Cents,
    Moment,
    Scratch,
)
from daihou.monitoring.jit import kernel, part

if TYPE_CHECKING:
    from daihou.book.days import Months

STAR, NORMAL, ONE, SEVEN, BAD, COMPENSATED, IN_LIEU, SETTLED, SETTLED_OTHERWISE, UNKNOWN = (
    ord(code) for code in "*N17BDZCG#"
)


@part
def month_of(months: Months, day: int) -> int:
    """The month of a day, counted from 1900-01."""
    return months.of[day - months.first_day]


@kernel
def months_back(months: Months, day: int, count: int) -> int:
    """The same day `count` months back, or forward if negative, clamped to the month's end."""
    month = month_of(months, day)
    target = month - count
    return min(months.ends[target] + (day - months.ends[month]), months.ends[target + 1])


@kernel
def forget(memory: Cents) -> None:
    """Forget all history."""
    memory[:] = 0
    memory[at.FIRST_MONTH] = EMPTY
    memory[at.GONE_SINCE] = FOREVER
    memory[at.MEASURED_ON] = NO_DAY
    memory[at.ROWS_UNTIL] = NO_DAY


@kernel
def owes(moment: Moment) -> bool:
    """Whether days of this stretch can be late at all."""
    return moment.phase != NOT_STARTED and moment.phase != CLOSED and moment.phase != TRANSFERRED


@kernel
def dpd_on(moment: Moment, day: int) -> int:
    """Days past due on a day of the stretch; EMPTY without a basis."""
    if not owes(moment):
        return 0
    if moment.basis == ON_REPORTED:
        return moment.reported
    if moment.basis == ON_NOTHING:
        return EMPTY
    late = day - moment.owed_since
    return late if late > moment.grace else 0


@part
def month_code(months: Months, pots: Cents, moment: Moment, day: int, gone_before: bool) -> int:
    """The code of a month judged on its day `day`."""
    since = months.ends[month_of(months, day)]
    if moment.phase == NOT_STARTED:
        return STAR
    if moment.phase in (CLOSED, TRANSFERRED):
        if gone_before:
            return STAR
        if moment.phase == TRANSFERRED:
            return SETTLED_OTHERWISE
        if pots[at.LAST_ASSET] > since:
            return IN_LIEU
        return COMPENSATED if pots[at.LAST_COMPENSATION] > since else SETTLED
    if moment.phase == WRITTEN_OFF:
        return BAD
    if moment.basis == ON_NOTHING:
        return UNKNOWN
    dpd = dpd_on(moment, day)
    if dpd > 0:
        return min(ONE + (dpd - 1) // 30, SEVEN)
    return COMPENSATED if pots[at.LAST_COMPENSATION] > since else NORMAL


@part
def _remember_months(months: Months, scratch: Scratch, moment: Moment, start: int, end: int) -> None:
    memory = scratch.memory
    month = month_of(months, start)
    if memory[at.FIRST_MONTH] == EMPTY:
        memory[at.FIRST_MONTH] = month
    while months.ends[month + 1] <= end:
        place = month - memory[at.FIRST_MONTH]
        gone_before = place > 0 and scratch.months[place - 1].gone == 1
        scratch.months[place].code = month_code(months, scratch.pots, moment, months.ends[month + 1], gone_before)
        scratch.months[place].gone = moment.phase in (CLOSED, TRANSFERRED)
        month += 1


@kernel
def remember_late(scratch: Scratch, since: int, from_dpd: int, on: int, dpd: int) -> None:
    """Remember the days of a late stretch, or of one that could not be measured (both dpd EMPTY)."""
    memory = scratch.memory
    late = scratch.late[memory[at.LATE_COUNT]]
    late.since = since
    late.from_dpd = from_dpd
    late.on = on
    late.dpd = dpd
    memory[at.LATE_COUNT] += 1
    memory[at.MAX_EVER] = max(memory[at.MAX_EVER], dpd)


@kernel
def remember_fall(scratch: Scratch, day: int, dpd: int, last_dpd: int) -> None:
    """Compare the dpd of a first day with that of the day before, and keep the dpd of the last day; EMPTY compares with nothing."""
    memory = scratch.memory
    if EMPTY < dpd < memory[at.LAST_DPD]:
        fall = scratch.falls[memory[at.FALL_COUNT]]
        fall.on = day
        fall.to_dpd = dpd
        memory[at.FALL_COUNT] += 1
    memory[at.LAST_DPD] = last_dpd


@part
def remember_stretch(months: Months, scratch: Scratch, moment: Moment, start: int, end: int) -> None:
    """Remember the lateness and the month codes of the days `start` … `end`."""
    memory = scratch.memory
    gone = moment.phase in (CLOSED, TRANSFERRED)
    if not gone:
        memory[at.GONE_SINCE] = FOREVER
    elif memory[at.GONE_SINCE] == FOREVER:
        memory[at.GONE_SINCE] = start
    if moment.basis != ON_NOTHING:
        memory[at.MEASURED_ON] = end
    dpd = dpd_on(moment, end)
    if dpd == EMPTY:
        remember_late(scratch, start, EMPTY, end, EMPTY)
    elif dpd > 0:
        since = start if moment.basis == ON_REPORTED else max(start, moment.owed_since + moment.grace + 1)
        remember_late(scratch, since, dpd_on(moment, since), end, dpd)
    # A loan that was sold is not a loan that recovered.
    remember_fall(scratch, start, EMPTY if moment.phase == TRANSFERRED else dpd_on(moment, start), dpd)
    if month_of(months, start) != month_of(months, end + 1) or memory[at.FIRST_MONTH] == EMPTY:
        _remember_months(months, scratch, moment, start, end)


@kernel
def greatest_dpd(scratch: Scratch, after: int, measured_now: bool) -> int:
    """The greatest dpd on days after `after`, up to the last one remembered; EMPTY where none of them was measured."""
    if not measured_now and scratch.memory[at.MEASURED_ON] <= after:
        return EMPTY
    if after == NO_DAY:
        return scratch.memory[at.MAX_EVER]
    greatest = 0
    for place in range(scratch.memory[at.LATE_COUNT] - 1, -1, -1):
        if scratch.late[place].on <= after:
            break
        greatest = max(greatest, scratch.late[place].dpd)
    return greatest


@kernel
def last_over(scratch: Scratch, days: int) -> int:
    """The last day with dpd above `days`; NO_DAY if there was none."""
    for place in range(scratch.memory[at.LATE_COUNT] - 1, -1, -1):
        if scratch.late[place].dpd > days:
            return scratch.late[place].on
    return NO_DAY


@kernel
def whole_months_since(months: Months, late_on: int, day: int) -> int:
    """Whole months from a late day to a day, counted forward from the late day and clamped."""
    count = month_of(months, day) - month_of(months, late_on)
    if count > 0 and months_back(months, late_on, -count) > day:
        count -= 1
    return count
