"""The panel in which a collector notes what came of a contact: which buttons, by which keys, and why they are closed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from daihou.desk.casework.choices import Said
from daihou.desk.casework.outcomes import OTHERS, STOP_ALL, STOP_CALLS, STOP_NUMBER
from daihou.desk.contacts import fitting
from daihou.desk.contacts.choices import Outcome

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.casework.confirming import Offer
    from daihou.desk.casework.models import Case, Promise
    from daihou.desk.contacts.models import Contact

CONVERSATION, STOP = "conversation", "stop"
FIRST: Final = (
    ("1", Outcome.CONVERSATION, CONVERSATION), ("2", Outcome.NO_ANSWER, ""), ("3", Outcome.BUSY, ""), ("4", Outcome.INVALID, ""),
    ("5", Outcome.THIRD_PARTY, ""), ("6", "", STOP),
)  # fmt: skip
"""Key, outcome, and which row it opens instead of saving."""
RARE: Final = (Outcome.VOICEMAIL, Outcome.REFUSED, Outcome.NOT_MADE)
ANSWERS: Final = (
    ("q", Said.PROMISE, ""), ("w", Said.PAID, ""), ("e", Said.HARDSHIP, ""), ("r", Said.DISPUTE, ""), ("t", Said.CALL_BACK, "#call-at"),
    ("y", Said.REFUSES, ""),
)  # fmt: skip
"""Key, what was said, and the field that must be filled for it."""
STOPS: Final[tuple[tuple[str, str, Any], ...]] = (
    ("q", STOP_NUMBER, pgettext_lazy("asked to cease", "This number")),
    ("w", STOP_CALLS, pgettext_lazy("asked to cease", "All calls")),
    ("e", STOP_ALL, pgettext_lazy("asked to cease", "All contact")),
)


@dataclass(frozen=True, slots=True)
class Button:
    """A choice with its key; `opens` a row, or saves."""

    code: str
    label: str
    key: str
    opens: str = ""
    asks: str = ""
    no: bool = False


@dataclass(frozen=True, slots=True)
class Choices:
    """A row of choices that one of the first row opens; `outcome` is what it saves with its answer."""

    code: str
    outcome: str
    title: str
    buttons: tuple[Button, ...]


@dataclass(slots=True)
class Panel:
    """The panel. `no` says why nothing can be noted now."""

    first: tuple[Button, ...]
    rare: tuple[Button, ...]
    rows: tuple[Choices, ...]
    contact: int | None
    key: str
    claim: str
    instead_of: int | None
    no: str
    note: str
    open: str = CONVERSATION
    call_from: str = ""
    inbound: bool = False
    saved: str = ""
    next: int | None = None
    trouble: str = ""
    typed: str = ""
    confirm: Offer | None = None
    """By what a promise is confirmed."""


def panel(case: Case, contact: Contact | None, claim: str, promise: Promise | None, no: str, now: dt.datetime) -> Panel:
    """What may be noted now: of the contact under way, else nothing, with the reason."""
    if not no and contact is None:
        no = _("Begin a contact first: what came of it is noted here.")
    other = contact is not None and contact.party in OTHERS
    first = tuple(
        Button(
            code, str(Outcome(code).label) if code else _("Asks for calls to stop"), key, opens,
            no=(opens == CONVERSATION and other) or (bool(code) and not _may_come_to(contact, code)),
        )
        for key, code, opens in FIRST
    )  # fmt: skip
    rows = (
        Choices(
            CONVERSATION, Outcome.CONVERSATION, _("Spoke to the person, who"), tuple(Button(code, str(code.label), key, asks=asks) for key, code, asks in ANSWERS)
        ),
        Choices(STOP, Outcome.THIRD_PARTY if other else Outcome.CONVERSATION, _("What is to cease"), tuple(Button(code, str(label), key) for key, code, label in STOPS)),
    )  # fmt: skip
    rare = tuple(Button(code, str(code.label), "") for code in RARE if _may_come_to(contact, code))
    return Panel(
        first, rare, rows, contact.pk if contact else None, uuid.uuid4().hex, claim, promise.pk if promise else None, no, _("two clicks, saved at once"),
        STOP if other else CONVERSATION, f"{timezone.localtime(now):%Y-%m-%dT%H:%M}", case.open and contact is None and not no,
    )  # fmt: skip


def _may_come_to(contact: Contact | None, code: str) -> bool:
    """Whether a contact can have come to that: a visit is never busy, and a number that was uncovered counts as dialled."""
    return contact is None or not fitting.against_outcome(contact, code)
