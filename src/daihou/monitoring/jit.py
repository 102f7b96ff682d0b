"""How kernels are compiled: without the interpreter lock, never parallel, and kept by what they say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from daihou.book import compiled

Function = TypeVar("Function", bound=Callable[..., Any])

PACKAGES: Final = (Path(__file__).parent, Path(__file__).parent.parent / "book")
LAYOUTS: Final = ("layout.py", "shapes.py", "days.py", "jit.py", "compiled.py")


def source_hash() -> str:
    """A hash of all kernel sources, the layouts they read and the Numba version; a run's record names it."""
    return compiled.source_hash(
        file
        for file in sorted(file for package in PACKAGES for file in package.rglob("*.py"))
        if file.name in LAYOUTS or any(mark in file.read_bytes() for mark in (b"@kernel", b"@part"))
    )


_SOURCES: Final = source_hash()


def kernel(function: Function) -> Function:
    """Compile a function of arrays and integers; `.py_func` is the same arithmetic in plain Python."""
    return _compile(function, inline=False)


def part(function: Function) -> Function:
    """Compile a function that stands for a part of its one caller: joined to it, since passing a shard's arrays costs more than the work."""
    return _compile(function, inline=True)


def _compile(function: Function, *, inline: bool) -> Function:
    # Kernels allocate nothing, so the counting of references, which all threads would contend for, is left out.
    options = {"nogil": True, "error_model": "numpy", "forceinline": inline, "_nrt": False}
    return compiled.compile_cached(function, _SOURCES, options)
