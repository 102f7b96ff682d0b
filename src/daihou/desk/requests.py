"""What is done to each request of a person: the language of its user, and a clear page for what went wrong. Its id is given by `metrics.watched`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone, translation

from daihou.book.errors import DaihouError
from daihou.desk import errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    Answer = Callable[[HttpRequest], HttpResponse]


class Permissions:
    """Tells browsers that no page needs a camera or a microphone, and that only our own may ask for the place: the form of a review does, by a button."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with the header."""
        response = self.answer(request)
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(self), microphone=()")
        return response


class Language:
    """Speaks the user's own language; to who has chosen none, that of the cookie or the browser, else Chinese."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the language of the user."""
        translation.activate(self._language(request))
        timezone.activate(settings.TIME_ZONE)
        request.LANGUAGE_CODE = translation.get_language()
        response = self.answer(request)
        response.headers.setdefault("Content-Language", translation.get_language())
        return response

    @staticmethod
    def _language(request: HttpRequest) -> str:
        user = request.user
        if user.is_authenticated and user.language:
            return user.language
        return errors.language_of(request)


class Failures:
    """Shows an error that a user can put right as a page: what is wrong, where, and what to do."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as ever."""
        return self.answer(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page of a DaihouError; everything else goes on to the page for faults."""
        return errors.trouble(request, error) if isinstance(error, DaihouError) else None
