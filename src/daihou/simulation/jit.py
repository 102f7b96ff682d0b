"""How the simulator is compiled: without the interpreter lock, and kept apart for each state of its sources."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from daihou.book.compiled import compile_cached, source_hash

Function = TypeVar("Function", bound=Callable[..., Any])

SOURCES: Final = source_hash(sorted(Path(__file__).parent.glob("*.py")))
"""Names the simulator as it is: another may make another book of the same seed."""


def compiled(function: Function) -> Function:
    """Compile a function of arrays, numbers and a generator of random numbers, joined to its callers.

    Called in earnest it would count up and down the references of some forty arrays at each due date: seven times as slow.
    """
    return compile_cached(function, SOURCES, {"nogil": True, "error_model": "numpy", "forceinline": True})
