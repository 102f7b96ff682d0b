"""Designs of scores that ship for each kind of lender: where to begin, not what must be."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def shipped_designs(profile: str) -> dict[str, str]:
    """The YAML of each design that ships for a kind of lender, by id."""
    folder = resources.files("daihou.profiles.scores").joinpath(profile)
    return {
        file.name.removesuffix(".yaml"): file.read_text("utf-8")
        for file in sorted(folder.iterdir(), key=lambda one: one.name)
        if file.name.endswith(".yaml")
    }
