"""What intake blinds raw texts with: the vault's key for tokens, and the keywords of policy for flags."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from daihou.book.intake import Blinder
from daihou.runs.policies import read_policies
from daihou.vault.tokens import counterparty_token

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from daihou.book.home import Home
    from daihou.vault.keyset import Keyset


def blinder(home: Home, keyset: Callable[[], Keyset], on: dt.date) -> Blinder:
    """The blinder of a home, by the keywords in force on a day; the keyset is asked for once a counterparty is met."""
    opened = cache(keyset)
    keywords = read_policies(home).cash_flow.on(on).values.keywords
    return Blinder(lambda text: counterparty_token(opened(), text), keywords)
