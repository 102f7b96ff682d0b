"""Files that commands write: whole or not at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import typer

from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def written(file: Path, write: Callable[[Path], None]) -> None:
    """Let `write` make a file beside the place of the one that is wanted, put it there, and say so."""
    draft = file.with_name(f".{os.getpid()}.{file.name}")
    try:
        write(draft)
        draft.replace(file)
    except OSError as error:
        raise DaihouError(
            f"The file cannot be written: {error.strerror}.",
            "Name a file in a folder you may write to.",
            str(file),
            zh=(f"文件无法写入：{error.strerror}。", "请指定有写入权限的文件夹。"),
        ) from error
    finally:
        draft.unlink(missing_ok=True)
    typer.echo(f"→ {file}")
