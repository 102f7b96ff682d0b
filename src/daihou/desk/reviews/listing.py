"""Rows of lists of reviews: each with the name of its borrower, its org, and how late it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Count, Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from daihou.desk.governance import labels
from daihou.desk.people import orgs
from daihou.desk.reviews.choices import REACHED
from daihou.desk.reviews.models import BY_HAND, Asking
from daihou.desk.reviews.policy import asked_on
from daihou.desk.vault import people
from daihou.expressions import sentence
from daihou.policies.reviews import PAPERS, Before, Every, Once, While
from daihou.reviews.plan import NEVER

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from daihou.desk.reviews.models import Review
    from daihou.expressions import Expression
    from daihou.reviews.plan import Asked


@dataclass(frozen=True, slots=True)
class Row:
    """A review as lists show it."""

    review: Review
    name: str
    """Masked; the number where the vault holds nobody."""
    org: str
    why: str
    asked: str = ""
    """Of papers: how often the borrower was asked for them, and when last."""


def told(reviews: Sequence[Review]) -> list[Row]:
    """Reviews with what lists say of them."""
    asked = _asked_for(reviews)
    names, tree = people.masked_names({one.borrower_id for one in reviews}), orgs.tree()
    return [
        Row(
            one, names.get(one.borrower_id) or one.borrower_id, tree.name(one.org_id) if one.org_id else "",
            why(one), asked.get(one.pk, ""),
        )
        for one in reviews
    ]  # fmt: skip


def _asked_for(reviews: Sequence[Review]) -> dict[int, str]:
    """Of reviews that want papers: how often somebody was asked, in words."""
    wanting = [one.pk for one in reviews if one.type in PAPERS]
    if not wanting:
        return {}
    reached = Asking.objects.filter(review__in=wanting, state__in=REACHED).order_by().values("review")
    counted = {row["review"]: row for row in reached.annotate(times=Count("pk"), last=Max("at"))}
    found = {}
    for key in wanting:
        row = counted.get(key)
        found[key] = _("not asked yet") if row is None else ngettext("asked once, on %(day)s", "asked %(n)d times, last on %(day)s", row["times"]) % {
            "n": row["times"], "day": timezone.localtime(row["last"]).date().isoformat(),
        }  # fmt: skip
    return found


def why(review: Review) -> str:
    """Why it is due, in one sentence, by the plan that it was made by; of what somebody planned by hand, what they said."""
    if review.plan == BY_HAND:
        return review.why
    asked = _asked(review.planned_on)
    plan = asked.policy.plan(review.plan)
    if plan is None:
        return _("By a plan that holds no more.")
    match plan.clock:
        case Once():
            return _("After paying out on %(day)s") % {"day": review.anchor}
        case Before():
            date, _dash, days = review.anchor.partition(" -")
            return _("%(n)s days before maturity on %(day)s") % {"n": days, "day": date}
        case While():
            condition = asked.when[plan.code]
            return _("As long as it holds: %(condition)s") % {"condition": _said(condition) if condition else ""}
        case Every() as clock:
            return _often(review, clock, asked.lines[plan.code])


def _often(review: Review, clock: Every, lines: Sequence[Expression | None]) -> str:
    since = (
        _("Not done since planning began")
        if review.anchor == NEVER
        else _("Last done on %(day)s") % {"day": review.anchor.partition(" ")[0]}
    )
    place = review.line
    if place is None or place >= len(lines):
        return since
    months, condition = clock.lines[place].months, lines[place]
    often = ngettext("Every month", "Every %(n)s months", months) % {"n": months}
    because = [] if condition is None else [_said(condition)]
    return " · ".join([often, *because, since])


def _said(condition: Expression) -> str:
    return sentence(condition, chinese=labels.chinese())


@lru_cache(maxsize=8)
def _read(day: dt.date, _stamp: int) -> Asked:
    return asked_on(day)


def _asked(day: dt.date) -> Asked:
    """The plan of a day; read once, and again when the home's own file changes."""
    own = settings.HOME.path / "policies" / "reviews.yaml"
    return _read(day, own.stat().st_mtime_ns if own.exists() else 0)
