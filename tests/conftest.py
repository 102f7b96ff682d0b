"""How Hypothesis runs: without deadlines, since a busy machine is no fault of what is tested."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("daihou", deadline=None)
settings.load_profile("daihou")
