"""Where the ledger lies, and the pointer that names what it was built from. The pointer is replaced last, in one step."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from pathlib import Path

SHARDS: Final = 64
FORMAT: Final = 7
"""Raised whenever the layout changes: an older ledger is then built afresh, as it may be at any time."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """What a ledger holds: the lake versions it has seen, each shard's file, and counts to check by."""

    format: int = FORMAT
    generation: int = 0
    lake: dict[str, int] = field(default_factory=dict)
    """Version of each table of the lake."""
    files: dict[str, list[str]] = field(default_factory=dict)
    """Lake files already staged, by table."""
    shards: dict[str, str] = field(default_factory=dict)
    loans: int = 0
    waiting: dict[str, int] = field(default_factory=dict)
    """Facts by table whose loan is not known yet."""
    refused: dict[str, list[list[Any]]] = field(default_factory=dict)
    """Facts that could not be used, by shard: table, batch, row, reason."""
    guests: dict[str, list[int]] = field(default_factory=dict)
    """By shard, the other shards whose borrowers its loans passed to: it is rebuilt when these change."""


def read_pointer(ledger: Path) -> Pointer:
    """The pointer in force; an empty one where there is no ledger, or one of another format."""
    path = ledger / "pointer.json"
    if not path.exists():
        return Pointer()
    try:
        stated = json.loads(path.read_text("utf-8"))
        return Pointer(**stated) if stated["format"] == FORMAT else Pointer()
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(path) from error


def damaged(path: Path) -> DaihouError:
    """What to say of a file of the ledger that is not what was written."""
    return DaihouError(
        "A ledger file is damaged.",
        "Delete the ledger folder; the next run builds it again.",
        str(path),
        zh=("账本文件已损坏。", "请删除 ledger 文件夹，下次跑批将自动重建。"),
    )


def write_pointer(ledger: Path, pointer: Pointer) -> None:
    """Put a new pointer in force."""
    draft = ledger / f"pointer.{os.getpid()}.draft"
    with draft.open("w", encoding="utf-8") as file:
        json.dump(asdict(pointer), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(ledger / "pointer.json")


def index_path(ledger: Path, generation: int) -> Path:
    """The index of loans of a generation: loan_id, shard, place in it; in order of loan_id."""
    return ledger / f"index-{generation:06d}.arrow"


def shard_name(shard: int, generation: int) -> str:
    """The name of a shard's file."""
    return f"shard-{shard:02d}-{generation:06d}.ledger"


def staged_folder(ledger: Path, table: str) -> Path:
    """Where the facts of a table lie on their way to the shards."""
    return ledger / "staged" / table


def waiting_name(generation: int) -> str:
    """The name of the folder of facts whose loan was not known yet when a generation was built."""
    return f"waiting-{generation:06d}"


def clean(ledger: Path, kept: Pointer, before: Pointer) -> None:
    """Delete files that neither pointer names. Readers that still map one keep it until they let go."""
    named = {*kept.shards.values(), *before.shards.values()}
    named |= {index_path(ledger, p.generation).name for p in (kept, before)} | {"pointer.json", "lock"}
    for path in ledger.glob("*"):
        if path.is_file() and path.name not in named:
            path.unlink(missing_ok=True)
    for path in ledger.glob("staged/*/waiting-*"):
        if path.name != waiting_name(kept.generation):
            shutil.rmtree(path, ignore_errors=True)
