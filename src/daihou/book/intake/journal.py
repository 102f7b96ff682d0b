"""Making a delivery whole or nothing: a written plan that a later call finishes, the register, the lock.

A delivery is staged in a folder of its own. Once `plan.json` stands in it the delivery is decided: whoever comes next
carries it out, table by table, each commit marked with its batch so that doing it twice changes nothing. Without the
plan nothing has happened, and the folder is removed.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final, TextIO

from daihou.book import lake
from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from daihou.book.home import Home

_PLAN: Final = "plan.json"
_FLUSH: Final = " log"
"""What stands behind the process in the lock while the log is brought to the lake."""
PATIENCE_SECONDS: Final = 120.0
"""How long an intake or a run waits for the log to be brought to the lake, which takes seconds and is nobody's fault."""
_LOOK_SECONDS: Final = 0.02
_DOUBT_SECONDS: Final = 0.1
"""Who has just taken the lock may not have said yet who it is."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A decided delivery: the staged files of each table, in the order they are committed."""

    batch: int
    """The last of its batches: a stretch of the log has one a table."""
    delivery: str
    table: str
    files: tuple[tuple[str, tuple[str, ...]], ...]
    place: int | None = None
    """The place of the log up to which it brings rows; None of a file."""


class BusyError(DaihouError):
    """Another intake or run is at work in the home."""


@contextmanager
def folder_of(home: Home, batch: int) -> Iterator[Path]:
    """A folder to stage a delivery in; what fails before it is decided leaves nothing behind, what is decided is left for the next call to finish."""
    folder = home.staging / f"{batch:07d}"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield folder
    except BaseException:
        if not (folder / _PLAN).exists():
            shutil.rmtree(folder, ignore_errors=True)
        raise


def next_batch(home: Home, *tables: str) -> int:
    """The number of the next batch, which is to go into some tables."""
    return max(lake.last_batch(home), *(lake.transaction(home, table) for table in tables)) + 1


def decide(folder: Path, delivery: Delivery) -> None:
    """Write the plan, after which the delivery will be carried out whatever happens."""
    draft = folder / "plan.draft"
    with draft.open("w", encoding="utf-8") as file:
        json.dump(asdict(delivery), file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / _PLAN)


def named(files: Iterable[tuple[str, Sequence[Path]]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Staged files by table as a plan names them; tables without any left out."""
    return tuple((table, tuple(path.name for path in paths)) for table, paths in files if paths)


def carry_out(home: Home, folder: Path, step: Callable[[str], None]) -> None:
    """Commit what a decided delivery staged, register last, and remove its folder; safe to repeat."""
    stated = json.loads((folder / _PLAN).read_text("utf-8"))
    metadata = {"batch": str(stated["batch"]), "delivery": stated["delivery"], "table": stated["table"]}
    for table, names in stated["files"]:
        step("registering" if table == "deliveries" else f"committing {table}")
        paths = [folder / name for name in names]
        lake.commit_files(home, table, paths, stated["batch"], metadata, stated.get("place"))
    step("clearing")
    shutil.rmtree(folder)


def recover(home: Home, step: Callable[[str], None] = lambda _: None) -> None:
    """Finish deliveries that were decided and clear away those that were not; call it under the lock."""
    if not home.staging.is_dir():
        return
    for folder in sorted(path for path in home.staging.iterdir() if path.is_dir()):
        if (folder / _PLAN).exists():
            carry_out(home, folder, step)
        else:
            shutil.rmtree(folder)


@contextmanager
def locked(home: Home, *, flushing: bool = False, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold the home's intake lock, which falls away with the process; BusyError if another intake or run holds it.

    Where the log is being brought to the lake its end is waited for, so long as `patience` says; what brings it (`flushing`) waits for nobody.
    """
    home.path.mkdir(parents=True, exist_ok=True)
    path = home.path / "intake.lock"
    with path.open("a+", encoding="utf-8") as file:
        _taken(file, path, patience=0.0 if flushing else patience)
        file.truncate(0)
        file.write(f"{os.getpid()}{_FLUSH if flushing else ''}")
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def _taken(file: TextIO, path: Path, patience: float) -> None:
    """Take the lock, or say who has it."""
    began = time.monotonic()
    while not _lock(file.fileno()):
        file.seek(0)
        holder = file.read().strip()
        waited = time.monotonic() - began
        if waited > (patience if not holder or holder.endswith(_FLUSH.strip()) else min(patience, _DOUBT_SECONDS)):
            holder = holder.split(" ", maxsplit=1)[0] or "unknown"
            raise BusyError(
                f"Another intake or nightly run is at work in this home (process {holder}).",
                "Wait for it to end, then try again.",
                str(path),
                zh=(f"该数据目录正在进行另一次导入或日终跑批（进程 {holder}）。", "请等其结束后重试。"),
            )
        time.sleep(_LOOK_SECONDS)


def _lock(handle: int) -> bool:
    """Return whether the lock was had; the system lets go of it when the process ends, however it ends."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]  # Windows only
        except OSError:
            return False
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
