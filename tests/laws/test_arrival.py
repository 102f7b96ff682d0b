"""The order in which facts arrive does not matter: the same rows in any files, in any order, make the same lake."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from daihou.book import contracts, lake
from daihou.book.home import open_home
from daihou.book.intake import deliver
from laws.depth import examples

DAYS = [f"2026-01-{day:02d}" for day in range(1, 29, 9)]


def payment(number: int, known_on: str) -> str:
    """A payment whose words follow from its key and known_on, so that no two rows tie and differ."""
    amount = 100 + number * 10 + int(known_on[-2:])
    reverses = f"P{number - 1}" if number % 5 == 4 else ""
    return f"P{number},L{number // 5},2026-01-{1 + number:02d},{amount},{reverses},{known_on}"


def instalment(number: int, known_on: str, effective_on: str) -> str:
    principal = number * 1000 + int(known_on[-2:]) * 10 + int(effective_on[-2:] or 0)
    return f"L{number % 3},{number},2026-05-01,{principal},0,{effective_on},{known_on}"


PAYMENTS = st.builds(payment, st.integers(0, 9), st.sampled_from(DAYS))
INSTALMENTS = st.builds(instalment, st.integers(0, 5), st.sampled_from(DAYS), st.sampled_from(DAYS))
HEADERS = {
    "payments": "payment_id,loan_id,paid_on,amount,reverses,known_on",
    "instalments": "loan_id,seq,due_on,principal,interest,effective_on,known_on",
}


def facts(table: str, deliveries: list[list[str]]) -> list[tuple[object, ...]]:
    """What the lake holds after these deliveries, arrival left out."""
    with tempfile.TemporaryDirectory() as folder:
        home = open_home(Path(folder) / "home", {})
        for number, rows in enumerate(deliveries):
            path = Path(folder) / f"{number}.csv"
            path.write_text("\n".join([HEADERS[table], *rows]) + "\n")
            report = deliver(home, [path], table, today=date(2026, 3, 1))
            assert not report.quarantined
        names = [*contracts.TABLES[table].names, "known_on"]
        return sorted(tuple(map(str, row.values())) for row in lake.read(home, table, names).read_all().to_pylist())


@examples(10)
@given(
    table=st.sampled_from(["payments", "instalments"]),
    data=st.data(),
)
def test_the_same_rows_in_any_files_make_the_same_lake(table: str, data: st.DataObject) -> None:
    rows = data.draw(st.lists(PAYMENTS if table == "payments" else INSTALMENTS, min_size=1, max_size=12))
    shuffled = data.draw(st.permutations(rows))
    cut = data.draw(st.integers(1, len(rows)))
    parts = [part for part in (shuffled[:cut], shuffled[cut:]) if part]
    assert facts(table, [rows]) == facts(table, parts)
