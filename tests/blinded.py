"""How tests take in transactions with raw texts where no vault is at hand: tokens by a key that everybody may know, flags by the policy that ships."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING

from daihou.book.intake import Blinder
from daihou.runs.policies import read_policies

if TYPE_CHECKING:
    from daihou.book.home import Home


def blinder(home: Home, on: dt.date = dt.date(2026, 1, 1)) -> Blinder:
    """A blinder by the keywords in force in a home on a day; the same name has the same token in every test."""
    keywords = read_policies(home).cash_flow.on(on).values.keywords
    return Blinder(lambda text: hashlib.blake2s(text.encode(), key=b"test", digest_size=16).hexdigest(), keywords)
