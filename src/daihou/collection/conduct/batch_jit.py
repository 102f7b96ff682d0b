"""How the gate for columns is compiled: without the interpreter lock, in one piece, and kept by what its sources say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from daihou.book.compiled import compile_cached, source_hash
from daihou.policies import contact_codes

Function = TypeVar("Function", bound=Callable[..., Any])

SOURCES: Final = source_hash([*sorted(Path(__file__).parent.glob("batch_*.py")), Path(contact_codes.__file__)])


def kernel(function: Function) -> Function:
    """Compile a function of columns; `.py_func` is the same in plain Python."""
    return _compile(function, inline=False)


def part(function: Function) -> Function:
    """Compile a part of a kernel, joined to its callers: to pass all columns on costs more than the work."""
    return _compile(function, inline=True)


def _compile(function: Function, *, inline: bool) -> Function:
    # Nothing is allocated, so references need not be counted.
    return compile_cached(
        function, SOURCES, {"nogil": True, "error_model": "numpy", "forceinline": inline, "_nrt": False}
    )
