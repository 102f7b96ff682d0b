"""`daihou rules suggest` over ten loans told by hand: three stop paying in March and default on 30 June, two miss March and April and make it good."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from daihou.book.days import month_ends
from daihou.book.home import Home, open_home
from daihou.book.intake import deliver
from daihou.cli.main import main
from daihou.runs.watch import suggest
from daihou.runs.watch.asked import Asked, default_condition
from daihou.runs.watch.backtest import backtest
from daihou.runs.watch.spine import spine_of
from daihou.runs.watch.tradeoff import tradeoff
from daihou.warning.checked import check
from daihou.warning.choice import Budget
from daihou.warning.rule import Rule, Text, Version

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.warning.thresholds import Suggestion

DATES = month_ends(date(2025, 2, 28), date(2025, 12, 31))
DUES = month_ends(date(2025, 1, 31), date(2025, 12, 31))
LOANS = {"P": 5, "X": 3, "C": 2}
"""Prompt; stops paying; catches up."""
POLICY = """policy: early_warning
versions:
  - from: 1900-01-01
    owner: Head of risk
    values: {episode_days: 180, fewest_defaults: 3, fewest_of_half: 10, most_candidates: 20, most_segments: 60, repetitions: 200,
      confidence: 0.95, alert_budget: 60, amber_capture: 0.6, red_precision: 0.7}
"""
ASKED = (
    "rules",
    "suggest",
    "dpd",
    "--default",
    "dpd > 90",
    "--within",
    "3m",
    "--from",
    "2025-02-28",
    "--to",
    "2025-12-31",
)


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


Daihou = Callable[..., Ended]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the ten loans, each month known as it came."""
    folder = tmp_path_factory.mktemp("suggest")
    names = [f"{kind}{number}" for kind, count in LOANS.items() for number in range(count)]
    rows = {
        "loans": [
            "loan_id,borrower_id,product,principal,disbursed_on,matures_on,currency,org_id,asset_class,repayment_method",
            *(
                f"{name},B-{name},car,1200.00,2025-01-01,2025-12-31,CNY,{'south' if name[0] == 'X' else 'north'},personal,annuity"
                for name in names
            ),
        ],
        "instalments": [
            "loan_id,seq,due_on,principal,interest,known_on",
            *(f"{name},{seq},{due},100.00,0.00,2025-01-01" for name in names for seq, due in enumerate(DUES, 1)),
        ],
        "payments": [
            "payment_id,loan_id,paid_on,amount",
            *(f"{name}-{due},{name},{paid},100.00" for name in names for due, paid in _paid(name)),
        ],
    }
    home = open_home(folder / "home", {})
    for table, lines in rows.items():
        file = folder / f"{table}.csv"
        file.write_text("\n".join(lines) + "\n", "utf-8")
        report = deliver(home, [file], table, today=date(2026, 1, 5), known_on="event")
        assert not report.quarantined
    return folder / "home"


def _paid(name: str) -> list[tuple[date, date]]:
    if name[0] == "X":
        return [(due, due) for due in DUES[:2]]
    late = (date(2025, 3, 31), date(2025, 4, 30)) if name[0] == "C" else ()
    return [(due, date(2025, 5, 5) if due in late else due) for due in DUES]


@pytest.fixture
def home(told: Path, tmp_path: Path) -> Home:
    shutil.copytree(told, tmp_path / "home")
    (tmp_path / "home" / "policies").mkdir(exist_ok=True)
    (tmp_path / "home" / "policies" / "early_warning.yaml").write_text(POLICY, "utf-8")
    return open_home(tmp_path / "home", {})


@pytest.fixture
def daihou(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Daihou:
    """The command in this process, in a home of its own."""
    for name in [name for name in os.environ if name.startswith("DAIHOU") and name != "DAIHOU_KERNEL_CACHE"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DAIHOU_HOME", str(home.path))
    monkeypatch.setenv("DAIHOU_NOW", "2026-01-05T18:00:00+08:00")
    monkeypatch.setenv("DAIHOU_LANG", "en")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)

    def called(*words: str, **environment: str) -> Ended:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main(words)
        said = capsys.readouterr()
        return Ended(ended.value.code if isinstance(ended.value.code, int) else 0, said.out, said.err)

    return called


def row(printed: str, threshold: str) -> list[str]:
    """The cells of a threshold's line."""
    (cells,) = re.findall(rf"^ *{re.escape(threshold)} +(\d.*)$", printed, re.MULTILINE)
    return str(cells).split()


def test_the_table_tells_each_threshold_and_the_advice_says_why(daihou: Daihou) -> None:
    ended = daihou(*ASKED)
    assert ended.code == 0, ended.err
    assert "dpd: default is dpd > 90 within 3 months of a date." in ended.out
    assert "11 dates (month-end), knowledge mixed: 10 loans at risk, 3 defaults" in ended.out
    # At risk beyond 30: X in April and May, C in April: 8. Five episodes; 93 loan-months from March on, ten months of 30.4 days.
    assert row(ended.out, "dpd >= 30")[:4] == ["8", "5", "5", "53.5"]
    assert {"60.0%", "100.0%"} <= set(row(ended.out, "dpd >= 30"))  # 3 of 5 right, 3 of 3 caught
    assert row(ended.out, "dpd >= 61")[:4] == ["3", "3", "3", "32.1"]
    assert (
        "dpd >= 61 catches 100.0% of defaults with 32.1 alerts per 1,000 loans a month: the most within the budget of 60."
        in ended.out
    )
    assert "Red: dpd >= 61 is right in 100.0% of its episodes" in ended.out
    assert "now R-0" in ended.out  # a shipped rule has a threshold on dpd


def test_it_speaks_chinese(daihou: Daihou) -> None:
    ended = daihou(*ASKED, "--by", "org_id", DAIHOU_LANG="zh")
    assert ended.code == 0
    assert "dpd >= 61 在每千笔每月 60 条预警的预算内捕获违约最多：捕获率 100.0%，每千笔每月 32.1 条。" in ended.out
    assert "违约样本不足" in ended.out  # north
    assert "部分数据的知悉日期按业务日期推定" in ended.out


def test_a_narrow_terminal_gets_the_columns_that_fit(daihou: Daihou) -> None:
    ended = daihou(*ASKED, COLUMNS="80")
    assert max(len(line) for line in ended.out.splitlines() if "───" in line) <= 80
    assert "support" not in ended.out
    # Of 68 loan-months at risk from February to September 9 are followed by default: 3 of 3 against 9 of 68 is 7.6.
    assert row(ended.out, "dpd >= 61") == ["3", "32.1", "7.6", "100.0%", "100.0%", "30"]


@pytest.mark.parametrize(
    ("width", "headings"),
    [
        ("200", ["org_id", "subjects", "defaults", "own", "best", "a", "month", "precision", "caught"]),
        ("75", ["org_id", "defaults", "own", "best", "a", "month", "precision", "caught"]),
        ("65", ["org_id", "defaults", "own", "best", "precision", "caught"]),
        ("30", ["org_id", "own", "best", "precision", "caught"]),
    ],
)
def test_groups_lose_columns_on_a_narrow_terminal_and_never_a_figure(
    daihou: Daihou, width: str, headings: list[str]
) -> None:
    printed = daihou(*ASKED, "--by", "org_id", "--capture", "60%", COLUMNS=width).out
    (heading,) = [line.split() for line in printed.splitlines() if line.strip().startswith("org_id")]
    assert heading == headings
    (south,) = [line for line in printed.splitlines() if line.strip().startswith("south")]
    assert re.search(r"dpd >= 61 .*100\.0% +100\.0% *$", south)


def test_with_too_few_defaults_it_says_so_and_ends_with_1(daihou: Daihou, home: Home, tmp_path: Path) -> None:
    (home.path / "policies" / "early_warning.yaml").unlink()
    ended = daihou(*ASKED, "--json", "told.json", "--chart", "told.svg")
    assert ended.code == 1
    assert "Not enough defaults: 3, where 30 are needed. No threshold is advised." in ended.out
    found = json.loads((tmp_path / "told.json").read_text("utf-8"))
    assert (found["enough"], found["chosen"], found["candidates"][0]["precision"]) == (False, None, None)
    assert found["candidates"][0]["episodes"] == 5
    assert (
        "Not enough defaults" in (tmp_path / "told.svg").read_text("utf-8")
        or (tmp_path / "told.svg").stat().st_size > 1000
    )


def test_the_files_hold_all_of_it(daihou: Daihou, tmp_path: Path) -> None:
    ended = daihou(*ASKED, "--json", "told.json", "--chart", "told.png")
    assert ended.code == 0
    found = json.loads((tmp_path / "told.json").read_text("utf-8"))
    by_condition = {one["condition"]: one for one in found["candidates"]}
    assert by_condition["dpd >= 30"]["precision"] == 0.6
    assert by_condition["dpd >= 61"]["lead_days"] == 30  # 31 May to 30 June
    assert found["defaults"] == 3
    assert found["default_balance"] == 3 * 1_000_00
    assert (tmp_path / "told.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "told.json", "told.png"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--capture", "60%"), "dpd >= 61 catches 100.0% of defaults, at least the 60.0% asked for"),
        (("--cost", "1:20"), "dpd >= 61 costs least, 0 in all"),
        (("--budget", "1"), "No threshold that catches any default stays within 1 alerts"),
    ],
)
def test_the_goal_decides(daihou: Daihou, words: tuple[str, ...], said: str) -> None:
    ended = daihou(*ASKED, *words)
    assert ended.code == 0, ended.err
    assert said in ended.out


def test_a_segment_counts_its_own_alone(daihou: Daihou) -> None:
    ended = daihou(*ASKED, "--segment", "org_id = 'south'")
    assert "3 loans at risk, 3 defaults" in ended.out
    assert row(ended.out, "dpd >= 30")[:3] == ["6", "3", "3"]


def test_a_borrower_defaults_with_its_loans(daihou: Daihou) -> None:
    ended = daihou(*(word if word != "dpd" else "worst_dpd" for word in ASKED), "--subject", "borrower")
    assert ended.code == 0, ended.err
    assert "10 borrowers at risk, 3 defaults" in ended.out
    assert row(ended.out, "worst_dpd >= 30")[:4] == ["8", "5", "5", "53.5"]


def test_a_loan_may_be_asked_by_what_its_borrower_is(daihou: Daihou) -> None:
    ended = daihou(*(word if word != "dpd" else "worst_dpd" for word in ASKED), "--by", "org_id")
    assert ended.code == 0, ended.err
    assert row(ended.out, "worst_dpd >= 61")[:4] == ["3", "3", "3", "32.1"]
    assert "south" in ended.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("dpdd", *ASKED[3:]), "Is it one of: dpd"),
        (("state", *ASKED[3:]), "state is no number: it has no threshold."),
        (("months_on_book", *ASKED[3:]), "--worse high or --worse low"),
        ((*ASKED[2:], "--budget", "5", "--cost", "1:2"), "More than one goal"),
        ((*ASKED[2:], "--capture", "160%"), "'160%' is no share of defaults."),
        ((*ASKED[2:], "--cost", "cheap"), "'cheap' is no pair of costs."),
        ((*ASKED[2:], "--budget", "0"), "0.0 is not above 0."),
        ((*ASKED[2:], "--within", "a year"), "'a year' is no number of months."),
        ((*ASKED[2:], "--chart", "told.pdf"), ".png or .svg, not .pdf"),
        ((*ASKED[2:], "--by", "dpd"), "cannot be told apart by dpd"),
        ((*ASKED[2:], "--rule", "R-999999"), "There is no rule R-999999."),
        ((*ASKED[2:], "--default", "worst_dpd > 90"), "worst_dpd"),
        ((*ASKED[2:], "--from", "2024-01-31"), "There is no history on 2024-01-31"),
        ((*ASKED[2:], "--from", "2025-12-01"), "One date is no history."),
        ((*ASKED[2:], "--json", "nowhere/told.json"), "cannot be written"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_a_remedy(daihou: Daihou, words: tuple[str, ...], said: str) -> None:
    ended = daihou("rules", "suggest", *words)
    assert ended.code == 2
    assert said in ended.err
    assert "Do: " in ended.err


def suggested(home: Home, **changed: Any) -> Suggestion:
    asked: dict[str, Any] = {
        "measure": "dpd",
        "default": "dpd > 90",
        "months": 3,
        "dates": DATES,
        "step": "month-end",
    } | changed
    return suggest.suggested(home, Asked(**asked), date(2026, 1, 5), lambda *_: None)


@pytest.mark.parametrize("days", [30, 61])
def test_a_threshold_has_the_figures_of_the_rule_it_would_be(home: Home, days: int) -> None:
    found = suggested(home)
    one = found.figures[found.names.index(f"dpd >= {days}")]
    version = Version(1, date(2025, 1, 1), "Head of risk", "red", f"dpd >= {days}", Text("x", "x"), Text("x", "x"))
    rule = Rule("R-900", Text("x", "x"), "arrears", "loan", (version,))
    spine = spine_of(DATES, default_condition("dpd > 90"), 3, "month-end")
    (of_rule,) = backtest(home, spine, [check(rule, version)], lambda *_: None, "dpd > 90").results[0].rules
    result = of_rule.result
    assert (one.signals, one.repeats, one.late, one.caught) == (
        result.signals,
        result.repeats,
        result.late,
        result.caught,
    )
    assert (one.caught + one.missed, one.caught_balance) == (result.defaults, result.caught_balance)
    assert one.alerts == pytest.approx(result.alerts_per_1000_a_month)
    assert (one.caught_share, one.caught_balance_share, one.precision) == (
        result.recall,
        result.recall_balance,
        result.precision,
    )


def test_a_book_too_large_to_hold_is_walked_twice_to_the_same_end(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    held = suggested(home, by="org_id").as_dict()
    monkeypatch.setattr(suggest, "HELD", 0)
    walked = suggested(home, by="org_id").as_dict()
    by_condition = {one["condition"]: one for one in held["candidates"]}
    both = [one for one in walked["candidates"] if one["condition"] in by_condition]
    assert both == [by_condition[one["condition"]] for one in both]
    assert len(both) > 1
    assert [(one["name"], one["subjects"], one["defaults"]) for one in walked["segments"]] == [
        ("south", 3, 3),
        ("north", 7, 0),
    ]


def test_the_picture_draws_what_no_other_threshold_beats_and_names_what_is_advised(home: Home) -> None:
    found = suggested(home, goal=Budget(40))
    (axes,) = tradeoff(found).axes
    across, up = (np.asarray(ends) for ends in axes.lines[0].get_data())
    assert (np.diff(across) > 0).all()
    assert (np.diff(up) > 0).all()
    assert len(across) < len(found.figures)  # 30 days cost more alerts than 61, and catch no more
    texts = [one.get_text() for one in axes.texts]
    assert "budget 40" in texts
    assert any("advised" in text and text.endswith("61") for text in texts)
    assert any("now R-" in text for text in texts)
    (axes,) = tradeoff(suggested(home, goal=Budget(40), compare=False), chinese=True).axes
    assert {"预警预算 40", "建议 61"} <= {one.get_text() for one in axes.texts}
