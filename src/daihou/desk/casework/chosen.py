"""What the address of the list of cases asks for: which cases, in what order. What it says wrongly is told, and the rest still holds."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Exists, F, OuterRef, Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from daihou.book.errors import DaihouError
from daihou.desk.alerts import chosen as lists
from daihou.desk.casework.choices import PromiseState, Stage, Track
from daihou.desk.casework.models import Promise, PromisePart
from daihou.desk.casework.policy import policy
from daihou.desk.people import orgs

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from daihou.desk.people.models import User

OFFERED: Final[Mapping[str, Mapping[str, Any]]] = {
    "stage": dict(Stage.choices),
    "track": dict(Track.choices),
    "queue": {
        "waiting": pgettext_lazy("queue of cases", "Without a collector"),
        "manager": pgettext_lazy("queue of cases", "With the manager"),
        "paused": pgettext_lazy("queue of cases", "Set aside"),
        "call": pgettext_lazy("queue of cases", "Call agreed for today or before"),
    },
    "promise": {
        "open": pgettext_lazy("promises of a case", "A promise is open"),
        "due": pgettext_lazy("promises of a case", "Falls due today, or fell due"),
        "broken": pgettext_lazy("promises of a case", "Broke one"),
        "none": pgettext_lazy("promises of a case", "None open"),
    },
    "touch": {
        "out": pgettext_lazy("cases", "Out of touch"),
        "never": pgettext_lazy("cases", "Never spoken to"),
        "in": pgettext_lazy("cases", "In touch"),
    },
    "first": {
        "1": pgettext_lazy("cases", "First instalment never paid"),
        "0": pgettext_lazy("cases", "First instalment paid"),
    },
    "closed": {
        "0": pgettext_lazy("cases", "Open"),
        "1": pgettext_lazy("cases", "Closed"),
        "all": pgettext_lazy("cases", "Open and closed"),
    },
}
"""Parameters that hold one of some codes."""
SEVERAL: Final = frozenset({"stage"})
"""Of these those that may hold more than one, as a,b."""
LABELS: Final[Mapping[str, Any]] = {
    "stage": pgettext_lazy("of a case", "Stage"), "track": pgettext_lazy("of a case", "Track"), "queue": pgettext_lazy("of a case", "Queue"),
    "promise": pgettext_lazy("of a case", "Promises"), "touch": pgettext_lazy("of a case", "In touch"),
    "first": pgettext_lazy("of a case", "First instalment"), "closed": pgettext_lazy("of a case", "State"),
    "owner": pgettext_lazy("of a case", "Collector"), "org": pgettext_lazy("of a case", "Org"), "agency": pgettext_lazy("of a case", "Agency"),
    "q": pgettext_lazy("of a case", "Number"),
}  # fmt: skip
"""What each parameter is called, in the order of the chips."""
OWNERS: Final[Mapping[str, Any]] = {
    "me": pgettext_lazy("collector of a case", "Me"),
    "none": pgettext_lazy("collector of a case", "Nobody"),
}
"""Beside these an owner is named by the key of a user."""
SORTS: Final[Mapping[str, tuple[Any, ...]]] = {
    "claim": ("-claim", "id"),
    "stage": ("-rank", "-claim", "id"),
    "dpd": ("-dpd", "id"),
    "silent": (F("spoke_at").asc(nulls_first=True), "opened_at", "id"),
    "opened": ("-id",),
    "closed": ("-closed_at", "-id"),
}
"""By what a list sorts, the most pressing first."""
NUMBER: Final = re.compile(r"\s*CO-\d{4}-0*(\d{1,15})\s*", re.IGNORECASE)
"""The number of a case as people write it."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A filter of cases by its parameters; what is empty asks for nothing. Without `closed` only what is open is asked for."""

    stage: tuple[str, ...] = ()
    track: tuple[str, ...] = ()
    queue: tuple[str, ...] = ()
    promise: tuple[str, ...] = ()
    touch: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    org: tuple[str, ...] = ()
    agency: tuple[str, ...] = ()
    q: tuple[str, ...] = ()
    """The number of a case or of a borrower."""
    sort: str = "claim"
    wrong: tuple[DaihouError, ...] = ()
    """What the address says that cannot be understood."""

    @property
    def any(self) -> bool:
        """Whether anything but open cases is asked for."""
        return replace(self, closed=() if self.closed == ("0",) else self.closed, sort="claim", wrong=()) != Chosen()

    @property
    def open(self) -> bool:
        """Whether only open cases are asked for."""
        return self.closed in ((), ("0",))

    @property
    def names(self) -> list[str]:
        """The parameters that ask for something, in the order of LABELS."""
        return [name for name in LABELS if getattr(self, name) and (name != "closed" or not self.open)]

    @property
    def ordering(self) -> tuple[Any, ...]:
        """The order as fields of cases."""
        return SORTS[self.sort]

    @property
    def state(self) -> Q:
        """Whether open cases are asked for, closed ones, or both."""
        if self.open:
            return Q(closed_at=None)
        return Q(closed_at__isnull=False) if self.closed == ("1",) else Q()

    def refuse(self) -> None:
        """DaihouError where anything was said wrongly: what acts on a list, or takes it away, must not take more than was meant."""
        if self.wrong:
            raise self.wrong[0]

    def condition(self, user: User, now: dt.datetime) -> Q:
        """All but the state as a condition on cases, for somebody, at a moment."""
        found = Q()
        if self.stage:
            found &= Q(stage__in=self.stage)
        if self.track:
            found &= Q(track=self.track[0])
        if self.queue:
            found &= _queue(self.queue[0], now)
        if self.promise:
            found &= _promised(self.promise[0], now)
        if self.touch:
            found &= _touch(self.touch[0], now)
        if self.first:
            found &= Q(first_payment=self.first == ("1",))
        if self.owner:
            found &= _owned(self.owner, user)
        if self.org:
            found &= Q(org_id__in=sorted(orgs.tree().below(self.org[0])))
        if self.agency:
            found &= Q(agency__code=self.agency[0])
        if self.q:
            number = NUMBER.fullmatch(self.q[0])
            found &= Q(pk=int(number[1])) if number else Q(borrower_id=self.q[0])
        return found


def chosen(query: QueryDict) -> Chosen:
    """The filter of an address; what it says wrongly is left out and told in `wrong`."""
    found: dict[str, Any] = {}
    wrong: list[DaihouError] = []
    for name, offered in OFFERED.items():
        stated = lists.values(query, name)
        found[name] = tuple(value for value in stated if value in offered)
        wrong += [_unknown(name, value, offered) for value in stated if value not in offered]
        if name not in SEVERAL:
            found[name] = found[name][:1]
    owners = lists.values(query, "owner")
    found["owner"] = tuple(value for value in owners if value in OWNERS or _key(value))
    wrong += [_unknown("owner", value, OWNERS) for value in owners if value not in found["owner"]]
    for name in ("org", "agency"):
        found[name] = lists.values(query, name)[:1]
    if text := query.get("q", "").strip():
        found["q"] = (text[: lists.CHARACTERS],)
    sort = query.get("sort") or ("claim" if found["closed"] in ((), ("0",)) else "closed")
    if sort not in SORTS:
        wrong.append(_unknown("sort", sort, SORTS))
        sort = "claim"
    return Chosen(**found, sort=sort, wrong=tuple(wrong))


def kept(query: QueryDict) -> QueryDict:
    """What of an address may be kept: its filter and order, no page, and no text that may be somebody's name."""
    left = QueryDict(mutable=True)
    for name, held in query.lists():
        stated = [value for value in held if value.strip()]
        if name in PARAMETERS and stated and (name != "q" or NUMBER.fullmatch(stated[-1])):
            left.setlist(name, stated)
    return left


PARAMETERS: Final = frozenset({field.name for field in fields(Chosen)} - {"wrong"} | {"size"})


def _queue(name: str, now: dt.datetime) -> Q:
    if name == "waiting":
        return Q(owner=None, handed_up_at=None, track=Track.HOUSE)
    if name == "manager":
        return Q(handed_up_at__isnull=False)
    if name == "paused":
        return Q(paused_until__gt=timezone.localdate(now))
    return Q(call_at__lt=_ends(now))


def _promised(name: str, now: dt.datetime) -> Q:
    if name == "broken":
        return Q(promises_broken__gt=0)
    standing = Promise.objects.filter(case=OuterRef("pk"), state=PromiseState.OPEN).order_by()
    if name == "due":
        due = PromisePart.objects.filter(
            promise__case=OuterRef("pk"), promise__state=PromiseState.OPEN, state=PromiseState.OPEN, due_on__lte=timezone.localdate(now)
        )  # fmt: skip
        return Q(Exists(due.order_by()))
    return Q(Exists(standing)) if name == "open" else ~Q(Exists(standing))


def _touch(name: str, now: dt.datetime) -> Q:
    """Without a conversation for the days of policy, since the last one or, where there was none, since the case was opened."""
    if name == "never":
        return Q(spoke_at=None)
    since = now - dt.timedelta(days=policy(timezone.localdate(now)).lists.out_of_touch_days)
    out = Q(spoke_at__lt=since) | Q(spoke_at=None, opened_at__lt=since)
    return out if name == "out" else Q(spoke_at__gte=since) | Q(spoke_at=None, opened_at__gte=since)


def _owned(stated: Collection[str], user: User) -> Q:
    keys = {user.pk if value == "me" else int(value) for value in stated if value != "none"}
    found = Q(owner__in=sorted(keys)) if keys else Q(pk__in=())
    return found | Q(owner=None) if "none" in stated else found


def _ends(now: dt.datetime) -> dt.datetime:
    """The end of the local day."""
    day = timezone.localdate(now) + dt.timedelta(days=1)
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def _key(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) < 16


def _unknown(name: str, stated: str, offered: Collection[str]) -> DaihouError:
    listed = list(offered)[:12]
    return DaihouError(
        f"{name}: '{stated[:40]}' is nothing that cases are chosen by; it was left out.",
        f"Use one of: {', '.join(listed)}; or choose from the form.",
        zh=(f"{name}：“{stated[:40]}”不是可用的取值，已忽略。", f"可用：{'、'.join(listed)}；也可在页面上选择。"),
    )
