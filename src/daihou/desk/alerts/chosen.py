"""What the address of the inbox asks for: which alerts, in what order, which page. What it says wrongly is told, and the rest still holds."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import pgettext_lazy

from daihou.book import money
from daihou.book.errors import DaihouError
from daihou.desk.alerts import deadlines, waiting
from daihou.desk.alerts.choices import LEVEL_CHOICES, RANKS, TOPIC_CHOICES, Outcome, Source, Stage
from daihou.desk.people import orgs

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping

    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access

OFFERED: Final[Mapping[str, Mapping[str, Any]]] = {
    "level": dict(LEVEL_CHOICES),
    "stage": {code: label for code, label in Stage.choices if code != Stage.CLOSED},
    "due": {
        "overdue": pgettext_lazy("deadline", "Overdue"),
        "today": pgettext_lazy("deadline", "Due today"),
        "soon": pgettext_lazy("deadline", "Due within 3 work days"),
    },
    "topic": dict(TOPIC_CHOICES),
    "source": dict(Source.choices),
    "snoozed": {"0": pgettext_lazy("alerts", "Not snoozed"), "1": pgettext_lazy("alerts", "Snoozed")},
    "ceased": {
        "1": pgettext_lazy("alerts", "All signals ceased: lifting proposed"),
        "0": pgettext_lazy("alerts", "A signal is open"),
    },
    "escalated": {"1": pgettext_lazy("alerts", "Escalated"), "0": pgettext_lazy("alerts", "Not escalated")},
    "decide": {"1": pgettext_lazy("alerts", "Waits for my decision")},
    "outcome": dict(Outcome.choices),
    "closed": {
        "0": pgettext_lazy("alerts", "Open"),
        "1": pgettext_lazy("alerts", "Closed"),
        "all": pgettext_lazy("alerts", "Open and closed"),
    },
}
"""Parameters that hold one of some codes."""
SEVERAL: Final = frozenset({"level", "stage", "topic"})
"""Of these those that may hold more than one, as a,b."""
LABELS: Final[Mapping[str, Any]] = {
    "level": pgettext_lazy("of a rule", "Level"), "stage": pgettext_lazy("of an alert", "Stage"), "due": pgettext_lazy("of an alert", "Deadline"),
    "topic": pgettext_lazy("of an alert", "Topic"), "source": pgettext_lazy("of an alert", "Raised by"), "snoozed": pgettext_lazy("of an alert", "Rest"),
    "ceased": pgettext_lazy("of an alert", "Signals"), "escalated": pgettext_lazy("of an alert", "Escalation"),
    "decide": pgettext_lazy("of an alert", "Decision"), "outcome": pgettext_lazy("of an alert", "End"), "closed": pgettext_lazy("of an alert", "State"),
    "owner": pgettext_lazy("of an alert", "Owner"), "org": pgettext_lazy("of an alert", "Org"), "rule": pgettext_lazy("of an alert", "Rule"),
    "exposure": pgettext_lazy("of an alert", "Exposure"), "borrower": pgettext_lazy("of an alert", "Borrower"),
    "model": pgettext_lazy("of an alert", "Model"),
    "q": pgettext_lazy("of an alert", "Number"),
}  # fmt: skip
"""What each parameter of the filter is called, in the order of the chips."""
OWNERS: Final[Mapping[str, Any]] = {
    "me": pgettext_lazy("owner of an alert", "Me"),
    "none": pgettext_lazy("owner of an alert", "Nobody"),
}
"""Beside these an owner is named by the key of a user."""
SORTS: Final[Mapping[str, tuple[str, ...]]] = {
    "due": ("due_at", "id"),
    "level": ("rank", "due_at", "id"),
    "exposure": ("-exposure", "id"),
    "raised": ("-id",),
    "closed": ("-closed_at", "-id"),
}
"""By what a list sorts, the most urgent first; with a minus before the name the other way round. Alerts are numbered as they are raised."""
SIZES: Final = (25, 50, 100)
CHARACTERS: Final = 80
"""Letters of a value that are taken; no id is longer."""
MOST_BORROWERS: Final = 50
NUMBER: Final = re.compile(r"\s*AL-\d{4}-0*(\d{1,15})\s*", re.IGNORECASE)
"""The number of an alert as people write it."""


def of_model(called: str) -> Q:
    """Alerts of a version of a model (`watch_3m v1`), or of all its versions (`watch_3m`)."""
    return Q(model=called) | Q(model__startswith=f"{called} v")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A filter of alerts by its parameters; what is empty asks for nothing. Without `closed` only what is open is asked for.

    `exposure` holds its bounds in minor units of the base currency, each of which may be missing.
    """

    level: tuple[str, ...] = ()
    stage: tuple[str, ...] = ()
    due: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    snoozed: tuple[str, ...] = ()
    ceased: tuple[str, ...] = ()
    escalated: tuple[str, ...] = ()
    decide: tuple[str, ...] = ()
    outcome: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    org: tuple[str, ...] = ()
    rule: tuple[str, ...] = ()
    borrower: tuple[str, ...] = ()
    model: tuple[str, ...] = ()
    """A version of a scoring model."""
    exposure: tuple[int | None, int | None] | tuple[()] = ()
    q: tuple[str, ...] = ()
    """The number of an alert, or what was looked for in vain."""
    wrong: tuple[DaihouError, ...] = ()
    """What the address says that cannot be understood."""

    @property
    def any(self) -> bool:
        """Whether anything but open alerts is asked for."""
        return replace(self, closed=() if self.closed == ("0",) else self.closed) != Chosen()

    @property
    def open(self) -> bool:
        """Whether only open alerts are asked for."""
        return self.closed in ((), ("0",))

    @property
    def names(self) -> list[str]:
        """The parameters that ask for something, in the order of LABELS."""
        return [name for name in LABELS if getattr(self, name)]

    def refuse(self) -> None:
        """DaihouError where anything was said wrongly: what acts on a list, or takes it away, must not take more than was meant."""
        if self.wrong:
            raise self.wrong[0]

    @property
    def state(self) -> Q:
        """Whether open alerts are asked for, closed ones, or both."""
        if self.open:
            return Q(closed_at=None)
        return Q(closed_at__isnull=False) if self.closed == ("1",) else Q()

    def condition(self, user: User, rights: Access, now: dt.datetime) -> Q:
        """All but the state as a condition on alerts, for somebody, at a moment."""
        found = Q()
        for name, field in (("topic", "topic"), ("source", "source"), ("stage", "stage"), ("outcome", "outcome")):
            found &= _among(field, getattr(self, name))
        if self.level:
            found &= Q(rank__in=[RANKS[level] for level in self.level])
        for name, column in (
            ("snoozed", "snoozed_until"),
            ("ceased", "ceased_on"),
            ("escalated", "escalated_org_id"),
        ):
            if value := getattr(self, name):
                found &= Q(**{f"{column}__isnull": value == ("0",)})
        if self.due:
            found &= due_condition(self.due[0], now)
        if self.owner:
            found &= _owned(self.owner, user)
        if self.org:
            found &= Q(org_id__in=sorted(orgs.tree().below(self.org[0])))
        if self.rule:
            found &= Q(rule_id=self.rule[0])
        if self.exposure:
            least, most = self.exposure
            found &= Q() if least is None else Q(exposure__gte=least)
            found &= Q() if most is None else Q(exposure__lte=most)
        if self.borrower:
            found &= Q(borrower_id__in=self.borrower)
        if self.model:
            found &= of_model(self.model[0])
        if self.q:
            number = NUMBER.fullmatch(self.q[0])
            found &= Q(pk=int(number[1]) if number else None)
        if self.decide:
            found &= waiting.deciding(user, rights)
        return found


def due_condition(name: str, now: dt.datetime) -> Q:
    """Alerts by their deadline, those that rest left out: overdue, or not yet and due today, or within three work days, today among them."""
    awake = Q(snoozed_until=None)
    if name == "overdue":
        return awake & Q(due_at__lt=now)
    until = deadlines.end_of_day(now if name == "today" else deadlines.soon(now))
    return awake & Q(due_at__gte=now, due_at__lte=until)


def chosen(query: QueryDict) -> Chosen:
    """The filter of an address; what it says wrongly is left out and told in `wrong`."""
    found: dict[str, Any] = {}
    wrong: list[DaihouError] = []
    for name, offered in OFFERED.items():
        stated = values(query, name)
        found[name] = tuple(value for value in stated if value in offered)
        wrong += [_unknown(name, value, offered) for value in stated if value not in offered]
        if name not in SEVERAL and len(found[name]) > 1:
            found[name] = found[name][:1]
            wrong.append(_single(name))
    found["owner"] = tuple(value for value in values(query, "owner") if value in OWNERS or _key(value))
    wrong += [_unknown("owner", value, OWNERS) for value in values(query, "owner") if value not in found["owner"]]
    for name in ("org", "rule", "model"):
        found[name] = values(query, name)[:1]
    if found["org"] and found["org"][0] not in orgs.tree().orgs:
        wrong.append(_unknown("org", found.pop("org")[0], orgs.tree().orgs))
    found["borrower"] = values(query, "borrower")[:MOST_BORROWERS]
    if text := query.get("q", "").strip():
        found["q"] = (text[:CHARACTERS],)
    try:
        found["exposure"] = _bounds(query.get("exposure", ""))
    except DaihouError as error:
        wrong.append(error)
    return Chosen(**found, wrong=tuple(wrong))


def order(query: QueryDict, wanted: Chosen) -> tuple[str, bool, list[DaihouError]]:
    """By what an address sorts, whether the other way round, and what it says wrongly; closed alerts by their end."""
    usual = "due" if wanted.open else "closed"
    stated = query.get("sort") or usual
    if stated.removeprefix("-") in SORTS:
        return stated.removeprefix("-"), stated.startswith("-"), []
    return usual, False, [_unknown("sort", stated, SORTS)]


def ordering(sort: str, *, reverse: bool) -> list[str]:
    """The order as fields of alerts."""
    return (
        [name.removeprefix("-") if reverse == name.startswith("-") else f"-{name}" for name in SORTS[sort]]
        if reverse
        else list(SORTS[sort])
    )


def paged(query: QueryDict) -> tuple[int, int]:
    """The page that an address asks for, and how many rows a page has."""
    stated = query.get("size", "")
    size = int(stated) if stated in [str(size) for size in SIZES] else SIZES[1]
    page = query.get("page", "")
    return (max(int(page), 1) if page.isascii() and page.isdecimal() and len(page) < 8 else 1), size


def values(query: QueryDict, name: str) -> tuple[str, ...]:
    """The values of a parameter, said once as a,b or several times, each once."""
    stated = [value.strip()[:CHARACTERS] for held in query.getlist(name) for value in held.split(",")]
    return tuple(dict.fromkeys(value for value in stated if value))


def kept(query: QueryDict) -> QueryDict:
    """What of an address may be kept: its filter and order, no page, and no text that may be somebody's name."""
    left = QueryDict(mutable=True)
    for name, held in query.lists():
        stated = [value for value in held if value.strip()]
        if name in PARAMETERS and stated and (name != "q" or NUMBER.fullmatch(stated[-1])):
            left.setlist(name, stated)
    return left


PARAMETERS: Final = frozenset({field.name for field in fields(Chosen)} - {"wrong"} | {"sort", "size"})


def _among(field: str, stated: Collection[str]) -> Q:
    return Q(**{f"{field}__in": stated}) if stated else Q()


def _owned(stated: Collection[str], user: User) -> Q:
    if set(stated) == {"none"}:
        return Q(owner=None)
    keys = {user.pk if value == "me" else int(value) for value in stated if value != "none"}
    found = Q(owner__in=sorted(keys))
    return found | Q(owner=None) if "none" in stated else found


def _key(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) < 16


def _bounds(stated: str) -> tuple[int | None, int | None] | tuple[()]:
    """Bounds of an amount in units of the base currency, `500000..` or `..2000000.00`, as minor units."""
    text = stated.replace(",", "").replace("，", "").strip()[:CHARACTERS]
    if not text:
        return ()
    least, dots, most = text.partition("..")
    try:
        low, high = _minor(least), _minor(most if dots else least)
    except (InvalidOperation, ValueError):
        low = high = None
    if (low is None and high is None) or (low is not None and high is not None and low > high):
        raise DaihouError(
            f"exposure: '{stated[:40]}' is no range of amounts.",
            "Write it like 500000.. or 500000..2000000, in units of the base currency.",
            zh=(f"敞口：“{stated[:40]}”不是金额区间。", "写法如 500000.. 或 500000..2000000，单位为本位币元。"),
        )
    return low, high


def _minor(text: str) -> int | None:
    if not text.strip():
        return None
    amount = Decimal(text.strip())
    if not amount.is_finite() or abs(amount) >= Decimal("1e15"):
        raise ValueError(text)
    return int(amount * money.unit(settings.HOME.settings.base_currency))


def _unknown(name: str, stated: str, offered: Collection[str]) -> DaihouError:
    listed = list(offered)[:12]
    return DaihouError(
        f"{name}: '{stated[:40]}' is nothing that alerts are chosen by; it was left out.",
        f"Use one of: {', '.join(listed)}; or choose from the form.",
        zh=(f"{name}：“{stated[:40]}”不是可用的取值，已忽略。", f"可用：{'、'.join(listed)}；也可在页面上选择。"),
    )


def _single(name: str) -> DaihouError:
    return DaihouError(
        f"{name} holds one value at a time; the first was taken.",
        "Choose one from the form.",
        zh=(f"{name} 一次只能取一个值，已取第一个。", "请在页面上选择一个。"),
    )
