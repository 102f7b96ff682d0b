"""Who runs a command."""

from __future__ import annotations

import getpass


def machine_user() -> str:
    """Who runs the command, as the machine knows them; empty where it does not."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
