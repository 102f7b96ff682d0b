"""Compiling the kernels before they are needed, with progress; a second time they come from the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def warm(progress: Callable[[str, int, int], None]) -> None:
    """Compile, or load from the cache, by walking a shard without loans."""
    progress("compile", 0, 1)
    from daihou.monitoring.arrears.walk import compile_kernels

    compile_kernels()
    progress("compile", 1, 1)


if __name__ == "__main__":
    from daihou.cli.progress import shown

    with shown() as bar:
        warm(bar)
