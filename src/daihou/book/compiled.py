"""Where compiled code is kept: a folder for each state of its sources.

Numba's cache does not notice that a called function in another file was edited, so the folder is named by a hash of every source
that counts together with the Numba version: edited arithmetic never runs from an old cache.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import numba
import numba.core.config
import platformdirs

Function = TypeVar("Function", bound=Callable[..., Any])


def source_hash(files: Iterable[Path]) -> str:
    """A hash of some sources and the Numba version."""
    digest = hashlib.sha256(numba.__version__.encode())
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def compile_cached(function: Function, sources: str, options: dict[str, Any]) -> Function:
    """A function that Numba compiles when it is first called, and keeps in the folder of that hash of sources."""
    folder = Path(os.environ.get("DAIHOU_KERNEL_CACHE") or platformdirs.user_cache_path("daihou") / "kernels") / sources
    folder.mkdir(parents=True, exist_ok=True)
    numba.core.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]  # numba declares its settings at run time
    compiled: Function = numba.njit(cache=True, **options)(function)
    return compiled
