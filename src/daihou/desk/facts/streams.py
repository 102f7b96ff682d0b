"""All streams of facts, in the order in which they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daihou.desk.casework.fact_streams import STREAMS as OF_CASES
from daihou.desk.letters.fact_streams import STREAMS as OF_LETTERS
from daihou.desk.reviews.fact_streams import STREAMS as OF_REVIEWS

if TYPE_CHECKING:
    from daihou.desk.facts.stream import Stream

STREAMS: Final[tuple[Stream, ...]] = (*OF_REVIEWS, *OF_LETTERS, *OF_CASES)
"""Those of each app."""
