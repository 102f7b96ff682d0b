from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from daihou.book import lake
from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.book.home import Home


def seals(*days: int) -> pa.Table:
    rows = [{"known_on": date(2026, 1, day), "batch": day} for day in days]
    return pa.Table.from_pylist(rows, schema=lake.schema("seals"))


def staged(folder: Path, name: str, *days: int) -> Path:
    path = folder / name
    pq.write_table(seals(*days), path)
    return path


def test_a_table_never_written_is_empty(home: Home) -> None:
    assert lake.delta(home, "payments") is None
    assert lake.version(home, "payments") is None
    assert lake.files(home, "payments") == []
    assert lake.read(home, "payments").read_all().num_rows == 0
    assert lake.last_batch(home) == 0


def test_a_version_once_written_stays_readable(home: Home) -> None:
    lake.append(home, "seals", seals(1))
    first = lake.version(home, "seals")
    lake.append(home, "seals", seals(2), {"why": "test"})
    assert lake.read(home, "seals", ["batch"], first).read_all().column(0).to_pylist() == [1]
    assert sorted(lake.read(home, "seals", ["batch"]).read_all().column(0).to_pylist()) == [1, 2]


def test_a_batch_is_committed_once_however_often_it_is_tried(home: Home, tmp_path: Path) -> None:
    path = staged(tmp_path, "b1.parquet", 1, 2)
    for _ in range(2):
        lake.commit_files(home, "seals", [path], 1, {"batch": "1"})
    assert lake.read(home, "seals").read_all().num_rows == 2
    assert lake.transaction(home, "seals") == 1


def test_a_file_moved_but_not_committed_is_found_in_place(home: Home, tmp_path: Path) -> None:
    lake.append(home, "seals", seals(9))
    path = staged(tmp_path, "b1.parquet", 1)
    path.replace(home.lake / "seals" / path.name)  # as after a crash between moving and committing
    lake.commit_files(home, "seals", [path], 1, {})
    assert sorted(lake.read(home, "seals", ["batch"]).read_all().column(0).to_pylist()) == [1, 9]


def test_files_carry_statistics_of_dates_and_numbers(home: Home) -> None:
    lake.append(home, "seals", seals(3, 5))
    table = lake.delta(home, "seals")
    assert table is not None
    (action,) = pa.table(table.get_add_actions(flatten=True)).to_pylist()
    assert (action["min.known_on"], action["max.known_on"]) == (date(2026, 1, 3), date(2026, 1, 5))
    assert action["num_records"] == 2


def test_money_is_kept_as_decimals_and_the_system_columns_come_last() -> None:
    schema = lake.schema("payments")
    assert schema.field("amount").type == pa.decimal128(18, 4)
    assert schema.names[-6:] == ["known_on", "batch", "row", "assumed", "backfill", "attributes"]


def test_a_version_that_is_not_there_is_an_error_with_a_place(home: Home) -> None:
    lake.append(home, "seals", seals(1))
    with pytest.raises(DaihouError) as caught:
        lake.delta(home, "seals", 99)
    assert "seals" in caught.value.place
