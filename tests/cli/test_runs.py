"""`daihou run`, `history`, `export` and `explain` from outside: what they say, where, and how they end."""

from __future__ import annotations

import csv
import json
import shutil
from typing import TYPE_CHECKING

import pytest

from books import harbour
from cli.conftest import NOW
from daihou.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Daihou, Run

PAIR = ("--as-of", "2026-04-30", "--known-on", "2026-04-30")


@pytest.fixture(scope="session")
def taken_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Harbour Branch, taken in by the command."""
    folder = tmp_path_factory.mktemp("harbour")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAIHOU_HOME", str(folder / "home"))
        patch.setenv("DAIHOU_NOW", NOW)
        for table, text in harbour.STORY.items():
            (folder / f"{table}.csv").write_text(text, "utf-8")
            with pytest.raises(SystemExit) as ended:
                main(["intake", str(folder / f"{table}.csv"), "--table", table])
            assert ended.value.code == 0
    return folder / "home"


@pytest.fixture
def branch(taken_in: Path, tmp_path: Path) -> None:
    """The home is Harbour Branch before its first run."""
    shutil.copytree(taken_in, tmp_path / "home")


@pytest.fixture
def clean(branch: None, daihou: Daihou, tmp_path: Path) -> None:
    """The home holds one loan, of which everything is known and nothing is odd."""
    shutil.rmtree(tmp_path / "home")
    for table in ("loans", "instalments", "payments"):
        head, *rows = harbour.STORY[table].splitlines()
        kept = [row for row in rows if row.startswith("A1")]
        (tmp_path / f"{table}.csv").write_text("\n".join([head, *kept]) + "\n", "utf-8")
        assert daihou("intake", f"{table}.csv", "--table", table).code == 0


@pytest.mark.usefixtures("clean")
def test_a_run_long_after_the_last_payment_says_so_on_stderr_and_ends_with_0(
    daihou: Daihou, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAIHOU_NOW", "2026-06-30T18:00:00+08:00")
    ended = daihou("run")
    assert ended.code == 0, ended.err
    assert (
        "No payment is known after 2026-04-22: what fell due from then to 2026-06-30 counts as unpaid. Send the payments"
        in ended.err
    )
    monkeypatch.setenv("DAIHOU_LANG", "zh")
    again = daihou("run", "--as-of", "2026-06-30", "--known-on", "2026-06-30")
    assert "2026-04-22 之后没有任何还款记录，此后至 2026-06-30 到期的款项均视为未还" in again.err


@pytest.mark.usefixtures("branch")
def test_a_run_with_breaks_ends_with_1_counts_on_stdout_and_the_rest_on_stderr(daihou: Daihou) -> None:
    ended = daihou("run")
    assert ended.code == 1
    assert "2026-04-30 as known on 2026-04-30: 10 loans" in ended.out
    assert "overdue" in ended.out
    assert "19,592.00 CNY" in " ".join(ended.out.split())
    assert "1 loans could not be measured, 2 breaks: `daihou export coverage -o FILE` lists them." in ended.err


@pytest.mark.usefixtures("clean")
def test_a_run_of_which_all_is_well_ends_with_0_and_says_nothing_on_stderr(daihou: Daihou) -> None:
    ended = daihou("run")
    assert (ended.code, ended.err) == (0, "")
    assert "1 loans" in ended.out


@pytest.mark.usefixtures("clean")
def test_a_run_before_any_loan_was_known_ends_with_1_and_says_what_to_do(daihou: Daihou) -> None:
    ended = daihou("run", "--as-of", "2025-06-30", "--known-on", "2025-06-30")
    assert ended.code == 1
    assert "No loan was known on 2025-06-30" in ended.err
    assert "--known-on" in ended.err


def test_a_run_of_an_empty_home_ends_with_2(daihou: Daihou, tmp_path: Path) -> None:
    ended = daihou("run")
    assert ended.code == 2
    assert ended.out == ""
    assert ended.err.splitlines() == [
        "Error: No loan is known yet.",
        f"Where: {tmp_path / 'home'}",
        "Do: Send some: `daihou intake FILE --table loans`.",
    ]


@pytest.mark.usefixtures("branch")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "--as-of", "tomorrow"), ("'tomorrow' is no date", "Where: --as-of", "Do: Write it like")),
        (("run", "--known-on", "2026-02-30"), ("'2026-02-30' is no date", "Where: --known-on", "Do: ")),
        (("run", "--engine", "abacus"), ("abacus",)),
        (("run", "--colour", "red"), ("No such option",)),
        (("history", "--from", "2026-01-01"), ("Missing option",)),
        (("history", "--from", "soon", "--to", "2026-01-31"), ("'soon' is no date", "Where: --from", "Do: ")),
        (("history", "--from", "2026-03-01", "--to", "2026-01-31"), ("before it begins", "Do: Swap")),
        (("history", "--from", "2026-03-01", "--to", "2026-03-02"), ("No month ends", "Do: Widen")),
        (("history", "--from", "2026-01-01", "--to", "2026-01-31", "--step", "hour"), ("Step hour is unknown", "Do: ")),
        (("history", "--from", "2026-01-01", "--to", "2026-01-31", "--known-on", "x"), ("'x' is no date", "Where: --known-on")),
        (("export", "snapshots", "-o", "x.csv"), ("No run has been written yet", "Where: ", "Do: Run `daihou run`")),
        (("export", "cars", "-o", "x.csv"), ("Table cars is unknown", "Do: Tables are: snapshots")),
        (("export", "loans", "-o", "x.doc"), ("cannot be written", "Where: x.doc", "Do: Endings are")),
        (("export", "loans", "-o", "x.png"), ("cannot be written", "Where: x.png", "Do: Endings are: .csv, .parquet, .xlsx.")),
        (("export", "loans", "-o", "no/x.csv"), ("folder does not exist", "Where: no", "Do: ")),
        (("export", "loans", "-o", "x.csv", "--where", "colour = 1"), ("colour is unknown", "Where: colour = 1", "Do: Columns are")),
        (("export", "loans", "-o", "x.csv", "--where", "principal > 1; drop"), ("Error: --where", "Do: ")),
        (("export", "loans", "-o", "x.csv", "--as-of", "x"), ("'x' is no date", "Where: --as-of")),
        (("export", "loans"), ("Missing option",)),
        (("explain", "A9"), ("Loan A9 is not known", "Do: Check the number")),
        (("explain", "F1", "--known-on", "2026-04-01"), ("was not known on 2026-04-01", "Do: It is known from 2026-04-28")),
        (("explain", "A1", "--as-of", "31.4.2026"), ("is no date", "Where: --as-of")),
        (("explain", "A1", "--against", "then"), ("'then' is no date", "Where: --against")),
        (("explain",), ("Missing argument",)),
    ],
)  # fmt: skip
def test_wrong_usage_ends_with_2_says_place_and_remedy_and_writes_nothing(
    daihou: Daihou, tmp_path: Path, words: tuple[str, ...], said: tuple[str, ...]
) -> None:
    before = sorted(path.name for path in (tmp_path / "home" / "lake").iterdir())
    ended = daihou(*words)
    assert ended.code == 2
    assert ended.out == ""
    for piece in said:
        assert piece in ended.err
    assert sorted(path.name for path in (tmp_path / "home" / "lake").iterdir()) == before
    assert not (tmp_path / "x.csv").exists()


def test_a_clock_without_a_zone_is_refused(daihou: Daihou, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAIHOU_NOW", "2026-04-30T18:00:00")
    ended = daihou("run")
    assert ended.code == 2
    assert "Where: DAIHOU_NOW" in ended.err


@pytest.mark.usefixtures("branch")
def test_a_run_of_a_date_to_come_leaves_today_open(daihou: Daihou, tmp_path: Path) -> None:
    daihou("run", "--as-of", "2027-12-31")
    (tmp_path / "p.csv").write_text("payment_id,loan_id,paid_on,amount\nA1-8,A1,2026-04-30,1.00\n")
    assert daihou("intake", "p.csv", "--table", "payments").code == 0
    assert "known on 2026-04-30" in next(
        line for line in daihou("explain", "A1", "--all").out.splitlines() if line.startswith("Payment A1-8")
    )


@pytest.mark.usefixtures("branch")
def test_history_says_each_date_and_writes_each(daihou: Daihou, tmp_path: Path) -> None:
    ended = daihou("history", "--from", "2026-01-01", "--to", "2026-03-31")
    assert ended.code == 1  # N1 has no plan
    for day in ("2026-01-31", "2026-02-28", "2026-03-31"):
        assert f"{day} as known on {day}" in ended.out
    assert daihou("export", "runs", "-o", "runs.csv", "--as-of", "2026-02-28").code == 0
    with (tmp_path / "runs.csv").open(encoding="utf-8-sig") as file:
        (row,) = csv.DictReader(file)
    assert (row["as_of"], row["known_on"]) == ("2026-02-28", "2026-02-28")


@pytest.mark.usefixtures("clean")
def test_history_by_one_knowledge_date_ends_with_0(daihou: Daihou) -> None:
    ended = daihou(
        "history", "--from", "2026-03-01", "--to", "2026-03-15", "--step", "week", "--known-on", "2026-04-30"
    )
    assert (ended.code, ended.err) == (0, "")
    for day in ("2026-03-01", "2026-03-08", "2026-03-15"):
        assert f"{day} as known on 2026-04-30" in ended.out


@pytest.mark.usefixtures("branch")
def test_an_export_says_how_many_rows_went_where(daihou: Daihou, tmp_path: Path) -> None:
    daihou("run")
    ended = daihou("export", "snapshots", "-o", "late.csv", "--where", "dpd > 30", *PAIR)
    assert (ended.code, ended.out, ended.err) == (0, "3 rows → late.csv\n", "")
    with (tmp_path / "late.csv").open(encoding="utf-8-sig") as file:
        assert {row["loan_id"] for row in csv.DictReader(file)} == {"A1", "C1", "W1"}


@pytest.mark.usefixtures("branch")
def test_an_export_over_runs_names_the_month_ends_that_nobody_ran(
    daihou: Daihou, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in ("2026-01-31", "2026-04-30"):
        daihou("run", "--as-of", day, "--known-on", day)
    ended = daihou("export", "rolls", "-o", "rolls.json")
    assert (ended.code, ended.out) == (0, "14 rows → rolls.json\n")
    assert ended.err == (
        "Not run: 2026-02-28, 2026-03-31. What follows from month to month is empty there. "
        "Run them: `daihou history --from 2026-02-28 --to 2026-03-31`.\n"
    )
    option = json.loads((tmp_path / "rolls.json").read_text("utf-8"))
    assert all(value is None for line in option["series"] for value in line["data"])
    assert daihou("export", "snapshots", "-o", "x.csv").err == ""
    monkeypatch.setenv("DAIHOU_LANG", "zh")
    ended = daihou("export", "ageing", "-o", "x.json")
    assert "以下月末未跑批：2026-02-28、2026-03-31" in ended.err
    assert "逐月推算的指标在此处为空" in ended.err
    monkeypatch.setenv("DAIHOU_LANG", "en")
    daihou("history", "--from", "2026-02-28", "--to", "2026-03-31")
    assert daihou("export", "rolls", "-o", "rolls.csv").err == ""


@pytest.mark.usefixtures("branch")
def test_a_pair_that_was_never_run_is_refused_with_those_that_were(daihou: Daihou) -> None:
    daihou("run")
    ended = daihou("export", "snapshots", "-o", "x.csv", "--as-of", "2026-04-29")
    assert ended.code == 2
    assert "2026-04-30 known on 2026-04-30" in ended.err


@pytest.mark.usefixtures("branch")
def test_an_explanation_ends_with_0_and_needs_no_run(daihou: Daihou) -> None:
    ended = daihou("explain", "A1")
    assert (ended.code, ended.err) == (0, "")
    assert "Loan A1 on 2026-04-30, as known on 2026-04-30: overdue." in ended.out
    assert "61 days past due, counted from 2026-02-28; overdue 52.00 CNY" in ended.out
    assert "reversed by A1-2R" in ended.out


@pytest.mark.usefixtures("branch")
def test_an_explanation_against_another_date_names_the_fact(daihou: Daihou) -> None:
    ended = daihou("explain", "A1", "--as-of", "2026-04-20", "--against", "2026-04-21")
    assert ended.code == 0
    assert "Between 2026-04-21 and 2026-04-30:" in ended.out
    assert "payment A1-3 of 2026-04-20, known on 2026-04-22" in ended.out


@pytest.mark.usefixtures("branch")
def test_an_explanation_in_json_is_json_and_nothing_else(daihou: Daihou) -> None:
    told = json.loads(daihou("explain", "A1", "--json", "--against", "2026-04-21").out)
    assert told["measures"]["overdue_amount"] == "52.00"
    assert told["against"]["earlier"] == "2026-04-21"
    assert ["dpd_interest", 61, 0] in told["against"]["columns"]


@pytest.mark.usefixtures("branch")
def test_they_speak_chinese_when_asked(daihou: Daihou, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAIHOU_LANG", "zh")
    ended = daihou("run")
    assert "10 笔贷款" in ended.out
    assert "1 笔无法计量，2 处不符" in ended.err
    assert "逾期 61 天，自 2026-02-28 起算" in daihou("explain", "A1").out
    assert "错误" in daihou("explain", "A9").err


@pytest.mark.usefixtures("branch")
def test_a_process_of_its_own_ends_with_the_same_codes(run: Run) -> None:
    ended = run("run", DAIHOU_NOW=NOW)
    assert (ended.returncode, "could not be measured" in ended.stderr) == (1, True)
    ended = run("explain", "A9", DAIHOU_NOW=NOW)
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("command", [(), ("run",), ("history",), ("export",), ("explain",)])
def test_help_waits_for_nothing_that_is_slow_to_load(run: Run, command: tuple[str, ...]) -> None:
    ended = run(*command, "--help", PYTHONPROFILEIMPORTTIME="1")
    assert ended.returncode == 0
    assert "Usage" in ended.stdout
    loaded = {line.rpartition("|")[2].strip() for line in ended.stderr.splitlines()}
    assert "daihou.cli.main" in loaded
    assert not loaded & {"polars", "numba", "duckdb", "scipy", "django", "weasyprint"}
