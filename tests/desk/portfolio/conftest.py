"""The wharf as the desk's home, and what tests of pages ask over and over."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from django.test import Client, override_settings

from daihou.book.home import open_home
from daihou.desk.people.roles import Role
from daihou.runs import store
from desk.conftest import user
from desk.portfolio import wharf
from once import once

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator

    from daihou.book.home import Home


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The wharf, run, with what the desk of this process keeps beside it: else read it, never write to it."""
    made = once(tmp_path_factory, "wharf", wharf.build) / "home"
    return open_home(shutil.copytree(made, tmp_path_factory.mktemp("wharf") / "home"), {})


@pytest.fixture
def at_wharf(built: Home) -> Iterator[Home]:
    """The desk of the wharf."""
    with override_settings(HOME=built):
        yield built


@pytest.fixture
def held(at_wharf: Home) -> Callable[..., pl.DataFrame]:
    """A function that answers the loans of a pair of dates, as the run wrote them."""

    def rows(as_of: dt.date = wharf.END, known_on: dt.date | None = None, table: str = "snapshots") -> pl.DataFrame:
        frame = pl.from_arrow(store.read(at_wharf, table, as_of, known_on or as_of))
        assert isinstance(frame, pl.DataFrame)
        return frame

    return rows


@pytest.fixture
def boss(db: None, at_wharf: Home) -> Client:
    """Who sees the whole wharf, in English."""
    return browser("boss", (Role.MANAGER, ""))


def browser(name: str, *memberships: tuple[str, str], **more: Any) -> Client:
    """The browser of a new user with roles."""
    client = Client()
    client.force_login(user(name, *memberships, **{"language": "en", **more}))
    return client


def page(client: Client, address: str, status: int = 200) -> str:
    """The text of a page that answers so."""
    response = client.get(address)
    text: str = response.getvalue().decode()
    assert response.status_code == status, text[-3000:]
    return text


def context(client: Client, address: str) -> Any:
    """What a page was made from."""
    response = client.get(address)
    assert response.status_code == 200, response.content.decode()[-3000:]
    return response.context


def listed(text: str) -> list[str]:
    """The loans that a list shows, in order."""
    return re.findall(r'<td[^>]*><a class="mono" href="/loans/[^"]*">([^<]*)</a></td>', text)


def every(client: Client, address: str) -> tuple[list[str], Any]:
    """The loans of all pages of a list in order, and the context of the first."""
    joiner = "&" if "?" in address else "?"
    first = context(client, f"{address}{joiner}size=100")
    found = [row["loan_id"] for row in first["rows"]]
    last = max(number for number in first["pages"] if number)
    for number in range(2, last + 1):
        found += [row["loan_id"] for row in context(client, f"{address}{joiner}size=100&page={number}")["rows"]]
    return found, first
