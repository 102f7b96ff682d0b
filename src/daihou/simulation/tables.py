"""What a part of a simulated book wrote, as the tables of the contract, and as the truth behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from daihou.simulation import columns
from daihou.simulation import shapes as at
from daihou.simulation.economy import economy
from daihou.simulation.firms import firms
from daihou.simulation.parameters import HABITS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from daihou.simulation.parameters import Parameters
    from daihou.simulation.shapes import Array, Facts

HEAD_OFFICE: Final = "HQ"
SERIES: Final = "simulated_factor"
OFFICERS: Final = 8
"""Credit officers of an org, each in charge of every eighth borrower."""
IN_LOAN: Final = 10_000
"""Payments and changes are numbered by their loan and their place in it."""


def common(
    given: Parameters, first_on: dt.date, starts: Array, factor: Array, seed: int
) -> Iterator[tuple[str, pa.Table]]:
    """What there is once a book: its orgs under a head office, the macro factor by month, and the series of the economy."""
    orgs = [HEAD_OFFICE, *given.orgs]
    since = np.full(len(orgs), starts[0], np.int32)
    yield "orgs", pa.table({
        "org_id": orgs, "name": [given.org_names.get(org, org) for org in orgs], "parent_id": pa.array([None, *(HEAD_OFFICE for _ in given.orgs)], pa.string()),
        "effective_on": columns.days(since), "known_on": columns.days(since),
    })  # fmt: skip
    ends = starts[1 : len(factor) + 1] - 1
    series = [(SERIES, ends, np.round(factor, 6), ends), *economy(given, first_on, factor, seed)]
    names, days, values, known = zip(*series, strict=True)
    yield "macro", pa.table({
        "series": columns.codes(np.repeat(np.arange(len(names)), [len(day) for day in days]), names), "period_end": columns.days(np.concatenate(days)),
        "value": pa.array(np.round(np.concatenate(values), 6)), "known_on": columns.days(np.concatenate(known)),
    })  # fmt: skip


def tables(
    given: Parameters, facts: Facts, first: int, circle_size: int, seed: int, part: int
) -> Iterator[tuple[str, pa.Table]]:
    """The tables of one part, each only if it has rows; loans and borrowers of the part are numbered from `first`."""
    loans, instalments, payments, changes, bills, borrowers, *_ = (
        _written(facts, kind) for kind in range(at.ROW_KINDS)
    )
    names = columns.ids(columns.id_bytes("L", first + np.arange(int(loans["loan"].max()) - first + 1), 8))

    def named(rows: Array) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(rows["loan"] - first), names)

    yield "borrowers", _borrowers(given, borrowers, seed, part)
    yield "loans", _loans(given, loans, named(loans))
    for name, make, rows in (
        ("instalments", _instalments, instalments), ("payments", _payments, payments), ("changes", _changes, changes), ("bills", _bills, bills),
    ):  # fmt: skip
        if len(rows):
            yield name, make(rows, named(rows))
    if first == 0 and circle_size and len(borrowers) >= circle_size:
        yield "relations", _relations(borrowers[:circle_size])


def borrowers_of(facts: Facts) -> Array:
    """The borrowers that were written."""
    return _written(facts, at.BORROWER_ROWS)


def truth(facts: Facts, starts: Array) -> Iterator[tuple[str, pa.Table]]:
    """What no lender sees: each borrower's habit, the months of trouble with income, and the first default of each loan."""
    people, shocks, defaults = (_written(facts, kind) for kind in (at.BORROWER_ROWS, at.SHOCK_ROWS, at.DEFAULT_ROWS))
    yield "habits", pa.table({
        "borrower_id": _borrower(people["borrower"]), "habit": columns.codes(people["habit"], HABITS),
        "circle": pa.array(people["circle"], mask=people["circle"] == at.NONE),
    })  # fmt: skip
    yield "shocks", pa.table({
        "borrower_id": _borrower(shocks["borrower"]), "from_on": columns.days(starts[shocks["begins"]]),
        "until_on": columns.days(starts[shocks["ends"]]),
    })  # fmt: skip
    yield "defaults", pa.table({
        "loan_id": columns.ids(columns.id_bytes("L", defaults["loan"], 8)), "borrower_id": _borrower(defaults["borrower"]),
        "missed_on": columns.days(defaults["missed_on"]), "on": columns.days(defaults["on"]),
    })  # fmt: skip


def _written(facts: Facts, kind: int) -> Array:
    """The rows that were written of a kind."""
    rows: Array = facts[kind + 1][: facts.rows[kind]].view(np.ndarray)
    return rows


def _borrower(numbers: Array) -> pa.Array:
    return columns.ids(columns.id_bytes("B", numbers, 8))


def _place_in_loan(rows: Array) -> Array:
    """The place of each row among those of its loan, which stand together."""
    loan = rows["loan"]
    begins = np.flatnonzero(np.diff(loan, prepend=loan[:1] - 1))
    return np.arange(len(loan)) - np.repeat(begins, np.diff(begins, append=len(loan)))


def _number(letter: str, rows: Array) -> Array:
    return columns.id_bytes(letter, rows["loan"].astype(np.int64) * IN_LOAN + _place_in_loan(rows), 12)


def _borrowers(given: Parameters, rows: Array, seed: int, part: int) -> pa.Table:
    since = columns.days(rows["since"])
    return pa.table({
        "borrower_id": _borrower(rows["borrower"]), "kind": columns.codes(np.zeros(len(rows), np.int32), [given.kind]),
        "org_id": columns.codes(rows["org"], list(given.orgs)), "officer_id": _officer(given, rows),
        "region": columns.codes(rows["org"], [str(given.regions[org]) for org in given.orgs]),
        **(firms(rows, seed, part) if given.kind == "company" else {}), "effective_on": since, "known_on": since,
    })  # fmt: skip


def _officer(given: Parameters, rows: Array) -> pa.Array:
    """Who is in charge: an officer of the org, the same for all loans of a borrower there."""
    names = [f"{org}-{number:02d}" for org in given.orgs for number in range(1, OFFICERS + 1)]
    return columns.codes(rows["org"] * OFFICERS + rows["borrower"] % OFFICERS, names)


def _loans(given: Parameters, rows: Array, loan: pa.Array) -> pa.Table:
    product = rows["product"]
    since = columns.days(rows["effective_on"])

    def of_product(name: str) -> list[Any]:
        return [getattr(product, name) for product in given.products]

    partner: dict[str, pa.Array] = {}
    if given.partners:
        partner = {
            "partner_id": columns.codes(rows["partner"], list(given.partners)),
            "own_share": columns.decimal(
                np.round(np.array(of_product("own_share")) * 10**4).astype(np.int64)[product], 4
            ),
        }
    matures = rows["matures_on"]
    return pa.table({
        "loan_id": loan, "borrower_id": _borrower(rows["borrower"]), "product": columns.codes(product, of_product("product")),
        "principal": columns.decimal(rows["principal"], 2), "disbursed_on": columns.days(rows["disbursed_on"]),
        "matures_on": pa.array(np.ascontiguousarray(matures), pa.int32(), mask=matures == at.NONE).view(pa.date32()),
        "org_id": columns.codes(rows["org"], list(given.orgs)), "officer_id": _officer(given, rows), **partner,
        "asset_class": columns.codes(product, of_product("asset_class")),
        "repayment_method": columns.codes(product, of_product("method")),
        "annual_rate": columns.decimal(np.round(np.array(of_product("annual_rate")) * 10**6).astype(np.int64)[product], 6),
        "security": columns.codes(product, of_product("security")), "effective_on": since, "known_on": since,
    })  # fmt: skip


def _instalments(rows: Array, loan: pa.Array) -> pa.Table:
    since = columns.days(rows["effective_on"])
    return pa.table({
        "loan_id": loan, "seq": pa.array(np.ascontiguousarray(rows["seq"])), "due_on": columns.days(rows["due_on"]),
        "principal": columns.decimal(rows["principal"], 2), "interest": columns.decimal(rows["interest"], 2), "effective_on": since,
        "known_on": since,
    })  # fmt: skip


def _payments(rows: Array, loan: pa.Array) -> pa.Table:
    text = _number("P", rows)
    reversal = rows["reverses"] != at.NONE
    purpose = rows["purpose"]
    return pa.table({
        "payment_id": columns.ids(text), "loan_id": loan, "paid_on": columns.days(rows["on"]),
        "amount": columns.decimal(rows["amount"], 2), "purpose": columns.codes(purpose, at.PURPOSES),
        "payer_kind": columns.codes((purpose == at.RECOVERY).astype(np.int32), ("borrower", "court")),
        "reverses": columns.ids(text[rows["reverses"][reversal]], reversal), "known_on": columns.days(rows["known_on"]),
    })  # fmt: skip


def _changes(rows: Array, loan: pa.Array) -> pa.Table:
    on = columns.days(rows["on"])
    return pa.table({
        "change_id": columns.ids(_number("C", rows)), "loan_id": loan, "kind": columns.codes(rows["kind"], at.CHANGES), "effective_on": on,
        "in_difficulty": pa.array(np.ones(len(rows), bool)), "known_on": on,
    })  # fmt: skip


def _bills(rows: Array, loan: pa.Array) -> pa.Table:
    on = columns.days(rows["on"])
    return pa.table({
        "loan_id": loan, "bill_on": on, "due_on": columns.days(rows["due_on"]), "balance": columns.decimal(rows["balance"], 2),
        "minimum_due": columns.decimal(rows["minimum"], 2), "known_on": on,
    })  # fmt: skip


def _relations(circle: Array) -> pa.Table:
    """A ring: each company of the circle guarantees the next."""
    names = _borrower(circle["borrower"]).to_pylist()
    since = columns.days(np.full(len(names), circle["since"].min(), np.int32))
    return pa.table({
        "from_id": names, "to_id": [*names[1:], names[0]], "kind": ["guarantees"] * len(names), "effective_on": since, "known_on": since,
    })  # fmt: skip
