"""Fixtures of credit reports for every test here."""

from __future__ import annotations

from desk.bureau.asks import _english, _lender, book, home, staff
from desk.bureau.desks import set_up

__all__ = ["_english", "_lender", "book", "home", "set_up", "staff"]
