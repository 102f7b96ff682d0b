"""The product's own answer for the reference's books: the same facts built into a ledger shard and walked by the kernels."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from daihou.book import days
from daihou.book.days import date_of, day_of
from daihou.book.ledger import staged
from daihou.book.ledger.build import build
from daihou.book.ledger.layout import FOREVER, NO_AMOUNT, NO_DAY
from daihou.book.ledger.shard import Shard, from_built
from daihou.monitoring.arrears import plain
from daihou.monitoring.arrears.shapes import AMOUNTS, ANSWER, BASES, EMPTY, STATES, TERM, Terms, answers, scratch

if TYPE_CHECKING:
    from laws.facts import Book

DATES = {"oldest_unpaid_due_on", "next_due_on", "last_paid_on", "accelerated_on", "first_due_on"}
MONTHS = days.months()


def _value(column: str, value: Any, kind: pl.DataType) -> Any:
    if isinstance(value, dt.date):
        return day_of(value)
    if value is not None and kind == pl.Int64() and column not in ("batch", "row"):
        return value * 100
    return value


def shard_of(books: list[Book]) -> Shard:
    frames = {}
    for table in staged.COLUMNS:
        schema = staged.schema(table)
        rows = []
        for ix, book in enumerate(books):
            for fact in getattr(book, table, ()):
                given = asdict(fact)
                row = {column: _value(column, given.get(column), kind) for column, kind in schema.items()}
                row |= {"ix": ix, "batch": 1, "row": fact.arrival}
                if table == "loans":
                    row |= {"currency": "CNY", "product": f"P{ix:04d}", "borrower_id": "B"}
                rows.append(row)
        frames[table] = pl.DataFrame(rows, schema=schema, orient="row")
    return from_built(build(pl.Series("loan_id", [f"L{ix:04d}" for ix in range(len(books))]), frames))


def terms_of(books: list[Book]) -> Terms:
    offsets, from_on, grace, calendar, vertical = [0], list[int](), list[int](), list[int](), list[bool]()
    tolerance, moved = list[list[int]](), list[np.ndarray[Any, Any]]()
    for ix, book in enumerate(books):
        table = np.arange(days.FIRST_DAY, days.LAST_DAY + 1, dtype=np.int32)
        for holiday in sorted(book.work_day, reverse=True):
            place = day_of(holiday) - days.FIRST_DAY
            table[place] = table[place + 1]
        moved.append(table)
        stated = [(NO_DAY, 0, False, 0, "horizontal")]
        for policy in sorted(book.policies, key=lambda p: p.from_on):
            stated.append((day_of(policy.from_on), policy.grace_days, policy.holiday, policy.tolerance, policy.order))
        for start, graced, moves, tolerated, order in stated:
            from_on.append(start)
            grace.append(graced)
            calendar.append(ix if moves else EMPTY)
            tolerance.append([tolerated])
            vertical.append(order == "vertical")
        offsets.append(len(from_on))
    standing_days = books[0].standing_days
    versions = np.zeros(len(from_on), TERM).view(np.recarray)
    versions["from_on"], versions["grace_days"], versions["calendar"], versions["vertical"] = (
        from_on,
        grace,
        calendar,
        vertical,
    )
    return Terms(np.array(offsets), versions, np.array(tolerance, np.int64), np.array(moved, np.int32), standing_days)


def walk(
    shard: Shard, terms: Terms, pairs: list[tuple[dt.date, dt.date]], general: bool = False, only: int | None = None
) -> Any:
    """The answers [pair, loan] of all loans of a shard, or of one alone."""
    first, last = (0, shard.count) if only is None else (only, only + 1)
    out = answers(len(pairs), last - first)
    as_of = np.array([day_of(a) for a, _ in pairs], np.int32)
    known = np.array([day_of(k) for _, k in pairs], np.int32)
    plain.walk(shard.facts, terms, MONTHS, scratch(500, 500, 3700), first, last, as_of, known, out, general)
    return out


def answer(out: Any, i: int, j: int, book: Book, shard: Shard) -> dict[str, Any] | None:
    if out[i, j].version == EMPTY:
        return None
    row: dict[str, Any] = {}
    for name in ANSWER.names or ():
        if name in ("version", "borrower", "breaks"):
            continue
        value = out[name][i, j]
        if name == "status_24m":
            row[name] = bytes(value).decode()
        elif name == "basis":
            row[name] = BASES[value]
        elif name == "state":
            row[name] = STATES[value]
        elif name in DATES:
            row[name] = None if value == NO_DAY else date_of(value)
        elif name == "first_payment_missed":
            row[name] = None if value == EMPTY else bool(value)
        elif name not in AMOUNTS:
            row[name] = None if value == EMPTY else int(value)
        else:
            row[name] = None if value == NO_AMOUNT else int(value)
    assert FOREVER not in row.values()
    return row


class Engine:
    """Books in one shard, which is built once however often they are asked; each is walked alone, by its own terms."""

    def __init__(self, books: list[Book]) -> None:
        self.books = books
        self.shard = shard_of(books)
        self.terms = terms_of(books)

    def ask(
        self, place: int, pairs: list[tuple[dt.date, dt.date]], *, general: bool = False
    ) -> list[dict[str, Any] | None]:
        """The answer of the book at a place on every pair."""
        book = self.books[place]
        terms = self.terms._replace(standing_days=book.standing_days)  # books may differ in how old figures may be
        out = walk(self.shard, terms, pairs, general, place)
        return [answer(out, pair, 0, book, self.shard) for pair in range(len(pairs))]
