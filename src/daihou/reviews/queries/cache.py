"""Whether a report at hand answers a query, so that none is fetched."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daihou.reviews.queries.query import Past, Query


def at_hand(query: Query, history: Iterable[Past], day: dt.date, zone: dt.tzinfo, cache_days: int) -> Past | None:
    """The newest report of the person by the bureau that is fewer than so many days old on a local day; None where there is none.

    One fetched by a clock that is ahead is at hand all the same. Of two of one moment the one with the greater number is the newer.
    """
    return max(
        (
            past
            for past in history
            if past.outcome == "answered"
            and past.report_id
            and (past.person_id, past.bureau) == (query.person_id, query.bureau)
            and (day - (past.report_on or past.at.astimezone(zone).date())).days < cache_days
        ),
        key=lambda past: (past.at.astimezone(dt.UTC), past.number),
        default=None,
    )
