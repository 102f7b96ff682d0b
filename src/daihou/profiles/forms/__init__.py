"""The forms of reviews that ship, and the vocabulary of findings they share: where to begin, not what must be."""

from __future__ import annotations

from functools import cache
from importlib import resources

VOCABULARY = "findings"
"""The file of findings, which is no form."""


@cache
def shipped_forms() -> dict[str, str]:
    """The YAML of each form that ships, by id."""
    folder = resources.files(__name__)
    return {
        file.name.removesuffix(".yaml"): file.read_text("utf-8")
        for file in sorted(folder.iterdir(), key=lambda one: one.name)
        if file.name.endswith(".yaml") and file.name != f"{VOCABULARY}.yaml"
    }


def shipped_findings() -> str:
    """The YAML of the vocabulary."""
    return resources.files(__name__).joinpath(f"{VOCABULARY}.yaml").read_text("utf-8")
