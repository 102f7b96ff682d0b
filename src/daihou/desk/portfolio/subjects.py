"""What rules watch, as pages lead to it: the address of a loan, a borrower or a version of a scoring model."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse

from daihou.runs.scores.snapshots import model_id


def address(subject: str, subject_id: str) -> str:
    """The page of a subject; empty where the desk has none of its kind."""
    try:
        return reverse(subject, args=[model_id(subject_id) if subject == "model" else subject_id])
    except NoReverseMatch:
        return ""
