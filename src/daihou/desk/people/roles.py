"""Roles and what each may do. docs/guides/access.md shows the same as a table, and a test holds the two together."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

PERMISSIONS: Final = {
    "portfolio.view": _("See the portfolio, its loans and borrowers (names masked)"),
    "portfolio.export": _("Export what is shown"),
    "person.search": _("Find a borrower by name, id number or phone"),
    "person.reveal": _("Uncover names and numbers for a stated purpose"),
    "deliveries.view": _("See deliveries, quarantine and data quality"),
    "deliveries.upload": _("Upload files of facts and repaired rows"),
    "jobs.view": _("See jobs"),
    "jobs.start": _("Start and cancel jobs"),
    "work.view": _("See what waits for oneself"),
    "alerts.view": _("See alerts, their timeline and how rules fare"),
    "alerts.handle": _("Work on alerts: check, plan, carry out, propose lifting, raise by hand"),
    "alerts.confirm": _("Confirm what others checked, its level, and lifting"),
    "alerts.assign": _("Assign, chase and hand over the alerts of others; see the team"),
    "collection.view": _("See collection cases, what is owed, and what was done on them"),
    "collection.work": _("Work cases: contact debtors, take promises, draft arrangements"),
    "collection.manage": _("Assign cases, draw samples, answer complaints, see how collectors fare"),
    "collection.approve": _("Approve arrangements that others drafted"),
    "reviews.view": _("See planned and finished reviews, and the calendar"),
    "reviews.work": _("Do reviews: claim what is nobody's"),
    "reviews.manage": _("Assign, postpone and waive the reviews of others"),
    "reports.view": _("See inspection reports, and take them out"),
    "reports.write": _("Make inspection reports and write their words"),
    "reports.check": _("Check inspection reports that others wrote"),
    "reports.approve": _("Approve inspection reports that others checked"),
    "bureau.view": _("See authorisations, queries and what credit reports say"),
    "bureau.query": _("Ask for credit reports as far as the gate allows, and read them as they came"),
    "bureau.authorise": _("Record authorisations and that they were withdrawn"),
    "bureau.manage": _("Say what became of a query whose result stays unclear"),
    "letters.view": _("See maturity and overdue notices, their service, and limitation"),
    "letters.make": _("Make and print maturity and overdue notices"),
    "letters.serve": _("Send notices, record their service and its proof, withdraw them"),
    "rules.view": _("See warning rules, their drafts and their history"),
    "rules.write": _("Draft warning rules, try them and submit them for review"),
    "rules.review": _("Review what others drafted: approve and publish it, or return it"),
    "models.view": _("See scoring models, their validation and how they fare"),
    "models.write": _("Train scoring models and submit them for review"),
    "models.review": _("Review scoring models that others submitted: approve, return, retire"),
    "people.manage": _("Manage users and their roles"),
    "programs.manage": _("Manage programs: their scopes, tokens and limits"),
    "audit.view": _("Read the audit log"),
}
"""Every permission and its meaning."""


class Role(models.TextChoices):
    """What somebody is to the lender."""

    VIEWER = "viewer", pgettext_lazy("role", "Viewer")
    OFFICER = "officer", pgettext_lazy("role", "Credit officer")
    COLLECTOR = "collector", pgettext_lazy("role", "Collector")
    REVIEWER = "reviewer", pgettext_lazy("role", "Reviewer")
    MANAGER = "manager", pgettext_lazy("role", "Manager")
    ANALYST = "analyst", pgettext_lazy("role", "Risk analyst")
    AUDITOR = "auditor", pgettext_lazy("role", "Auditor")
    ADMINISTRATOR = "administrator", pgettext_lazy("role", "Administrator")


GRANTS: Final[dict[str, frozenset[str]]] = {
    Role.VIEWER: frozenset({"portfolio.view", "alerts.view", "rules.view"}),
    Role.OFFICER: frozenset(
        {
            "portfolio.view",
            "portfolio.export",
            "person.search",
            "person.reveal",
            "work.view",
            "alerts.view",
            "alerts.handle",
            "collection.view",
            "reviews.view",
            "reviews.work",
            "reports.view",
            "reports.write",
            "bureau.view",
            "bureau.query",
            "bureau.authorise",
            "letters.view",
            "letters.make",
            "letters.serve",
            "rules.view",
        }
    ),
    Role.COLLECTOR: frozenset(
        {
            "portfolio.view",
            "person.search",
            "person.reveal",
            "work.view",
            "alerts.view",
            "collection.view",
            "collection.work",
            "reviews.view",
            "reports.view",
            "letters.view",
            "letters.make",
            "letters.serve",
            "rules.view",
        }
    ),
    Role.REVIEWER: frozenset(
        {
            "portfolio.view",
            "portfolio.export",
            "person.search",
            "person.reveal",
            "deliveries.view",
            "work.view",
            "alerts.view",
            "alerts.confirm",
            "collection.view",
            "collection.approve",
            "reviews.view",
            "reports.view",
            "reports.approve",
            "bureau.view",
            "bureau.query",
            "letters.view",
            "rules.view",
            "rules.review",
            "models.view",
            "models.review",
        }
    ),
    Role.MANAGER: frozenset(
        {
            "portfolio.view",
            "portfolio.export",
            "person.search",
            "person.reveal",
            "deliveries.view",
            "jobs.view",
            "work.view",
            "alerts.view",
            "alerts.handle",
            "alerts.confirm",
            "alerts.assign",
            "collection.view",
            "collection.work",
            "collection.manage",
            "collection.approve",
            "reviews.view",
            "reviews.work",
            "reviews.manage",
            "reports.view",
            "reports.write",
            "reports.check",
            "reports.approve",
            "bureau.view",
            "bureau.query",
            "bureau.authorise",
            "bureau.manage",
            "letters.view",
            "letters.make",
            "letters.serve",
            "rules.view",
            "rules.review",
            "models.view",
            "models.review",
        }
    ),
    Role.ANALYST: frozenset(
        {
            "portfolio.view",
            "portfolio.export",
            "deliveries.view",
            "deliveries.upload",
            "jobs.view",
            "jobs.start",
            "work.view",
            "alerts.view",
            "collection.view",
            "reviews.view",
            "reports.view",
            "letters.view",
            "rules.view",
            "rules.write",
            "models.view",
            "models.write",
        }
    ),
    Role.AUDITOR: frozenset(
        {
            "portfolio.view",
            "portfolio.export",
            "alerts.view",
            "deliveries.view",
            "jobs.view",
            "collection.view",
            "reviews.view",
            "reports.view",
            "bureau.view",
            "letters.view",
            "rules.view",
            "audit.view",
            "models.view",
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        {
            "people.manage",
            "programs.manage",
            "deliveries.view",
            "deliveries.upload",
            "jobs.view",
            "jobs.start",
            "models.view",
        }
    ),
}
"""An administrator runs the system and sees no borrower; an analyst sees every loan and no name, and drafts the rules that reviewers and
managers put into force; only an auditor reads the log."""

OWN_CUSTOMERS: Final = frozenset({Role.OFFICER})
"""Roles that see the loans in their own charge alone (管户)."""
