"""A report filled in: everything the system knows of a borrower on the newest date, part by part, each with its source. What is missing is said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from daihou.book.errors import DaihouError
from daihou.desk.governance import labels
from daihou.desk.portfolio import moments
from daihou.desk.reports import found, measured
from daihou.desk.reports.choices import PARTS, WORDS
from daihou.desk.reports.parts import Part, without
from daihou.desk.reports.policy import policy
from daihou.desk.reviews.choices import State
from daihou.desk.reviews.models import Sheet
from daihou.runs.portfolio.panel import LIVE

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

    from daihou.desk.alerts.models import Alert
    from daihou.desk.portfolio.moments import Moment
    from daihou.desk.reviews.models import Review
    from daihou.reviews.forms.told import Told


@dataclass(frozen=True, slots=True)
class Filled:
    """What was gathered."""

    as_of: dt.date | None
    known_on: dt.date | None
    figures: dict[str, Any]
    """`gathered_at`, `suggested` (the code of a grade; empty: none), and `parts` in the order of the document."""
    of_done: bool
    """Whether the review was done before anything was gathered."""
    words: dict[str, str]
    """Words to begin with: a summary of the figures, and the measures that are suggested. Empty are those that only people can say."""


def fill(review: Review, language: str) -> Filled:
    """What is known of the borrower of a review as of the newest date of data, in a language."""
    with translation.override(language):
        return _filled(review)


def _filled(review: Review) -> Filled:
    review.refresh_from_db(
        fields=["state", "done_on"]
    )  # before its sheet is read, which once it is done stays as it is
    sheet = Sheet.objects.select_related("saved_by", "companion").filter(review=review).first()
    if sheet is not None:
        sheet.review = review
    moment, unread = _moment()
    raised = found.open_alerts(review.borrower_id)
    said, broken = _said(sheet)
    rows, rolled = _of_run(review.borrower_id, moment)
    stood = measured.standing(rows)
    known = moment.as_of if moment else timezone.localdate()
    house = policy(known)
    suggested = house.suggested(
        stood.worst, stood.states, {one.level for one in said.findings} if said else set(), {one.level for one in raised}, measured=stood.measured
    )  # fmt: skip
    nothing = _no_run(unread)
    source = measured.snapshot(moment) if moment else nothing
    parts = [_borrower(review, moment, rolled, rows, unread)]
    if moment is None:
        parts += [without(name, source, unread) for name in ("loans", "score", "flows", "statements", "bureau")]
        parts.append(measured.grades(source, None, [], suggested, stood))
    else:
        there = moment
        parts += [
            measured.loans(source, rows),
            measured.grades(source, there, [row["loan_id"] for row in rows if row["state"] != "closed"], suggested, stood),
            _read("score", source, lambda: measured.score(review.borrower_id, there, rolled)),
            measured.flows(source, rolled), measured.bureau(source, rolled), measured.statements(review.borrower_id, there),
        ]  # fmt: skip
    parts += [found.alerts(raised), found.measures(review, said, raised)]
    parts += _of_review(review, sheet, said, broken, house.pictures)
    order = list(PARTS)
    parts.sort(key=lambda one: order.index(one.id))
    figures = {
        "gathered_at": timezone.localtime().isoformat(timespec="seconds"), "suggested": suggested.grade or "", "parts": [one.as_dict() for one in parts],
    }  # fmt: skip
    grade = suggested.grade or ""
    words = {**dict.fromkeys(WORDS, ""), "summary": _summary(rows, stood.worst, moment, said, raised), "measures": _measures(parts), "grade": grade}  # fmt: skip
    dates = (moment.as_of, moment.known_on) if moment else (None, None)
    return Filled(dates[0], dates[1], figures, review.state == State.DONE, words)


def _moment() -> tuple[Moment | None, str]:
    """The newest pair of dates; why there is none."""
    try:
        return moments.moment(QueryDict()), ""
    except DaihouError as error:
        return None, labels.told(error)[0]


def _no_run(why: str) -> str:
    return _("no run") if why else ""


def _of_run(borrower_id: str, moment: Moment | None) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The loans of the borrower, and what was measured of them together."""
    if moment is None:
        return [], {}
    return measured.loans_of(borrower_id, moment), measured.rolled_of(borrower_id, moment)


def _borrower(
    review: Review, moment: Moment | None, rolled: dict[str, Any], rows: Sequence[dict[str, Any]], unread: str
) -> Part:
    between = pgettext("between things of a list", ", ")
    source = between.join([_("vault"), measured.snapshot(moment) if moment else _no_run(unread)])
    part = Part("borrower", source)
    part.pair(_("Borrower number"), review.borrower_id)
    if moment is not None and rows:
        measured.borrower(part, rolled, rows)
    else:
        part.notes.append(unread or _("The run of this date knows no loan of the borrower."))
    part.pair(pgettext("of a report", "Review"), f"{review.number} · {review.get_type_display()}")
    return part


def _said(sheet: Sheet | None) -> tuple[Told | None, str]:
    """What the form says; why it cannot be read."""
    if sheet is None:
        return None, _("The review has no form yet.")
    try:
        return found.said(sheet), ""
    except DaihouError as error:
        return None, " ".join(labels.told(error))


def _of_review(review: Review, sheet: Sheet | None, said: Told | None, broken: str, pictures: int) -> list[Part]:
    if sheet is None or said is None:
        return [without(name, found.review_source(review), broken) for name in ("findings", "answers", "pictures")]
    return [found.findings(review, said), found.answers(review, sheet), found.pictures(review, sheet, pictures)]


def _read(id_: str, source: str, part: Callable[[], Part]) -> Part:
    """A part, or why it cannot be read."""
    try:
        return part()
    except DaihouError as error:
        return without(id_, source, " ".join(labels.told(error)))


def _summary(
    rows: Sequence[dict[str, Any]], worst: int | None, moment: Moment | None, said: Told | None, raised: Sequence[Alert]
) -> str:
    """Some sentences of the figures, for people to go on with."""
    told = []
    live = sum(row["state"] in LIVE for row in rows)
    if moment is not None and rows:
        words = {"day": moment.as_of.isoformat(), "n": live}
        told.append(ngettext("On %(day)s the borrower has %(n)s live loan.", "On %(day)s the borrower has %(n)s live loans.", live) % words)  # fmt: skip
        if worst:
            told.append(_("The worst of them is %(n)s days past due.") % {"n": worst})
        elif worst == 0:
            told.append(_("None of them is past due."))
    if said is not None:
        count = len(said.findings)
        told.append(
            ngettext("The inspection has %(n)s finding.", "The inspection has %(n)s findings.", count) % {"n": count}
        )
    count = len(raised)
    told.append(ngettext("%(n)s alert is open.", "%(n)s alerts are open.", count) % {"n": count})
    return ("" if labels.chinese() else " ").join(told)


def _measures(parts: Sequence[Part]) -> str:
    """The measures that are suggested, a line each."""
    rows = [row for part in parts if part.id == "measures" for table in part.tables for row in table["rows"]]
    return "\n".join(f"{n}. {row[0]}" for n, row in enumerate(rows, 1))
