"""The accounts of a part's borrowers and the money seen in them, as tables of the contract, and the truth behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from daihou.simulation import columns, shapes
from daihou.simulation import purses as at
from daihou.simulation.flows import flow
from daihou.simulation.parties import described

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daihou.simulation.parameters import Parameters
    from daihou.simulation.shapes import Array, Facts

STREAM: Final = 2
"""Beside a part's own stream (none) and that of its people (1)."""
MINUTE, ZONE, ZONE_HOURS = 60, "Asia/Shanghai", 8
IN_ACCOUNT: Final = 10
IN_BORROWER: Final = 1_000_000
"""Accounts and transactions are numbered by their borrower and their place."""


def accounts(
    given: Parameters, facts: Facts, starts: Array, months: int, seed: int, part: int
) -> Iterator[tuple[str, pa.Table]]:
    """The tables of accounts of one part, each only if it has rows; of truth the names begin with `truth/`."""
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, part, STREAM))))
    owners, moves = _owners(random, given, facts, starts)
    if not len(owners):
        return
    purse = at.purse(given)
    at_once, seen, planned, order = at.room(given, months)
    txns, troubles = [], []
    for first in range(0, len(owners), at_once):
        flow(random, purse, owners[first : first + at_once], facts.shocks, moves, starts, months, seen, planned, order)
        txns.append(seen.txns[: seen.rows[at.TXN_ROWS]].view(np.ndarray).copy())
        troubles.append(seen.troubles[: seen.rows[at.TROUBLE_ROWS]].view(np.ndarray).copy())
    yield "accounts", _accounts(given, owners, starts)
    rows, spells = np.concatenate(txns), np.concatenate(troubles)
    if len(rows):
        yield "transactions", _transactions(given, rows)
    yield "truth/accounts", _truth(owners)
    if len(spells):
        yield "truth/troubles", _troubles(spells, starts)


def first_defaults(facts: Facts, borrowers: Array, starts: Array) -> Array:
    """The month of the first default of each borrower, NONE where there is none."""
    defaults = facts.defaults[: facts.rows[shapes.DEFAULT_ROWS]].view(np.ndarray)
    found = np.full(len(borrowers), np.iinfo(np.int32).max, np.int32)
    months = np.searchsorted(starts, defaults["on"], side="right") - 1
    np.minimum.at(found, np.searchsorted(borrowers["borrower"], defaults["borrower"]), months.astype(np.int32))
    return np.where(found == np.iinfo(np.int32).max, shapes.NONE, found)


def _owners(random: np.random.Generator, given: Parameters, facts: Facts, starts: Array) -> tuple[Array, Array]:
    """Who has an account, and the money of their loans in order of days."""
    borrowers = facts.borrowers[: facts.rows[shapes.BORROWER_ROWS]].view(np.ndarray)
    has = (random.random(len(borrowers)) < given.accounts.share) | (borrowers["circle"] != shapes.NONE)
    defaults = first_defaults(facts, borrowers, starts)[has]
    borrowers = borrowers[has]
    owners = np.zeros(len(borrowers), at.OWNER).view(np.recarray)
    owners["borrower"] = numbers = borrowers["borrower"]
    owners["since"] = np.searchsorted(starts, borrowers["since"], side="right") - 1
    owners["default"] = defaults
    shocked = facts.shocks[: facts.rows[shapes.SHOCK_ROWS]].view(np.ndarray)["borrower"]
    moves = _moves(facts, numbers)
    places = np.arange(len(numbers))
    for name, whose, wanted in (("shocks", shocked, numbers), ("moves", moves["owner"], places)):
        owners[name] = np.searchsorted(whose, wanted, side="left")
        owners[f"{name}_end"] = np.searchsorted(whose, wanted, side="right")
    return owners, moves


def _moves(facts: Facts, owners: Array) -> Array:
    """What the loans of some borrowers paid out and were paid, by owner and day; recoveries by the court pass by the account."""
    versions = facts.loans[: facts.rows[shapes.LOAN_ROWS]].view(np.ndarray)
    loans = versions[versions["effective_on"] == versions["disbursed_on"]]  # as it was paid out
    ours = np.isin(loans["borrower"], owners)
    paid_out = loans[ours & (loans["matures_on"] != shapes.NONE)]  # a card pays out shop by shop
    payments = facts.payments[: facts.rows[shapes.PAYMENT_ROWS]].view(np.ndarray)
    place = np.searchsorted(loans["loan"], payments["loan"])
    kept = np.flatnonzero(ours[place] & (payments["purpose"] != shapes.RECOVERY))
    moves = np.zeros(len(paid_out) + len(kept), at.MOVE).view(np.recarray)
    out, paid = moves[: len(paid_out)], moves[len(paid_out) :]
    out["owner"] = np.searchsorted(owners, paid_out["borrower"])
    out["on"], out["loan"], out["what"], out["amount"] = (
        paid_out["disbursed_on"],
        paid_out["loan"],
        at.DISBURSED,
        paid_out["principal"],
    )
    given_back = payments["reverses"][kept] != shapes.NONE
    paid["owner"] = np.searchsorted(owners, loans["borrower"][place[kept]])
    paid["on"], paid["loan"] = payments["on"][kept], payments["loan"][kept]
    paid["what"] = np.where(given_back, at.TAKEN_BACK, at.REPAID)
    paid["amount"] = np.where(given_back, 1, -1) * payments["amount"][kept]
    moves["of"] = shapes.NONE
    paid["of"][given_back] = len(paid_out) + np.searchsorted(kept, payments["reverses"][kept][given_back])
    order = np.lexsort((moves["on"], moves["owner"]))
    back = np.empty(len(order), np.int32)
    back[order] = np.arange(len(order))
    moves["of"] = np.where(moves["of"] == shapes.NONE, shapes.NONE, back[moves["of"]])
    sorted_moves: Array = moves[order]
    return sorted_moves


def _account(borrowers: Array, places: Array) -> pa.Array:
    return columns.ids(columns.id_bytes("A", borrowers.astype(np.int64) * IN_ACCOUNT + 1 + places, 12))


def _borrower(numbers: Array) -> pa.Array:
    return columns.ids(columns.id_bytes("B", numbers, 8))


def _accounts(given: Parameters, owners: Array, starts: Array) -> pa.Table:
    """One account or two of each owner, from the first day of the month from which it is seen."""
    company = given.kind == "company"
    places = np.concatenate([np.zeros(len(owners), np.int64), np.ones(int(owners["second"].sum()), np.int64)])
    whose = np.concatenate([np.arange(len(owners)), np.flatnonzero(owners["second"])])
    order = np.lexsort((places, whose))
    places, rows = places[order], owners[whose[order]]
    since = columns.days(starts[rows["opened"]])
    purposes = ["operating" if company else "repayment", "supervised" if company else "operating"]
    return pa.table({
        "account_id": _account(rows["borrower"], places), "borrower_id": _borrower(rows["borrower"]),
        "purpose": columns.codes(places, purposes), "effective_on": since, "known_on": since,
    })  # fmt: skip


def _transactions(given: Parameters, rows: Array) -> pa.Table:
    of_loan = rows["loan"] != shapes.NONE
    counterparty, kind, memo = described(given, rows)
    return pa.table({
        "txn_id": columns.ids(columns.id_bytes("T", rows["borrower"].astype(np.int64) * IN_BORROWER + rows["number"], 16)),
        "account_id": _account(rows["borrower"], rows["account"]),
        "booked_at": pa.array((rows["moment"] - ZONE_HOURS * MINUTE) * MINUTE, pa.int64()).cast(pa.timestamp("s", ZONE)),
        "amount": columns.decimal(rows["amount"], 2), "balance": columns.decimal(rows["balance"], 2),
        "counterparty": counterparty, "counterparty_kind": kind, "memo": memo,
        "loan_id": columns.ids(columns.id_bytes("L", rows["loan"][of_loan], 8), of_loan), "known_on": columns.days(rows["known_on"]),
    })  # fmt: skip


def _truth(owners: Array) -> pa.Table:
    """What no lender sees: who the owners of accounts are."""
    flags = {name: pa.array(owners[name] == 1) for name in ("employed", "gambler", "indebted")}
    return pa.table({
        "borrower_id": _borrower(owners["borrower"]), "income": columns.decimal(owners["income"], 2),
        "customers": pa.array(np.ascontiguousarray(owners["customers"])), **flags,
    })  # fmt: skip


def _troubles(spells: Array, starts: Array) -> pa.Table:
    """What no lender sees: when income stopped or shrank, to how much, and why."""
    return pa.table({
        "borrower_id": _borrower(spells["borrower"]), "from_on": columns.days(starts[spells["begins"]]),
        "until_on": columns.days(starts[spells["ends"]]), "cause": columns.codes(spells["cause"], at.TROUBLES),
        "left": pa.array(np.ascontiguousarray(spells["left"])),
    })  # fmt: skip
