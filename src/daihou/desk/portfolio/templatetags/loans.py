"""Cells of a list of loans, the strip of 24 months, and the marks of state and arrears."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from daihou.book import contracts
from daihou.desk.people import orgs
from daihou.desk.portfolio.columns import chinese, code_label
from daihou.desk.templatetags.figures import DASH, amount, count, day, percent
from daihou.runs.sayings import PARTS, STANDINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.safestring import SafeString

    from daihou.desk.portfolio.columns import Column

register = template.Library()

RAMP: Final = {
    "0": 0,
    "1-30": 1,
    "31-60": 2,
    "61-90": 3,
    "91-120": 4,
    "121-150": 4,
    "151-180": 4,
    "181-270": 5,
    "271-360": 5,
    ">360": 6,
}
"""Which colour of the ramp an atomic bucket has; a house's own labels go by their order (see `ramp`)."""
STATE_COLOURS: Final = {
    "current": "green", "overdue": "orange", "written_off": "red", "unmeasured": "", "closed": "", "transferred": "", "not_started": "blue",
}  # fmt: skip
WAITING: Final = {"grace": ("due, within grace", "宽限期内"), "over": ("asked no more", "不再应还")}
MANY_MISSED: Final = 6
"""Missed instalments in 24 months that the old rule of 连三累六 calls repeated."""


@register.simple_tag(takes_context=True)
def cell(context: Any, column: Column, row: dict[str, Any], names: dict[str, str]) -> SafeString | str:
    """One cell: what a column holds of a loan, as it is read; a link leads to the dates that the list shows."""
    value, name = row.get(column.name), column.name
    if name in LINKED:
        dated = context.get("dated")
        return LINKED[name](row, names, f"?{dated}" if dated else "")
    if name in CELLS:
        return CELLS[name](row, names)
    unit = column.measure.unit
    if value is None:
        return DASH
    if unit == "amount":
        return amount(value, row["currency"])
    if unit == "base_amount":
        return amount(value, settings.HOME.settings.base_currency)
    if unit == "date":
        return day(value)
    if unit == "flag":
        return _("Yes") if value else _("No")
    if unit in ("rate", "share"):
        return percent(value)
    if unit in ("days", "months", "count"):
        return count(value)
    return code_label(name, value)


def _loan(row: dict[str, Any], _names: dict[str, str], dated: str) -> SafeString:
    return format_html(
        '<a class="mono" href="{}{}">{}</a>', reverse("loan", args=[row["loan_id"]]), dated, row["loan_id"]
    )


def _borrower(row: dict[str, Any], names: dict[str, str], dated: str) -> SafeString:
    name = names.get(row["borrower_id"]) or row["borrower_id"]
    return format_html('<a href="{}{}">{}</a>', reverse("borrower", args=[row["borrower_id"]]), dated, name)


LINKED: Final = {"loan_id": _loan, "borrower_id": _borrower}


def _org(row: dict[str, Any], _names: dict[str, str]) -> str:
    return orgs.tree().name(row["org_id"]) or DASH


def _bucket(row: dict[str, Any], _names: dict[str, str]) -> SafeString | str:
    if row["bucket"] is None or row["state"] not in ("current", "overdue", "written_off"):
        return state_mark(row["state"])
    return bucket_mark(row["bucket"])


def _dpd(row: dict[str, Any], _names: dict[str, str]) -> SafeString | str:
    return (
        DASH
        if row["dpd"] is None
        else format_html('<span class="{}">{}</span>', "strong" if row["dpd"] else "muted", row["dpd"])
    )


def _missed(row: dict[str, Any], _names: dict[str, str]) -> SafeString | str:
    value = row.get("missed_24m")
    if value is None:
        return DASH
    return format_html('<span class="b red">{}</span>', value) if value >= MANY_MISSED else str(value)


def _officer(row: dict[str, Any], _names: dict[str, str]) -> str:
    return row.get("officer_name") or row["officer_id"] or DASH


def _state(row: dict[str, Any], _names: dict[str, str]) -> SafeString:
    return state_mark(row["state"])


def _strip(row: dict[str, Any], _names: dict[str, str]) -> SafeString | str:
    return strip24(row.get("status_24m"))


CELLS: Final = {
    "org_id": _org, "bucket": _bucket, "dpd": _dpd, "missed_24m": _missed, "state": _state, "officer_id": _officer,
    "status_24m": _strip,
}  # fmt: skip


@register.simple_tag
def state_mark(state: str) -> SafeString:
    """A state as a small mark: its word, and a colour."""
    if state == "unmeasured":
        return format_html('<span class="bk bkx">{}</span>', code_label("state", state))
    return format_html('<span class="b {}">{}</span>', STATE_COLOURS.get(state, ""), code_label("state", state))


@register.simple_tag
def bucket_mark(bucket: str) -> SafeString:
    """A bucket of arrears in its colour of the ramp."""
    return format_html('<span class="bk bk{}">{}</span>', RAMP.get(bucket, 6), bucket.replace("-", "–"))


@register.simple_tag
def dpd_mark(dpd: int | None, state: str) -> SafeString:
    """Days past due as a mark."""
    if dpd is None or state not in ("overdue", "written_off"):
        return state_mark(state)
    return format_html('<span class="bk bk{}">{}</span>', ramp(dpd), _("%(days)d days past due") % {"days": dpd})


def ramp(dpd: int) -> int:
    """The colour of the ramp for days past due."""
    return sum(dpd > end for end in (0, 30, 60, 90, 180, 360))


def code_class(code: str) -> str:
    """The colour of a month of the strip: by its cycle, plain where nothing was due."""
    if code in "*/NC":
        return "ks" if code in "*/" else "k0"
    if code.isdigit():
        return f"k{min(int(code), 6)}"
    return "k6" if code in "DZBG" else "ks"


@register.simple_tag
def strip24(status: str | None) -> SafeString | str:
    """The last 24 months as bars, the oldest first; the codes stand in its title."""
    if not status:
        return DASH
    said = _("Last 24 months: %(codes)s") % {"codes": status}
    bars = format_html_join(
        "", '<rect class="{}" x="{}" y="{}" width="4" height="{}" rx="1"/>',
        ((cls, 5 * place, 5 if cls in ("k0", "ks") else 0, 7 if cls in ("k0", "ks") else 12) for place, cls in enumerate(map(code_class, status))),
    )  # fmt: skip
    return format_html(
        '<svg class="s24" viewBox="0 0 120 12" role="img" aria-label="{}"><title>{}</title>{}</svg>', said, said, bars
    )


@register.simple_tag
def product_name(code: str | None) -> str:
    """A product as the house calls it."""
    return code_label("product", code) or DASH


@register.simple_tag
def org_name(org_id: str | None) -> str:
    """An org's name."""
    return orgs.tree().name(org_id) or DASH


@register.simple_tag
def code_name(column: str, code: str | None) -> str:
    """A code of a column as it is read."""
    return code_label(column, code) or DASH


@register.simple_tag
def part_name(part: str) -> str:
    """A component of money: principal, interest, fee."""
    return _told(PARTS, part)


@register.simple_tag
def standing_name(standing: str) -> str:
    """How a fact counts."""
    return _told(STANDINGS, standing)


@register.simple_tag
def purpose_name(purpose: str) -> str:
    """What a payment is for, or what a change is, as the contract names it."""
    return _told(_purposes(), purpose)


@register.simple_tag
def dpd_badge(days: int, kind: str) -> SafeString:
    """Days of an instalment in the colour of the ramp: how late it was covered, or how long it is overdue."""
    said = _("%(days)d days late") if kind == "late" else _("%(days)d days overdue")
    return format_html('<span class="bk bk{}">{}</span>', ramp(days), said % {"days": days})


@register.simple_tag
def plan_mark(status: str) -> SafeString:
    """What an instalment that is neither paid nor overdue is."""
    said = _told(WAITING, status) if status in WAITING else _("not due yet")
    return format_html('<span class="b">{}</span>', said)


def _told(names: Mapping[str, tuple[str, str]], code: str) -> str:
    en, zh = names.get(code, (code, code))
    return zh if chinese() else en


@cache
def _purposes() -> dict[str, tuple[str, str]]:
    found = {}
    for table, column in (("changes", "kind"), ("charges", "kind"), ("payments", "purpose")):
        for choice in next(one for one in contracts.TABLES[table].columns if one.name == column).choices:
            found[choice.code] = (choice.en, choice.zh)
    return found | {"reversal": ("Reversal", "冲正")}
