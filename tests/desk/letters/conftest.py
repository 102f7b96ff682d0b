"""The home and the staff of tests of letters."""

from __future__ import annotations

from desk.letters.home import _built, home, staff

__all__ = ["_built", "home", "staff"]
