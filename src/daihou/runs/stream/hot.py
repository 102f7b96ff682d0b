"""The book in hand: the ledger as it is mapped, what the log holds besides, and the rows of any borrowers of it as of one date.

What is asked of some borrowers here is what a run asks of all: the same kernels over the same facts, the same columns, the same roll-up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl
import pyarrow as pa

from daihou.book import lake, money
from daihou.book.ledger import putting
from daihou.book.ledger.gathered import Naming, gathered, naming
from daihou.book.ledger.ledger import open_ledger
from daihou.book.ledger.staged import COLUMNS
from daihou.monitoring.arrears.shapes import EMPTY
from daihou.monitoring.arrears.terms import terms
from daihou.monitoring.arrears.walk import CHUNK, chunks
from daihou.monitoring.snapshot import SCHEMA, fields, snapshots
from daihou.runs.borrowers import borrowers as beside
from daihou.runs.borrowers.places import Places
from daihou.runs.nightly import BESIDE, reading_on
from daihou.runs.rollups import NEEDED
from daihou.runs.stream.beside import ABOUT, Beside
from daihou.runs.stream.overlay import Overlay
from daihou.runs.stream.rebuilt import rebuilt
from daihou.runs.watch.rows import COUNTED, OF_BORROWER

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Mapping, Sequence

    import numpy.typing as npt

    from daihou.book.home import Home
    from daihou.book.ledger.ledger import Ledger
    from daihou.book.ledger.shard import Shard
    from daihou.monitoring.arrears.shapes import Terms
    from daihou.monitoring.arrears.snapshot import Reading
    from daihou.runs.borrowers.borrowers import Borrowers
    from daihou.runs.policies import Policies

    Whole = npt.NDArray[np.int64]

OF_LEDGER: Final = tuple(COLUMNS)
READ: Final = (*COLUMNS, *BESIDE, *beside.TABLES)
"""Tables whose rows the stream measures."""
KEPT: Final = (
    "loan_id", "borrower_id", "org_id", "officer_id", "currency", *NEEDED,
    "oldest_unpaid_due_on", "overdue_amount", "next_due_on", "next_due_amount",
)  # fmt: skip
"""What is told of every loan: of the last, watches within a day ask as soon as it was judged."""


FEW: Final = 48
"""Loans up to which a mapping a row costs less than columns, of which each has a price of its own."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What is told of some borrowers: their loans, one row each, and themselves."""

    loans: pl.DataFrame
    people: pl.DataFrame


@dataclass(frozen=True, slots=True)
class FewRows:
    """The same of few, a mapping a row."""

    loans: list[dict[str, Any]]
    people: list[dict[str, Any]]


@dataclass
class Hot:
    """The book as of one date and as known on it. Not to be used by two threads at once."""

    home: Home
    policies: Policies
    ledger: Ledger
    borrowers: Borrowers
    lake: Mapping[str, int]
    """The lake's versions that all of this was read at."""
    as_of: dt.date
    names: frozenset[str] | None = None
    """The columns that are asked for; all of them without."""
    overlay: Overlay = field(default_factory=Overlay)
    _built: dict[str, tuple[Shard, int]] = field(default_factory=dict)
    """Loans built anew: where they lie now."""
    _stale: set[str] = field(default_factory=set)
    _owed: dict[str, set[str]] = field(default_factory=dict)
    """By borrower the loans that name it in rows which came since."""

    _lately: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By loan the rows of `few` since rows were last taken in: they are asked for again at once."""

    def __post_init__(self) -> None:
        self.since = Beside(self._holders, self._reported)
        self._names: Naming = naming(self.ledger.shards[number] for number in self.ledger.shards)
        self._judged: tuple[Naming, Terms] | None = None

    def close(self) -> None:
        """Let go of everything, before another takes its place: what it holds beside refers to it, and would be left to the collector of garbage."""
        del self.since

    def take(self, table: str, rows: pa.Table) -> None:
        """Take rows of the log in: the lake's schema with `place`."""
        self._lately.clear()
        if table in self.overlay.rows:
            about = set(self.overlay.add(table, rows))
            if table == "borrowers":
                self._knot_of(about)
            else:
                self._stale.update(about & self.overlay.knotty)
            if table == "loans":
                for loan, borrower in zip(
                    rows.column("loan_id").to_pylist(), rows.column("borrower_id").to_pylist(), strict=True
                ):
                    self._owed.setdefault(borrower, set()).add(loan)
        if table in beside.TABLES or table == "loans":
            self.since.add(table, rows)

    def touched(self, table: str, rows: pa.Table) -> set[str]:
        """The borrowers that rows say something of: those who owe a loan, or ever owed it, and those that are named."""
        if table in self.overlay.rows and table != "borrowers":
            return self.whose(set(rows.column("loan_id").to_pylist()))
        match ABOUT.get(table):
            case "subject_id":
                subjects = set(rows.column("subject_id").to_pylist())
                return {one for one in subjects if self.knows(one)} | self.whose(subjects)
            case "account_id":
                named = set(rows.column("borrower_id").to_pylist()) if table == "accounts" else set[str]()
                return named.union(*self.since.owners(set(rows.column("account_id").to_pylist())).values())
            case "report_id":
                return set(self.since.whom(set(rows.column("report_id").to_pylist())).values())
            case "borrower_id":
                return set(rows.column("borrower_id").to_pylist())
            case _:
                return set()

    def whose(self, loans: Iterable[str]) -> set[str]:
        """All who ever owed some loans, as far as it is known."""
        loans = list(loans)
        found: set[str] = set()
        came = self.overlay.rows["loans"].of(loans) if self.overlay.rows["loans"].count else None
        if came is not None:
            found.update(came["borrower_id"].to_list())
        _which, rows = self._loan_places.rows_of(pl.Series(loans, dtype=pl.String))
        for number, places in self._by_shard(rows):
            shard = self.ledger.shards[number]
            at = shard.facts.at[0]
            spans = [np.arange(at[place], at[place + 1]) for place in places.tolist()]
            named = shard.strings["versions"]["borrower_id"].take(pa.array(np.concatenate(spans)))
            found.update(named.to_pylist())
        return found

    def knows(self, borrower: str) -> bool:
        """Whether anybody of that id ever owed a loan."""
        return borrower in self._owed or len(self._people_places.rows_of(pl.Series([borrower]))[0]) > 0

    def rows(self, people: Collection[str]) -> Rows:
        """The rows of some borrowers and of all loans that they owe on the date, in order of id."""
        wanted = pl.Series("borrower_id", sorted(people), pl.String)
        schema, asked = _asked(self.names)
        loans = self.loans(self._loans_of(wanted), schema)
        loans = loans.filter(pl.col("borrower_id").is_in(wanted.implode()))
        among = self.borrowers.among(wanted, self.since.of({*people, *loans["loan_id"].to_list()}))
        people_ = among.on(self.as_of, self.as_of, loans, asked)
        return Rows(loans.sort("loan_id"), people_)

    def few(self, people: Collection[str]) -> FewRows | None:
        """What `rows` says, row by row; None where that would be many."""
        if len(people) > FEW:
            return None
        wanted = pl.Series("borrower_id", sorted(people), pl.String)
        owed = self._loans_of(wanted)
        if len(owed) > FEW:
            return None
        schema, asked = _asked(self.names)
        loans = [row for row in self._snapshot(owed, schema).to_pylist() if row["borrower_id"] in people]
        loans.sort(key=lambda row: str(row["loan_id"]).encode())
        self._lately |= {row["loan_id"]: row for row in loans}
        among = self.borrowers.among(wanted, self.since.of({*people, *(row["loan_id"] for row in loans)}))
        return FewRows(loans, among.of_few(self.as_of, self.as_of, loans, asked))

    def loans(self, loans: Collection[str], schema: pa.Schema = SCHEMA) -> pl.DataFrame:
        """The snapshot of some loans: those of them that are known."""
        return pl.DataFrame(pl.from_arrow(self._snapshot(loans, schema)))

    def lately(self, loans: Collection[str]) -> list[dict[str, Any]] | None:
        """The rows of some loans that `few` told since rows were last taken in, with the columns KEPT at least; None where it told not all of them."""
        told = [self._lately[one] for one in loans if one in self._lately]
        return told if len(told) == len(loans) else None

    def _snapshot(self, loans: Collection[str], schema: pa.Schema) -> pa.Table:
        shard = self._gathered(sorted(loans))
        if shard is None or not shard.count:
            return schema.empty_table()
        names = Naming(shard.products, shard.currencies)
        batches = []
        for first, records in chunks(
            shard, self._terms(names), [(self.as_of, self.as_of)], size=min(CHUNK, max(shard.count, 1))
        ):
            answers = records.view(np.ndarray)
            batches.append(snapshots(shard, answers, answers["version"] != EMPTY, first, [self.reading], schema))
        return pa.Table.from_batches(batches, schema)

    @cached_property
    def reading(self) -> Reading:
        """What the date is read by; rates and policies of its beginning."""
        return reading_on(self.home, self.policies, self.as_of, self.as_of, self.lake)

    def _gathered(self, loans: Sequence[str]) -> Shard | None:
        """Some loans with all that came of them."""
        self._rebuild(
            [loan for loan in loans if loan in self._stale or (loan in self.overlay.knotty and loan not in self._built)]
        )
        while True:
            plain = [loan for loan in loans if loan not in self._built]
            parts, order = self._parts(plain)
            whole: dict[int, tuple[Shard, list[int]]] = {}
            for loan in loans:
                if loan in self._built:
                    shard, place = self._built[loan]
                    whole.setdefault(id(shard), (shard, []))[1].append(place)
            parts += [(shard, np.array(places, np.int64)) for shard, places in whole.values()]
            if not parts:
                return None
            self._names = _with(self._names, parts)
            shard = gathered(parts, self._names)
            knots = self._put(shard, order)
            if isinstance(knots, list):
                self.overlay.knotty.update(knots)
                self._rebuild(knots)
                continue
            return knots

    def _put(self, shard: Shard, order: Mapping[str, int]) -> Shard | list[str]:
        """The payments that came put in; instead the loans for which it takes more than that."""
        steps = np.array([10 ** (money.SCALE - money.exponent(code)) for code in shard.currencies], np.int64)
        step = steps[shard.facts.loans.view(np.ndarray)["currency"]]
        paid = self.overlay.paid.of(order, step)
        if paid is None:
            return shard
        put, knotty = putting.put(shard, paid)
        if not knotty.any():
            return put
        by_place = {place: loan for loan, place in order.items()}
        return [by_place[place] for place in np.flatnonzero(knotty).tolist()]

    def _parts(self, loans: Sequence[str]) -> tuple[list[tuple[Shard, Whole]], dict[str, int]]:
        """Where the ledger has some loans, shard by shard, and the place of each among them."""
        _which, rows = self._loan_places.rows_of(pl.Series(loans, dtype=pl.String))
        parts, order = [], dict[str, int]()
        for number, places in self._by_shard(rows):
            shard = self.ledger.shards[number]
            ids = shard.strings["loans"]["loan_id"].take(pa.array(places)).to_pylist()
            order.update(zip(ids, range(len(order), len(order) + len(ids)), strict=True))
            parts.append((shard, places))
        return parts, order

    def _rebuild(self, loans: Sequence[str]) -> None:
        if not loans:
            return
        index = self.ledger.index
        which, rows = self._loan_places.rows_of(pl.Series(loans, dtype=pl.String))
        where = {
            loans[at]: (int(index["shard"][row]), int(index["ix"][row]))
            for at, row in zip(which.tolist(), rows.tolist(), strict=True)
        }
        shard = rebuilt(self.ledger, self.overlay, loans, where)
        self._stale.difference_update(loans)
        if shard is None:
            return
        for place, loan in enumerate(loans):
            self._built[loan] = shard, place

    def _loans_of(self, people: pl.Series) -> set[str]:
        """Every loan that one of some borrowers ever owed, as far as it is known."""
        _which, rows = self._people_places.rows_of(people)
        found = set(self.ledger.index["loan_id"].gather(self._loan_of_version[rows]).to_list())
        for one in people.to_list():
            found |= self._owed.get(one, set())
        return found

    def _knot_of(self, people: Collection[str]) -> None:
        """A row of a borrower changes what is told of its loans."""
        loans = self._loans_of(pl.Series(list(people), dtype=pl.String))
        self.overlay.knotty |= loans
        self._stale |= loans

    def _terms(self, names: Naming) -> Terms:
        if self._judged is None or self._judged[0] != names:
            self._judged = (
                names,
                terms(self.policies.profile, names.products, names.currencies, self.home.settings.calendar),
            )
        return self._judged[1]

    def _holders(self, accounts: Collection[str]) -> dict[str, set[str]]:
        """By account who the lake says holds it, or ever held it."""
        places, holders = self._account_places
        wanted = list(accounts)
        found: dict[str, set[str]] = {}
        for at, row in zip(
            *(each.tolist() for each in places.rows_of(pl.Series(wanted, dtype=pl.String))), strict=True
        ):
            found.setdefault(wanted[at], set()).add(holders[row])
        return found

    @cached_property
    def _account_places(self) -> tuple[Places, pl.Series]:
        files = lake.files_as_of(self.home, "accounts", self.lake)
        rows = pl.scan_parquet(files) if files else pl.LazyFrame(lake.schema("accounts").empty_table())
        held = rows.select("account_id", "borrower_id").collect()
        return Places(held["account_id"]), held["borrower_id"]

    def _reported(self, reports: Collection[str]) -> dict[str, str]:
        """By credit report whom the lake says it is about."""
        places, borrowers = self._report_places
        wanted = list(reports)
        which, rows = places.rows_of(pl.Series(wanted, dtype=pl.String))
        return {wanted[at]: borrowers[row] for at, row in zip(which.tolist(), rows.tolist(), strict=True)}

    @cached_property
    def _report_places(self) -> tuple[Places, pl.Series]:
        files = lake.files_as_of(self.home, "bureau_reports", self.lake)
        rows = pl.scan_parquet(files) if files else pl.LazyFrame(lake.schema("bureau_reports").empty_table())
        held = rows.select("report_id", "borrower_id").collect()
        return Places(held["report_id"]), held["borrower_id"]

    @cached_property
    def _loan_places(self) -> Places:
        """Rows of the ledger's index by loan."""
        return Places(self.ledger.index["loan_id"])

    @cached_property
    def _shard_of(self) -> npt.NDArray[np.uint8]:
        return self.ledger.index["shard"].to_numpy()

    @cached_property
    def _place_of(self) -> npt.NDArray[np.int32]:
        return self.ledger.index["ix"].to_numpy()

    def _by_shard(self, rows: npt.NDArray[Any]) -> list[tuple[int, Whole]]:
        """Rows of the index as places in shards."""
        if not len(rows):
            return []
        shards = self._shard_of[rows]
        order = np.argsort(shards, kind="stable")
        rows, shards = rows[order], shards[order]
        cuts = np.flatnonzero(np.diff(shards)) + 1
        return [(int(self._shard_of[part[0]]), self._place_of[part].astype(np.int64)) for part in np.split(rows, cuts)]

    @cached_property
    def _versions(self) -> tuple[pl.Series, Whole]:
        """Every borrower that a version names, and the row of its loan in the ledger's index."""
        names, loans = [], []
        for number in self.ledger.shards:
            shard = self.ledger.shards[number]
            rows = np.flatnonzero(self._shard_of == number)
            by_place = np.zeros(shard.count, np.int64)
            by_place[self._place_of[rows]] = rows
            names.append(pl.Series("borrower_id", shard.strings["versions"]["borrower_id"]).cast(pl.String))
            loans.append(np.repeat(by_place, np.diff(shard.facts.at[0])))
        return pl.concat(names) if names else pl.Series("borrower_id", [], pl.String), np.concatenate(
            [np.zeros(0, np.int64), *loans]
        )

    @cached_property
    def _people_places(self) -> Places:
        return Places(self._versions[0])

    @property
    def _loan_of_version(self) -> Whole:
        return self._versions[1]


@cache
def _asked(names: frozenset[str] | None) -> tuple[pa.Schema, frozenset[str] | None]:
    """What is told of loans and of borrowers where these columns are asked for; of borrowers None: all of it."""
    if names is None:
        return SCHEMA, None
    return fields({*names, *KEPT}), frozenset({*names, *OF_BORROWER, *COUNTED})


def _with(names: Naming, parts: Sequence[tuple[Shard, Whole]]) -> Naming:
    for shard, _ in parts:
        names = names.with_(shard)
    return names


def open_hot(home: Home, policies: Policies, as_of: dt.date, names: Iterable[str] | None = None) -> Hot:
    """The book as the ledger in force has it, without anything of the log; families of borrowers as the lake has them at the ledger's versions or later."""
    ledger = open_ledger(home.ledger)
    versions = lake.versions(home, (*BESIDE, *beside.TABLES)) | ledger.pointer.lake
    told = beside.read(home, policies, versions, lambda *_: None)
    told.ready()
    return Hot(home, policies, ledger, told, versions, as_of, None if names is None else frozenset(names))
