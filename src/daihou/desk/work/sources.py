"""Which parts of the desk have something wait for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daihou.desk.alerts import waiting as alerts
from daihou.desk.casework import waiting as casework
from daihou.desk.governance import waiting as governance
from daihou.desk.reviews import waiting as reviews

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access
    from daihou.desk.work.due import Due

SOURCES: Final[tuple[Callable[[User, Access], list[Due]], ...]] = (
    alerts.waiting,
    casework.waiting,
    governance.waiting,
    reviews.waiting,
)


def waiting(user: User, rights: Access) -> list[Due]:
    """All that waits for somebody."""
    return [due for source in SOURCES for due in source(user, rights)]
