"""An invented loan book of any size, written straight into the lake of a home.

For each million loans: 24 M instalments and about 16 M payments. 2 % of instalments have a second version, 3 % of
payments became known up to 20 days late, 1 % were reversed, and well over a fifth of the loans were overdue at some
time. The lake's Parquet files are the same bytes for the same loans and seed. Nothing in them went through intake,
which would take minutes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench import facts
from daihou.book import lake
from daihou.simulation import columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from bench.facts import Array, Loans, Payments, Plans
    from daihou.book.home import Home

Progress = Callable[[str, int, int], None]
"""(what is being done, how much is done, of how much)."""

CHUNK: Final = 250_000
GROUP_ROWS: Final = 500_000
WRITERS: Final = 2
BATCHES: Final = {"borrowers": 1, "loans": 2, "instalments": 3, "payments": 4}
BOOK_DATE: Final = facts.EPOCH + dt.timedelta(days=facts.END)

LONG_LOAN: Final = "LONG"
LONG_ROWS: Final = 2_400
LONG_PAYMENTS: Final = 5_000

_MANY_VALUES: Final = {"principal", "interest", "amount", "payment_id", "reverses", "row", "effective_on"}
"""Columns for which a dictionary only costs time."""


def make_book(
    home: Home,
    loans: int,
    seed: int = 1,
    progress: Progress = lambda *_: None,
    *,
    long_loan: bool = False,
    without: Iterable[str] = (),
    ends: dt.date = BOOK_DATE,
) -> dict[str, int]:
    """Write a book of that many loans into an empty lake and return the rows of each table.

    `long_loan` adds LONG_LOAN with 2,400 instalments and 5,000 payments. Tables named in `without` are left empty.
    `ends` is the last date of which anything is known: all dates of the book are moved by as many days.
    """
    later = (ends - BOOK_DATE).days
    folder = home.staging / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    chunks = range(-(-loans // CHUNK))
    done = 0
    progress("book", 0, loans)
    written: dict[str, list[Path]] = {table: [] for table in BATCHES}

    def one(chunk: int) -> tuple[int, dict[str, Path]]:
        count = min(CHUNK, loans - chunk * CHUNK)
        return count, {
            table: _write(folder, table, chunk, _moved(rows, later)) for table, rows in _tables(seed, chunk, count)
        }

    with ThreadPoolExecutor(WRITERS) as pool:
        for count, paths in pool.map(one, chunks):
            done += count
            progress("book", done, loans)
            for table, path in paths.items():
                written[table].append(path)
    if long_loan:
        for table, rows in _long_tables(seed):
            written[table].append(_write(folder, table, len(chunks), _moved(rows, later)))
    rows = {
        table: sum(pq.read_metadata(path).num_rows for path in paths)
        for table, paths in written.items()
        if table not in set(without)
    }
    for table in rows:
        lake.commit_files(home, table, written[table], BATCHES[table], {"batch": str(BATCHES[table]), "table": table})
    register = folder / "register.parquet"
    pq.write_table(_moved(_register(rows), later), register)
    last = max(BATCHES[table] for table in rows)
    lake.commit_files(home, "deliveries", [register], last, {"batch": str(last), "table": "deliveries"})
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    return rows


def _moved(rows: pa.Table, later: int) -> pa.Table:
    """Rows with all dates so many days later."""
    if not later:
        return rows
    columns_ = [
        pc.add(column.cast(pa.int32()), later).cast(pa.int32()).cast(pa.date32())
        if column.type == pa.date32()
        else column
        for column in rows.columns
    ]
    return pa.Table.from_arrays(columns_, schema=rows.schema)


def _write(folder: Path, table: str, chunk: int, rows: pa.Table) -> Path:
    """Write a file as intake does (zstd 1, row groups of half a million), so that reading costs what it would."""
    path = folder / f"b{BATCHES[table]:07d}-{table}-{chunk:03d}.parquet"
    dictionaries = [name for name in rows.column_names if name not in _MANY_VALUES]
    # Dictionary columns are written as the strings they stand for: their Arrow type is not stored.
    pq.write_table(
        rows,
        path,
        row_group_size=GROUP_ROWS,
        compression="zstd",
        compression_level=1,
        use_dictionary=dictionaries,
        store_schema=False,
    )
    return path


def _tables(seed: int, chunk: int, count: int) -> Iterable[tuple[str, pa.Table]]:
    """Yield the tables of a chunk, one at a time so that each may be written and let go."""
    loans = facts.make_loans(facts.generator(seed, chunk, 0), count)
    plans = facts.make_plans(facts.generator(seed, chunk, 1), loans)
    first = chunk * CHUNK
    yield "borrowers", _borrowers(loans, first)
    yield "loans", _loans(loans, plans, first)
    yield "instalments", _instalments(loans, plans, first)
    payments = facts.make_payments(facts.generator(seed, chunk, 2), loans, plans)
    del plans
    yield "payments", _payments(payments, loans, first, chunk)


def _filled(table: str, given: Mapping[str, pa.Array], known_on: Array, first_row: int) -> pa.Table:
    """Return rows of a lake table with what intake adds to them."""
    rows = len(known_on)
    system = {
        "known_on": columns.days(known_on),
        "batch": pa.array(np.full(rows, BATCHES[table])),
        "row": pa.array(np.arange(first_row + 1, first_row + rows + 1)),
        "assumed": pa.array(np.zeros(rows, bool)),
        "backfill": pa.array(np.zeros(rows, bool)),
    }
    return _table(lake.schema(table), {**given, **system}, rows)


def _table(schema: pa.Schema, columns: Mapping[str, pa.Array], rows: int) -> pa.Table:
    """Return a table with the schema's columns in its order, empty where none is given; dictionaries stay."""
    arrays = [columns[name] if name in columns else pa.nulls(rows, schema.field(name).type) for name in schema.names]
    return pa.table(arrays, names=schema.names)


def _money(cents: Array) -> pa.Array:
    return columns.decimal(100 * cents, 4)


def _rate(hundred_millionths: Array) -> pa.Array:
    return columns.decimal(hundred_millionths, 8)


def _constant(value: str, rows: int) -> pa.Array:
    return columns.codes(np.zeros(rows, np.int32), [value])


def _numbered(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{number:04d}" for number in range(count)]


def _borrowers(loans: Loans, first: int) -> pa.Table:
    count = len(loans.borrower_region)
    starts = np.searchsorted(loans.borrower, np.arange(count))
    since = np.minimum.reduceat(loans.disbursed_on, starts)
    companies = facts.CLASS_OF[loans.product[starts]]
    given = {
        "borrower_id": columns.ids(columns.id_bytes("B", first + np.arange(count), 8)),
        "kind": columns.codes(companies, ["person", "company"]),
        "org_id": columns.codes(loans.org[starts], _numbered("O", facts.ORGS)),
        "officer_id": columns.codes(loans.officer[starts], _numbered("F", facts.OFFICERS)),
        "region": columns.codes(loans.borrower_region, facts.REGIONS),
        "effective_on": columns.days(since),
    }
    return _filled("borrowers", given, since, first)


def _loans(loans: Loans, plans: Plans, first: int) -> pa.Table:
    """Each loan, and a second version of those whose reschedule moved their last day."""
    loan = np.concatenate([np.arange(loans.count), plans.rescheduled])
    order = np.argsort(loan, kind="stable")
    loan, rows = loan[order], len(loan)
    effective_on = np.concatenate([loans.disbursed_on, plans.on])[order]
    matures_on = np.concatenate([plans.due_on[:, -1], plans.new_due_on[:, -1]])[order]
    product = loans.product[loan]
    small = facts.CLASS_OF[product]
    given = {
        "loan_id": columns.ids(columns.id_bytes("L", first + loan, 8)),
        "borrower_id": columns.ids(columns.id_bytes("B", first + loans.borrower[loan], 8)),
        "product": columns.codes(product, facts.PRODUCTS),
        "principal": _money(loans.principal[loan]),
        "disbursed_on": columns.days(loans.disbursed_on[loan]),
        "matures_on": columns.days(matures_on),
        "currency": _constant("CNY", rows),
        "org_id": columns.codes(loans.org[loan], _numbered("O", facts.ORGS)),
        "officer_id": columns.codes(loans.officer[loan], _numbered("F", facts.OFFICERS)),
        "own_share": _rate(np.full(rows, 10**8)),
        "on_balance": pa.array(np.ones(rows, bool)),
        "asset_class": columns.codes(small, facts.ASSET_CLASSES),
        "repayment_method": _constant("annuity", rows),
        "rate_type": _constant("fixed", rows),
        "annual_rate": _rate(facts.RATES[product] * 10_000),
        "penalty_rate": _rate(facts.RATES[product] * 15_000),
        "day_count": _constant("360", rows),
        "security": columns.codes(small, ["unsecured", "guaranteed"]),
        "effective_on": columns.days(effective_on),
    }
    return _filled("loans", given, effective_on, first)


def _instalments(loans: Loans, plans: Plans, first: int) -> pa.Table:
    """Every row of every plan, each followed by the version that replaced it where a loan was rescheduled."""
    versions = np.ones(plans.due_on.shape, np.int8)
    replaced = np.arange(facts.TERMS) >= plans.first[:, None]
    versions[plans.rescheduled] += replaced
    versions = versions.ravel()
    cell = np.repeat(np.arange(versions.size, dtype=np.int32), versions)
    second = np.zeros(len(cell), bool)
    second[1:] = cell[1:] == cell[:-1]
    loan, seq = np.divmod(cell, np.int32(facts.TERMS))
    due_on, interest = plans.due_on.ravel()[cell], plans.interest.ravel()[cell]
    effective_on = loans.disbursed_on[loan]
    due_on[second] = plans.new_due_on[replaced]
    interest[second] = plans.new_interest[replaced]
    effective_on[second] = np.repeat(plans.on, replaced.sum(axis=1))
    names = columns.ids(columns.id_bytes("L", first + np.arange(loans.count), 8))
    given = {
        "loan_id": pa.DictionaryArray.from_arrays(pa.array(loan), names),
        "seq": pa.array((seq + 1).astype(np.int64)),
        "due_on": columns.days(due_on),
        "principal": _money(plans.principal.ravel()[cell]),
        "interest": _money(interest),
        "fee": _money(plans.fee.ravel()[cell]),
        "effective_on": columns.days(effective_on),
        "cancelled": pa.array(np.zeros(len(cell), bool)),
    }
    return _filled("instalments", given, effective_on, first * facts.TERMS)


def _payments(payments: Payments, loans: Loans, first: int, chunk: int) -> pa.Table:
    rows = len(payments.loan)
    text = columns.id_bytes("P", chunk * 10**8 + np.arange(rows), 12)
    reversal = payments.reverses >= 0
    names = columns.ids(columns.id_bytes("L", first + np.arange(loans.count), 8))
    channel = (payments.loan % 3).astype(np.int32)
    given = {
        "payment_id": columns.ids(text),
        "loan_id": pa.DictionaryArray.from_arrays(pa.array(payments.loan), names),
        "paid_on": columns.days(payments.paid_on),
        "amount": _money(payments.amount),
        "purpose": _constant("scheduled", rows),
        "payer_kind": _constant("borrower", rows),
        "reverses": columns.ids(text[payments.reverses[reversal]], reversal),
        "channel": columns.codes(channel, ["debit", "transfer", "counter"]),
    }
    return _filled("payments", given, payments.known_on, chunk * CHUNK * facts.TERMS)


def _long_tables(seed: int) -> Iterable[tuple[str, pa.Table]]:
    """Yield one loan paid back daily over years: 2,400 instalments, 5,000 payments, some known late, some reversed."""
    random = facts.generator(seed, 0, 3)
    start = facts.END - LONG_ROWS - 30
    due_on = (start + 1 + np.arange(LONG_ROWS)).astype(np.int32)
    known = np.array([start], np.int32)
    name = pa.array([LONG_LOAN])
    each, interest = 100_000, 1_200
    ids = {"loan_id": name, "borrower_id": pa.array([LONG_LOAN])}
    given = {
        "product": pa.array([facts.PRODUCTS[0]]),
        "principal": _money(np.array([each * LONG_ROWS])),
        "disbursed_on": columns.days(known),
        "matures_on": columns.days(due_on[-1:]),
        "currency": pa.array(["CNY"]),
        "org_id": pa.array(["O0000"]),
        "own_share": _rate(np.array([10**8])),
        "on_balance": pa.array([True]),
        "asset_class": pa.array(["personal"]),
        "repayment_method": pa.array(["equal_principal"]),
        "effective_on": columns.days(known),
    }
    yield "loans", _filled("loans", {**ids, **given}, known, 0)
    given = {
        "loan_id": _constant(LONG_LOAN, LONG_ROWS),
        "seq": pa.array(np.arange(1, LONG_ROWS + 1)),
        "due_on": columns.days(due_on),
        "principal": _money(np.full(LONG_ROWS, each)),
        "interest": _money(np.full(LONG_ROWS, interest)),
        "fee": _money(np.zeros(LONG_ROWS, np.int64)),
        "effective_on": columns.days(np.full(LONG_ROWS, start)),
        "cancelled": pa.array(np.zeros(LONG_ROWS, bool)),
    }
    yield "instalments", _filled("instalments", given, np.full(LONG_ROWS, start), 0)
    reversals = LONG_PAYMENTS // 100
    money = LONG_PAYMENTS - reversals
    paid_on = np.sort(random.integers(start + 1, facts.END - 20, money)).astype(np.int32)
    known_on = paid_on + np.where(random.random(money) < facts.LATE, random.integers(1, 20, money), 0)
    bounced = np.sort(random.choice(money, reversals, replace=False))
    back_on = np.minimum(known_on[bounced] + random.integers(1, 6, reversals), facts.END)
    text = columns.id_bytes("Q", np.arange(LONG_PAYMENTS), 12)
    mask = np.arange(LONG_PAYMENTS) >= money
    share = (each + interest) * LONG_ROWS * 97 // 100 // money
    given = {
        "payment_id": columns.ids(text),
        "loan_id": _constant(LONG_LOAN, LONG_PAYMENTS),
        "paid_on": columns.days(np.concatenate([paid_on, back_on])),
        "amount": _money(np.full(LONG_PAYMENTS, share)),
        "purpose": _constant("scheduled", LONG_PAYMENTS),
        "reverses": columns.ids(text[bounced], mask),
    }
    yield "payments", _filled("payments", given, np.concatenate([known_on, back_on]), 0)


def _register(rows: Mapping[str, int]) -> pa.Table:
    """Return what intake would have registered, so that later deliveries take later batches."""
    given = [
        {
            "batch": BATCHES[table],
            "delivery": f"bench-{table}",
            "table": table,
            "file": f"{table}.parquet",
            "rows": count,
            "new": count,
            "unchanged": 0,
            "waiting": 0,
            "quarantined": 0,
            "known_from": None,
            "known_to": BOOK_DATE,
            "received_on": BOOK_DATE,
            "report": "{}",
        }
        for table, count in rows.items()
    ]
    return pa.Table.from_pylist(given, schema=lake.schema("deliveries"))
