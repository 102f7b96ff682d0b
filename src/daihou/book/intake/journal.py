"""Making a delivery whole or nothing: a written plan that a later call finishes, the register, the lock.

A delivery is staged in a folder of its own. Once `plan.json` stands in it the delivery is decided: whoever comes next
carries it out, table by table, each commit marked with its batch so that doing it twice changes nothing. Without the
plan nothing has happened, and the folder is removed.
"""

from __future__ import annotations

import json
import os
import shutil
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from daihou.book import lake
from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from daihou.book.home import Home

_PLAN = "plan.json"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A decided delivery: the staged files of each table, in the order they are committed."""

    batch: int
    delivery: str
    table: str
    files: tuple[tuple[str, tuple[str, ...]], ...]


def decide(folder: Path, delivery: Delivery) -> None:
    """Write the plan, after which the delivery will be carried out whatever happens."""
    draft = folder / "plan.draft"
    with draft.open("w", encoding="utf-8") as file:
        json.dump(asdict(delivery), file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / _PLAN)


def carry_out(home: Home, folder: Path, step: Callable[[str], None]) -> None:
    """Commit what a decided delivery staged, register last, and remove its folder; safe to repeat."""
    stated = json.loads((folder / _PLAN).read_text("utf-8"))
    metadata = {"batch": str(stated["batch"]), "delivery": stated["delivery"], "table": stated["table"]}
    for table, names in stated["files"]:
        step("registering" if table == "deliveries" else f"committing {table}")
        lake.commit_files(home, table, [folder / name for name in names], stated["batch"], metadata)
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
def locked(home: Home) -> Iterator[None]:
    """Hold the home's intake lock; DaihouError if another intake holds it. It falls away with the process."""
    home.path.mkdir(parents=True, exist_ok=True)
    path = home.path / "intake.lock"
    with path.open("a+", encoding="utf-8") as file:
        if not _lock(file.fileno()):
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise DaihouError(
                f"Another intake or nightly run is at work in this home (process {holder}).",
                "Wait for it to end, then try again.",
                str(path),
                zh=(f"该数据目录正在进行另一次导入或日终跑批（进程 {holder}）。", "请等其结束后重试。"),
            )
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


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
