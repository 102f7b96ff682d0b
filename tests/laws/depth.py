"""How many examples a law tries: in `make test` few, and always the same; in `make laws` and `make soak` many times as many, others each time."""

from __future__ import annotations

import os
from typing import Final

from hypothesis import HealthCheck, Phase, settings

DEEP: Final = int(os.environ.get("DAIHOU_LAW_EXAMPLES", "1"))
"""How many times as many."""
INTERPRETED: Final = os.environ.get("NUMBA_DISABLE_JIT") == "1"
"""Whether kernels run as plain Python, which takes a hundred times as long."""


def examples(count: int, *, smaller: bool = True) -> settings:
    """So many, times the depth. What fails deep is made `smaller`, unless an example is a seed, of which none is smaller than another."""
    shallow = [Phase.explicit, Phase.generate]
    return settings(
        max_examples=count * DEEP,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=DEEP == 1,
        database=None,
        phases=list(Phase) if smaller and DEEP > 1 else shallow,
    )
