"""What was demanded of whom, as findings about the debtor."""

from __future__ import annotations

from typing import Final

from django.db.models import Q

from daihou.desk.facts import stream
from daihou.desk.letters.models import Fact


def _served(made: Fact) -> stream.Fact:
    return stream.Fact(made.letter.borrower_id, made.kind, made.at, made.value)


STREAMS: Final = (stream.Stream("findings", Fact, lambda _now: Q(), "told_at", _served, ("letter",)),)
