"""Figures as cells of a table on the terminal: a dash where there is none."""

from __future__ import annotations


def percent(value: float | None) -> str:
    """A share in percent."""
    return "–" if value is None else f"{100 * value:.1f}%"


def number(value: float | None) -> str:
    """A number to one place."""
    return "–" if value is None else f"{value:,.1f}"
