"""Every page of the desk, who opens it, and at what address in the book at hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.runs import store
from journeys import collection_at_work
from journeys.alerts_at_work import noted
from journeys.home import snapshot
from journeys.rules_at_work import DRAFTED

if TYPE_CHECKING:
    import datetime as dt

    from playwright.sync_api import Page

    from daihou.book.home import Home
    from journeys.desk import Desk

SETTLED: Final = """() => document.fonts.status === "loaded" && !document.querySelector(".htmx-request") &&
  !document.querySelector("[data-chart] .chart:not(:has(svg))")"""
"""Nothing is on its way, and every chart is drawn."""
CHOSEN: Final = "table.inbox tbody input[name=ids]"
"""The first row of the inbox."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A page: its name, who sees it, and how it is reached."""

    name: str
    who: str
    path: str
    then: tuple[str, ...] = ()
    """What to click, or `key:?` to press, once it is open, to reach what has no address of its own."""
    main: bool = False
    """Whether a picture in English is made too."""

    def visit(self, page: Page) -> None:
        """Go there, and wait until it is drawn."""
        page.goto(self.path)
        for step in self.then:
            if step.startswith("key:"):
                page.keyboard.press(step.removeprefix("key:"))
            else:
                page.locator(step).first.click()
        page.wait_for_function(SETTLED)


def sights(desk: Desk) -> list[Sight]:
    """All pages, in the order of the menu."""
    loan, borrower, written_off = _examples(desk.home, desk.last)
    day, later = desk.revised
    at = noted(desk.home)
    called = collection_at_work.noted(desk.home)
    return [
        Sight("my-work", "officer", "/work/", main=True),
        Sight("workbench", "collector", f"/collection/cases/{called['case']}/", main=True),
        Sight("workbench-statement", "collector", f"/collection/cases/{called['case']}/statement/"),
        Sight("workbench-arrangement", "collector", f"/collection/cases/{called['case']}/arrangements/new/"),
        Sight("workbench-hardship", "collector", f"/collection/cases/{called['case']}/hardship/"),
        Sight("workbench-complaint", "collector", f"/collection/cases/{called['case']}/complaints/new/"),
        Sight("workbench-circumstances", "collector", f"/contacts/debtors/{called['borrower']}/circumstances/"),
        Sight("workbench-none", "officer", "/collection/"),
        Sight("cases", "manager", "/collection/cases/?size=25", main=True),
        Sight("cases-none", "idle", "/collection/cases/"),
        Sight("collectors", "manager", "/collection/collectors/"),
        Sight("quality", "manager", "/collection/quality/"),
        Sight("complaints", "manager", "/collection/complaints/"),
        Sight("performance", "manager", "/collection/performance/", main=True),
        Sight("refusals", "manager", "/collection/refusals/"),
        Sight("agencies", "manager", "/collection/agencies/"),
        Sight("arrangements", "manager", "/collection/arrangements/"),
        Sight("messages", "manager", "/collection/messages/"),
        Sight("my-work-empty", "idle", "/work/"),
        Sight("overview", "manager", "/portfolio/", main=True),
        Sight("overview-table", "manager", "/portfolio/", ("[data-act=table]",)),
        Sight("overview-branch", "branch", "/portfolio/?by=product"),
        Sight("alerts", "manager", "/alerts/?closed=0&size=25", main=True),
        Sight("alerts-mine", "officer", "/alerts/"),
        Sight("alerts-none", "manager", "/alerts/?level=red&topic=other&org=B04"),
        Sight("alerts-nothing", "idle", "/alerts/"),
        Sight("alerts-wrong", "manager", "/alerts/?level=purple"),
        Sight("alerts-closed", "manager", "/alerts/?closed=1"),
        Sight("alerts-filter", "manager", "/alerts/?closed=0&size=25", ("[aria-controls=alert-filter]",)),
        Sight("alerts-save", "manager", "/alerts/?closed=0&size=25", ("[aria-controls=save-view]",)),
        Sight("alerts-bulk", "manager", "/alerts/?closed=0&size=25", (CHOSEN,)),
        Sight("alerts-assign", "manager", "/alerts/?closed=0&size=25", (CHOSEN, "[name=act][value=assign]")),
        Sight("alert-raise", "officer", "/alerts/raise/"),
        Sight("alert", "officer", f"/alerts/{at['red']}/", main=True),
        Sight("alert-customer", "manager", f"/alerts/{at['red']}/?events=customer"),
        Sight("alert-confirm", "manager", f"/alerts/{at['confirm']}/", main=True),
        Sight("alert-plan", "officer", f"/alerts/{at['plan']}/"),
        Sight("alert-follow", "officer", f"/alerts/{at['follow']}/"),
        Sight("alert-lift", "branch", f"/alerts/{at['lift']}/", main=True),
        Sight("alert-lift-proposed", "officer", f"/alerts/{at['lift']}/"),
        Sight("alert-snooze", "officer", f"/alerts/{at['pressed']}/", (".beside summary[data-key=s]",)),
        Sight("alert-rests", "officer", f"/alerts/{at['snoozed']}/"),
        Sight("alert-closed", "manager", f"/alerts/{at['closed']}/"),
        Sight("customers", "manager", "/alerts/customers/", main=True),
        Sight("customers-none", "idle", "/alerts/customers/"),
        Sight("learning", "manager", "/alerts/rules/", main=True),
        Sight("team", "manager", "/work/team/", main=True),
        Sight("absences", "manager", "/work/absences/"),
        Sight("absence-own", "officer", "/work/absences/"),
        Sight("notices", "officer", "/notices/", main=True),
        Sight("notices-none", "idle", "/notices/?unread=1"),
        Sight("notice-settings", "officer", "/notices/settings/"),
        Sight("outbox", "administrator", "/notices/outbox/"),
        Sight("outbox-sent", "administrator", "/notices/outbox/?state=sent"),
        Sight("signals", "manager", "/signals/?size=25", main=True),
        Sight("signals-none", "manager", "/signals/?level=red&topic=market"),
        Sight("signal", "manager", f"/signals/{_signal(desk.home, desk.last)}/", main=True),
        Sight("loans", "manager", "/loans/?state=overdue&dpd=31..&sort=-dpd&size=25", main=True),
        Sight("loans-all", "manager", "/loans/"),
        Sight("loans-filter", "manager", "/loans/?state=overdue&size=25", ("details.filter > summary",)),
        Sight("loans-columns", "manager", "/loans/?state=overdue&size=25", ("[aria-controls=columns]",)),
        Sight("loans-save", "manager", "/loans/?state=overdue&size=25", ("[aria-controls=save-view]",)),
        Sight("loans-none", "manager", "/loans/?state=overdue&dpd=99999.."),
        Sight("loans-wrong", "manager", "/loans/?where=dpd+%3E%3E+3"),
        Sight("maturing", "manager", "/loans/maturing/"),
        Sight("unpaid-interest", "manager", "/loans/unpaid-interest/"),
        Sight("loan", "manager", f"/loans/{loan}/", main=True),
        Sight("loan-two-knowledges", "manager", f"/loans/{loan}/?as_of={day}&known_on={day}&against={later}"),
        Sight("loan-written-off", "manager", f"/loans/{written_off}/"),
        Sight("borrowers", "manager", "/borrowers/"),
        Sight("borrower", "manager", f"/borrowers/{borrower}/", main=True),
        Sight("reveal", "manager", f"/borrowers/{borrower}/", ("#person a.btn",)),
        Sight("compare", "manager", "/compare/", main=True),
        Sight("find", "manager", f"/vault/find/?q={borrower}x"),
        Sight("find-empty", "manager", "/vault/find/"),
        Sight("keys", "manager", "/loans/?state=overdue&size=25", ("key:?",)),
        Sight("deliveries", "analyst", "/deliveries/", main=True),
        Sight("batches", "analyst", "/deliveries/batches/"),
        Sight("batch", "analyst", "/deliveries/batches/1/"),
        Sight("quarantine", "analyst", "/deliveries/quarantine/", main=True),
        Sight("coverage", "analyst", "/deliveries/coverage/"),
        Sight("upload", "analyst", "/deliveries/upload/", main=True),
        Sight("rules", "analyst", "/rules/", main=True),
        Sight("rule", "manager", "/rules/R-001/", main=True),
        Sight("rule-draft", "analyst", f"/rules/{DRAFTED}/draft/", main=True),
        Sight("rule-review", "manager", f"/rules/{DRAFTED}/review/"),
        Sight("threshold-question", "analyst", f"/rules/{DRAFTED}/suggest/"),
        Sight("threshold", "analyst", f"/rules/suggest/{_answered(desk.home, 'suggest.json')}/", main=True),
        Sight("backtest-question", "analyst", "/rules/backtest/"),
        Sight("backtest", "analyst", f"/rules/backtest/{_answered(desk.home, 'backtest.json')}/", main=True),
        Sight("jobs", "analyst", "/jobs/"),
        Sight("job-start", "analyst", "/jobs/start/run/"),
        Sight("history-start", "analyst", "/jobs/start/history/"),
        Sight("users", "administrator", "/users/"),
        Sight("user", "administrator", "/users/2/"),
        Sight("user-new", "administrator", "/users/new/"),
        Sight("audit", "auditor", "/audit/", main=True),
        Sight("audit-entry", "auditor", "/audit/", ("tbody a",)),
        Sight("me", "manager", "/me/"),
        Sight("second-factor", "manager", "/accounts/mfa/"),
        Sight("password", "manager", "/accounts/password/change/"),
        Sight("sign-out", "manager", "/accounts/logout/"),
        Sight("missing", "manager", "/loans/no-such-loan/"),
        Sight("refused", "manager", "/audit/"),
    ]


def _answered(home: Home, name: str) -> str:
    """The first job that left such a file."""
    return min((file.parent.name for file in (home.path / "jobs").glob(f"*/{name}")), key=int)


def _signal(home: Home, day: dt.date) -> str:
    """An open signal of a rule that compares amounts."""
    memory = pl.DataFrame(pl.from_arrow(store.read(home, "rule_memory", day, day)))
    return str(memory.filter(pl.col("opened_on").is_not_null(), rule_id="R-006")["signal_id"].min())


def _examples(home: Home, day: dt.date) -> tuple[str, str, str]:
    """A loan in arrears with a plan, its borrower, and a loan that was written off."""
    rows = snapshot(home, day, day).with_columns(pl.col("state", "basis").cast(pl.String))
    late = (
        rows.filter(state="overdue", basis="schedule")
        .filter(pl.col("dpd").is_between(31, 120), pl.col("missed_24m").is_between(3, 8))
        .sort("missed_24m", "loan_id")
    )
    return (*late.select("loan_id", "borrower_id").row(-1), rows.filter(state="written_off")["loan_id"].max())
