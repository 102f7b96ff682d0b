"""Mappings of credit reports that ship: of a plain report in JSON, CSV and XML, where to begin. None is that of a bureau."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def shipped_mappings() -> dict[str, str]:
    """The YAML of each mapping that ships, by name."""
    folder = resources.files(__name__)
    return {
        file.name.removesuffix(".yaml"): file.read_text("utf-8")
        for file in sorted(folder.iterdir(), key=lambda one: one.name)
        if file.name.endswith(".yaml")
    }
