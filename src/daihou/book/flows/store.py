"""The flows of a home as they lie beside the ledger: built when the lake has something new, put in place in one step, mapped to be read.

They are derived and may be deleted at any time. A folder is named by what it was built from; it is written as a draft and renamed.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np
import polars as pl
import pyarrow as pa

from daihou.book.flows import build
from daihou.book.flows.layout import FLOW, HOLDING, KEY, VERSION, Facts
from daihou.book.ledger.files import damaged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from daihou.book.flows.build import Progress
    from daihou.book.home import Home, Settings

FORMAT: Final = 2
"""Raised whenever the layout changes: older flows are then built afresh."""
TABLES: Final = ("accounts", "transactions")

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """What it takes besides to put other rows among flows. Kernels that measure never read it, so that its pages are touched for a few borrowers only."""

    settings: Settings
    keys: Array
    """Of KEY, one each flow."""
    ids: pa.LargeStringArray
    """The transaction of each flow."""
    accounts: pl.DataFrame
    """All rows of accounts, as `build.account_columns` makes them."""
    held: pl.Series
    """The account of each holding."""
    left: pl.DataFrame | None
    """Staged transactions whose account is not known; None where there are none."""


@dataclass(frozen=True, slots=True)
class Flows:
    """The flows, mapped; later builds do not disturb them. Or those of some borrowers, in memory."""

    facts: Facts
    borrowers: pl.Series
    """Ids in the order of the facts."""
    kinds: tuple[str, ...]
    """Of counterparties; a flow's `kind` is one more than a place here."""
    most_holdings: int
    """Accounts that any one borrower holds at most."""
    most_payers: int
    first_known_on: int
    """The day from which any transaction is known."""


@dataclass(frozen=True, slots=True)
class Stored(Flows):
    """The flows of a home, among which other rows can be put."""

    source: Source


def open_flows(home: Home, versions: Mapping[str, int], progress: Progress) -> Stored:
    """The flows at some versions of the lake's tables, built first where they are not there. A table that was never sent has none of them.

    One process builds at a time, others wait. Flows of other versions are deleted; who reads them keeps them until done.
    """
    root = home.ledger / "flows"
    root.mkdir(parents=True, exist_ok=True)
    folder = root / _name(home, versions)
    with _locked(root):
        if not folder.exists():
            draft = root / f"draft-{os.getpid()}"
            for left in root.glob("draft-*"):
                shutil.rmtree(left)
            _build(home, versions, draft, progress)
            draft.rename(folder)
            for other in root.iterdir():
                if other.is_dir() and other != folder:
                    shutil.rmtree(other)
        return _open(home, folder)


def _name(home: Home, versions: Mapping[str, int]) -> str:
    settings = home.settings
    zone = settings.timezone.replace("/", "-")
    built_from = "-".join(f"{table}-{versions.get(table, 'none')}" for table in TABLES)
    return f"f{FORMAT}-{built_from}-{settings.base_currency}-{zone}"


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    with (root / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _build(home: Home, versions: Mapping[str, int], draft: Path, progress: Progress) -> None:
    draft.mkdir()
    accounts = build.account_rows(home, versions)
    held = build.arranged(accounts)
    codes = build.codes(home, versions)
    staged = build.stage(home, versions, held, codes, draft / "staged", progress)
    count = len(held.borrowers)
    counted = np.zeros(count, np.int64)
    most_payers = 0
    with ExitStack() as stack:
        flows, keys, ids, ends = (
            stack.enter_context((draft / name).open("wb")) for name in ("flows", "keys", "ids", "id_ends")
        )
        np.zeros(1, np.int64).tofile(ends)
        length = 0
        for some in build.buckets(staged, progress):
            some.flows.tofile(flows)
            some.keys.tofile(keys)
            length = _write_ids(some.ids, length, ids, ends)
            counted += np.bincount(some.borrower, minlength=count)
            most_payers = max(most_payers, int(some.flows["payer"].max()) + 1)
    left = build.left(draft / "staged")
    if left:
        pl.scan_ipc(left).sink_ipc(draft / "left.arrow", compression="uncompressed")
    shutil.rmtree(draft / "staged", ignore_errors=True)
    holdings_at = build.offsets(held.holdings["borrower"].to_numpy(), count)
    parts = {
        "flows_at": np.concatenate([[0], np.cumsum(counted)]).astype(np.int64),
        "holdings_at": holdings_at,
        "holdings": build.holdings(held.holdings),
        "versions": held.versions,
    }
    for name, part in parts.items():
        part.tofile(draft / name)
    pl.DataFrame({"borrower_id": held.borrowers}).write_ipc(draft / "borrowers.arrow")
    accounts.write_ipc(draft / "accounts.arrow")
    held.holdings.select("account_id").write_ipc(draft / "held.arrow")
    most_holdings = int(np.diff(holdings_at).max(initial=0))
    told = {
        "kinds": codes.kinds, "most_holdings": most_holdings, "most_payers": most_payers, "first_known_on": build.first_known_on(home, versions),
    }  # fmt: skip
    (draft / "told.json").write_text(json.dumps(told), "utf-8")
    for path in draft.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())


def _write_ids(ids: pl.Series, length: int, texts: BinaryIO, ends: BinaryIO) -> int:
    """Write some ids one after the other, and where each ends, after so many bytes; returns how many there are now."""
    held = ids.to_arrow(compat_level=pl.CompatLevel.oldest())
    _, at, text = held.buffers()
    offsets = np.frombuffer(at, np.int64)[held.offset : held.offset + len(held) + 1]
    texts.write(memoryview(text)[offsets[0] : offsets[-1]])
    found: Array = offsets[1:] - offsets[0] + length
    found.tofile(ends)
    return int(found[-1])


def _open(home: Home, folder: Path) -> Stored:
    try:
        told = json.loads((folder / "told.json").read_text("utf-8"))
        borrowers = pl.read_ipc(folder / "borrowers.arrow")["borrower_id"]
        kind = np.dtype(np.int64)
        facts = Facts(
            _mapped(folder / "flows_at", kind),
            _mapped(folder / "holdings_at", kind),
            *(_mapped(folder / name, of).view(np.recarray) for name, of in _RECORDS.items()),
        )
        whole = len(facts.flows_at) == len(facts.holdings_at) == len(borrowers) + 1
        if not whole or facts.flows_at[-1] != len(facts.flows) or facts.holdings_at[-1] != len(facts.holdings):
            raise damaged(folder)
        return Stored(
            facts, borrowers, tuple(told["kinds"]), told["most_holdings"], told["most_payers"], told["first_known_on"], _source(home, folder, len(facts.flows))
        )  # fmt: skip
    except (ValueError, KeyError, OSError, pl.exceptions.PolarsError) as error:
        raise damaged(folder) from error


def _source(home: Home, folder: Path, count: int) -> Source:
    left = folder / "left.arrow"
    source = Source(
        home.settings,
        _mapped(folder / "keys", KEY).view(np.recarray),
        _ids(folder),
        pl.read_ipc(folder / "accounts.arrow"),
        pl.read_ipc(folder / "held.arrow")["account_id"],
        pl.read_ipc(left) if left.exists() else None,
    )
    if len(source.keys) != count or len(source.ids) != count:
        raise damaged(folder)
    return source


def _ids(folder: Path) -> pa.LargeStringArray:
    ends, texts = _mapped(folder / "id_ends", np.dtype(np.int64)), _mapped(folder / "ids", np.dtype(np.uint8))
    return pa.LargeStringArray.from_buffers(len(ends) - 1, pa.py_buffer(ends), pa.py_buffer(texts))


_RECORDS: Final = {"flows": FLOW, "holdings": HOLDING, "versions": VERSION}


def _mapped(path: Path, kind: np.dtype[Any]) -> Array:
    """A file's records without reading it; nothing can be mapped of an empty one."""
    if not path.stat().st_size:
        return np.empty(0, kind)
    found: Array = np.memmap(path, kind, mode="r").view(np.ndarray)
    return found
