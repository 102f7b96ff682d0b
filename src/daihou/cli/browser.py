"""The browser of who sits before a screen."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser


def show(address: str) -> None:
    """Open an address, where there is a screen, output goes to a terminal, and NO_BROWSER does not forbid it."""
    screen = sys.platform in ("darwin", "win32") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if screen and sys.stdout.isatty() and not os.environ.get("NO_BROWSER"):
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
