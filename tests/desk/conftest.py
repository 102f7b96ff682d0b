"""A small book in the home of the test process, and a fixed cast of users.

The book is the simulated bank: 400 loans, 14 months, orgs HQ over B01 … B04. Of the cast, Zhou Min works at head office; Chen Li is an
officer of branch B01 with the customers of one officer number; Bai Hua is a manager of B01; others hold one role for the whole lender.
"""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from django.conf import settings
from django.test import Client

from blinded import blinder
from daihou.book.home import open_home
from daihou.book.intake import deliver
from daihou.desk.people.models import Membership, User
from daihou.desk.people.roles import Role
from daihou.desk.vault import people as vaulted
from daihou.runs import store
from daihou.runs.history import dates, pairs
from daihou.runs.nightly import run_all
from daihou.simulation.book import Simulated, simulate
from daihou.simulation.parameters import shipped
from daihou.vault.person import from_row
from once import once

if TYPE_CHECKING:
    import datetime as dt

    from daihou.vault.person import PersonRecord

PASSWORD = "correct horse battery"  # noqa: S105 - of users that live as long as a test


def _quiet(_stage: str, _done: int, _all: int) -> None:
    """Show nothing."""


def _build(folder: Path) -> None:
    """The book as files, and a home where it is taken in and measured at its last eight month ends."""
    made = simulate(shipped("bank"), 400, 14, 1, folder / "sent", _quiet)
    (folder / "made").write_bytes(pickle.dumps(made))
    home = open_home(folder / "home", {})
    for table in made.rows:
        files = [Path(file) for file in made.files(table)]
        deliver(home, files, table, today=made.last_on, progress=_quiet, blinder=blinder(home))
    run_all(home, pairs(dates(made.first_on, made.last_on, "month-end"), None)[-8:], _quiet)


@pytest.fixture(scope="session")
def _built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, "desk", _build)


@pytest.fixture(scope="session")
def made(_built: Path) -> Simulated:
    """The book as files."""
    found = pickle.loads((_built / "made").read_bytes())  # noqa: S301 - our own bytes
    assert isinstance(found, Simulated)
    return found


@pytest.fixture(scope="session")
def book(_built: Path) -> list[tuple[dt.date, dt.date]]:
    """The book taken in and measured at its last eight month ends, in the home of this process; answers their pairs of dates."""
    for part in filter(Path.is_dir, (_built / "home").iterdir()):  # what tests without a book left
        shutil.rmtree(settings.HOME.path / part.name, ignore_errors=True)
    shutil.copytree(_built / "home", settings.HOME.path, dirs_exist_ok=True)
    return store.pairs(settings.HOME)


@pytest.fixture
def people(db: None, made: Simulated) -> dict[str, PersonRecord]:
    """Who the borrowers are, put into the vault; answers them by number, in clear."""
    rows = list(pl.read_parquet(made.files("people")).iter_rows(named=True))
    found = {row["borrower_id"]: from_row(row) for row in rows}
    vaulted.put((row["borrower_id"], "person", found[row["borrower_id"]], row["known_on"]) for row in rows)
    return found


@pytest.fixture(scope="session")
def loans(book: list[tuple[dt.date, dt.date]]) -> pl.DataFrame:
    """The last snapshot."""
    frame = pl.from_arrow(store.read(settings.HOME, "snapshots", *book[-1]))
    assert isinstance(frame, pl.DataFrame)
    return frame


def user(username: str, *memberships: tuple[str, str], officer_id: str = "", **more: Any) -> User:
    """A user with roles, each for an org and all below it ('' for the whole lender)."""
    made = User.objects.create_user(
        username, password=PASSWORD, name=more.pop("name", username.title()), officer_id=officer_id, **more
    )
    Membership.objects.bulk_create([Membership(user=made, role=role, org_id=org) for role, org in memberships])
    return made


@pytest.fixture
def cast(db: None, loans: pl.DataFrame) -> dict[str, User]:
    """Everyone by what they are: each role for the whole lender, and an officer and a manager of branch B01."""
    officer_id = loans.filter(pl.col("org_id") == "B01")["officer_id"].drop_nulls().sort()[0]
    people = {
        role.value: user(role.value, (role.value, ""), language="en") for role in Role if role is not Role.OFFICER
    }
    people["officer"] = user("officer", (Role.OFFICER, "B01"), officer_id=officer_id, language="en")
    people["branch_manager"] = user("branch_manager", (Role.MANAGER, "B01"), language="en")
    return people


@pytest.fixture
def sign_in(cast: dict[str, User]) -> Any:
    """A function that gives the browser of one of the cast."""

    def signed_in(who: str) -> Client:
        client = Client()
        client.force_login(cast[who])
        return client

    return signed_in
