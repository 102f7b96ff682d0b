"""The flows of a home as they lie beside the ledger: built when the lake has something new, put in place in one step, mapped to be read.

They are derived and may be deleted at any time. A folder is named by what it was built from; it is written as a draft and renamed.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from daihou.book.flows import build
from daihou.book.flows.layout import FLOW, HOLDING, VERSION, Facts
from daihou.book.ledger.files import damaged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from daihou.book.flows.build import Progress
    from daihou.book.home import Home

FORMAT: Final = 1
"""Raised whenever the layout changes: older flows are then built afresh."""
TABLES: Final = ("accounts", "transactions")

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Flows:
    """The flows, mapped; later builds do not disturb them."""

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


def open_flows(home: Home, versions: Mapping[str, int], progress: Progress) -> Flows | None:
    """The flows at some versions of the lake's tables, built first where they are not there; None without accounts or transactions.

    One process builds at a time, others wait. Flows of other versions are deleted; who reads them keeps them until done.
    """
    if any(table not in versions for table in TABLES):
        return None
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
        return _open(folder)


def _name(home: Home, versions: Mapping[str, int]) -> str:
    settings = home.settings
    zone = settings.timezone.replace("/", "-")
    built_from = "-".join(f"{table}-{versions[table]}" for table in TABLES)
    return f"f{FORMAT}-{built_from}-{settings.base_currency}-{zone}"


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    with (root / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _build(home: Home, versions: Mapping[str, int], draft: Path, progress: Progress) -> None:
    draft.mkdir()
    held = build.accounts(home, versions)
    codes = build.codes(home, versions)
    staged = build.stage(home, versions, held, codes, draft / "staged", progress)
    count = len(held.borrowers)
    counted = np.zeros(count, np.int64)
    most_payers = 0
    with (draft / "flows").open("wb") as file:
        for records, borrower in build.buckets(staged, progress):
            records.tofile(file)
            counted += np.bincount(borrower, minlength=count)
            most_payers = max(most_payers, int(records["payer"].max()) + 1)
    shutil.rmtree(draft / "staged", ignore_errors=True)
    holdings_at = build.offsets(held.holdings["borrower"].to_numpy(), count)
    parts = {
        "flows_at": np.concatenate([[0], np.cumsum(counted)]).astype(np.int64),
        "holdings_at": holdings_at,
        "holdings": build.holdings(held),
        "versions": held.versions,
    }
    for name, part in parts.items():
        part.tofile(draft / name)
    pl.DataFrame({"borrower_id": held.borrowers}).write_ipc(draft / "borrowers.arrow")
    most_holdings = int(np.diff(holdings_at).max(initial=0))
    told = {
        "kinds": codes.kinds, "most_holdings": most_holdings, "most_payers": most_payers, "first_known_on": build.first_known_on(home, versions),
    }  # fmt: skip
    (draft / "told.json").write_text(json.dumps(told), "utf-8")
    for path in draft.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())


def _open(folder: Path) -> Flows:
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
        return Flows(
            facts, borrowers, tuple(told["kinds"]), told["most_holdings"], told["most_payers"], told["first_known_on"]
        )
    except (ValueError, KeyError, OSError, pl.exceptions.PolarsError) as error:
        raise damaged(folder) from error


_RECORDS: Final = {"flows": FLOW, "holdings": HOLDING, "versions": VERSION}


def _mapped(path: Path, kind: np.dtype[Any]) -> Array:
    """A file's records without reading it; nothing can be mapped of an empty one."""
    if not path.stat().st_size:
        return np.empty(0, kind)
    found: Array = np.memmap(path, kind, mode="r").view(np.ndarray)
    return found
