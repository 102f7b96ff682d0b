"""What surrounds every page: the menu, as far as the user's roles open it, and the language and theme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from daihou.desk.notices import outbox
from daihou.desk.people import orgs

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of the menu: the permission that opens it, the view, its label, its icon, and the key that goes there after `g`."""

    permission: str
    view: str
    label: _StrPromise
    icon: str
    key: str
    app: str


MENU: Final[tuple[tuple[Any, tuple[Item, ...]], ...]] = (
    (
        _("Monitoring"),
        (
            Item("work.view", "my_work", pgettext_lazy("page", "My work"), "home", "w", "my_work"),
            Item("portfolio.view", "overview", pgettext_lazy("page", "Overview"), "grid", "o", "overview"),
            Item("alerts.view", "alerts", pgettext_lazy("page", "Alerts"), "bell", "e", "alerts"),
            Item("collection.view", "workbench", pgettext_lazy("page", "Collection"), "phone", "p", "workbench"),
            Item("collection.view", "cases", pgettext_lazy("page", "Cases"), "layers", "k", "cases"),
            Item(
                "collection.manage",
                "collectors",
                pgettext_lazy("page", "Collectors"),
                "users",
                "h",
                "collectors",
            ),
            Item("reviews.view", "reviews", pgettext_lazy("page", "Reviews"), "check", "q", "reviews"),
            Item("bureau.view", "bureau_queries", pgettext_lazy("page", "Credit reports"), "log", "f", "bureau"),
            Item("letters.view", "letters", pgettext_lazy("page", "Letters"), "mail", "z", "letters"),
            Item("reports.view", "reports", pgettext_lazy("page", "Inspection reports"), "edit", "g", "reports"),
            Item("portfolio.view", "signals", pgettext_lazy("page", "Signals"), "eye", "s", "signals"),
            Item("alerts.assign", "team", pgettext_lazy("page", "Team"), "users", "t", "team"),
            Item("portfolio.view", "loans", pgettext_lazy("page", "Loans"), "rows", "l", "loans"),
            Item("portfolio.view", "maturing", pgettext_lazy("page", "Maturing loans"), "cal", "m", "maturing"),
            Item(
                "portfolio.view",
                "unpaid_interest",
                pgettext_lazy("page", "Unpaid interest"),
                "rule",
                "i",
                "unpaid_interest",
            ),
            Item("portfolio.view", "borrowers", pgettext_lazy("page", "Borrowers"), "user", "b", "borrowers"),
            Item("portfolio.view", "compare", _("Compare dates"), "flow", "c", "compare"),
        ),
    ),
    (
        _("Governance"),
        (
            Item("rules.view", "rules", pgettext_lazy("page", "Warning rules"), "rule", "r", "rules"),
            Item("deliveries.view", "deliveries", _("Data quality"), "db", "d", "deliveries"),
            Item("models.view", "models", pgettext_lazy("page", "Scoring models"), "chart", "n", "scoring"),
            Item("jobs.view", "jobs", _("Jobs"), "layers", "j", "jobs"),
            Item("jobs.view", "stream", pgettext_lazy("page", "Real time"), "run", "v", "stream"),
            Item("people.manage", "users", _("Users and roles"), "users", "u", "users"),
            Item("programs.manage", "programs", pgettext_lazy("page", "Programs"), "flow", "x", "programs"),
            Item("programs.manage", "webhooks", pgettext_lazy("page", "Webhooks"), "link", "y", "webhooks"),
            Item("audit.view", "audit", _("Audit log"), "log", "a", "audit"),
        ),
    ),
)


APPS: Final = frozenset(item.app for _title, items in MENU for item in items)


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context of the frame around a page."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not hasattr(request, "rights"):
        return {"language": get_language(), "menu": [], "lender_languages": settings.LANGUAGES}
    rights = request.rights
    menu = [(title, [item for item in items if rights.may(item.permission)]) for title, items in MENU]
    return {
        "language": get_language(),
        "lender_languages": settings.LANGUAGES,
        "menu": [(title, items) for title, items in menu if items],
        "rights": rights,
        "unread_notices": SimpleLazyObject(lambda: outbox.unread(user.pk)),
        "part_of": _place(rights),
        "here": _here(request),
    }


def _here(request: HttpRequest) -> str:
    """The entry of the menu that a page belongs to: its own, or that of the app whose page it is. A view may say another."""
    match = request.resolver_match
    if match is None:
        return ""
    name, app = match.url_name or "", match.func.__module__.removeprefix("daihou.desk.").partition(".")[0]
    return app if name not in APPS and app in APPS else name


def _place(rights: Any) -> str:
    """Which part of the organisation the user works in, as shown beside the name."""
    if not rights.memberships:
        return ""
    first = rights.memberships[0]
    where = orgs.tree().name(first.org_id) if first.org_id else ""
    return " · ".join(part for part in (where, first.get_role_display()) if part)
