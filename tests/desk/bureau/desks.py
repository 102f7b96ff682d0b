"""Homes with a database of their own, for tests that start processes: set up once for all of them, and copied."""

from __future__ import annotations

import datetime as dt
import secrets
import shutil
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

import pytest

from daihou.book.home import open_home
from daihou.book.intake import deliver
from desk.bureau.asks import FACTS
from desk.desks import Desk, begin, created
from once import once

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEMPLATE: Final = "own_bureau_template"
PEOPLE: Final = 40
"""B0, B1 and so on: each with a live loan, in the vault, and with a consent; a manager `wang` looks after all of them."""
MORE: Final = {
    "borrowers": "B{n},person,X1,\n",
    "loans": "L-B{n},B{n},consumer,1000,2025-01-01,2099-01-01,X1,,\n",
}
SET_UP: Final = """
import datetime as dt
from daihou.cli.desk import django_ready
django_ready()
from django.utils import timezone
from daihou.desk.asked import Asked
from daihou.desk.bureau import authorising
from daihou.desk.people.models import Membership, User
from daihou.desk.people.reach import Access
from daihou.desk.vault import people
from daihou.vault.person import PersonRecord

user = User.objects.create(username="wang", name="Wang")
Membership.objects.create(user=user, role="manager")
request = Asked()
request.user, request.rights = user, Access(user)
day = dt.date(2026, 1, 1)
people.put([("P1", "person", PersonRecord(name="李娜", id_no="11010119900101001X"), day)])
people.put([(f"B{n}", "person", PersonRecord(name=f"N{n}", id_no=f"1101011990{n:08}"), day) for n in range(PEOPLE)])
for n in range(PEOPLE):
    given = authorising.Given("HT-1", ["post_loan_management"], timezone.now() - dt.timedelta(days=1))
    authorising.authorise(f"B{n}", given, None, request)
"""


def _set_up(factory: pytest.TempPathFactory, folder: Path) -> None:
    desk = Desk(folder / "home", begin(factory, folder / "home", TEMPLATE))
    home = open_home(desk.home, {})
    for table, text in FACTS.items():
        path = folder / f"{table}.csv"
        path.write_text(text + "".join(MORE[table].format(n=n) for n in range(PEOPLE) if table in MORE), "utf-8")
        assert not deliver(home, [path], table, today=dt.date(2026, 1, 1)).exit_code
    desk.python(SET_UP.replace("PEOPLE", str(PEOPLE)))


@pytest.fixture(scope="session")
def set_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder whose `home` is set up; its database, where it lies in PostgreSQL, is TEMPLATE."""
    return once(tmp_path_factory, "bureau_desk", partial(_set_up, tmp_path_factory))


@contextmanager
def desk_of(set_up: Path, folder: Path, bureau: str) -> Iterator[Desk]:
    """A desk of its own, with `[bureaus.pbc]` as said; what it started is ended."""
    name = f"own_{secrets.token_hex(4)}"
    made = Desk(shutil.copytree(set_up / "home", folder / "home"), created(name, TEMPLATE))
    settings = made.home / "daihou.toml"
    settings.write_text(f'{settings.read_text("utf-8")}\n[bureaus.pbc]\nmapping = "plain_json"\n{bureau}\n', "utf-8")
    try:
        yield made
    finally:
        made.end()
