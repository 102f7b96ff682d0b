"""What people found, as parts of a report: ratings and findings of the review, its answers and pictures, open alerts, and the measures that all of them suggest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from daihou.desk.alerts import guards as alert_guards
from daihou.desk.alerts import rows as alert_rows
from daihou.desk.alerts.choices import TaskKind
from daihou.desk.alerts.models import OPEN, Alert
from daihou.desk.alerts.rules import all_rules
from daihou.desk.governance import labels
from daihou.desk.reports.parts import Part, without
from daihou.desk.reviews import doing, sheets
from daihou.desk.reviews import filling as answering
from daihou.desk.templatetags.figures import DASH, day
from daihou.reviews.forms.findings import LEVELS
from daihou.reviews.forms.told import told

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from daihou.desk.reviews.filling import Line
    from daihou.desk.reviews.models import Review, Sheet
    from daihou.reviews.forms.told import Told

PHOTO = "photo"


def review_source(review: Review) -> str:
    """The source of what a review says."""
    if review.done_on is not None:
        return _("review %(number)s, done on %(day)s") % {"number": review.number, "day": review.done_on.isoformat()}
    return _("review %(number)s, begun and not finished") % {"number": review.number}


def said(sheet: Sheet) -> Told:
    """What the answers come to now."""
    return told(sheets.form_of(sheet), sheet.answers, sheet.previous, amount_unit=doing.unit())


def findings(review: Review, found: Told) -> Part:
    """Ratings, points, and each finding with its level."""
    part = Part("findings", review_source(review))
    names = {"willingness": _("Willingness to repay"), "ability": _("Ability to repay")}
    for name, rating in found.ratings.items():
        part.pair(names[name], f"{rating} / 5")
    if found.possible:
        part.pair(pgettext("of a review", "Points"), f"{found.points} / {found.possible}")
    if found.band is not None:
        part.pair(_("As a whole"), found.band.label.of(chinese=labels.chinese()))
    part.table(
        [(pgettext("of an alert", "Level"), False), (pgettext("column", "Finding"), False)],
        [
            [labels.LEVELS[one.level], one.label.of(chinese=labels.chinese())]
            for one in sorted(found.findings, key=lambda one: LEVELS.index(one.level))
        ],
    )
    if not found.findings:
        part.notes.append(_("Nothing of what was answered is a finding."))
    return part


def answers(review: Review, sheet: Sheet) -> Part:
    """The questions of the form with what was answered, in words."""
    part = Part("answers", review_source(review))
    part.pair(_("Form"), _("%(title)s, version %(n)s") % {"title": sheets.title(sheet.form), "n": sheet.version})
    people = [str(sheet.saved_by), *([str(sheet.companion)] if sheet.companion else [])]
    part.pair(_("Done by"), _joined(people))
    part.pair(pgettext("review", "Where"), review.get_site_display())
    for section in answering.parts(sheet):
        rows = [[line.label, _worded(line)] for line in section.lines if line.question.kind != "note"]
        part.table(
            [(pgettext("column", "Question"), False), (pgettext("column", "Answer"), False)], rows, section.title
        )
    return part


def _worded(line: Line) -> str:
    """An answer in words; what was not answered is said."""
    value, names = line.value, dict(line.choices)
    if line.question.evidence is not None:
        count = len(line.pieces)
        return ngettext("%(n)s piece", "%(n)s pieces", count) % {"n": count}
    if value in ("", []):
        return _("not answered")
    if isinstance(value, list):
        return _joined(names.get(one) or one for one in value)
    if line.question.kind == "yes_no":
        return {"yes": pgettext("answer", "yes"), "no": pgettext("answer", "no")}.get(value, str(value))
    if line.question.kind == "rating":
        return f"{value} {names.get(value, '')}".strip()
    if line.question.kind == "place":
        return answering.place_told(json.loads(value)) or _("not answered")
    text = _with_unit(names.get(value, value), line)
    last = _("last time %(value)s") % {"value": _with_unit(names.get(line.last, line.last), line)}
    return f"{text} · {last}" if line.last else text


def _with_unit(value: str, line: Line) -> str:
    """A value with the unit of its question; money with the currency that it is asked in."""
    currency = settings.HOME.settings.base_currency if line.question.kind == "money" else ""
    return " ".join(one for one in (value, currency, line.unit) if one)


def pictures(review: Review, sheet: Sheet, most: int) -> Part:
    """The pictures of the review: which they are, of what, by whom. What they hold is read when the report is shown."""
    part = Part("pictures", review_source(review))
    questions = {one.id: one for one in sheets.form_of(sheet).questions()}
    pieces = list(sheet.pieces.select_related("actor"))
    photos = [one for one in pieces if one.kind == PHOTO]
    if not photos:
        return without("pictures", part.source, _("No picture was taken."))
    for piece in photos[:most]:
        question = questions.get(piece.question)
        label = question.text.of(chinese=labels.chinese()) if question else piece.question
        shows = {one.code: one.label.of(chinese=labels.chinese()) for one in question.evidence.asked} if question and question.evidence else {}  # fmt: skip
        part.pictures.append(
            {
                "piece": piece.pk, "digest": piece.digest, "label": shows.get(piece.shows, label),
                "at": timezone.localtime(piece.taken).strftime("%Y-%m-%d %H:%M"), "by": str(piece.actor),
            }
        )  # fmt: skip
    if len(photos) > most:
        more = len(photos) - most
        part.notes.append(ngettext("%(n)s more picture is kept with the review.", "%(n)s more pictures are kept with the review.", more) % {"n": more})  # fmt: skip
    if len(pieces) > len(photos):
        others = len(pieces) - len(photos)
        told = ngettext("%(n)s other document is kept with the review.", "%(n)s other documents are kept with the review.", others)  # fmt: skip
        part.notes.append(told % {"n": others})
    return part


def open_alerts(borrower_id: str) -> list[Alert]:
    """The open alerts of a borrower, the most urgent first."""
    return list(
        Alert.objects.filter(OPEN, borrower_id=borrower_id).select_related("lead", "owner").order_by("rank", "id")
    )


def alerts(found: Sequence[Alert]) -> Part:
    """Each open alert with its level and why it was raised."""
    source = _("alerts open on %(day)s") % {"day": timezone.localdate().isoformat()}
    if not found:
        return without("alerts", source, _("No alert of the borrower is open."))
    part, rules = Part("alerts", source), all_rules()
    part.table(
        [
            (pgettext("column", "Alert"), False), (pgettext("of an alert", "Level"), False), (pgettext("column", "Since"), False), (pgettext("column", "Why"), False),
            (pgettext("column", "Stage"), False),
        ],
        [
            [one.number, one.get_level_display(), day(one.raised_on), _why(one, rules), one.get_stage_display()]
            for one in found
        ],
    )  # fmt: skip
    return part


def _why(alert: Alert, rules: dict[str, Any]) -> str:
    name, reason = alert_rows.rule_name(alert, rules), alert_rows.reason(alert)
    return f"{name} — {reason}" if name and reason and name != reason else name or reason or DASH


def measures(review: Review, found: Told | None, raised: Sequence[Alert]) -> Part:
    """What the form suggests for its share of points, and what the levels of open alerts ask for."""
    rows = []
    if found is not None and found.band is not None and found.band.suggestion is not None:
        rows.append([found.band.suggestion.of(chinese=labels.chinese()), _("Form of the review")])
    asked: dict[str, list[str]] = {}
    for alert in raised:
        for kind in alert_guards.suggested(alert):
            asked.setdefault(str(TaskKind(kind).label), []).append(alert.number)
    rows += [[label, _joined(numbers)] for label, numbers in asked.items()]
    source = _joined([review_source(review), _("policy of alerts")])
    if not rows:
        return without("measures", source, _("Neither the form nor an open alert suggests anything."))
    part = Part("measures", source)
    part.table([(pgettext("column", "Measure to take"), False), (_("Suggested by"), False)], rows)
    return part


def _joined(texts: Iterable[str]) -> str:
    return pgettext("between things of a list", ", ").join(texts)
