"""The arrays that the arrears kernels work on: terms of policy, scratch space for one loan, and the columns they fill."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Cents = npt.NDArray[np.int64]
Records = np.ndarray[Any, Any]

BASES: Final = ("schedule", "bills", "reported", "none")
ON_SCHEDULE, ON_BILLS, ON_REPORTED, ON_NOTHING = range(4)

STATES: Final = ("not_started", "current", "overdue", "closed", "written_off", "transferred", "unmeasured")
NOT_STARTED, CURRENT, OVERDUE, CLOSED, WRITTEN_OFF, TRANSFERRED, UNMEASURED = range(7)

EMPTY: Final = -1  # in columns that cannot be negative
BREAKS: Final = ("balance_below_zero", "refund_beyond_money", "waiver_beyond_dues")
BALANCE_BELOW_ZERO, REFUND_BEYOND_MONEY, WAIVER_BEYOND_DUES = 1, 2, 4


TERM: Final = np.dtype(
    (
        np.record,
        np.dtype(
            [("from_on", np.int32), ("grace_days", np.int32), ("calendar", np.int32), ("vertical", np.uint8)],
            align=True,
        ),
    )
)


class Terms(NamedTuple):
    """Policies as arrays: product `p` has the versions `[offsets[p], offsets[p + 1])` in order of `from_on`."""

    offsets: Cents
    versions: Records  # of TERM; calendar is a row of `moved`, or EMPTY where due dates stay
    tolerance: Cents  # [version, currency]
    moved: Ints  # [calendar, day - first day]
    standing_days: int


# An instalment in force on the day judged: what is short, what money covered. `owed_on` is the due date for money and dpd: the own one,
# or that of an acceleration. `early`: covered before its due date, known on that date. Rows stand by (own due date, seq).
ROW: Final = np.dtype(
    (
        np.record,
        np.dtype(
            [
                ("source", np.int32), ("seq", np.int32), ("due_on", np.int32), ("owed_on", np.int32),
                ("principal", np.int64), ("interest", np.int64), ("fee", np.int64),
                ("covered_principal", np.int64), ("covered_interest", np.int64), ("covered_fee", np.int64), ("early", np.uint8),
            ],
            align=True,
        ),
    )
)  # fmt: skip


# Places in `Scratch.pots`, the running sums of one loan.
(
    OPENING, DRAWN, CAPITALISED, COVERED_PRINCIPAL, PREPAID, WAIVED_PRINCIPAL, WAIVED_PENALTY, WRITTEN_PRINCIPAL, WRITTEN_INTEREST, WRITTEN_FEE,
    WRITTEN_PENALTY, WRITTEN_FULL, SURPLUS, PENALTY_POT, RECOVERED, PAID, LAST_PAID, CHARGED, EXTENSIONS, PAID_OFF, GONE, LAST_COMPENSATION, LAST_ASSET,
    BROKEN, NET_MONEY, REFUND_LOST, ROW_COUNT, FIRST_SHORT, NOTE_COUNT, POT_COUNT,
) = range(30)  # fmt: skip

# Places in `Scratch.memory`, what was lived so far.
(
    LATE_COUNT, DUE_COUNT, MISSED_COUNT, FALL_COUNT, MAX_EVER, LAST_DPD, FIRST_LATE, MET_BEFORE, FIRST_MONTH, GONE_SINCE, MEASURED_ON, ROWS_UNTIL,
    MEMORY_COUNT,
) = range(13)  # fmt: skip


# A late stretch: its days `since` ... `on`, the dpd on the first and on the last; EMPTY where the days could not be measured.
LATE: Final = np.dtype(
    (
        np.record,
        np.dtype([("since", np.int32), ("on", np.int32), ("from_dpd", np.int32), ("dpd", np.int32)], align=True),
    )
)
FALL: Final = np.dtype((np.record, np.dtype([("on", np.int32), ("to_dpd", np.int32)], align=True)))
DUE: Final = np.dtype((np.record, np.dtype([("on", np.int32), ("how", np.int32), ("asked", np.int64)], align=True)))
# How a due date ended, with the marks of a bill and of one of which no more than the minimum was paid.
EARLY, ON_TIME, PART, MISSED = range(4)
HOW, BILLED, MINIMUM = 3, 4, 8
MONTH: Final = np.dtype((np.record, np.dtype([("code", np.uint8), ("gone", np.uint8)], align=True)))
NOTE: Final = np.dtype(
    (
        np.record,
        np.dtype(
            [("event", np.int64), ("source", np.int64), ("component", np.int64), ("amount", np.int64)], align=True
        ),
    )
)


class Scratch(NamedTuple):
    """Space for one loan, reused for the next."""

    rows: Records  # of ROW
    pots: Cents
    memory: Cents
    late: Records  # of LATE, in order of days
    dues: Records  # of DUE, in order of days: each due date lived, and how it ended
    falls: Records  # of FALL: days on which dpd was less than the day before
    months: Records  # code of each month lived, and whether the loan was gone on its last day
    stops: Ints  # days on which something changes
    money_at_bill: Cents
    notes: Records  # of NOTE, who paid what; empty where nobody asks


AMOUNTS: Final = (
    "overdue_amount", "overdue_principal", "overdue_interest", "overdue_fee", "charges_accrued", "total_claim", "principal_outstanding",
    "paid_amount", "next_due_amount", "written_off_amount", "recovered_after_write_off", "due_amount_3m", "paid_amount_3m",
    "prepaid_amount",
)  # fmt: skip
DATES: Final = ("oldest_unpaid_due_on", "next_due_on", "last_paid_on", "accelerated_on", "first_due_on")
COUNTS: Final = (
    "dpd", "dpd_principal", "dpd_interest", "dpd_reported", "instalments_due", "unpaid_due_dates", "missed_12m", "missed_24m",
    "max_dpd_3m", "max_dpd_6m", "max_dpd_12m", "max_dpd_ever", "months_since_late", "extension_count",
    "late_days_1m", "late_days_3m", "late_days_6m", "late_days_12m", "dpd_1m_ago", "dpd_3m_ago", "dpd_6m_ago",
    "dues_12m", "early_12m", "on_time_12m", "part_paid_12m", "bills_12m", "minimum_paid_12m",
    "on_time_streak", "missed_streak", "longest_missed_streak_24m", "missed_months_24m", "missed_months_in_a_row_24m",
    "came_down_12m", "cleared_12m", "months_since_missed", "months_since_over_30", "months_since_over_90", "months_since_paid",
    "first_payment_max_dpd",
)  # fmt: skip
ANSWER: Final = np.dtype(
    (
        np.record,
        np.dtype(
            [
                *((name, np.int64) for name in AMOUNTS),
                *((name, np.int32) for name in ("version", "borrower", *DATES, *COUNTS)),
                *((name, np.int8) for name in ("basis", "state", "first_payment_missed", "breaks")),
                ("status_24m", np.uint8, 24),
            ],
            align=True,
        ),
    )
)
"""What is measured of a loan on a date; `version` is EMPTY for a loan not known."""


def answers(dates: int, loans: int) -> Records:
    """Room for `dates` x `loans` answers."""
    return np.empty((dates, loans), ANSWER).view(np.recarray)


class Afresh(NamedTuple):
    """Space for those dates of one loan that are walked again, and for their answers."""

    places: Ints
    days: Ints
    known_on: Ints
    answers: Records  # [date, 1]


def afresh(dates: int) -> Afresh:
    """Space for so many dates."""
    return Afresh(np.zeros(dates, np.int32), np.zeros(dates, np.int32), np.zeros(dates, np.int32), answers(dates, 1))


def scratch(rows: int, events: int, months: int, notes: int = 0) -> Scratch:
    """Room for a loan with at most `rows` instalment versions and `events` other facts and dates, over `months` months."""
    stops = 2 * rows + 3 * events + 64
    return Scratch(
        np.empty(rows + 1, ROW).view(np.recarray),
        np.zeros(POT_COUNT, np.int64),
        np.zeros(MEMORY_COUNT, np.int64),
        np.empty(stops, LATE).view(np.recarray),
        np.empty(stops, DUE).view(np.recarray),
        np.empty(stops, FALL).view(np.recarray),
        np.zeros(months + 1, MONTH).view(np.recarray),
        np.empty(stops, np.int32),
        np.empty(events + 1, np.int64),
        np.empty(notes, NOTE).view(np.recarray),
    )


class Moment(NamedTuple):
    """What stays the same from one stop to the next: one stretch of days of one loan."""

    version: int
    policy: int
    basis: int
    grace: int
    tolerance: int
    phase: int  # NOT_STARTED, CLOSED, TRANSFERRED or WRITTEN_OFF; else CURRENT, whether overdue or not
    owed_since: int  # the oldest due date not covered; FOREVER if none, or if nothing is owed now
    reported: int  # dpd of the lender's own figures, EMPTY without fresh ones
    standing: int  # their place
    met: int  # place of the latest bill met, or before the first one
    opened_on: int  # from when the loan was taken over; NO_DAY if it was not
    due_at_once: int  # the acceleration; FOREVER if there is none
