"""Why a file is not taken, or not given."""

from __future__ import annotations


class UnfitError(Exception):
    """A file that is not taken; the text says why and what to do, in the language in hand."""


class ErasedError(Exception):
    """What was attached is about somebody who was erased: it opens to nobody any more."""


class DamagedError(Exception):
    """What lies on the disk is not what was attached, or is gone."""
