"""A list of alerts as CSV or as a workbook: masked, with a watermark, and logged."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from daihou.book import money
from daihou.book.errors import DaihouError
from daihou.desk import errors
from daihou.desk.alerts import chosen as choice
from daihou.desk.alerts import rows
from daihou.desk.audit.limits import exceeded
from daihou.desk.audit.log import record
from daihou.desk.portfolio import extract
from daihou.desk.portfolio.extract import Extract
from daihou.desk.portfolio.sheets import Watermark

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from django.http import QueryDict
    from django.http.response import HttpResponseBase

    from daihou.desk.alerts.listing import Listing
    from daihou.desk.alerts.rows import Row
    from daihou.desk.asked import Asked

KINDS: Final = extract.KINDS
ACTION: Final = "portfolio.export"
MOST_AN_HOUR: Final = 60
SHEET_ROWS: Final = 50_000
"""Rows of a workbook made while somebody waits; more go into CSV, which is streamed."""


def answer(
    request: Asked, found: Listing, query: QueryDict, keys: Collection[int] | None, ending: str
) -> HttpResponseBase:
    """A list as the file that is asked for, or of it only the alerts of some keys; DaihouError where it is too long for a workbook."""
    if exceeded(request.user, ACTION, dt.timedelta(hours=1), MOST_AN_HOUR):
        return errors.often(request, MOST_AN_HOUR)
    alerts = found.only(keys)
    count = alerts.order_by().count()
    if ending == "xlsx" and count > SHEET_ROWS:
        raise DaihouError(
            f"{count:,} alerts are more than a workbook is made of here ({SHEET_ROWS:,}).",
            "Narrow the filter, or export CSV.",
            zh=(f"共 {count:,} 条，超过 Excel 导出上限 {SHEET_ROWS:,} 条。", "请缩小筛选范围，或导出 CSV。"),
        )
    asked = choice.kept(query).urlencode()
    detail: dict[str, Any] = {"as": ending, "alerts": count, "filter": asked}
    if keys is not None:
        detail["ids"] = sorted(keys)
    entry = record(request, ACTION, "list", "alerts", detail)
    mark = Watermark(request.user.get_username(), request.user.name, timezone.localtime(), entry.pk, asked)
    today = timezone.localdate(found.now)

    def written() -> Iterator[list[list[Any]]]:
        for batch in found.stream(keys):
            yield [_cells(row) for row in rows.told(batch, request.user, request.rights, today)]

    about = [(_("As of"), f"{timezone.localtime(found.now):%Y-%m-%d %H:%M}")]
    made = Extract(_("Alerts"), _columns(), written, about, _("Alerts"))
    return extract.answer(made, mark, f"alerts-{today}-{entry.pk}", ending)


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
