"""A list of alerts as CSV or as a workbook: masked, with a watermark, and logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from daihou.book import money
from daihou.desk.alerts import chosen as choice
from daihou.desk.alerts import rows
from daihou.desk.portfolio import leaving
from daihou.desk.portfolio.leaving import Leaving

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from django.http import QueryDict
    from django.http.response import HttpResponseBase

    from daihou.desk.alerts.listing import Listing
    from daihou.desk.alerts.rows import Row
    from daihou.desk.asked import Asked


def answer(
    request: Asked, found: Listing, query: QueryDict, keys: Collection[int] | None, ending: str
) -> HttpResponseBase:
    """A list as the file that is asked for, or of it only the alerts of some keys; DaihouError where it is too long for a workbook."""
    today = timezone.localdate(found.now)

    def written() -> Iterator[list[list[Any]]]:
        for batch in found.stream(keys):
            yield [_cells(row) for row in rows.told(batch, request.user, request.rights, today)]

    count, asked = found.only(keys).order_by().count(), choice.kept(query).urlencode()
    made = Leaving("alerts", _("Alerts"), _columns(), written, count, asked, found.now, keys)
    return leaving.answer(request, made, ending)


def _columns() -> list[tuple[str, int]]:
    base = settings.HOME.settings.base_currency
    return [
        (pgettext("of an alert", "Number"), 18), (pgettext("of a rule", "Level"), 8), (_("Borrower or model"), 28), (pgettext("of an alert", "Topic"), 12),
        (pgettext("of an alert", "Rule"), 10), (_("Rule name"), 26), (pgettext("of an alert", "Reason"), 60), (pgettext("of an alert", "Signals"), 8),
        (_("Exposure in %(currency)s") % {"currency": base}, 18), (_("Raised on"), 12), (pgettext("of an alert", "Stage"), 10),
        (pgettext("of an alert", "Deadline"), 17), (pgettext("of an alert", "End"), 12), (pgettext("of an alert", "Owner"), 14), (_("Org"), 22),
        (_("Officer"), 18), (_("Remarks"), 40),
    ]  # fmt: skip


def _cells(row: Row) -> list[Any]:
    alert = row.alert
    whose = row.name if row.name == alert.subject_id else f"{alert.subject_id} {row.name}"
    due = timezone.localtime(alert.due_at).replace(tzinfo=None) if alert.due_at else None
    return [
        alert.number, alert.get_level_display(), whose, alert.get_topic_display(), alert.rule_id, row.rule, row.reason, alert.signals_all,
        None if alert.model else money.major(alert.exposure, settings.HOME.settings.base_currency), alert.raised_on, alert.get_stage_display(), due,
        alert.get_outcome_display() if alert.outcome else "", str(alert.owner or ""), row.org, row.officer,
        "; ".join(words for words, _colour in row.marks),
    ]  # fmt: skip
