"""Terms of an arrangement as they are stored and as a form states them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, cast

from django.utils.translation import gettext as _

from daihou.book import money
from daihou.book.days import add_months
from daihou.collection.arrangement import COMPONENTS, FORGIVING, WITH_PARTS, Part, Terms
from daihou.desk.casework.choices import ArrangementKind
from daihou.desk.refusals import RefusedError

if TYPE_CHECKING:
    from django.http import QueryDict

    from daihou.collection.arrangement import Kind

AMOUNT: Final = re.compile(r"[0-9]{1,14}(\.[0-9]{0,4})?")
LONGEST: Final = 40
"""Characters of a figure or day at most."""
MOST_STATED: Final = 400
"""Parts that a form is read for at most; how many may be agreed is for policy to say."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What a form says: the kind, the loans, the terms, why, and which guarantors have agreed in writing."""

    kind: str
    loan_ids: tuple[str, ...]
    terms: Terms
    reason: str
    agreed: tuple[str, ...]


def stored(terms: Terms, agreed: tuple[str, ...]) -> dict[str, Any]:
    """Terms as plain values, with the guarantors who have agreed in writing."""
    return {
        "parts": [[part.on.isoformat(), part.amount] for part in terms.parts], "months": terms.months,
        "until": terms.until.isoformat() if terms.until else None, "waived": {name: amount for name, amount in terms.waived.items() if amount},
        "agreed": sorted(agreed),
    }  # fmt: skip


def of(kind: str, values: dict[str, Any]) -> Terms:
    """Terms from plain values."""
    until = values.get("until")
    return Terms(
        cast("Kind", kind), tuple(Part(dt.date.fromisoformat(on), int(amount)) for on, amount in values.get("parts", ())), int(values.get("months", 0)),
        dt.date.fromisoformat(until) if until else None, {name: int(amount) for name, amount in values.get("waived", {}).items()},
    )  # fmt: skip


def said(query: QueryDict, currency: str, owed: int) -> Stated:
    """What a form says of terms in a currency; RefusedError for what is no day or no amount.

    `spread` parts what is owed less what is waived evenly over `count` months from `first_on` on; else the rows of the form hold, empty ones left out.
    """
    kind = query.get("kind", "")
    if kind not in ArrangementKind.values:
        raise RefusedError(_("Choose what is to be agreed."))
    waived = {}
    for name in COMPONENTS if kind in FORGIVING else ():
        text = query.get(f"waived_{name}", "").strip()
        if text:
            waived[name] = amount_of(text, currency)
    parts: tuple[Part, ...] = ()
    if kind in WITH_PARTS:
        parts = _spread(query, owed - sum(waived.values())) if query.get("spread") else _parts(query, currency)
    months, until = 0, None
    if kind == ArrangementKind.EXTENSION:
        months = (
            whole(query.get("months", ""), _("Say by how many months, as a whole number."))
            if query.get("months", "").strip()
            else 0
        )
        until = day_of(query.get("until", "")) if query.get("until", "").strip() else None
    return Stated(
        kind, tuple(dict.fromkeys(query.getlist("loan"))), Terms(cast("Kind", kind), parts, months, until, waived),
        query.get("reason", "").strip(), tuple(dict.fromkeys(query.getlist("agreed"))),
    )  # fmt: skip


def _parts(query: QueryDict, currency: str) -> tuple[Part, ...]:
    days, amounts = query.getlist("part_on")[:MOST_STATED], query.getlist("part_amount")[:MOST_STATED]
    rows = [
        (on.strip(), amount.strip()) for on, amount in zip(days, amounts, strict=False) if on.strip() or amount.strip()
    ]
    return tuple(Part(day_of(on), amount_of(amount, currency)) for on, amount in rows)


def _spread(query: QueryDict, owed: int) -> tuple[Part, ...]:
    count = whole(query.get("count", ""), _("Say in how many parts, as a whole number."))
    if not 1 <= count <= MOST_STATED or owed < count:
        raise RefusedError(_("It cannot be parted so often."))
    first, each = day_of(query.get("first_on", "")), owed // count
    return tuple(
        Part(add_months(first, month), each if month < count - 1 else owed - each * (count - 1))
        for month in range(count)
    )


def amount_of(text: str, currency: str) -> int:
    """An amount as people write it, 1,234.50 say, in minor units; RefusedError for what is none, or has more decimals than its currency."""
    plain = text.strip().replace(",", "").replace("，", "").replace(" ", "")
    if AMOUNT.fullmatch(plain):
        try:
            return money.minor(Decimal(plain), currency)
        except ValueError:  # more decimals than the currency has
            pass
    raise RefusedError(_("“%(said)s” is no amount in %(currency)s.") % {"said": text[:LONGEST], "currency": currency})


def day_of(text: str) -> dt.date:
    """A day as year-month-day; RefusedError for what is none."""
    try:
        found = dt.date.fromisoformat(text.strip()[:LONGEST])
    except ValueError:
        found = dt.date.min
    if not 2000 <= found.year <= 2100:
        raise RefusedError(_("“%(said)s” is no day. Write it as year-month-day.") % {"said": text.strip()[:LONGEST]})
    return found


def whole(text: str, wanting: str) -> int:
    """A whole number of at most four digits; RefusedError with what is wanting."""
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit() and len(plain) <= 4):
        raise RefusedError(wanting)
    return int(plain)
