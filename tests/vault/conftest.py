"""A home for the vault, and the people who are sealed in it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from daihou.book.home import Home
from daihou.vault.keyset import Keyset, open_keyset
from daihou.vault.person import PersonRecord

if TYPE_CHECKING:
    from pathlib import Path

FIRST = date(2026, 1, 5)
ZHANG = PersonRecord(
    name="张三",
    id_no="11010119900307123X",
    phones=("13812341234", "010-87654321"),
    emails=("zhang.san@example.com",),
    address="江州市城南区幸福路12号3栋",
    timezone="Asia/Shanghai",
    language="zh",
)
JANE = PersonRecord(name="Jane Doe", phones=("+1 415 555 2671",), language="en")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def keyset(home: Home) -> Keyset:
    return open_keyset(home, on=FIRST, must_exist=False)
