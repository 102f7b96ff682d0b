"""The home the command line works in: DAIHOU_HOME, or the platform's user data folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from daihou.book.home import open_home

if TYPE_CHECKING:
    from daihou.book.home import Home


def current() -> Home:
    """Return the home named by DAIHOU_HOME, or else the one in the user's data folder; made on first use."""
    stated = os.environ.get("DAIHOU_HOME")
    if stated:
        return open_home(Path(stated).expanduser().resolve())
    import platformdirs

    return open_home(Path(platformdirs.user_data_dir("daihou", appauthor=False)))
