"""What a message says, asked for when it is sent: apps that know register here, by template, so that contacts need not know of cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.contacts.models import Contact

Reader = Callable[["Contact", "dt.datetime"], Mapping[str, Any] | None]
"""What is so at a moment, over what was given when the message was posted; None: what it would say is no longer so, and it is dropped."""
_READERS: Final[dict[str, Reader]] = {}


_PLANS: Final[dict[str, Reader]] = {}
"""Of messages that a plan posts and that belong to no case."""


def register(template: str, reader: Reader) -> None:
    """Say who knows the facts of a template; ValueError where somebody else does already."""
    if _READERS.setdefault(template, reader) != reader:
        raise ValueError(f"the facts of {template} are known already")


def register_plan(template: str, reader: Reader) -> None:
    """The same of a message that belongs to no case."""
    if _PLANS.setdefault(template, reader) != reader:
        raise ValueError(f"the facts of {template} are known already")


def of(contact: Contact, now: dt.datetime) -> Mapping[str, Any] | None:
    """What a message may name now; None where it is no longer to be sent. Of a template that nobody knows: what was given."""
    plan = _PLANS.get(contact.template) if contact.case_id is None else None
    reader = plan or _READERS.get(contact.template)
    if reader is None:
        return dict(contact.values)
    found = reader(contact, now)
    return None if found is None else {**contact.values, **found}
