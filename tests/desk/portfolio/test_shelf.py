"""The shelf: made once by whoever comes first, made again when a run is, and no harm where it is broken or gone."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import shutil
import threading
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl
import pytest
from django.http import QueryDict
from django.test import override_settings

from books import harbour
from daihou.book.home import Home, open_home
from daihou.desk.people.reach import Part, Reach
from daihou.desk.people.roles import Role
from daihou.desk.portfolio import listing, moments, moves, reading, shelf
from daihou.desk.portfolio.columns import columns
from daihou.runs.nightly import run
from desk.portfolio import wharf
from desk.portfolio.conftest import browser, context

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WHOLE = Reach((Part(None),))


@pytest.fixture
def home(built: Home, tmp_path: Path) -> Iterator[Home]:
    """A wharf to work in, with nothing on its shelf."""
    found = open_home(shutil.copytree(built.path, tmp_path / "home"), {})
    shutil.rmtree(found.path / "shelf", ignore_errors=True)
    with override_settings(HOME=found):
        yield found


def asked(query: str = "") -> listing.Listing:
    return listing.listing(listing.LOANS, QueryDict(query), moments.moment(QueryDict(query)), WHOLE)


def files(home: Home) -> set[str]:
    return {path.name for path in (home.path / "shelf").iterdir()}


def take(home: Home) -> Path:
    source = reading.snapshots(moments.moment(QueryDict()))
    return shelf.take(home.path / "shelf", source.paths, reading.scheme(source.pair[0]))


def _take_elsewhere(folder: Path, paths: tuple[str, ...], scheme: Any, answers: Any) -> None:
    file = shelf.take(folder, paths, scheme)
    answers.put((file.name, file.stat().st_ino))


def test_many_who_come_at_once_find_one_and_the_same(home: Home) -> None:
    source = reading.snapshots(moments.moment(QueryDict()))
    scheme, folder, paths = reading.scheme(source.pair[0]), home.path / "shelf", source.paths
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    workers: list[Any] = [
        context.Process(target=_take_elsewhere, args=(folder, paths, scheme, answers)) for _ in range(2)
    ]
    workers += [threading.Thread(target=_take_elsewhere, args=(folder, paths, scheme, answers)) for _ in range(4)]
    for worker in workers:
        worker.start()
    found = {answers.get(timeout=60) for _ in workers}
    for worker in workers:
        worker.join()
    assert len(found) == 1
    assert files(home) == {"lock", *(name for name, _ in found)}


def test_the_table_holds_each_loan_with_its_standing_and_a_number_of_its_borrower(home: Home, held: Any) -> None:
    with duckdb.connect(str(take(home)), read_only=True) as made:
        rows = made.execute(
            "SELECT loan_id, borrower_id, borrower_number, place, as_of, known_on FROM loans"
        ).fetchall()
    with override_settings(HOME=home):
        right = held()
    assert sorted(row[0] for row in rows) == sorted(right["loan_id"])
    assert len({row[1:3] for row in rows}) == len({row[2] for row in rows}) == right["borrower_id"].n_unique()
    assert {row[4:] for row in rows} == {(wharf.END, wharf.END)}
    assert {row[0]: row[3] for row in rows}["R1"] == "unmeasured"  # reported days say nothing of cycles
    assert {row[0]: row[3] for row in rows}["C1"] == "2"


def test_a_column_that_came_after_the_run_is_empty_and_can_be_asked_for(home: Home) -> None:
    source = reading.snapshots(moments.moment(QueryDict()))
    for path in source.paths:
        frame = pl.read_parquet(path, hive_partitioning=False)
        frame.drop("utilisation", "repeated_arrears", "prepaid_amount", "first_due_on", "annual_rate").write_parquet(
            path
        )
    reading._columns.cache_clear()
    assert "utilisation" not in source.columns
    for query in (
        "utilisation=0.5..",
        "repeated_arrears=true",
        "where=prepaid_amount+>+1+or+first_due_on+<+'2026-12-01'",
        "annual_rate=..0.05",
    ):
        assert asked(query).rows() == []
    found = asked("cols=utilisation,prepaid_amount,annual_rate&sort=-utilisation&where=utilisation+is+null")
    assert len(found.rows()) == found.sums()["loans"] == 22
    assert {row["prepaid_amount"] for row in found.rows()} == {None}
    assert sum(batch.num_rows for batch in found.stream()) == 22
    with duckdb.connect(str(take(home)), read_only=True) as made:
        assert {row[0] for row in made.execute("DESCRIBE loans").fetchall()} >= set(columns())


def test_a_run_made_again_is_seen_at_once_by_who_had_read_the_old_one(home: Home, db: None) -> None:
    client = browser("boss", (Role.MANAGER, ""))
    assert context(client, "/loans/?where=loan_id+=+'A1'")["rows"][0]["dpd"] == 61
    assert context(client, "/portfolio/")["balances"].loans_overdue.now == 9
    before = files(home)
    harbour.send(
        home,
        home.path.parent,
        {"payments": "payment_id,loan_id,paid_on,amount,known_on\nA1-9,A1,2026-04-30,500.00,2026-04-30\n"},
    )
    run(home, wharf.END, wharf.END, wharf.quiet)
    assert context(client, "/loans/?where=loan_id+=+'A1'")["rows"][0]["dpd"] == 0
    told = context(client, "/portfolio/")
    assert told["balances"].loans_overdue.now == 8
    assert {view["count"] for view in context(client, "/loans/")["views"] if view["query"] == "state=overdue"} == {8}
    assert len(files(home) - before) == 1


def test_a_list_that_is_being_read_goes_on_while_a_run_writes_again(home: Home) -> None:
    stream = asked("cols=loan_id,dpd").stream()
    first = next(stream)
    run(home, wharf.END, wharf.END, wharf.quiet)
    take(home)
    assert first.num_rows + sum(batch.num_rows for batch in stream) == 22


def test_a_shelf_that_was_taken_away_comes_back(home: Home) -> None:
    assert len(asked().rows()) == 22
    shutil.rmtree(home.path / "shelf")
    assert len(asked().rows()) == 22
    assert len(files(home)) == 2


def test_what_a_killed_process_left_behind_does_no_harm(home: Home) -> None:
    file = take(home)
    file.unlink()
    for left in (file.with_suffix(".draft"), file.with_name("0123.draft"), file.with_name(f"{file.stem}.draft.wal")):
        left.write_bytes(b"half of something")
    file.with_name("0123.draft.tmp").mkdir()
    child = multiprocessing.get_context("fork").Process(target=_die_while_making, args=(file,))
    child.start()
    child.join()
    assert any(name.endswith(".wal") for name in files(home))
    assert take(home) == file
    assert files(home) == {"lock", file.name}
    assert len(asked().rows()) == 22


def _die_while_making(file: Path) -> None:
    """A table written but not yet put into the file, and then nothing more: what a kill leaves."""
    draft = file.with_suffix(".draft")
    draft.unlink()
    draft.with_name(f"{draft.name}.wal").unlink()
    made = duckdb.connect(str(draft))
    made.execute("CREATE TABLE loans AS SELECT range AS loan_id FROM range(10)")
    os._exit(1)


def test_what_was_not_asked_for_longest_makes_room(home: Home) -> None:
    folder = home.path / "shelf"
    folder.mkdir()
    for age in range(12):
        old = folder / f"{age:024}.duckdb"
        old.write_bytes(b"")
        os.utime(old, (1_000_000 - age, 1_000_000 - age))
    file = take(home)
    assert files(home) == {"lock", file.name, *(f"{age:024}.duckdb" for age in range(shelf.KEPT - 1))}


def test_a_comparison_with_a_date_that_was_open_first_finds_it_though_many_came_since(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file open longest is the one that must not be let go while it is asked for."""
    monkeypatch.setattr(reading, "ATTACHED", 3)
    for day in (dt.date(2026, 1, 31), *reversed(wharf.OWN[2:])):
        moment = moments.moment(QueryDict(f"as_of={day}"))
        assert asked(f"as_of={day}").sums()["loans"] > 0
        assert moves.matrix(moment, (dt.date(2026, 1, 31),) * 2, WHOLE)


def test_other_buckets_of_the_house_make_another_table(home: Home) -> None:
    first = take(home)
    values = "{measure: unpaid_due_dates, labels: ['0', '1+'], ends: [0]}"
    policy = f"policy: buckets_cycles\nmeaning: Two.\nversions:\n  - from: 1900-01-01\n    owner: test\n    values: {values}\n"
    (home.path / "policies" / "buckets_cycles.yaml").write_text(policy, "utf-8")
    assert take(home) != first
    moment = moments.moment(QueryDict())
    places = {cell.now for cell in moves.matrix(moment, moment.before or moment.pair, WHOLE)}
    assert "1+" in places
    assert "2" not in places
