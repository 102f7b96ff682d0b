"""A parcel as a message: its subject, its text, and the same as HTML, in the language of who reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from daihou.desk.alerts.choices import RANKS
from daihou.desk.governance.labels import LEVELS
from daihou.desk.notices import wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.desk.notices.models import Notice

MOST_LINES: Final = 50
"""A mail lists so many notices, the most urgent first; the rest is counted, and stands at the desk."""
MOST_CHATTED: Final = 5
"""A message of a chat, of which some take no more than 2,048 bytes."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is handed to a channel."""

    subject: str
    text: str
    html: str
    chat: str
    """The text for channels other than mail: shorter."""


def of(notices: Sequence[Notice], language: str) -> Message:
    """The message of one notice or many, in a language."""
    with translation.override(language):
        ordered = sorted(notices, key=lambda one: (RANKS.get(one.level, len(RANKS)), one.pk))
        lines = [_line(one) for one in ordered[:MOST_LINES]]
        n = len(ordered)
        subject = (
            lines[0]["text"].rstrip(".。")
            if n == 1
            else ngettext("%(n)s notice", "%(n)s notices", n) % {"n": n} + (" · " + _by_level(ordered))
        )
        context = {"subject": subject, "lines": lines, "more": n - len(lines), "all_url": _url(reverse("notices")),
                   "settings_url": _url(reverse("notice_settings")), "language": language}  # fmt: skip
        return Message(
            subject=f"{_('daihou post-loan')}: {subject}",
            text=render_to_string("notices/mail/message.txt", context),
            html=render_to_string("notices/mail/message.html", context),
            chat=_chat(lines, n),
        )


def trial(language: str) -> Message:
    """The message of the test button."""
    with translation.override(language):
        text = _("This is a test. Notices of daihou arrive here.")
        context = {"subject": text, "lines": [{"text": text, "url": _url(reverse("notices"))}], "more": 0,
                   "all_url": _url(reverse("notices")), "settings_url": _url(reverse("notice_settings")), "language": language}  # fmt: skip
        return Message(
            subject=f"{_('daihou post-loan')}: {_('test')}",
            text=render_to_string("notices/mail/message.txt", context),
            html=render_to_string("notices/mail/message.html", context),
            chat=text,
        )


def _line(notice: Notice) -> dict[str, Any]:
    return {**wording.plain(notice), "url": _url(notice.path)}


def _chat(lines: list[dict[str, Any]], n: int) -> str:
    said = [f"{line['text']}\n{line['url']}" for line in lines[:MOST_CHATTED]]
    rest = n - len(said)
    if rest > 0:
        more = ngettext("%(n)s more notice", "%(n)s more notices", rest) % {"n": rest}
        said.append(f"{more}\n{_url(reverse('notices'))}")
    return "\n\n".join(said)


def _by_level(notices: Sequence[Notice]) -> str:
    """How many of each level: Red 2 · Orange 3."""
    counts = [(level, sum(one.level == level for one in notices)) for level in RANKS]
    said = [f"{LEVELS[level]} {n}" for level, n in counts if n]
    return " · ".join(said)


def _url(path: str) -> str:
    return f"{settings.DESK_URL}{path}"
