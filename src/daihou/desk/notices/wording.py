"""What a notice says: a sentence with the level, the number and the time, in the language in hand. It names nobody and holds no amount."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from daihou.desk.alerts.choices import Stage
from daihou.desk.governance.labels import LEVELS
from daihou.desk.notices.choices import Kind

if TYPE_CHECKING:
    from daihou.desk.notices.models import Notice

SENTENCES: Final = {
    Kind.RAISED: gettext_lazy("%(level)s alert %(number)s is new: %(stage)s until %(due)s."),
    Kind.RAISED_LEVEL: gettext_lazy("Alert %(number)s rose to %(level)s: %(stage)s until %(due)s."),
    Kind.ASSIGNED: gettext_lazy("%(level)s alert %(number)s is yours now: %(stage)s until %(due)s."),
    Kind.TO_CONFIRM: gettext_lazy("%(level)s alert %(number)s waits for your confirmation until %(due)s."),
    Kind.TO_LIFT: gettext_lazy("%(level)s alert %(number)s waits for your approval of its lifting until %(due)s."),
    Kind.SENT_BACK: gettext_lazy("%(level)s alert %(number)s was sent back to you: %(stage)s until %(due)s."),
    Kind.DECIDED: gettext_lazy("%(level)s alert %(number)s was decided on; it is at “%(stage)s” now."),
    Kind.CHASED: gettext_lazy("%(level)s alert %(number)s is being chased: %(stage)s until %(due)s."),
    Kind.ESCALATED: gettext_lazy("%(level)s alert %(number)s was escalated to you: %(stage)s until %(due)s."),
    Kind.MENTIONED: gettext_lazy("You are mentioned in a comment on %(level)s alert %(number)s."),
    Kind.TASK: gettext_lazy("A task on %(level)s alert %(number)s is yours, until %(due)s."),
    Kind.DUE_TODAY: gettext_lazy("%(level)s alert %(number)s is due today: %(stage)s until %(due)s."),
    Kind.WOKEN: gettext_lazy("%(level)s alert %(number)s has woken: %(stage)s until %(due)s."),
    Kind.RULE_DECAYED: gettext_lazy("Rule %(number)s no longer keeps what its backtest promised."),
    Kind.CASE_ASSIGNED: gettext_lazy("Collection case %(number)s is yours now."),
    Kind.CASE_UP: gettext_lazy("Collection case %(number)s was handed up to who manages collection."),
    Kind.TO_APPROVE: gettext_lazy("An arrangement on collection case %(number)s waits for approval."),
    Kind.ARRANGED: gettext_lazy("Your arrangement on collection case %(number)s was decided on."),
    Kind.COMPLAINT: gettext_lazy("A complaint on collection case %(number)s is yours to answer until %(due)s."),
    Kind.REVIEW_ASSIGNED: gettext_lazy("Review %(number)s is yours now, until %(due)s."),
    Kind.REVIEW_LATE: gettext_lazy("Review %(number)s is overdue: it was due %(due)s."),
    Kind.QUERY_STUCK: gettext_lazy("What became of credit queries stays unclear: they wait for you to settle them."),
    Kind.REPORT_CHECK: gettext_lazy("Inspection report %(number)s waits to be checked."),
    Kind.REPORT_APPROVE: gettext_lazy("Inspection report %(number)s is checked and waits for approval."),
    Kind.REPORT_BACK: gettext_lazy("Inspection report %(number)s was returned to whoever writes it."),
}
"""By kind; `stage` is what is to be done."""
SUMS: Final = {Kind.REVIEW_LATE: gettext_lazy("Reviews overdue: %(count)s more.")}
"""By kind, where one notice tells of many."""


def sentence(notice: Notice) -> str:
    """What it says, in one sentence."""
    level = str(LEVELS.get(notice.level, "")).lower()
    values = {"level": level, "number": notice.params.get("number", ""), "stage": _stage(notice), "due": _due(notice)}
    kind, count = Kind(notice.kind), notice.params.get("count")
    text = str(SUMS[kind]) % {"count": count} if count and kind in SUMS else str(SENTENCES[kind]) % values
    return text[:1].upper() + text[1:]


def _stage(notice: Notice) -> str:
    stage = notice.params.get("stage", "")
    return str(Stage(stage).label).lower() if stage in Stage.values else ""


def _due(notice: Notice) -> str:
    stated = notice.params.get("due")
    return moment(dt.datetime.fromisoformat(stated), notice.created_at) if stated else _("no set time")


def moment(at: dt.datetime, said_at: dt.datetime) -> str:
    """A local time as people say it: 28 Nov 18:00, 11月28日 18:00; with the year where it is another than when it is said."""
    local = timezone.localtime(at)
    same = local.year == timezone.localtime(said_at).year
    if (get_language() or "").startswith("zh"):
        day = f"{local.month}月{local.day}日" if same else f"{local.year}年{local.month}月{local.day}日"
    else:
        day = date_format(local, "j M" if same else "j M Y")
    return f"{day} {local:%H:%M}"


def plain(notice: Notice) -> dict[str, Any]:
    """A notice as pages and messages show it."""
    return {
        "notice": notice,
        "text": sentence(notice),
        "level": notice.level,
        "level_text": LEVELS.get(notice.level, ""),
    }
