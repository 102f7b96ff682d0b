"""The nights of Mill Street: every signal of its five rules by hand, what is remembered, and what a run of a date does that was run before."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow.compute as pc
import pytest

from books import mill
from daihou.book.errors import DaihouError
from daihou.book.intake import deliver
from daihou.runs import store
from daihou.runs.nightly import run, run_all
from daihou.runs.watch.lineup import lineup
from daihou.runs.watch.moved import signal_id
from daihou.runs.watch.register import rulebook_of
from daihou.runs.watch.told import evidence, message
from daihou.warning.checked import Checked

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.book.home import Home
    from daihou.runs.nightly import Outcome
    from daihou.warning.rule import Rule

MINE = "R-9"
"""Rules of the branch; what ships warns beside them."""
LATER = date(2025, 9, 30)
TABLES = ("signals", "rule_memory", "watched", "signal_notes")


NEXT = [f"R-901 {name} opened" for name in "ACDFM"]
"""What is said on 2025-09-30, when nobody has paid the due of the 10th: E is paid off, the others are late already."""


def silent(_step: str, _done: int, _all: int) -> None:
    """Show nothing."""


def rows(home: Home, table: str, as_of: date, known_on: date | None = None) -> list[dict[str, Any]]:
    """The rows of the branch's rules, in order."""
    found = store.read(home, table, as_of, known_on or as_of).to_pylist()
    return [row for row in found if row["rule_id"].startswith(MINE)]


def told(home: Home, as_of: date, table: str = "signals", known_on: date | None = None) -> list[str]:
    """The rows of a date in a few words."""
    names = ("note", "rule_id", "subject_id", "transition")
    return [
        " ".join([row[name] for name in names if name in row] + (["shadow"] if row["shadow"] else []))
        for row in rows(home, table, as_of, known_on)
    ]


def night(home: Home, as_of: date, known_on: date | None = None, today: date | None = None) -> Outcome:
    (outcome,) = run_all(home, [(as_of, known_on or as_of)], silent, today=today)
    return outcome


def version(number: int, *, of: str = "R-901", **changed: Any) -> Rule:
    """A later version of a rule of the branch."""
    known = next(rule for rule in mill.rules() if rule.id == of)
    return replace(known, versions=(replace(known.versions[0], number=number, **changed),))


# By hand, from the table in test_backtest.py: what did on each date.

SIGNALS = {
    "2024-01-31": "R-901 L opened, R-901 M opened, R-903 L opened, R-904 P10 opened",
    "2024-02-29": "R-901 M cleared, R-902 L opened",
    "2024-03-31": "R-901 L ended, R-902 L ended, R-903 L ended, R-904 P10 ended",  # sold
    "2024-05-31": "R-901 B opened",
    "2024-06-30": "R-901 C opened, R-902 B opened, R-903 B opened, R-904 P2 opened",
    "2024-07-31": "R-902 C opened, R-904 P3 opened, R-905 D opened",
    "2024-08-31": "R-901 C cleared, R-902 C cleared, R-904 P3 cleared, R-905 D cleared",
    "2024-09-30": "R-901 F opened, R-901 I opened",  # F had paid, and nobody knew
    "2024-10-31": "R-901 C opened, R-901 F cleared, R-901 K opened, R-902 I opened, R-903 I opened, R-904 P8 opened",
    "2024-11-30": "R-901 C cleared, R-901 G opened, R-902 K opened, R-904 P9 opened, R-905 J opened",
    "2024-12-31": "R-902 G opened, R-904 P6 opened",
    "2025-01-31": "R-901 B ended, R-901 C opened, R-901 J opened, R-902 B ended, R-903 B ended, R-904 P2 ended, R-905 J cleared",  # B is charged off
    "2025-02-28": "R-901 C cleared, R-901 G cleared, R-901 I cleared, R-902 G cleared, R-902 I cleared, R-902 J opened, R-903 J opened, R-904 P6 cleared, "
    "R-904 P8 cleared",  # R-903 has I clear for the first time
    "2025-03-31": "R-901 H opened, R-903 I cleared",
    "2025-04-30": "R-901 I opened, R-902 H opened, R-904 P7 opened",
    "2025-05-31": "R-901 E opened, R-903 I opened, R-904 P8 opened",  # R-902 has I twice, 92 days after it cleared
    "2025-06-30": "R-901 E ended, R-901 G opened",  # E is paid off
    "2025-07-31": "R-904 P6 opened",  # R-902 has G twice, 153 days after
    "2025-08-31": "R-902 G opened, R-902 I opened",  # 184 days
}


@pytest.mark.parametrize("as_of", mill.DATES, ids=str)
def test_a_night_says_what_it_says_by_hand(watch: Home, as_of: date) -> None:
    assert told(watch, as_of) == [one for one in SIGNALS.get(str(as_of), "").split(", ") if one]


def test_a_signal_names_its_subject_and_stands_on_evidence(watch: Home) -> None:
    (signal,) = rows(watch, "signals", date(2024, 5, 31))
    assert signal == {
        "as_of": date(2024, 5, 31), "known_on": date(2024, 5, 31), "signal_id": signal_id("R-901", 1, "B", date(2024, 5, 31)),
        "rule_id": "R-901", "version": 1, "shadow": False, "subject": "loan", "subject_id": "B", "borrower_id": "P2", "org_id": "north",
        "officer_id": "o1", "currency": "CNY", "balance": 210_000, "level": "yellow", "transition": "opened", "opened_on": date(2024, 5, 31),
        "condition": "dpd >= 15", "evidence": '{"dpd":21,"overdue_amount":10000}',
    }  # fmt: skip
    told_by = evidence(signal, "CNY")
    assert told_by.values == {"dpd": 21, "overdue_amount": 10_000}
    assert told_by.tree is not None
    assert [(node.text, node.value) for node in (told_by.tree, *told_by.tree.parts)] == [
        ("dpd >= 15", True), ("dpd", Decimal(21)), ("15", Decimal(15)),
    ]  # fmt: skip
    rule = rulebook_of(watch).judged["R-901", 1]
    assert isinstance(rule, Checked)
    assert message(signal, rule, "CNY", chinese=False) == "21 days past due, 100.00 CNY owed."
    assert message(signal, rule, "CNY", chinese=True) == "逾期21天，拖欠100.00元。"


def test_a_borrower_is_that_of_its_largest_loan_and_has_its_exposure(watch: Home) -> None:
    signal = next(row for row in rows(watch, "signals", date(2024, 11, 30)) if row["rule_id"] == "R-904")
    # P9 owes 1,400 on J, ten dues paid, which o3 has in hand, and 1,600 on K, which o2 has.
    told_of = (signal["borrower_id"], signal["officer_id"], signal["currency"], signal["balance"])
    assert told_of == ("P9", "o2", "CNY", 300_000)


def test_who_is_gone_has_no_evidence(watch: Home) -> None:
    ended = next(row for row in rows(watch, "signals", date(2025, 6, 30)) if row["subject_id"] == "E")
    assert (ended["transition"], ended["opened_on"]) == ("ended", date(2025, 5, 31))
    assert (ended["evidence"], ended["officer_id"], ended["balance"]) == (None, None, None)
    assert evidence(ended, "CNY").tree is None


def test_memory_holds_who_was_seen_who_is_open_and_who_rests(watch: Home) -> None:
    memory = {
        row["subject_id"]: row for row in rows(watch, "rule_memory", date(2025, 5, 31)) if row["rule_id"] == "R-902"
    }
    # E is seen once; H, J and K are open; G and I cleared on 02-28 and rest, I having been seen twice since. L left, and is forgotten; C rests no more.
    assert {name: (row["hits"], row["opened_on"], row["closed_on"]) for name, row in memory.items()} == {
        "E": (1, None, None), "G": (0, None, date(2025, 2, 28)), "I": (2, None, date(2025, 2, 28)),
        "H": (2, date(2025, 4, 30), None), "J": (2, date(2025, 2, 28), None), "K": (2, date(2024, 11, 30), None),
    }  # fmt: skip
    assert memory["J"]["signal_id"] == signal_id("R-902", 1, "J", date(2025, 2, 28))
    assert (memory["J"]["version"], memory["E"]["version"], memory["E"]["signal_id"]) == (1, None, None)


def test_each_version_counts_whom_it_asked(watch: Home) -> None:
    row = {one["rule_id"]: one for one in rows(watch, "watched", date(2025, 2, 28))}
    names = ("subjects", "holds", "unknown", "open", "opened", "closed")
    # Of eleven loans J and K are late, and R-903 still holds I; of nine borrowers P9.
    assert {rule: tuple(one[name] for name in names) for rule, one in row.items()} == {
        "R-901": (11, 2, 0, 2, 0, 3), "R-902": (11, 2, 0, 2, 1, 2), "R-903": (11, 1, 0, 2, 1, 0), "R-904": (9, 1, 0, 1, 0, 2), "R-905": (11, 0, 0, 0, 0, 0),
    }  # fmt: skip


def test_nights_run_one_by_one_go_by_the_memory_that_was_written(street: Home) -> None:
    for day in mill.DATES[4:8]:  # from 2024-05-31 on; who was late before has left or rests no more
        night(street, day)
        assert told(street, day) == SIGNALS[str(day)].split(", ")


# Again, later, between, ahead.


def state(home: Home, *days: date) -> dict[str, Any]:
    """The files and rows of some dates."""
    return {
        f"{table} {day}": (
            [path.name for path in store.files(home, table, day, day) if table != "signal_notes"],
            store.read(home, table, day, day).to_pylist(),
        )
        for day in days
        for table in TABLES
    }


def test_run_again_a_date_changes_nothing_of_what_was_said(home: Home) -> None:
    day = date(2024, 10, 31)
    before, record = state(home, day, mill.END), store.record(home, day, day)
    outcome = night(home, day)
    assert state(home, day, mill.END) == before
    assert (outcome.notes, outcome.broken) == (0, ())
    # Six of the branch opened or cleared; those that ship are counted beside them.
    signals = pl.DataFrame(store.read(home, "signals", day, day))["transition"]
    assert (outcome.opened, outcome.closed) == ((signals == "opened").sum(), (signals != "opened").sum())
    again = store.record(home, day, day)
    assert record is not None
    assert again is not None
    names = ("follows", "register", "rulebook", "said")
    assert [again[name] for name in names] == [record[name] for name in names]
    assert again["said"] is True
    assert again["follows"] == date(2024, 9, 30)


def test_a_run_as_known_later_only_notes_what_it_would_have_said(home: Home) -> None:
    day = date(2024, 9, 30)
    before = state(home, day)
    outcome = night(home, day, date(2024, 10, 31))
    assert state(home, day) == before
    assert told(home, day, "signals", date(2024, 10, 31)) == []
    assert told(home, day, "signal_notes", date(2024, 10, 31)) == ["withdrawn R-901 F opened"]
    (note,) = rows(home, "signal_notes", day, date(2024, 10, 31))
    assert (note["said_on"], note["as_of"], note["known_on"], note["batch"]) == (day, day, date(2024, 10, 31), 4)
    assert (outcome.opened, outcome.closed) == (0, 0)
    assert outcome.notes >= 1


def test_a_run_of_a_date_that_nobody_ran_says_nothing_as_known_later(home: Home) -> None:
    day = date(2024, 10, 15)
    night(home, day, date(2024, 10, 31))
    assert told(home, day, "signals", date(2024, 10, 31)) == []
    record = store.record(home, day, date(2024, 10, 31))
    assert record is not None
    assert record["said"] is False


def test_a_run_after_a_backfill_notes_and_leaves_signals_and_memory(home: Home, tmp_path: Path) -> None:
    day, next_day = date(2024, 6, 30), date(2024, 7, 31)
    file = tmp_path / "found.csv"
    file.write_text("payment_id,loan_id,paid_on,amount,seq,known_on\nB-4,B,2024-05-10,100.00,4,2024-05-10\n", "utf-8")
    assert deliver(home, [file], "payments", today=mill.END, backfill=True).new == 1
    before = state(home, next_day)
    said = told(home, day)
    # B was one due behind on 06-30, not two. R-902 goes by the memory of the night before, which stands: it has B late for the second time.
    outcome = night(home, day)
    assert told(home, day) == said
    assert told(home, day, "signal_notes") == [
        "withdrawn R-903 B opened", "withdrawn R-904 P2 opened",
    ]  # fmt: skip
    assert {row["note"] for row in rows(home, "signal_notes", day)} == {"withdrawn"}
    assert outcome.notes >= 2
    night(home, next_day)
    assert {key: value for key, value in state(home, next_day).items() if "notes" not in key} == {
        key: value for key, value in before.items() if "notes" not in key
    }


def test_what_would_be_said_now_and_was_not_is_missed(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "bounced.csv"
    file.write_text(
        "payment_id,loan_id,paid_on,amount,reverses,known_on\nA-X,A,2025-08-10,100.00,A-19,2025-08-12\n", "utf-8"
    )
    assert deliver(home, [file], "payments", today=mill.END, backfill=True).new == 1
    night(home, mill.END)
    assert told(home, mill.END) == SIGNALS["2025-08-31"].split(", ")
    assert told(home, mill.END, "signal_notes") == ["missed R-901 A opened"]


def test_a_run_between_two_dates_follows_the_one_before_and_changes_none_after(home: Home) -> None:
    between, after = date(2024, 7, 15), date(2024, 7, 31)
    before = state(home, after)
    night(home, between)
    record = store.record(home, between, between)
    assert record is not None
    assert record["follows"] == date(2024, 6, 30)
    assert told(home, between) == ["R-902 C opened"]  # 35 days: seen twice
    assert state(home, after) == before
    night(home, LATER)
    latest = store.record(home, LATER, LATER)
    assert latest is not None
    assert latest["follows"] == mill.END


def test_a_look_ahead_is_said_again_when_the_day_comes(home: Home) -> None:
    outcome = night(home, LATER, today=mill.END)
    assert told(home, LATER) == NEXT
    ahead = store.record(home, LATER, LATER)
    assert ahead is not None
    assert ahead["said"] is False
    mill.decide(home, [version(2, from_on=LATER, retired=True)])
    again = night(home, LATER, today=LATER)
    now = store.record(home, LATER, LATER)
    assert now is not None
    assert (now["said"], now["follows"]) == (True, mill.END)
    assert told(home, LATER) == [f"R-901 {name} retired" for name in "GHIJK"]
    assert (again.opened, again.closed) == (outcome.opened - 5, outcome.closed + 5)


# Rules that change.


def test_a_retired_rule_ends_what_it_has_open(home: Home) -> None:
    mill.decide(home, [version(2, from_on=date(2025, 9, 1), retired=True)])
    night(home, LATER)
    signals = [row for row in rows(home, "signals", LATER) if row["rule_id"] == "R-901"]
    # Open were G, H, I, J and K.
    assert [(row["subject_id"], row["transition"]) for row in signals] == [(name, "retired") for name in "GHIJK"]
    assert next(row["opened_on"] for row in signals) == date(2025, 6, 30)
    assert {row["version"] for row in signals} == {1}
    assert not [row for row in rows(home, "rule_memory", LATER) if row["rule_id"] == "R-901"]
    assert not [row for row in rows(home, "watched", LATER) if row["rule_id"] == "R-901"]


def test_a_new_version_takes_over_what_is_open_and_clears_by_its_own_measure(home: Home) -> None:
    mill.decide(home, [version(2, from_on=date(2025, 9, 1), when="dpd >= 200")])
    night(home, LATER)
    # On 09-30: G 112 days, H 204, I 173, J 263, K 355.
    moved = {row["subject_id"]: row for row in rows(home, "signals", LATER) if row["rule_id"] == "R-901"}
    assert {name: row["transition"] for name, row in moved.items()} == {"G": "cleared", "I": "cleared"}
    assert moved["G"]["version"] == 1
    assert moved["G"]["condition"] == "dpd >= 200"
    kept = {
        row["subject_id"]: row["version"]
        for row in rows(home, "rule_memory", LATER)
        if row["opened_on"] and row["rule_id"] == "R-901"
    }
    assert kept == {"H": 1, "J": 1, "K": 1}


def test_a_shadow_says_beside_the_live_version_and_has_a_memory_of_its_own(home: Home) -> None:
    mill.decide(home, [version(2, from_on=date(2025, 12, 1), shadow_from=date(2025, 9, 1), when="dpd >= 200")])
    outcome = night(home, LATER)
    live = [one for one in told(home, LATER) if one.startswith("R-901") and "shadow" not in one]
    shadow = [one for one in told(home, LATER) if "shadow" in one]
    assert shadow == [f"R-901 {name} opened shadow" for name in "HJK"]
    assert not [one for one in live if one.split()[1] in "HJK"]
    signals = pl.DataFrame(store.read(home, "signals", LATER, LATER)).filter(~pl.col("shadow"))
    assert outcome.opened == (signals["transition"] == "opened").sum()  # nobody is called for a shadow
    kept = {(row["subject_id"], row["version"]) for row in rows(home, "rule_memory", LATER) if row["shadow"]}
    assert kept == {("H", 2), ("J", 2), ("K", 2)}


def test_a_rule_that_cannot_judge_is_told_and_rests_while_the_others_go_on(home: Home) -> None:
    mill.decide_unchecked(home, "R-901", "dpd >= 15", "gone_measure >= 15")
    outcome = night(home, LATER)
    ((rule, said, said_zh),) = outcome.broken
    assert rule == "R-901"
    assert "gone_measure" in said
    assert "gone_measure" in said_zh
    (row,) = [row for row in rows(home, "watched", LATER) if row["rule_id"] == "R-901"]
    assert (row["version"], row["problem_en"], row["subjects"]) == (2, said, None)
    assert not [one for one in told(home, LATER) if one.startswith("R-901")]
    open_before = [row["signal_id"] for row in rows(home, "rule_memory", mill.END) if row["rule_id"] == "R-901"]
    assert [row["signal_id"] for row in rows(home, "rule_memory", LATER) if row["rule_id"] == "R-901"] == open_before
    assert len(open_before) == 5
    assert len([row for row in rows(home, "watched", LATER) if row["subjects"]]) == 4


def test_data_that_have_gone_silent_are_told_every_night_until_they_speak_again(home: Home, tmp_path: Path) -> None:
    """Unemployment of August stands for six months; nobody has paid since August either."""
    send_unemployment(home, tmp_path, "2025-08-31,5.2")
    mill.decide(
        home, [version(2, from_on=date(2025, 9, 1), when="dpd >= 15 and unemployment > 5%", clear="dpd is null")]
    )
    assert ended(night(home, LATER)) == ["payment"]
    assert store.read(home, "watched", LATER, LATER).filter(pc.field("rule_id") == "R-901")["heard"].to_pylist() == [
        '{"unemployment": "2025-09-30"}'
    ]
    for day in (date(2026, 3, 31), date(2026, 4, 30)):
        outcome = night(home, day)
        assert ended(outcome) == ["payment", "unemployment"]
        macro = outcome.silent[1]
        assert "No value after 2025-09-30: unemployment." in macro.en
        assert "R-901" in macro.en
        assert "(macro)" in macro.en
        assert macro.zh.startswith("2025-09-30 之后无取值的指标：unemployment；规则 R-")
        record = store.record(home, day, day)
        assert record is not None
        assert json.loads(record["silent"]) == [[one.en, one.zh] for one in outcome.silent]
    assert ended(night(home, date(2026, 4, 30))) == ["payment", "unemployment"]  # run again
    send_unemployment(home, tmp_path, "2026-04-30,5.4")
    assert ended(night(home, date(2026, 5, 31))) == ["payment"]
    assert ended(night(home, date(2027, 5, 31), today=date(2026, 6, 1))) == []  # a look ahead knows no news


def send_unemployment(home: Home, folder: Path, value: str) -> None:
    file = folder / "macro.csv"
    file.write_text(f"series,period_end,value,known_on\nunemployment,{value},{value[:10]}\n", "utf-8")
    deliver(home, [file], "macro", today=date(2026, 5, 1), known_on="event")


def ended(outcome: Outcome) -> list[str]:
    """What was told to be silent, in a word each."""
    return ["payment" if "No payment is known after" in one.en else "unemployment" for one in outcome.silent]


def test_the_last_version_of_a_rule_unread_no_older_one_speaks_in_its_place(home: Home) -> None:
    mill.decide_unchecked(home, "R-901", "level: yellow", "colour: yellow")
    outcome = night(home, LATER)
    ((rule, said, said_zh),) = outcome.broken
    assert rule == "R-901"
    assert said.startswith("Version 2 of R-901 in the register cannot be read, so the rule rests: ")
    assert "Publish it anew as version 3" in said
    assert "该规则暂停预警" in said_zh
    assert "请改为版本 3 重新发布" in said_zh
    assert not [one for one in told(home, LATER) if one.startswith("R-901")]
    assert [row["signal_id"] for row in rows(home, "rule_memory", LATER) if row["rule_id"] == "R-901"] == [
        row["signal_id"] for row in rows(home, "rule_memory", mill.END) if row["rule_id"] == "R-901"
    ]
    with pytest.raises(DaihouError, match="so the rule rests"):
        lineup(rulebook_of(home), LATER, ["R-901"])


# Killed.

KILLED = """
import os, sys
from datetime import date
from pathlib import Path
from daihou.book.home import open_home
from daihou.runs import nightly, store

commit = store.commit

def counted(home, name, *rest):
    commit(home, name, *rest)
    if name == sys.argv[2]:
        os._exit(9)  # as kill -9: nothing is cleaned up

store.commit = counted
nightly.run(open_home(Path(sys.argv[1]), {}), date(2025, 9, 30), date(2025, 9, 30), lambda *_: None)
"""


@pytest.mark.parametrize("table", ["rule_memory"])
def test_killed_between_its_files_and_its_record_a_night_loses_nothing(home: Home, table: str) -> None:
    before = state(home, mill.END)
    ended = subprocess.run([sys.executable, "-c", KILLED, str(home.path), table], env=dict(os.environ))
    assert ended.returncode == 9
    assert store.record(home, LATER, LATER) is None
    outcome = run(home, LATER, LATER, silent)
    assert outcome.notes == 0
    assert state(home, mill.END) == before
    assert told(home, LATER) == NEXT
    record = store.record(home, LATER, LATER)
    assert record is not None
    assert (record["said"], record["follows"]) == (True, mill.END)
