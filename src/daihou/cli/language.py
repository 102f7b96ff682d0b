"""Which of the two languages the command line speaks: DAIHOU_LANG, or else the locale."""

from __future__ import annotations

import os


def chinese() -> bool:
    """Tell whether Chinese is wanted."""
    for name in ("DAIHOU_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if stated := os.environ.get(name):
            return stated.lower().startswith("zh")
    return False


def text(en: str, zh: str) -> str:
    """Return the text in the language wanted."""
    return zh if chinese() else en
