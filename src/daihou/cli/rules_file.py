"""Files of rules as commands read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from daihou.book.errors import DaihouError
from daihou.cli.errors import show

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from daihou.warning.rule import Rule


def sound(file: Path) -> Sequence[Rule]:
    """The rules of a file of which nothing is wrong; all that is wrong is shown, and ends the command with 2."""
    from daihou.warning.checked import problems
    from daihou.warning.reading import read

    try:
        content = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise DaihouError(
            f"The file cannot be read: {said}.",
            "Check its name; it must be a text in UTF-8.",
            str(file),
            zh=(f"文件无法读取：{said}。", "请核对文件名；须为 UTF-8 文本。"),
        ) from error
    found = read(content, str(file))
    wrong = [
        *found.problems,
        *(one for rule in found.rules for version in rule.versions for one in problems(rule, version, place=str(file))),
    ]
    for problem in wrong:
        show(problem)
    if wrong:
        raise typer.Exit(2)
    return found.rules
