"""How the fold and the episodes are compiled: without the interpreter lock, and kept apart for each state of their sources."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from daihou.book.compiled import compile_cached, source_hash

Function = TypeVar("Function", bound=Callable[..., Any])

_SOURCES: Final = source_hash(
    file for file in sorted(Path(__file__).parent.glob("*.py")) if b"@kernel" in file.read_bytes()
)


def kernel(function: Function) -> Function:
    """Compile a function of arrays and integers; `.py_func` is the same arithmetic in plain Python."""
    return compile_cached(function, _SOURCES, {"nogil": True, "error_model": "numpy"})
