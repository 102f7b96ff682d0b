"""Pages for what went wrong: each says what it is and what to do next, and none shows a stack trace."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from daihou.book.errors import DaihouError

LOG = logging.getLogger(__name__)


def _page(request: HttpRequest, status: int, title: str, message: str, remedy: str, place: str = "") -> HttpResponse:
    plain = request.path if request.method == "GET" and request.GET and status == 400 else ""
    context = {"title": title, "message": message, "remedy": remedy, "place": place, "status": status, "plain": plain}
    template = "error_part.html" if request.headers.get("HX-Request") else "error.html"
    return render(request, template, context, status=status)


def trouble(request: HttpRequest, error: DaihouError, status: int = 400) -> HttpResponse:
    """An error that the user can put right."""
    chinese = (get_language() or "").startswith("zh")
    message, remedy = error.zh if chinese else (error.message, error.remedy)
    return _page(request, status, _("This cannot be shown"), message, remedy, error.place)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """What the user's role does not allow."""
    return _page(
        request, 403, _("Not part of your role"), _("Your role does not include this page."),
        _("Ask an administrator if your work needs it."),
    )  # fmt: skip


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """What does not exist, or lies outside the user's part of the organisation: the answer does not tell which."""
    return _page(
        request, 404, _("Nothing here"), _("There is no such page or record, or it lies outside your part of the organisation."),
        _("Check the number, or go back to the list."),
    )  # fmt: skip


def often(request: HttpRequest, most: int) -> HttpResponse:
    """What was done too often within an hour."""
    return _page(
        request, 429, _("Too often"), _("This can be done %(most)d times an hour, and you have.") % {"most": most},
        _("Go on in an hour. If your work needs more, speak to an administrator."),
    )  # fmt: skip


def fault(request: HttpRequest) -> HttpResponse:
    """A fault of ours; the log has its trace under the request's id."""
    error = sys.exc_info()[1]
    number = getattr(request, "id", "")
    if isinstance(error, OperationalError | InterfaceError):
        LOG.error("database, request %s: %s", number, error)
        return _without_database(request, number)
    return _page(
        request, 500, _("Something went wrong"), _("This is a fault in daihou, not yours. Nothing of what you sent was half saved."),
        _("Try again; if it happens again, give an administrator this number."), number,
    )  # fmt: skip


def _without_database(request: HttpRequest, number: str) -> HttpResponse:
    """A page made without asking the database anything: not even who is looking at it."""
    with translation.override(language_of(request)):
        context = {
            "title": _("The database does not answer"), "status": 503, "place": number, "language": translation.get_language(),
            "message": _("It is busy or out of reach. Nothing of what you sent was saved."),
            "remedy": _("Try again in a minute; if it goes on, tell an administrator."),
        }  # fmt: skip
        template = "error_part.html" if request.headers.get("HX-Request") else "error.html"
        return render(None, template, context, status=503)


def language_of(request: HttpRequest) -> str:
    """The language that a browser asks for by its cookie or its settings; else Chinese."""
    stated = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if stated in dict(settings.LANGUAGES):
        return stated
    return "en" if request.headers.get("Accept-Language", "").lower().startswith("en") else "zh-hans"


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """A form that was open too long, or came from elsewhere."""
    return _page(
        request, 403, _("The form is too old"), _("The page was open for too long, or was opened in another sign-in."),
        _("Go back, load the page again and send it once more."),
    )  # fmt: skip
