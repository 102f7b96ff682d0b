"""Each test has limits of its own: programs of undone tests had the same numbers."""

from __future__ import annotations

import pytest
from django.conf import settings

from daihou.api import auth
from daihou.api.limits import FILE
from daihou.desk.programs.presented import forget


@pytest.fixture(autouse=True)
def _unused_limits() -> None:
    forget()
    auth._shares.cache_clear()
    (settings.HOME.path / FILE).unlink(missing_ok=True)
