"""A home in which models score: a card of loans as champion, trees in its shadow, a card that waits for approval; and who works with them."""

from __future__ import annotations

import datetime as dt
import shutil
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from django.test import Client
from django.utils import translation

import scoring_home
from daihou.desk.people.models import Membership, User
from daihou.desk.people.roles import Role
from daihou.runs import store
from daihou.runs.nightly import run_all
from daihou.runs.scores.own_runs import OwnRuns
from daihou.runs.scores.validate import validate
from once import once
from runs.scores.acting import approved, trained
from scoring_home import Scoring, quiet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


WAITS = "watch_6m"
"""The model whose version waits for approval; the other is watch_3m."""


@pytest.fixture(scope="session")
def built_to_show(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home: read it, never write to it."""
    source = scoring_home.built(tmp_path_factory)

    def build(folder: Path) -> None:
        shutil.copy(source / "ends", folder / "ends")
        scoring = scoring_home.copied(source, folder / "home")
        approved(scoring, scoring.design("loan"))
        approved(scoring, scoring.design("loan"), "trees", "shadow")
        waiting = trained(scoring, scoring.design("loan").replace("id: watch_3m", f"id: {WAITS}"))
        validate(
            scoring.home,
            waiting.model_id,
            waiting.number,
            "Ann",
            scoring.ends[-3] + dt.timedelta(days=1),
            "command",
            quiet,
        )
        run_all(scoring.home, [(end, end) for end in scoring.ends[-2:]], quiet)

    return once(tmp_path_factory, "shown", build)


@pytest.fixture
def scoring(built_to_show: Path, settings: Any, db: None) -> Iterator[Scoring]:
    """The home to look at, as the desk's own."""
    found = scoring_home.at(built_to_show)
    settings.HOME = found.home
    with translation.override("en"):
        yield found


@pytest.fixture
def to_decide(built_to_show: Path, tmp_path: Path, settings: Any, db: None) -> Iterator[Scoring]:
    """A copy of it to work in."""
    found = scoring_home.copied(built_to_show, tmp_path / "home")
    settings.HOME = found.home
    with translation.override("en"):
        yield found


@pytest.fixture
def staff(db: None) -> dict[str, User]:
    """People of the whole lender, and some of a part of it."""
    held = {
        "wang": (Role.ANALYST, ""), "zhou": (Role.REVIEWER, ""), "qian": (Role.MANAGER, ""), "wu": (Role.AUDITOR, ""), "yu": (Role.VIEWER, ""),
        "he": (Role.ANALYST, "B01"), "lu": (Role.REVIEWER, "B01"),
    }  # fmt: skip
    people = {name: User.objects.create_user(name, name=name.title(), language="en") for name in held}
    Membership.objects.bulk_create(
        [Membership(user=people[name], role=role, org_id=org) for name, (role, org) in held.items()]
    )
    return people


@pytest.fixture
def browser(staff: dict[str, User]) -> Callable[[str], Client]:
    """A function that gives somebody's browser."""

    def signed_in(name: str) -> Client:
        client = Client()
        client.force_login(staff[name])
        return client

    return signed_in


def last_run(scoring: Scoring) -> dt.date:
    """The newest date that was run."""
    return max(OwnRuns(scoring.home).dates)


def scored(scoring: Scoring) -> pl.DataFrame:
    """The rows of borrowers by the newest run that have a score, the lowest first."""
    day = last_run(scoring)
    frame = pl.DataFrame(pl.from_arrow(store.read(scoring.home, "borrower_snapshots", day, day)))
    return frame.filter(pl.col("score").is_not_null()).sort("score", "borrower_id")
