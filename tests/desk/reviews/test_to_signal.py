"""What somebody finds on a visit is a signal of the next run."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from django.test import override_settings
from django.utils import timezone

from blinded import blinder
from daihou.book.home import open_home
from daihou.book.intake import deliver
from daihou.desk.facts import writing
from daihou.desk.people.roles import Role
from daihou.desk.reviews import doing
from daihou.desk.reviews.models import Review
from daihou.runs import store
from daihou.runs.nightly import run_all
from daihou.simulation.book import simulate
from daihou.simulation.parameters import shipped
from desk.alerts.hands import asked
from desk.conftest import user
from desk.reviews.test_sheets import FORM, VOCABULARY

if TYPE_CHECKING:
    import pytest

    from daihou.book.home import Home


def quiet(_stage: str, _done: int, _all: int) -> None:
    """Show nothing."""


def signals(home: Home, day: dt.date) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(store.read(home, "signals", day, day)))


def test_a_red_finding_fires_its_rule_in_the_next_run(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = open_home(tmp_path / "home", {})
    made = simulate(shipped("bank"), 120, 3, 1, tmp_path / "sent", quiet)
    for table in made.rows:
        files = [Path(file) for file in made.files(table)]
        deliver(home, files, table, today=made.last_on, progress=quiet, blinder=blinder(home))
    first, second = made.last_on, made.last_on + dt.timedelta(days=1)
    run_all(home, [(first, first)], quiet)
    borrower = str(
        pl.DataFrame(pl.from_arrow(store.read(home, "borrower_snapshots", first, first)))["borrower_id"].sort()[0]
    )
    noon = dt.datetime.combine(second, dt.time(4), dt.UTC)
    monkeypatch.setattr(timezone, "now", lambda: noon)
    with override_settings(HOME=home):
        (home.path / "forms").mkdir()
        (home.path / "forms" / "shop.yaml").write_text(
            FORM.replace("two_people: true", "two_people: false").replace("least: 1", "least: 0"), "utf-8"
        )
        (home.path / "forms" / "findings.yaml").write_text(VOCABULARY, "utf-8")
        request = asked(user("li", (Role.MANAGER, "")))
        review = Review.objects.create(
            plan="by_hand", about="borrower", subject=borrower, anchor="1", type="special", site="on", form="shop", borrower_id=borrower,
            due_on=second, planned_on=first, planned_at=noon, owner=request.user,
        )  # fmt: skip
        sheet = doing.begin(review, 1, request)
        sheet = doing.save(sheet, 1, {"open": "shut", "turnover": 0, "willing": 2}, request)
        doing.finish(sheet, sheet.revision, request)
        assert writing.write(noon) == {"findings": 3}
    run_all(home, [(second, second)], quiet)
    fired = signals(home, second).filter(pl.col("rule_id").is_in(["R-361", "R-363"]))
    assert set(fired.select("rule_id", "subject_id", "transition").rows()) == {
        ("R-361", borrower, "opened"), ("R-363", borrower, "opened"),
    }  # fmt: skip
    assert not signals(home, first)["rule_id"].is_in(["R-361", "R-363"]).any()
