"""The promise calculator: what the ledger will say if so much is paid by such days, told while somebody types."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from daihou.book import money
from daihou.book.days import day_of
from daihou.book.errors import DaihouError
from daihou.book.ledger.layout import PURPOSES
from daihou.desk.casework import terms
from daihou.desk.casework.policy import policy
from daihou.desk.portfolio import accounts
from daihou.desk.refusals import RefusedError
from daihou.runs.claims import one_loan, what_if

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import QueryDict

    from daihou.desk.casework.models import CaseLoan, Promise
    from daihou.desk.casework.promising import Part
    from daihou.desk.casework.reckoning import Reckoned
    from daihou.runs.claims import What

FIRST_DAYS = 5
"""Days ahead that the calculator begins with: the week to come, before the person has named a day."""


@dataclass(frozen=True, slots=True)
class Field:
    """A row of the form: a day and an amount as text; `hidden` until it is wanted."""

    on: str
    amount: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """A promise that fills the form at one press."""

    label: str
    fill: str
    """What it fills, as JSON by the names of the fields."""


@dataclass(frozen=True, slots=True)
class Calculator:
    """What the form needs."""

    currency: str
    order: str
    """In which order money covers what is owed."""
    first_on: dt.date
    last_on: dt.date
    parts: tuple[Field, ...]
    offers: tuple[Offer, ...]
    loans: tuple[CaseLoan, ...]
    """Those it may be on; the first unless another is chosen."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the calculator says; `trouble` instead where it cannot."""

    lines: tuple[str, ...] = ()
    until: str = ""
    echo: str = ""
    """The promise as it is read back to the person."""
    trouble: str = ""


NOTHING = Told()


def calculator(loans: Sequence[CaseLoan], owed: Reckoned, today: dt.date, promise: Promise | None) -> Calculator:
    """The form as it opens: empty, with what one may offer."""
    chosen = tuple(loan for loan in loans if loan.loan_id in owed.claims)
    rules = policy(today).promises
    last_on = today + dt.timedelta(days=rules.most_days)
    begin = min(today + dt.timedelta(days=FIRST_DAYS), last_on)
    fields = tuple(Field(begin.isoformat() if not place else "", "", place > 0) for place in range(rules.most_parts))
    currency = chosen[0].currency if chosen else ""
    offers = _offers(chosen[0], owed, begin, last_on) if chosen and owed.total else ()
    replaces = _("takes the place of the open promise") if promise is not None else _("oldest instalment first")
    return Calculator(currency, replaces, today, last_on, fields, offers, chosen)


def _offers(loan: CaseLoan, owed: Reckoned, begin: dt.date, last_on: dt.date) -> tuple[Offer, ...]:
    """All that is owed on the day; the oldest instalment; half and half."""
    told = what_will(loan.loan_id, begin, owed.known_on)
    claim = owed.claims[loan.loan_id]
    whole = told if told is not None else (claim.days[0].owed.total if claim.days[0].owed else 0)
    if whole <= 0:
        return ()
    found = [Offer(_("All that is owed"), _fill((begin, whole), currency=loan.currency))]
    if len(claim.lines) > 1 or (claim.lines and claim.lines[0].owed.total < whole):
        first = claim.lines[0]
        label = _("Instalment %(n)s") % {"n": first.seq} if first.seq is not None else _("The bill")
        found.append(Offer(label, _fill((begin, first.owed.total), currency=loan.currency)))
    later = min(begin + dt.timedelta(days=15), last_on)
    if later > begin and whole > 1:
        found.append(
            Offer(_("In two parts"), _fill((begin, whole // 2), (later, whole - whole // 2), currency=loan.currency))
        )
    return tuple(found)


def _fill(*parts: Part, currency: str) -> str:
    """Fields and values; the second part is emptied where there is one alone."""
    values = {"on_2": "", "amount_2": ""}
    for place, (on, amount) in enumerate(parts, 1):
        values |= {f"on_{place}": on.isoformat(), f"amount_{place}": str(money.major(amount, currency))}
    return json.dumps(values)


def stated(query: QueryDict, currency: str) -> tuple[Part, ...]:
    """The parts that a form states, in order of their days; RefusedError for what is no day or no amount. Rows without an amount are left out."""
    found = []
    for place in range(1, len(query) + 1):
        if f"amount_{place}" not in query:
            break
        on, amount = query.get(f"on_{place}", "").strip(), query.get(f"amount_{place}", "").strip()
        if not amount:
            continue
        if not on:
            raise RefusedError(_("Say on which day."))
        found.append((terms.day_of(on), terms.amount_of(amount, currency)))
    return tuple(sorted(found))


def told(loan: CaseLoan, parts: Sequence[Part], today: dt.date) -> Told:
    """What the ledger will say of a loan after each part; troubles as a sentence, since somebody is still typing."""
    if not parts:
        return NOTHING
    rules = policy(today).promises
    last_on = today + dt.timedelta(days=rules.most_days)
    if parts[0][0] < today or parts[-1][0] > last_on:
        return Told(
            trouble=_("A promise is for days from %(first)s to %(last)s.")
            % {"first": today.isoformat(), "last": last_on.isoformat()}
        )
    if any(amount <= 0 for _on, amount in parts):
        return Told(trouble=_("Every amount must be above 0."))
    try:
        whats = list(after(loan.loan_id, parts, today))
    except DaihouError as error:
        return Told(trouble=error.zh[0] if (get_language() or "").startswith("zh") else error.message)
    lines = tuple(_line(what, loan.currency) for what in whats)
    until = _("Due by %(day)s 24:00; checked against what came in, and judged anew after a reversal.") % {
        "day": f"{parts[-1][0]:%m-%d}"
    }
    said = [
        _("%(day)s: %(amount)s") % {"day": f"{on:%m-%d}", "amount": money.text(amount, loan.currency)}
        for on, amount in parts
    ]
    return Told(lines, until, _("; ").join(said))


def after(loan_id: str, parts: Sequence[Part], known_on: dt.date) -> list[What]:
    """What the ledger says after each part, those before it paid as well."""
    loan = one_loan.taken(settings.HOME, accounts.ledger(), loan_id, known_on)
    found = []
    for on, amount in parts:
        what = what_if.what_of(loan, on, amount)
        found.append(what)
        loan = one_loan.with_one_more(loan, day_of(on), amount, PURPOSES.index(what.purpose))
    return found


def left_after(loan_id: str, paid: Sequence[Part], on: dt.date, known_on: dt.date) -> int | None:
    """What is owed on a loan at the end of a day once some payments are booked too, whenever they were made; None where it is not known."""
    loan = one_loan.taken(settings.HOME, accounts.ledger(), loan_id, known_on)
    for day, amount in paid:
        purpose = what_if.what_of(loan, day, amount).purpose
        loan = one_loan.with_one_more(loan, day_of(day), amount, PURPOSES.index(purpose))
    owed = one_loan.owed_of(*loan.on(day_of(on)), day_of(on))
    return None if owed is None else owed.total


def what_will(loan_id: str, on: dt.date, known_on: dt.date) -> int | None:
    """What will be owed on a loan at the end of a day; None where it is not known."""
    try:
        loan = one_loan.taken(settings.HOME, accounts.ledger(), loan_id, known_on)
    except DaihouError:
        return None
    owed = one_loan.owed_of(*loan.on(day_of(on)), day_of(on))
    return None if owed is None else owed.total


def _line(what: What, currency: str) -> str:
    """One part in a sentence."""
    if what.before is None or what.after is None:
        return _("What is owed on %(day)s cannot be measured.") % {"day": f"{what.on:%m-%d}"}
    said: dict[str, Any] = {
        "day": f"{what.on:%m-%d}", "owed": money.text(what.before.total, currency), "paid": money.text(what.amount, currency),
        "left": money.text(what.after.total, currency), "before": what.dpd_before or 0, "after": what.dpd_after or 0,
    }  # fmt: skip
    if what.after.total <= 0:
        return _("%(day)s: %(owed)s owed. After %(paid)s nothing is past due any more.") % said
    if what.oldest is not None and what.oldest.seq is not None:
        said["seq"] = what.oldest.seq
        return ngettext(
            "%(day)s: %(owed)s owed. After %(paid)s, from No. %(seq)s on %(left)s is left; past due %(before)s → %(after)s day.",
            "%(day)s: %(owed)s owed. After %(paid)s, from No. %(seq)s on %(left)s is left; past due %(before)s → %(after)s days.",
            said["after"],
        ) % said  # fmt: skip
    return ngettext(
        "%(day)s: %(owed)s owed. After %(paid)s, %(left)s is left; past due %(before)s → %(after)s day.",
        "%(day)s: %(owed)s owed. After %(paid)s, %(left)s is left; past due %(before)s → %(after)s days.",
        said["after"],
    ) % said  # fmt: skip
