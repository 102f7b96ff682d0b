"""What the system measures of a borrower on a date, as parts of a report: loans, grades, score, cash flow, statements, credit report."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from daihou.book import money
from daihou.book.capitals import in_capitals
from daihou.book.contracts.statements import STATEMENTS
from daihou.desk.governance import labels
from daihou.desk.people import officers, orgs
from daihou.desk.portfolio import reading
from daihou.desk.portfolio.columns import code_label
from daihou.desk.portfolio.facts import versions
from daihou.desk.reports.choices import Grade
from daihou.desk.reports.parts import Part, without
from daihou.desk.reports.policy import policy
from daihou.desk.scoring import scored
from daihou.desk.scoring.templatetags.scoring import against, better_at, input_name, signed, stands
from daihou.desk.templatetags.figures import DASH, amount, count, day, percent
from daihou.monitoring.bureau.family import BUREAU
from daihou.monitoring.cash_flow.family import CASH_FLOW
from daihou.monitoring.customer.family import CUSTOMER
from daihou.runs.portfolio.panel import LIVE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.desk.portfolio.moments import Moment
    from daihou.monitoring.catalogue import Family, Measure
    from daihou.policies.reports import Suggested

Row = dict[str, Any]
LOANS: Final = 60
"""Loans that are shown one by one; the largest overdue first."""
YUAN: Final = "CNY"
PERIODS: Final = 2
"""Periods of a statement beside one another."""
ITEMS: Final = 60
"""Items of a statement at most."""


UNKNOWN: Final = ("unmeasured", "written_off")
"""States of a loan that is owed and of which no days past due are known."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the loans of a borrower stand together, as far as a grade asks."""

    worst: int | None
    """The most days past due of a live loan."""
    states: frozenset[str]
    """The states of all loans."""
    measured: bool
    """Whether one is live, and days past due are known of each that is owed."""


def standing(rows: Sequence[Row]) -> Standing:
    """Where loans stand together."""
    days = [row["dpd"] for row in rows if row["state"] in LIVE]
    known, states = [one for one in days if one is not None], frozenset(row["state"] for row in rows)
    return Standing(
        max(known, default=None), states, bool(days) and len(known) == len(days) and states.isdisjoint(UNKNOWN)
    )


def snapshot(moment: Moment) -> str:
    """The source of what a run wrote."""
    said = {"day": moment.as_of.isoformat(), "known": moment.known_on.isoformat()}
    return _("snapshot %(day)s, known on %(known)s") % said


def loans_of(borrower_id: str, moment: Moment) -> list[Row]:
    """All loans of a borrower, whatever org books them: those that owe most first."""
    return reading.rows(
        f"SELECT * FROM {reading.snapshots(moment).sql} WHERE borrower_id = ? ORDER BY overdue_amount DESC NULLS LAST, principal_outstanding DESC NULLS LAST, loan_id",
        [borrower_id],
    )


def rolled_of(borrower_id: str, moment: Moment) -> Row:
    """What a run measured of the borrower as a whole; empty where it does not know them."""
    source = reading.Source("borrower_snapshots", moment.pair, moment.stamp).sql
    return next(iter(reading.rows(f"SELECT * FROM {source} WHERE borrower_id = ?", [borrower_id])), {})


def borrower(part: Part, rolled: Row, loans: Sequence[Row]) -> None:
    """What is known of the borrower beside the name, which is asked of the vault when the report is shown."""
    base = settings.HOME.settings.base_currency
    for measure in CUSTOMER.measures:
        if (code := rolled.get(measure.name)) is not None:
            names = {held: zh if labels.chinese() else en for held, en, zh in measure.choices}
            part.pair(measure.zh if labels.chinese() else measure.en, names.get(code, code))
    live = [row for row in loans if row["state"] in LIVE]
    booked = sorted({row["org_id"] for row in live or loans if row["org_id"]})
    tree, numbers = orgs.tree(), sorted({row["officer_id"] for row in live or loans if row["officer_id"]})
    known = officers.names(numbers)
    part.pair(_("Booked at"), _joined([tree.name(one) for one in booked]) or DASH)
    part.pair(_("Customer managers"), _joined([known.get(one, one) for one in numbers]) or DASH)
    part.pair(_("Live loans"), count(len(live)))
    part.pair(_("Exposure"), _in_base(rolled.get("exposure"), base))
    part.pair(_("Overdue exposure"), _in_base(rolled.get("exposure_overdue"), base))
    part.pair(_("Worst days past due"), count(rolled.get("worst_dpd")))
    part.pair(_("Worst days past due in 12 months"), count(rolled.get("worst_dpd_12m")))


def loans(source: str, rows: Sequence[Row]) -> Part:
    """Each loan with where it stands, and its amount in capitals where it is in yuan."""
    if not rows:
        return without("loans", source, _("The run of this date knows no loan of the borrower."))
    part, shown = Part("loans", source), rows[:LOANS]
    heads = [
        (pgettext("column", "Loan"), False), (pgettext("column", "Product"), False), (pgettext("column", "State"), False), (pgettext("column", "Currency"), False),
        (_("Contract amount"), True), (_("Balance"), True), (_("Overdue"), True), (_("Days past due"), True), (_("Matures on"), False),
    ]  # fmt: skip
    part.table(
        heads,
        [
            [
                row["loan_id"], code_label("product", row["product"]), code_label("state", row["state"]), row["currency"] or "", _of(row, "loan_amount"),
                _of(row, "principal_outstanding"), _of(row, "overdue_amount"), count(row["dpd"]), day(row["matures_on"]),
            ]
            for row in shown
        ],
    )  # fmt: skip
    in_yuan = [row for row in shown if row["currency"] == YUAN and row["loan_amount"] is not None]
    part.table(
        [(pgettext("column", "Loan"), False), (_("Contract amount"), True), (_("In Chinese capitals"), False)],
        [[row["loan_id"], _of(row, "loan_amount"), in_capitals(row["loan_amount"], money.exponent(YUAN))] for row in in_yuan],
        _("Contract amounts"),
    )  # fmt: skip
    owed = [row["principal_outstanding"] for row in rows if row["currency"] == YUAN and row["principal_outstanding"]]
    if owed:
        part.pair(
            _("Balance in yuan, all loans"),
            f"{amount(sum(owed), YUAN)} · {in_capitals(sum(owed), money.exponent(YUAN))}",
        )
    if len(rows) > LOANS:
        more = len(rows) - LOANS
        part.notes.append(
            ngettext("%(n)s more loan is not shown.", "%(n)s more loans are not shown.", more) % {"n": more}
        )
    return part


def grades(source: str, moment: Moment | None, loan_ids: Sequence[str], suggested: Suggested, stood: Standing) -> Part:
    """The lender's own grades as delivered, and the one that is suggested with its reason."""
    part = Part("grades", source)
    table = versions("standings")
    found = _standings(table, moment, loan_ids) if moment and table and loan_ids else []
    part.table(
        [(pgettext("column", "Loan"), False), (_("Grade by the lender"), False), (_("As of"), False)],
        [[row["loan_id"], _grade(row["grade"]), day(row["as_of"])] for row in found],
    )
    if not table:
        part.notes.append(_("The lender's own grades are not delivered (table standings)."))
    elif not found:
        part.notes.append(_("No grade by the lender is delivered of these loans."))
    part.pair(
        _("Grade that is suggested"),
        Grade(suggested.grade).label if suggested.grade else pgettext("grade that is suggested", "none"),
    )
    part.pair(_("Why"), because(suggested, stood))
    return part


def because(suggested: Suggested, stood: Standing) -> str:
    """Why a grade is suggested, with its source; why none is."""
    if suggested.grade is None:
        if not stood.states:
            return _("Nothing was measured of the borrower: choose a grade, and say why.")
        return _("Not every loan that is owed was measured: choose a grade, and say why.")
    if suggested.line is None:
        return _("Nothing past due, no red or orange finding and no red or orange alert.")
    states = [code_label("state", one) for one in suggested.line.states if one in stood.states]
    told = {
        "dpd": _("%(days)s days past due, from %(least)s on") % {"days": stood.worst, "least": suggested.line.dpd},
        "states": _("loans in the state: %(states)s") % {"states": _joined(states)},
        "findings": _("open findings at level %(levels)s") % {"levels": _levels(suggested.line.findings)},
        "watch": _("open alerts at level %(levels)s") % {"levels": _levels(suggested.line.watch)},
    }
    source = _("Source: %(citation)s") % {"citation": labels.owner(suggested.line.citation)}
    return _joined([told[one] for one in suggested.because]) + pgettext("between sentences", ". ") + source


def score(borrower_id: str, moment: Moment, rolled: Row) -> Part:
    """The behaviour score with what it rests on; why there is none."""
    source = snapshot(moment)
    found = scored.of(borrower_id, rolled, *moment.pair)
    if found is None:
        return without("score", source, _("No model scores this borrower on this date."))
    source = _("run of %(day)s, model %(model)s") % {"day": found.day.isoformat(), "model": found.version.called}
    if found.score is None:
        return without("score", source, found.why)
    part = Part("score", source)
    part.pair(pgettext("points", "Score"), found.score)
    part.pair(_("Probability of default"), percent(found.pd))
    if found.overlaid:
        part.pair(_("Probability of default with the overlay"), percent(found.pd_overlaid))
    part.pair(_("Change in 3 months"), DASH if found.change is None else signed(found.change))
    if found.explained is None:
        part.notes.append(found.trouble or _("How it came about cannot be told now."))
        return part
    card = found.version.kind == "card"
    heads = [(_("What it rests on"), False), (pgettext("column", "Stands at"), False)]
    heads += [(_("Points"), True)] if card else []
    heads += [(_("Against the best") if card else _("Against the average"), True)]
    heads += [(_("More points at"), False)] if card else []
    rows = []
    for line in found.explained.lines:
        row = [input_name(line), stands(line), *([signed(line.points)] if card else []), against(line)]
        rows.append([*row, better_at(line)] if card else row)
    part.table(heads, rows)
    return part


def flows(source: str, rolled: Row) -> Part:
    """The measures of accounts."""
    if not rolled.get("accounts"):
        return without(
            "flows", source, _("No account of the borrower is delivered (tables accounts and transactions).")
        )
    return _family("flows", source, CASH_FLOW, rolled)


def bureau(source: str, rolled: Row) -> Part:
    """The newest credit report and its differences from the one before."""
    if rolled.get("days_since_report") is None:
        return without("bureau", source, _("No credit report of the borrower was fetched."))
    return _family("bureau", source, BUREAU, rolled)


def statements(borrower_id: str, moment: Moment) -> Part:
    """The newest periods of each statement, item by item."""
    table = versions("statements")
    source = _("table statements, known on %(known)s") % {"known": moment.known_on.isoformat()}
    first = moment.as_of - dt.timedelta(days=policy(moment.as_of).shown_days)
    found = reading.rows(
        f"SELECT period_end, kind, item, months, coalesce(consolidated, false) AS consolidated, amount, currency FROM {table} "
        "WHERE borrower_id = ? AND period_end BETWEEN ? AND ? AND known_on <= ? "
        "QUALIFY row_number() OVER (PARTITION BY period_end, kind, item, months, coalesce(consolidated, false) ORDER BY known_on DESC, batch DESC, \"row\" DESC) = 1 "
        "ORDER BY kind, consolidated, item, period_end",
        [borrower_id, first, moment.as_of, moment.known_on],
    ) if table else []  # fmt: skip
    if not found:
        return without("statements", source, _("No statement of the borrower is delivered (table statements)."))
    part = Part("statements", source)
    names = {choice.code: choice for choice in STATEMENTS}
    for kind, whole in sorted({(row["kind"], row["consolidated"]) for row in found}):
        rows = [row for row in found if (row["kind"], row["consolidated"]) == (kind, whole)]
        periods = sorted({(row["period_end"], row["months"]) for row in rows}, key=lambda one: (one[0], one[1] or 0), reverse=True)[:PERIODS]  # fmt: skip
        by = {(row["item"], row["period_end"], row["months"]): row for row in rows}
        heads = [(_("Item"), False), *((_period(*one), True) for one in periods)]
        items = [
            item for item in dict.fromkeys(row["item"] for row in rows) if any((item, *one) in by for one in periods)
        ]
        title = names[kind].zh if labels.chinese() else names[kind].en
        title += pgettext("of a statement", " (whole group)") if whole else ""
        part.table(heads, [[item, *(_cell(by.get((item, *one))) for one in periods)] for item in items[:ITEMS]], title)
    return part


def _standings(table: str, moment: Moment, loan_ids: Sequence[str]) -> list[Row]:
    """The newest grade that was delivered of each loan."""
    return reading.rows(
        f"SELECT loan_id, as_of, grade FROM {table} WHERE loan_id IN (SELECT unnest(?::VARCHAR[])) AND as_of <= ? AND known_on <= ? AND grade IS NOT NULL "
        'QUALIFY row_number() OVER (PARTITION BY loan_id ORDER BY as_of DESC, known_on DESC, batch DESC, "row" DESC) = 1 ORDER BY loan_id',
        [list(loan_ids), moment.as_of, moment.known_on],
    )


def _grade(code: str) -> str:
    return str(Grade(code).label) if code in Grade.values else code


def _family(id_: str, source: str, family: Family, rolled: Row) -> Part:
    """The measures of a family that have a value."""
    part = Part(id_, source)
    rows = [
        [one.zh if labels.chinese() else one.en, _measure(one, rolled[one.name])]
        for one in family.measures
        if rolled.get(one.name) is not None
    ]
    part.table([(pgettext("column", "Measure"), False), (pgettext("column", "Value"), True)], rows)
    return part


def _measure(measure: Measure, value: Any) -> str:
    """A value as its unit is written."""
    if measure.unit == "base_amount":
        return _in_base(value, settings.HOME.settings.base_currency)
    if measure.unit in ("share", "rate"):
        return percent(value)
    return count(value) if measure.unit in ("count", "days", "months") else str(value)


def _of(row: Row, name: str) -> str:
    return amount(row[name], row["currency"])


def _in_base(value: int | None, base: str) -> str:
    return DASH if value is None else f"{amount(value, base)} {base}"


def _period(end: dt.date, months: int | None) -> str:
    return end.isoformat() if months is None else _("%(day)s, %(n)s months") % {"day": end.isoformat(), "n": months}


def _cell(row: Row | None) -> str:
    if row is None:
        return DASH
    currency = row["currency"] or YUAN
    return f"{row['amount']:,.{money.exponent(currency)}f}" + ("" if currency == YUAN else f" {currency}")


def _levels(levels: Sequence[str]) -> str:
    return _joined([str(labels.LEVELS[one]) for one in levels])


def _joined(texts: Sequence[str]) -> str:
    return pgettext("between things of a list", ", ").join(texts)
