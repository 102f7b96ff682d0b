"""What must hold of a log and its lake whatever happened in between."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from daihou.book import lake
from daihou.runs.log.flushing import marks, through

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runs.log.conftest import Sender

TABLES = ("loans", "payments", "quarantine", "deliveries")


def logged(sender: Sender, table: str, key: str) -> list[str]:
    """The keys of all rows of a table that the log ever held, in order; nothing of it may have been pruned."""
    assert sender.log.pruned() == 0
    held = [one for one in sender.log.read(0, 10_000_000) if one.table == table]
    return [value for one in held for value in one.rows()[key].to_pylist()]


def whole(sender: Sender, accepted: Iterable[str]) -> None:
    """Every row of the log is in the lake or its quarantine once and in order, and nothing is left over; `accepted` are payments that were answered for.

    All payments of the log must have keys of their own, but for those that the lake is to refuse.
    """
    refused = {place for place, _ in sender.refused()}
    keys = logged(sender, "payments", "payment_id")
    places = [
        place
        for one in sender.log.read(0, 10_000_000)
        if one.table == "payments"
        for place in range(one.first, one.last + 1)
    ]
    good = [key for key, place in zip(keys, places, strict=True) if place not in refused]
    assert sender.rows("payments", "payment_id") == good
    assert len(set(good)) == len(good)
    assert set(accepted) <= set(keys)
    assert sender.rows("loans", "loan_id") == logged(sender, "loans", "loan_id")
    at_the_door = len(logged(sender, "quarantine", "reason"))
    assert len(sender.rows("quarantine", "reason")) == at_the_door + len(refused)
    batches = sender.rows("deliveries", "batch")
    assert batches == list(range(1, len(batches) + 1))
    assert sum(sender.rows("deliveries", "rows")) == sender.log.last()
    assert through(sender.home, sender.log) == marks(sender.home, "payments") == sender.log.last()
    assert not any(sender.home.staging.iterdir())
    for table in TABLES:
        on_disk = {path.name for path in (sender.home.lake / table).glob("*.parquet")}
        assert on_disk == {Path(path).name for path in lake.files(sender.home, table)}  # nothing orphaned
