"""What people have begun at the pages of rules: a draft with a slip in it, a search for a threshold, a backtest. Both found what the book tells."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from daihou.book.days import add_months
from daihou.runs.history import dates
from daihou.runs.watch.asked import Asked, default_condition
from daihou.runs.watch.backtest import backtest
from daihou.runs.watch.backtest_json import as_dict
from daihou.runs.watch.lineup import lineup
from daihou.runs.watch.register import rulebook_of
from daihou.runs.watch.spine import spine_of
from daihou.runs.watch.suggest import suggested

if TYPE_CHECKING:
    import datetime as dt

    from daihou.book.home import Home

DRAFTED: Final = "R-016"
"""The rule that has a draft with a slip."""
DEFAULT, MONTHS, BACK = "dpd > 12", 3, 13
"""What the small and young book has enough of."""
JUDGED: Final = ("R-001", "R-016", "R-018")


def _quiet(_stage: str, _done: int, _all: int) -> None:
    """Show nothing."""


def begin(home: Home, day: dt.date) -> None:
    """Begin them, as the analyst."""
    from daihou.desk.asked import Asked as Request
    from daihou.desk.governance import published, transitions
    from daihou.desk.people.models import User

    request = Request()
    request.user, request.id = User.objects.get(username="analyst"), "journeys"
    rule = published.rule(DRAFTED)
    assert rule is not None
    draft = transitions.begin_next(rule, request, day)
    transitions.write(draft, draft.revision, {"when": "dpdd >= 10 and missed_24m >= 2"}, request)

    spine = dates(add_months(day, -BACK), day, "month-end")
    asked = Asked("dpd", DEFAULT, MONTHS, spine, "month-end", by="product")
    found = suggested(home, asked, day, _quiet).as_dict()
    told = {"default": DEFAULT, "within": MONTHS, "step": "month-end", "by": "product"}
    _done("rules-suggest", {**told, "measure": "dpd", "subject": "loan", "goal": "budget"}, found)
    chosen = lineup(rulebook_of(home), day, JUDGED)
    walked = spine_of(spine, default_condition(DEFAULT), MONTHS, "month-end")
    _done(
        "rules-backtest", told, as_dict(backtest(home, walked, chosen.rules, _quiet, DEFAULT, chosen.sets, "product"))
    )


def _done(kind: str, arguments: dict[str, Any], found: dict[str, Any]) -> None:
    """A job that has ended, with what its command wrote."""
    from django.utils import timezone

    from daihou.desk.governance.results import FILES
    from daihou.desk.jobs.folder import Folder
    from daihou.desk.jobs.models import Job
    from daihou.desk.people.models import User

    now = timezone.now()
    job = Job.objects.create(
        kind=kind, arguments=arguments, status="done", requested_by=User.objects.get(username="analyst"), requested_at=now,
        language="en", started_at=now, finished_at=now, attempts=1, exit_code=0,
    )  # fmt: skip
    folder = Folder(job.pk)
    folder.make()
    (folder.path / FILES[kind]).write_text(json.dumps(found), "utf-8")
