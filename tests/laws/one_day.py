"""One day of one loan, judged alone, from nothing, with the rows and the policy of that day."""

from datetime import date, timedelta

from laws.day import OWES_NOTHING, PARTS, Bill, Day, Judging, Line, Sums
from laws.events import apply_change, apply_payment, drawn, gross_principal, net_money, net_principal, opening
from laws.facts import BillRow, Book, ChangeRow, Policy, StandingRow
from laws.known import Known, in_force, loan_in_force, standing_on, what_is_known


def judge(book: Book, day: date, known_on: date) -> Day:
    """Return one day of the loan, from nothing; a LookupError where the loan is not known."""
    known = what_is_known(book, known_on)
    if known is None:
        raise LookupError(f"the loan is not known on {known_on}")
    return judge_known(known, day)


def judge_known(known: Known, day: date) -> Day:
    """Return one day of a loan that is known."""
    now = _begin(known, day)
    _apply(now, day)
    return _finish(now)


def covered_before(known: Known, day: date) -> tuple[set[int], set[date]]:
    """Return the seqs of the rows of a day, and the dates of its bills, that the money of the days before covers already."""
    now = _begin(known, day)
    _apply(now, day - timedelta(days=1))
    lines = {line.seq for line in now.lines if line.shortfall <= now.policy.tolerance}
    return lines, {bill.bill_on for bill in _bills(now, day - timedelta(days=1)) if bill.met}


def _apply(now: Judging, until: date) -> None:
    for at, event in now.known.events:
        if at <= until:
            if isinstance(event, ChangeRow):
                apply_change(now, event)
            else:
                apply_payment(now, event)


def _begin(known: Known, day: date) -> Judging:
    loan, policy = loan_in_force(known, day), _policy(known.book, day)
    standing = standing_on(known, day)
    dates = [row.effective_on for row in known.changes if row.kind == "acceleration" and row.effective_on <= day]
    accelerated_on = min(dates, default=None)
    return Judging(
        known=known,
        day=day,
        loan=loan,
        policy=policy,
        grace_days=policy.grace_days if loan.grace_days is None else loan.grace_days,
        basis=_basis(known, day, standing),
        accelerated_on=accelerated_on,
        standing=standing,
        lines=_lines(known, day, policy, accelerated_on),
        sums=Sums(),
    )


def _policy(book: Book, day: date) -> Policy:
    known = [policy for policy in book.policies if policy.from_on <= day]
    return max(known, key=lambda policy: policy.from_on, default=Policy(from_on=date.min))


def reported_dpd(book: Book, standing: StandingRow | None, day: date) -> int | None:
    """Return the dpd of a standing, where it has one and is fresh enough."""
    if standing is None or (day - standing.as_of).days > book.standing_days:
        return None
    return standing.dpd


def _basis(known: Known, day: date, standing: StandingRow | None) -> str:
    if any(effective_on <= day for versions in known.instalments for effective_on, _ in versions):
        return "schedule"
    if any(row.bill_on <= day for row in known.bills):
        return "bills"
    return "none" if reported_dpd(known.book, standing, day) is None else "reported"


def _moved(due_on: date, policy: Policy, book: Book) -> date:
    while policy.holiday and due_on in book.work_day:
        due_on += timedelta(days=1)
    return due_on


def _lines(known: Known, day: date, policy: Policy, accelerated_on: date | None) -> list[Line]:
    """Return the rows in force and expected, in order of due date and seq, with nothing paid yet."""
    lines = []
    for versions in known.instalments:
        row = in_force(versions, day)
        if row is None or row.cancelled:
            continue
        own_due = _moved(row.due_on, policy, known.book)
        if known.taken_over and own_due < known.taken_over.effective_on:
            continue
        due, asked = own_due, {"fee": row.fee, "interest": row.interest, "principal": row.principal}
        if accelerated_on and own_due > accelerated_on:
            due, asked = accelerated_on, {"fee": 0, "interest": 0, "principal": row.principal}
        lines.append(Line(row.seq, own_due, due, asked, dict(asked)))
    return sorted(lines, key=lambda line: (line.own_due, line.seq))


# The end of the day


def _bills(now: Judging, until: date) -> tuple[Bill, ...]:
    """Return the bills issued until a day, if that is the basis, in order; a bill is also met where a later one is."""
    if now.basis != "bills":
        return ()
    bills: list[Bill] = []
    met = False
    for row in reversed([row for row in now.known.bills if row.bill_on <= until]):
        bills.append(_bill(now, row, later_met=met))
        met = bills[-1].met
    return tuple(reversed(bills))


def _bill(now: Judging, row: BillRow, *, later_met: bool) -> Bill:
    paid = net_money(now, row.bill_on)
    met = later_met or paid >= row.minimum_due - now.policy.tolerance
    due, missing = _moved(row.due_on, now.policy, now.known.book), max(0, row.minimum_due - paid)
    return Bill(row.bill_on, due, missing, met, row.minimum_due, row.balance, paid)


def _finish(now: Judging) -> Day:
    sums, bills = now.sums, _bills(now, now.day)
    gross = gross_principal(now, now.day)
    net = net_principal(now, gross)
    charges = sum(row.amount for row in now.known.charges if row.from_on <= now.day)
    accrued = max(0, charges - sums.penalty_waived - sums.penalty_pot - sums.surplus)
    oldest = _oldest(now, bills, PARTS)
    dpd = _dpd(now, oldest)
    state = _state(now, bills, max(0, net), accrued, dpd)
    owes_nothing, parts = state in OWES_NOTHING, now.basis == "schedule"
    principal_days = (now.day - late).days if (late := _oldest(now, bills, ("principal",))) else 0
    interest_days = (now.day - late).days if (late := _oldest(now, bills, ("interest",))) else 0
    return Day(
        day=now.day,
        basis=now.basis,
        state=state,
        loan=now.loan,
        policy=now.policy,
        grace_days=now.grace_days,
        accelerated_on=now.accelerated_on,
        lines=tuple(now.lines),
        bills=bills,
        standing=now.standing,
        sums=sums,
        opening=opening(now),
        drawn=drawn(now, now.day),
        charges=charges,
        gross_principal=gross,
        net_principal=net,
        charges_accrued=0 if owes_nothing else accrued,
        principal_outstanding=0 if owes_nothing else None if now.basis == "none" else max(0, net),
        dpd=0 if owes_nothing else dpd,
        dpd_principal=0 if owes_nothing else principal_days if parts else None,
        dpd_interest=0 if owes_nothing else interest_days if parts else None,
        oldest_unpaid_due_on=None if owes_nothing else oldest,
    )


def _oldest(now: Judging, bills: tuple[Bill, ...], parts: tuple[str, ...]) -> date | None:
    """Return the oldest due date, past and past grace, of a line short in these parts (or of an unmet bill)."""
    short = [line.due for line in now.lines if sum(line.short[part] for part in parts) > now.policy.tolerance]
    unmet = [bill.due for bill in bills if not bill.met]
    return min((due for due in short + unmet if (now.day - due).days > max(now.grace_days, 0)), default=None)


def _dpd(now: Judging, oldest: date | None) -> int | None:
    if now.basis == "none":
        return None
    if now.basis == "reported":
        return now.standing.dpd if now.standing else None
    return (now.day - oldest).days if oldest else 0


def _state(now: Judging, bills: tuple[Bill, ...], outstanding: int, accrued: int, dpd: int | None) -> str:
    if now.day < now.loan.disbursed_on:
        return "not_started"
    if now.sums.transferred_out:
        return "transferred"
    if now.sums.paid_off or (now.loan.closed_on is not None and now.loan.closed_on <= now.day):
        return "closed"
    if outstanding == 0 and accrued == 0 and _is_settled(now, bills):
        return "closed"
    if now.sums.fully_written_off:
        return "written_off"
    if dpd is None:
        return "unmeasured"
    return "overdue" if dpd > 0 else "current"


def _is_settled(now: Judging, bills: tuple[Bill, ...]) -> bool:
    """Say whether nothing of the basis is or will be owed, on a loan that can end so."""
    if now.basis == "none" or now.loan.repayment_method == "revolving" or now.sums.fully_written_off:
        return False
    if now.basis == "reported" and now.standing and now.standing.dpd != 0:
        return False
    covered = all(line.shortfall <= now.policy.tolerance for line in now.lines)
    return covered and all(bill.met for bill in bills)
