"""What each payment and change does to a day that is being judged, and what principal is then outstanding."""

from datetime import date

from laws.day import COMPONENTS, PARTS, Judging, Line, Sums
from laws.facts import ChangeRow, PaymentRow
from laws.known import standing_on

# Money


def apply_payment(now: Judging, row: PaymentRow) -> None:
    """Apply one payment to the lines and sums of the day."""
    sums = now.sums
    if row.purpose == "refund":
        sums.refunded += row.amount
        sums.money.append((row.paid_on, -row.amount))
        _refund(now, row.amount)
        return
    sums.paid += row.amount
    sums.last_paid_on = row.paid_on
    if row.purpose == "recovery":
        sums.recovered += row.amount
        return
    sums.money.append((row.paid_on, row.amount))
    if row.purpose == "payoff":
        sums.paid_off = True
    elif row.purpose == "prepayment":
        _prepay(sums, row)
    elif _has_components(row):
        _cover_by_components(now, row)
    else:
        _cover_by_waterfall(now, row)


def _has_components(row: PaymentRow | ChangeRow) -> bool:
    return any(getattr(row, component) is not None for component in COMPONENTS)


def _cover(line: Line, part: str, money: int) -> int:
    """Cover one part of a line as far as the money goes; return what is left of it."""
    taken = min(money, line.short[part])
    line.short[part] -= taken
    line.covered_by_money[part] += taken
    return money - taken


def _seq_first(now: Judging, seq: int | None) -> list[Line]:
    return [line for line in now.lines if line.seq == seq] + [line for line in now.lines if line.seq != seq]


def _cover_by_components(now: Judging, row: PaymentRow) -> None:
    for part in PARTS:
        money = getattr(row, part) or 0
        for line in _seq_first(now, row.seq):
            money = _cover(line, part, money)
        now.sums.surplus += money
    now.sums.penalty_pot += row.penalty or 0


def _cover_by_waterfall(now: Judging, row: PaymentRow) -> None:
    named = [line for line in now.lines if line.seq == row.seq]
    money = _horizontal(named, row.amount)
    if now.policy.order == "vertical":
        due = [line for line in now.lines if line.due <= row.paid_on]
        for part in PARTS:
            for line in due:
                money = _cover(line, part, money)
    now.sums.surplus += _horizontal(now.lines, money)


def _horizontal(lines: list[Line], money: int) -> int:
    """Cover lines one after the other, each in the order of its parts; return what is left of the money."""
    for line in lines:
        for part in PARTS:
            money = _cover(line, part, money)
        if money == 0:
            break
    return money


def _prepay(sums: Sums, row: PaymentRow) -> None:
    if not _has_components(row):
        sums.prepaid += row.amount
        return
    sums.prepaid += row.principal or 0
    sums.penalty_pot += row.penalty or 0
    sums.surplus += (row.interest or 0) + (row.fee or 0)


def _refund(now: Judging, money: int) -> None:
    sums = now.sums
    taken = min(money, sums.surplus)
    sums.surplus -= taken
    money -= taken
    for line in reversed(now.lines):
        for part in reversed(PARTS):
            taken = min(money, line.covered_by_money[part])
            line.covered_by_money[part] -= taken
            line.short[part] += taken
            money -= taken
    taken = min(money, sums.penalty_pot)
    sums.penalty_pot -= taken
    sums.refund_without_effect += money - taken


# Changes


def apply_change(now: Judging, row: ChangeRow) -> None:
    """Apply one change to the lines and sums of the day."""
    sums = now.sums
    if row.kind in ("waiver", "asset_in_lieu"):
        _waive(now, row)
    elif row.kind == "write_off":
        _write_off(now, row)
    elif row.kind == "write_back":
        _write_back(sums, row)
    elif row.kind == "capitalisation":
        others = (row.interest or 0) + (row.fee or 0) + (row.penalty or 0)
        sums.capitalised += others if row.principal is None else row.principal
    elif row.kind == "transfer_out":
        sums.transferred_out = True
    elif row.kind == "extension":
        sums.extensions += 1


def _waive(now: Judging, row: ChangeRow) -> None:
    for part in PARTS:
        waived = getattr(row, part) or 0
        for line in now.lines:
            taken = min(waived, line.short[part])
            line.short[part] -= taken
            line.waived[part] += taken
            waived -= taken
    now.sums.waived_principal += row.principal or 0
    now.sums.penalty_waived += row.penalty or 0


def _write_off(now: Judging, row: ChangeRow) -> None:
    sums, gross = now.sums, gross_principal(now, row.effective_on)
    before = max(0, gross - sums.written_off["principal"])
    sums.written_off["principal"] += before if row.principal is None else row.principal
    for component in ("interest", "fee", "penalty"):
        sums.written_off[component] += getattr(row, component) or 0
    if gross - sums.written_off["principal"] <= 0:
        sums.fully_written_off = True


def _write_back(sums: Sums, row: ChangeRow) -> None:
    if row.principal is None:
        sums.written_off = dict.fromkeys(COMPONENTS, 0)
        sums.fully_written_off = False
        return
    for component in COMPONENTS:
        sums.written_off[component] = max(0, sums.written_off[component] - (getattr(row, component) or 0))
    if row.principal > 0:
        sums.fully_written_off = False


# Balances


def opening(now: Judging) -> int:
    """Return the opening principal of the loan on the day judged."""
    taken_over = now.known.taken_over
    if taken_over and taken_over.effective_on <= now.day and taken_over.principal is not None:
        return taken_over.principal
    if now.loan.repayment_method == "revolving" or now.known.has_draws:
        return 0
    return now.loan.principal


def drawn(now: Judging, on: date) -> int:
    """Return what was drawn up to a date."""
    return sum(row.amount for row in now.known.draws if row.drawn_on <= on)


def gross_principal(now: Judging, on: date) -> int:
    """Return the principal outstanding before write-offs, with the events applied so far; may be below 0."""
    if now.basis == "bills" and not now.known.has_draws:
        bills = [row for row in now.known.bills if row.bill_on <= on]
        if bills:
            return max(0, bills[-1].balance - net_money(now, bills[-1].bill_on))
    if now.basis == "reported":
        standing = standing_on(now.known, on)
        if standing and standing.principal_outstanding is not None:
            return standing.principal_outstanding
    sums = now.sums
    covered = sum(line.covered_by_money["principal"] for line in now.lines)
    return opening(now) + drawn(now, on) + sums.capitalised - covered - sums.prepaid - sums.waived_principal


def net_principal(now: Judging, gross: int) -> int:
    """Return the principal that stands on the book; may be below 0. Bills and standings already show write-offs."""
    if now.sums.fully_written_off:
        return 0
    if now.basis == "bills" and not now.known.has_draws:
        return gross
    if now.basis == "reported" and now.standing and now.standing.principal_outstanding is not None:
        return gross
    return gross - now.sums.written_off["principal"]


def net_money(now: Judging, after: date) -> int:
    """Return the money for bills dated after a date, of the payments applied so far, less refunds."""
    return sum(amount for paid_on, amount in now.sums.money if paid_on > after)
