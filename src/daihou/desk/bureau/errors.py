"""Why something about a credit report was not done."""

from __future__ import annotations


class UnfitError(Exception):
    """What was asked for does not fit together, or is not for this user; the text says why, in the language in hand."""
