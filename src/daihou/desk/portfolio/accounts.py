"""Loans opened for a page: the ledger mapped once a process, explanations and courses read from it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

from daihou.book.errors import DaihouError
from daihou.book.ledger.files import read_pointer
from daihou.book.ledger.ledger import open_ledger

if TYPE_CHECKING:
    from daihou.book.home import Home
    from daihou.book.ledger.ledger import Ledger


def ledger() -> Ledger:
    """The ledger in force; it is brought up to the lake by runs, never by a page. DaihouError where there is none yet."""
    home: Home = settings.HOME
    pointer = read_pointer(home.ledger)
    if not pointer.generation:
        raise DaihouError(
            "There is no ledger yet.",
            "Take in loans under Data quality, then start a run under Jobs.",
            zh=("尚未建立台账。", "请先在“数据质量”中导入贷款，再在“任务”中发起跑批。"),
        )
    return _opened(home, pointer.generation)


@lru_cache(maxsize=2)
def _opened(home: Home, generation: int) -> Ledger:  # noqa: ARG001 - the generation is the cache's key
    return open_ledger(home.ledger)
