"""Homes to score in: one to train on, and one with models in force after one more night."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

import scoring_home
from daihou.runs.nightly import run_all
from once import once
from runs.scores.acting import approved
from scoring_home import Scoring, quiet

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def built_to_score(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home: read it, never write to it."""
    return scoring_home.built(tmp_path_factory)


@pytest.fixture
def to_read(built_to_score: Path) -> Scoring:
    """The home to look at."""
    return scoring_home.at(built_to_score)


@pytest.fixture
def to_work(built_to_score: Path, tmp_path: Path) -> Scoring:
    """The home to work in."""
    return scoring_home.copied(built_to_score, tmp_path / "home")


@pytest.fixture(scope="session")
def built_in_force(built_to_score: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home with a card of loans as champion and trees in its shadow, after one more night: read it, never write to it."""

    def build(folder: Path) -> None:
        shutil.copy(built_to_score / "ends", folder / "ends")
        scoring = scoring_home.copied(built_to_score, folder / "home")
        approved(scoring, scoring.design("loan"))
        approved(scoring, scoring.design("loan"), "trees", "shadow")
        run_all(scoring.home, [(scoring.ends[-2], scoring.ends[-2])], quiet)

    return once(tmp_path_factory, "in_force", build)


@pytest.fixture
def in_force(built_in_force: Path) -> Scoring:
    """That home to look at."""
    return scoring_home.at(built_in_force)


@pytest.fixture
def in_force_to_work(built_in_force: Path, tmp_path: Path) -> Scoring:
    """That home to work in."""
    return scoring_home.copied(built_in_force, tmp_path / "home")
