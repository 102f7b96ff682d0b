"""What every connection to a bureau can do: ask for a report once, and ask for the result of a query by its number."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from daihou.desk.notices.handing import HandingError

if TYPE_CHECKING:
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Sent:
    """A query as it is sent. `number` is the bureau's key as well: the same number again is the same query, and is charged once."""

    number: str
    kind: str
    name: str = field(repr=False)
    id_no: str = field(repr=False)
    reason: str
    authorisation: str
    """The document that it stands on, or the article."""
    asked_at: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A report as it came."""

    raw: bytes = field(repr=False)
    mime: str
    cost: Decimal | None
    """What it cost; None where the bureau does not say."""


class Still(Enum):
    """What a bureau says of a query that it has no answer to."""

    TAKEN = "taken"
    """It took it up and has not answered yet."""
    UNKNOWN = "unknown"
    """It knows no query of the number."""


class DeclinedError(HandingError):
    """The bureau took the query up and gives no report. It may have cost something all the same."""

    def __init__(self, trouble: str, answer: str = "", *, cost: Decimal | None = None) -> None:
        super().__init__(trouble, answer)
        self.cost = cost


class Connector(Protocol):
    """One bureau."""

    def fetch(self, sent: Sent) -> Answer:
        """The report, asked for now. FailedError where it certainly was not taken up, DeclinedError, UnclearError where nobody knows."""

    def result(self, number: str) -> Answer | Still:
        """What came of a query that was sent; it costs nothing. DeclinedError; FailedError and UnclearError where the bureau does not tell."""
