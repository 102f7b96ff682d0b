"""One act on many cases: to a collector, by turns, to an agency, back from it. Which cases is frozen when it is asked for, what will be refused is shown.

What is frozen travels with the page of confirming it, signed: nothing is kept until it is done. Each case goes through its own transition as it was looked
at, so an act that is confirmed twice finds every case changed, and does nothing. All of it is one transaction with one request: by its id the audit log
holds it together, and one entry sums it up.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from daihou.book.errors import DaihouError
from daihou.desk.audit.log import record
from daihou.desk.casework import guards, scope, transitions
from daihou.desk.casework.owners import Chooser
from daihou.desk.people.models import Absence, User
from daihou.desk.refusals import RefusedError, StaleError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from daihou.desk.asked import Asked
    from daihou.desk.casework.models import Agency, Case

ACTS: Final[Mapping[str, Any]] = {
    "assign": pgettext_lazy("what to do with cases", "Assign"),
    "share": pgettext_lazy("what to do with cases", "Share out by turns"),
    "to_agency": pgettext_lazy("what to do with cases", "Give to an agency"),
    "from_agency": pgettext_lazy("what to do with cases", "Take back from the agency"),
}
NOTED: Final = ("to_agency", "from_agency")
"""Acts that need a reason."""
MOST: Final = 1_000
"""Cases of one act: so many are done while somebody waits."""
NAMED: Final = 20
"""Cases that are named for a reason; the others are counted."""
SALT: Final = "casework.assigning"
VALID_SECONDS: Final = 3_600
"""For so long what was frozen can be confirmed."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """An act that was asked for: cases each with the revision that was looked at, and the address of the list they come from."""

    act: str
    pairs: tuple[tuple[int, int], ...]
    query: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What an act needs: whom for `assign`, which agency for `to_agency`, and the reason."""

    owner: User | None = None
    agency: Agency | None = None
    note: str = ""


@dataclass(slots=True)
class Refusals:
    """Cases that an act refuses, by the reason."""

    by_reason: dict[str, list[Case]] = field(default_factory=lambda: defaultdict(list))

    @property
    def count(self) -> int:
        """How many."""
        return sum(map(len, self.by_reason.values()))

    def told(self) -> list[tuple[str, int, list[Case]]]:
        """Each reason with how many and the first of them, the most frequent first."""
        found = sorted(self.by_reason.items(), key=lambda held: -len(held[1]))
        return [(why, len(cases), cases[:NAMED]) for why, cases in found]


@dataclass(frozen=True, slots=True)
class Preview:
    """What an act will come to: the cases it will be done to, those it refuses, and, where they are shared out, how many each collector gets."""

    count: int
    allowed: list[Case]
    refusals: Refusals
    turns: list[tuple[User, int]]

    @property
    def claims(self) -> list[tuple[int, str]]:
        """What is claimed in those it will be done to, by currency."""
        sums: Counter[str] = Counter()
        for case in self.allowed:
            sums[case.currency] += case.claim
        return [(claim, currency) for currency, claim in sorted(sums.items())]


@dataclass(frozen=True, slots=True)
class Done:
    """What an act came to."""

    act: str
    done: int
    refusals: Refusals
    entry: int
    """Of the audit log."""


def freeze(request: Asked, act: str, pairs: Sequence[tuple[int, int]], query: str) -> str:
    """Which cases an act is asked for, as a text that nobody else can make; DaihouError where there is no case, or too many."""
    if act not in ACTS:
        raise DaihouError(
            f"'{act[:40]}' is nothing that is done with many cases.",
            f"Use one of: {', '.join(ACTS)}.",
            zh=(f"“{act[:40]}”不是可用的批量操作。", f"可用：{'、'.join(ACTS)}。"),
        )
    if not pairs:
        raise DaihouError(
            "No case was chosen.",
            "Choose rows with x, then act on them.",
            zh=("未选择案件。", "请先用 x 选择行，再执行操作。"),
        )
    if len(pairs) > MOST:
        raise DaihouError(
            f"{len(pairs):,} cases are more than are done at once ({MOST:,}).",
            "Narrow the filter and do it in parts.",
            zh=(f"共 {len(pairs):,} 件，超过单次批量上限 {MOST:,} 件。", "请缩小筛选范围，分批处理。"),
        )
    held = {"act": act, "pairs": [list(pair) for pair in pairs], "query": query, "by": request.user.pk}
    return signing.dumps(held, salt=SALT, compress=True)


def thawed(request: Asked, text: str) -> Frozen:
    """What was frozen; DaihouError where it is too old, or was not frozen for this user."""
    try:
        held = signing.loads(text, salt=SALT, max_age=VALID_SECONDS)
    except signing.BadSignature:
        held = {}
    if held.get("by") != request.user.pk:
        raise DaihouError(
            "What was chosen can no longer be confirmed.",
            "Choose the cases again.",
            zh=("所选案件已失效，无法确认。", "请重新选择案件。"),
        )
    return Frozen(held["act"], tuple((pk, revision) for pk, revision in held["pairs"]), held["query"])


def cases_of(frozen: Frozen, request: Asked) -> list[tuple[Case, int]]:
    """The frozen cases that the user still sees, in their order, each with the revision that was looked at."""
    seen = dict(frozen.pairs)
    held = scope.seen(request.user, request.rights).select_related("owner", "agency").in_bulk(list(seen))
    return [(held[pk], revision) for pk, revision in seen.items() if pk in held]


def preview(frozen: Frozen, request: Asked, today: dt.date) -> Preview:
    """What the act will come to, as far as it can be said before it is known to whom they go."""
    allowed: list[Case] = []
    refusals = Refusals()
    turns, givers = Turns.on(today) if frozen.act == "share" else None, Counter[int]()
    for case, revision in cases_of(frozen, request):
        why = (
            _("It was changed since you chose it.")
            if case.revision != revision
            else _against(frozen.act, case, request)
        )
        if not why and turns is not None:
            owner = turns.next(case)
            why = _("Nobody of its org is there and has a hand free.") if owner is None else ""
            givers.update([owner.pk] if owner else [])
        if why:
            refusals.by_reason[why].append(case)
        else:
            allowed.append(case)
    shared = [(turns.users[pk], count) for pk, count in givers.most_common()] if turns else []
    return Preview(len(frozen.pairs), allowed, refusals, shared)


def wanting(act: str, said: Said) -> dict[str, str]:
    """What is missing of what the act needs, by its field, whichever the cases are."""
    found = {}
    if act == "assign" and said.owner is None:
        found["owner"] = _("Choose to whom.")
    if act == "to_agency" and said.agency is None:
        found["agency"] = _("Choose an agency.")
    if act in NOTED and len(said.note.strip()) < guards.NOTE_CHARACTERS:
        found["note"] = _("Say why, in a few words.")
    return found


def do(frozen: Frozen, said: Said, request: Asked, today: dt.date) -> Done:
    """Do it to every case that is as it was looked at and for which it is allowed; what is refused is told with the reason."""
    refusals, done = Refusals(), []
    refused: list[list[Any]] = []
    turns = Turns.on(today) if frozen.act == "share" else None
    with transaction.atomic():
        for case, revision in cases_of(frozen, request):
            try:
                _act(frozen.act, case, revision, said, request, turns)
            except StaleError:
                why = _("It was changed since you chose it.")
            except RefusedError as error:
                why = str(error)
            else:
                done.append(case.pk)
                continue
            refusals.by_reason[why].append(case)
            refused.append([case.pk, why])
        values = {"owner": said.owner.pk if said.owner else None, "agency": said.agency.code if said.agency else None}
        entry = record(
            request, "case.many", "case", f"{len(done)} cases",
            {
                "act": frozen.act, **{name: value for name, value in values.items() if value}, "query": frozen.query, "done": done,
                "refused": refused,
            },
        )  # fmt: skip
    return Done(frozen.act, len(done), refusals, entry.pk)


@dataclass(slots=True)
class Turns:
    """Who gets the next case by turns: of those who are there and whose hands are not full, who has the least."""

    chooser: Chooser
    users: dict[int, User]

    @classmethod
    def on(cls, day: dt.date) -> Turns:
        """With the people as they are now."""
        chooser = Chooser.on(day)
        known = User.objects.prefetch_related("memberships").in_bulk(list(chooser.works))
        return cls(chooser, known)

    def next(self, case: Case) -> User | None:
        """Who gets a case; None where nobody can."""
        chosen = self.chooser.choose(case.org_id)
        return None if chosen is None else self.users[chosen]


def _against(act: str, case: Case, request: Asked) -> str:
    """Why the act is not open for a case, before it is known to whom it goes."""
    user, rights = request.user, request.rights
    if act in ("assign", "share"):
        return guards.against_assigning(case, user, rights, None)
    if act == "to_agency":
        return guards.against_to_agency(case, user, rights, None, None)
    return guards.against_from_agency(case, user, rights, None)


def _act(act: str, case: Case, revision: int, said: Said, request: Asked, turns: Turns | None) -> None:
    if turns is not None:
        owner = turns.next(case)
        if owner is None:
            raise RefusedError(_("Nobody of its org is there and has a hand free."))
        transitions.assign(case, revision, owner, said.note, request)
    elif act == "assign" and said.owner is not None:
        transitions.assign(case, revision, said.owner, said.note, request)
    elif act == "to_agency" and said.agency is not None:
        transitions.to_agency(case, revision, said.agency, said.note, request)
    else:
        transitions.from_agency(case, revision, said.note, request)


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody who may be given cases: how many open ones they have, and who stands in where they are away."""

    user: User
    load: int
    stand_in: User | None


def receivers(cases: Iterable[Case], today: dt.date) -> list[Receiver]:
    """Who works cases of any of their orgs: who is there before who is away, then who has less to do."""
    chooser = Chooser.on(today)
    places = {(case.org_id, case.lead_org_id) for case in cases}
    mine = [pk for pk in chooser.works if any(chooser.keeps(pk, *place) for place in places)]
    absences = Absence.objects.filter(user__in=mine, from_on__lte=today, to_on__gte=today).select_related("stand_in")
    away = {one.user_id: one.stand_in for one in absences}
    found = [Receiver(user, chooser.loads.get(pk, 0), away.get(pk)) for pk, user in User.objects.in_bulk(mine).items()]
    return sorted(found, key=lambda one: (one.stand_in is not None, one.load, one.user.name))
