"""The routers of reading, in the order in which the description of the API tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daihou.api.reading import acts, alerts, cases, catalogue, loans, promises, runs, signals, standings

if TYPE_CHECKING:
    from ninja import Router

ROUTERS: Final[tuple[Router, ...]] = (
    standings.router, loans.router, signals.router, alerts.router, acts.router, cases.router, promises.router, runs.router, catalogue.router,
)  # fmt: skip
