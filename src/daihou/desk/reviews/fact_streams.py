"""What finished reviews say, as findings about their borrowers. Values hold codes and numbers; words and pictures stay in the desk."""

from __future__ import annotations

from typing import Final

from django.db.models import Q

from daihou.desk.facts import stream
from daihou.desk.reviews.models import Fact


def _found(made: Fact) -> stream.Fact:
    return stream.Fact(made.review.borrower_id, made.kind, made.at, made.value)


STREAMS: Final = (stream.Stream("findings", Fact, lambda _now: Q(), "told_at", _found, ("review",)),)
