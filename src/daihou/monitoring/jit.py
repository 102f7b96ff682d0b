"""How kernels are compiled: without the interpreter lock, never parallel, and cached by what they say.

Numba's cache does not notice that a called function in another file was edited, so the cache folder is named by a hash of every
kernel source together with the Numba version: edited arithmetic never runs from an old cache.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import numba
import numba.core.config
import platformdirs

Function = TypeVar("Function", bound=Callable[..., Any])

PACKAGES: Final = (Path(__file__).parent, Path(__file__).parent.parent / "book")
LAYOUTS: Final = ("layout.py", "shapes.py", "days.py", "jit.py")


def source_hash() -> str:
    """A hash of all kernel sources, the layouts they read and the Numba version; a run's record names it."""
    digest = hashlib.sha256(numba.__version__.encode())
    for file in sorted(file for package in PACKAGES for file in package.rglob("*.py")):
        source = file.read_bytes()
        if b"@kernel" in source or b"@part" in source or file.name in LAYOUTS:
            digest.update(file.name.encode() + b"\0" + source)
    return digest.hexdigest()[:16]


def _use_cache() -> None:
    root = Path(os.environ.get("DAIHOU_KERNEL_CACHE") or platformdirs.user_cache_path("daihou") / "kernels")
    folder = root / source_hash()
    folder.mkdir(parents=True, exist_ok=True)
    numba.core.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]  # numba declares its settings at run time


_use_cache()


def kernel(function: Function) -> Function:
    """Compile a function of arrays and integers; `.py_func` is the same arithmetic in plain Python."""
    return _compile(function, inline=False)


def part(function: Function) -> Function:
    """Compile a function that stands for a part of its one caller: joined to it, since passing a shard's arrays costs more than the work."""
    return _compile(function, inline=True)


def _compile(function: Function, *, inline: bool) -> Function:
    # Kernels allocate nothing, so the counting of references, which all threads would contend for, is left out.
    options: dict[str, Any] = {
        "nogil": True,
        "cache": True,
        "error_model": "numpy",
        "forceinline": inline,
        "_nrt": False,
    }
    compiled: Function = numba.njit(**options)(function)
    return compiled
