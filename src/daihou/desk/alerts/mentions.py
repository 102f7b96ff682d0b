"""@names in comments: who is meant, who of them sees the alert, whom to offer while a name is typed, and how a comment is shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import Q
from django.utils import timezone
from django.utils.html import format_html, urlize
from django.utils.safestring import SafeString, mark_safe

from daihou.desk.alerts import scope
from daihou.desk.people import orgs
from daihou.desk.people.models import User
from daihou.desk.people.roles import GRANTS, OWN_CUSTOMERS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from django.db.models import QuerySet

    from daihou.desk.alerts.models import Alert

MENTION: Final = re.compile(r"(?<![A-Za-z0-9._+/-])@([\w.@+-]{1,150})")
"""An @ that begins a word and what may be a user name after it; the @ of a mail address or of a path begins none."""
OFFERED: Final = 8
"""People offered while a name is typed."""
MENTIONED: Final = 20
"""Names heard of in one comment at most."""


@dataclass(frozen=True, slots=True)
class Mentioned:
    """Whom a comment names: who sees the alert and is told, who does not, and what is nobody's name."""

    told: list[User]
    unseen: list[User]
    unknown: list[str]


def mentioned(text: str, alert: Alert) -> Mentioned:
    """Whom a comment names, each once, in the order of the text."""
    words = list(dict.fromkeys(match[1] for match in MENTION.finditer(text)))[:MENTIONED]
    candidates = {name for word in words for name in _names(word)}
    users = {user.username: user for user in User.objects.filter(username__in=candidates, is_active=True)}
    told: list[User] = []
    unseen: list[User] = []
    unknown: list[str] = []
    for word in words:
        user = users.get(_meant(word, users))
        if user is None:
            unknown.append(word)
        elif user not in (*told, *unseen):
            (told if scope.sees(user, alert) else unseen).append(user)
    return Mentioned(told, unseen, unknown)


def offered(alert: Alert, said: str) -> list[User]:
    """Who sees the alert and is called so, or begins so; the owner first. One query finds who may, and each offered is made sure of."""
    found = _who_may(alert).filter(Q(username__istartswith=said) | Q(name__icontains=said), is_active=True).distinct()
    first = sorted(found.order_by("name", "pk")[: 4 * OFFERED], key=lambda user: user.pk != alert.owner_id)
    sure: list[User] = []
    for user in first:
        if len(sure) == OFFERED:
            break
        if scope.sees(user, alert):
            sure.append(user)
    return sure


def shown(text: str, people: Collection[User]) -> SafeString:
    """A comment as it is shown: escaped, with its links and lines, and the names of those who were told marked."""
    names = {user.username: user for user in people}
    return mark_safe("".join(_parts(text, names)).replace("\n", "<br>"))  # noqa: S308 - every part is escaped or made by format_html


def _parts(text: str, names: dict[str, User]) -> Iterator[str]:
    at = 0
    for match in MENTION.finditer(text):
        name = _meant(match[1], names)
        if name in names:
            yield urlize(text[at : match.start()], nofollow=True, autoescape=True)
            yield format_html('<b class="mention" title="{}">@{}</b>', names[name].name, name)
            at = match.start() + 1 + len(name)
    yield urlize(text[at:], nofollow=True, autoescape=True)


def _names(word: str) -> Iterator[str]:
    """What of a word may be a user name, longest first: a name ends where the word does, before a sign, or where other writing begins."""
    for end in range(len(word), 0, -1):
        after = word[end : end + 1]
        if not after or not (after.isascii() and (after.isalnum() or after == "_")):
            yield word[:end]


def _meant(word: str, known: Collection[str]) -> str:
    """The longest name at the beginning of a word; '' where none is known."""
    return next((name for name in _names(word) if name in known), "")


def _who_may(alert: Alert) -> QuerySet[User]:
    """Users who may see an alert by their roles, a few too many: what their officer numbers reach is left to `scope.sees`."""
    roles = [role for role, granted in GRANTS.items() if "alerts.view" in granted]
    whole = [role for role in roles if role not in OWN_CUSTOMERS]
    above = {"", *around(alert)}
    today = timezone.localdate()
    own = Q(officer_id=alert.officer_id) & ~Q(officer_id="")
    absent = Q(
        standing_in__from_on__lte=today, standing_in__to_on__gte=today, standing_in__user__officer_id=alert.officer_id
    )
    return User.objects.filter(
        Q(memberships__role__in=whole, memberships__org_id__in=above)
        | (Q(memberships__role__in=roles) & (own | absent | Q(pk=alert.owner_id)))
    )


def around(alert: Alert) -> set[str]:
    """The orgs whose people an alert may concern: its own and the leading one with all above them; of one about a model those at the top."""
    if alert.model:
        return {org.org_id for org in orgs.tree().orgs.values() if org.parent_id not in orgs.tree().orgs}
    return orgs_above(alert.org_id) | orgs_above(alert.lead_org_id)


def orgs_above(org_id: str) -> set[str]:
    """An org and all above it; nothing where there is none. A loop in the facts does no harm."""
    found: set[str] = set()
    while org_id and org_id not in found:
        found.add(org_id)
        org = orgs.tree().orgs.get(org_id)
        org_id = org.parent_id if org is not None else ""
    return found
