"""What came since a page was made: money that a delivery brought and no run has booked yet, contacts of colleagues. Asked for every few seconds, so cheap."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext as _

from daihou.book import lake, money
from daihou.book.errors import DaihouError
from daihou.book.lake import stamp as stamp_of
from daihou.book.ledger.layout import PAYMENTS
from daihou.desk.casework import calculator, ways
from daihou.desk.contacts.models import Contact
from daihou.desk.portfolio import accounts

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from daihou.book.home import Home
    from daihou.desk.asked import Asked
    from daihou.desk.casework.models import Case, CaseLoan
    from daihou.desk.casework.reckoning import Reckoned

COLUMNS: Final = ("payment_id", "loan_id", "paid_on", "amount", "purpose", "reverses")
PLAIN: Final = ("scheduled", "prepayment", "payoff", "recovery", "compensation")
"""Purposes of money that pays; of what gives back, takes back or corrects, only that it came is told until a run has booked it."""


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment that was delivered, and that no run has booked yet; amount in minor units. `back`: it takes money back, voids a payment, or corrects one."""

    payment_id: str
    loan_id: str
    paid_on: dt.date
    amount: int
    back: bool


@dataclass(frozen=True, slots=True)
class Item:
    """Something to tell."""

    colour: str
    icon: str
    text: str


@dataclass(frozen=True, slots=True)
class News:
    """What is told now, and what the page has seen with it, as JSON for the next question."""

    items: tuple[Item, ...]
    seen: str


def unbooked(loans: Sequence[CaseLoan]) -> tuple[Payment, ...]:
    """The payments on some loans that were delivered since the ledger was built, in order of their days."""
    home: Home = settings.HOME
    try:
        booked = accounts.ledger().pointer
    except DaihouError:
        return ()
    found = _unbooked(home, stamp_of(home.lake / "payments"), booked.generation)
    currencies = {loan.loan_id: loan.currency for loan in loans}
    mine = found.filter(pl.col("loan_id").is_in(list(currencies))) if not found.is_empty() else found
    if mine.is_empty():
        return ()
    before = {loan_id: _booked(loan_id) for loan_id in mine["loan_id"].unique()}
    return tuple(
        Payment(
            row["payment_id"], row["loan_id"], row["paid_on"], money.minor(row["amount"], currencies[row["loan_id"]]),
            row["purpose"] not in PLAIN or row["reverses"] is not None or row["payment_id"] in before[row["loan_id"]],
        )
        for row in mine.sort("paid_on", "payment_id").iter_rows(named=True)
    )  # fmt: skip


def _booked(loan_id: str) -> frozenset[str]:
    """The numbers of the payments that the ledger has of a loan: the same number again corrects one."""
    ledger = accounts.ledger()
    place = ledger.find(loan_id)
    if place is None:
        return frozenset()
    shard, loan = ledger.shards[place[0]], place[1]
    first, end = (int(shard.facts.at[PAYMENTS, loan + after]) for after in (0, 1))
    return frozenset(shard.strings["payments"]["payment_id"].slice(first, end - first).to_pylist())


@lru_cache(maxsize=2)
def _unbooked(home: Home, stamp: str, _generation: int) -> pl.DataFrame:
    """Every row of files that the ledger has not seen; read again once a delivery or a run came."""
    seen = set(accounts.ledger().pointer.files.get("payments", ())) if stamp else set()
    files = [path for path in lake.files(home, "payments") if path.name not in seen] if stamp else []
    if not files:
        return pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String()))
    rows = pl.scan_parquet(files, missing_columns="insert").select(COLUMNS).collect()
    return rows.with_columns(pl.col("purpose").cast(pl.String))


def stamp(claimed: str, payments: Sequence[Payment]) -> str:
    """Names what is owed, with the money that came since: a promise is taken on these figures, or not at all."""
    return hashlib.sha256(f"{claimed} {[one.payment_id for one in payments]}".encode()).hexdigest()[:16]


def seen(case: Case, claimed: str, payments: Sequence[Payment], last_contact: str) -> str:
    """What a page has seen, as what it asks with next time."""
    said = {
        "claim": stamp(claimed, payments),
        "contact": last_contact,
        "revision": case.revision,
        "paid": [one.payment_id for one in payments],
    }
    return json.dumps({name: json.dumps(value) if isinstance(value, list) else value for name, value in said.items()})


def last_contact(case: Case) -> str:
    """Names the newest contact about the debtor and what it came to."""
    newest = Contact.objects.filter(debtor_id=case.borrower_id).aggregate(pk=Max("pk"), ended=Max("ended_at"))
    return f"{newest['pk'] or 0} {newest['ended'] or ''}"


def told(loans: Sequence[CaseLoan], payments: Sequence[Payment], known: Sequence[str], on: dt.date) -> list[Item]:
    """Money that came since, each payment once, with what is owed by it."""
    names = {loan.loan_id: loan for loan in loans}
    items = []
    for one in payments:
        if one.payment_id in known:
            continue
        loan = names[one.loan_id]
        said: dict[str, Any] = {
            "amount": money.text(one.amount, loan.currency),
            "day": f"{one.paid_on:%m-%d}",
            "loan": one.loan_id,
        }
        if one.back:
            items.append(
                Item(
                    "orange",
                    "warn",
                    _(
                        "A payment on %(loan)s was reversed, given back or corrected: %(amount)s. What is owed follows with the next run."
                    )
                    % said,
                )
            )
            continue
        left = _left(one, [each for each in payments if each.loan_id == one.loan_id and not each.back], on)
        if left is None:
            items.append(Item("green", "coin", _("%(amount)s came on %(loan)s (%(day)s).") % said))
        else:
            said["left"] = money.text(left, loan.currency)
            items.append(
                Item("green", "coin", _("%(amount)s came on %(loan)s (%(day)s): %(left)s is owed now.") % said)
            )
    return items


def _left(one: Payment, of_loan: Sequence[Payment], on: dt.date) -> int | None:
    """What the ledger will say is owed on the loan with all that came; None where it cannot."""
    paid = [(each.paid_on, each.amount) for each in of_loan if each.amount > 0]
    try:
        return calculator.left_after(one.loan_id, paid, max(on, *(day for day, _amount in paid)), on) if paid else None
    except DaihouError:
        return None


def others(case: Case, request: Asked, now: dt.datetime) -> list[Item]:
    """Who else is speaking with the debtor."""
    return [
        Item("orange", "phone", _("%(name)s is speaking with this debtor.") % {"name": one.actor or _("The desk")})
        for one in ways.pending(case.borrower_id, now)
        if one.actor_id != request.user.pk
    ]


def parsed(asked: Mapping[str, str]) -> list[str]:
    """The payments that a page says it has told; nothing where it says nothing that can be read."""
    try:
        known = json.loads(asked.get("paid", "[]"))
    except ValueError:
        return []
    return [str(one) for one in known] if isinstance(known, list) else []


def changed(owed: Reckoned) -> Item:
    """That what is owed is another figure now, where no single payment says why: a run came in between."""
    said = {"amount": money.text(owed.total, owed.currency), "day": owed.on.isoformat()}
    return Item("orange", "warn", _("The figures changed: %(amount)s is owed on %(day)s.") % said)
