"""The rules that ship: those for every lender in `common.yaml`, those of one kind of lender in a file of its name."""

from __future__ import annotations

from importlib import resources
from typing import Final

FILES: Final = ("common", "bank", "trust", "online")


def shipped_text(name: str) -> str:
    """The YAML of one of the files."""
    return resources.files(__name__).joinpath(f"{name}.yaml").read_text("utf-8")
