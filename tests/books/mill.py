"""The book of Mill Street: thirteen loans over twenty months, from 2024-01-31 to 2025-08-31, told for rules.

Each has 24 dues of 100.00 on the 10th of a month, without interest. Where nothing else is said the first is that of February 2024.

A  pays on the day, always.
B  stops in May 2024, defaults on 08-09, is charged off on 2025-01-15.
C  pays June 2024 ten weeks late, October and January six weeks late.   D  of the same borrower: pays on the day.
E  does not pay May 2025, and pays all off on 06-20.
F  pays on the day; of September 2024 the branch hears on 10-08.
G  stops in November 2024; on 2025-02-05 what is open is put off to the end. Stops again in June 2025.
H  stops in March 2025, defaults on 06-09.
I  begins in August 2024 and pays nothing, defaults on 12-10, makes all good on 2025-02-20. Stops in April, defaults again on 07-10.
J  stops in January 2025, defaults on 04-11.   K  of the same borrower: stops in October 2024, defaults on 2025-01-09.
L  never paid since October 2023, is sold on 2024-03-15.
M  pays January 2024 six weeks late.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from daihou.book import lake
from daihou.book.days import add_months, month_ends
from daihou.book.home import open_home
from daihou.book.intake import deliver
from daihou.runs.watch.register import REGISTER, publish
from daihou.warning.reading import rules as read_rules
from daihou.warning.reading import text as yaml_of
from once import once

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pytest

    from daihou.book.home import Home
    from daihou.warning.rule import Rule

DATES: Final = tuple(month_ends(dt.date(2024, 1, 31), dt.date(2025, 8, 31)))
END: Final = DATES[-1]
DUES: Final = 24


@dataclass(frozen=True)
class Told:
    """A loan: whose it is, who has it in hand, and its dues up to the end, `p` paid on the day, `-` not; `late` says when some were paid after all."""

    borrower: str
    product: str
    org: str
    officer: str
    paid: str
    late: dict[int, str] = field(default_factory=dict)
    disbursed: str = "2024-01-05"
    first_due: str = "2024-02-10"


LOANS: Final = {
    "A": Told("P1", "car", "north", "o1", "ppppppppppppppppppp"),
    "B": Told("P2", "car", "north", "o1", "ppp----------------"),
    "C": Told("P3", "home", "north", "o1", "pppp-ppp-pp-ppppppp", {5: "2024-08-20", 9: "2024-11-20", 12: "2025-02-20"}),
    "D": Told("P3", "home", "north", "o1", "ppppppppppppppppppp"),
    "E": Told("P4", "car", "north", "o1", "ppppppppppppppp-"),
    "F": Told("P5", "car", "south", "o2", "ppppppppppppppppppp"),
    "G": Told("P6", "home", "south", "o2", "ppppppppp---pppp---"),
    "H": Told("P7", "home", "south", "o2", "ppppppppppppp------"),
    "I": Told("P8", "car", "south", "o3", "-----pp-----", dict.fromkeys(range(1, 6), "2025-02-20"), "2024-08-05", "2024-09-10"),
    "J": Told("P9", "car", "south", "o3", "ppppppppppp--------"),
    "K": Told("P9", "home", "south", "o2", "pppppppp-----------"),
    "L": Told("P10", "car", "south", "o3", "------", {}, "2023-09-05", "2023-10-10"),
    "M": Told("P11", "car", "south", "o3", "pp-ppppppppppppppppppp", {3: "2024-02-20"}, "2023-10-05", "2023-11-10"),
}  # fmt: skip
LATE_NEWS: Final = {("F", 8): "2024-10-08"}
"""By loan and due: when the branch heard of a payment."""

RULES: Final = """\
- id: R-901
  name: {en: Two weeks late, zh: 逾期两周}
  topic: arrears
  subject: loan
  versions:
    - {number: 1, from: 2024-01-01, owner: Head of risk, level: yellow, when: dpd >= 15, reason: {en: Seen early., zh: 及早发现。},
       message: {en: "{dpd} past due, {overdue_amount} owed.", zh: "逾期{dpd}，拖欠{overdue_amount}。"}}
- id: R-902
  name: {en: Late twice, zh: 连续两期逾期}
  topic: arrears
  subject: loan
  versions:
    - {number: 1, from: 2024-01-01, owner: Head of risk, level: orange, when: dpd >= 15, confirm: 2, cooldown_days: 180, clear: dpd = 0,
       message: {en: "{dpd} past due.", zh: "逾期{dpd}。"}, reason: {en: Seen twice., zh: 再次发现。}}
- id: R-903
  name: {en: A car a month late, zh: 车贷逾期一个月}
  topic: arrears
  subject: loan
  versions:
    - {number: 1, from: 2024-01-01, owner: Head of risk, level: red, segment: product = 'car', when: dpd >= 30, clear_times: 2,
       message: {en: "{dpd} past due.", zh: "逾期{dpd}。"}, reason: {en: Cars are sold., zh: 车辆易变卖。}}
- id: R-904
  name: {en: A borrower six weeks late, zh: 借款人逾期六周}
  topic: borrower
  subject: borrower
  versions:
    - {number: 1, from: 2024-01-01, owner: Head of risk, level: red, when: worst_dpd >= 45,
       message: {en: "{worst_dpd} past due on a loan.", zh: "名下贷款逾期{worst_dpd}。"}, reason: {en: One purse., zh: 同一还款来源。}}
- id: R-905
  name: {en: Another loan is late, zh: 名下其他贷款逾期}
  topic: borrower
  subject: loan
  versions:
    - {number: 1, from: 2024-01-01, owner: Head of risk, level: yellow, when: worst_dpd >= 45 and dpd < 15,
       message: {en: "Another loan is {worst_dpd} past due.", zh: "名下其他贷款逾期{worst_dpd}。"}, reason: {en: One purse., zh: 同一还款来源。}}
"""
VALUES: Final = (
    "{{episode_days: 180, fewest_defaults: {fewest}, fewest_of_half: 1, most_candidates: 20, most_segments: 60, repetitions: 200, "
    "confidence: 0.95, alert_budget: 60, amber_capture: 0.6, red_precision: 0.7}}"
)


def rules() -> tuple[Rule, ...]:
    """The five rules of the branch."""
    return read_rules(RULES, "mill.yaml")


def taken_in(factory: pytest.TempPathFactory) -> Path:
    """The home of the book before its first run, taken in once for all workers: copy it, never write to it."""
    return once(factory, "mill", lambda folder: send(open_home(folder / "home", {}), folder)) / "home"


def send(home: Home, folder: Path) -> None:
    """Take in the book, each fact known when it happened but for the one that was heard late; publish the rules; ask ratios from three defaults on."""
    for table, rows in tables().items():
        file = folder / f"{table}.csv"
        file.write_text("\n".join(rows) + "\n", "utf-8")
        report = deliver(home, [file], table, today=END, known_on="event")
        assert not report.quarantined, (table, report)
    ask_for(home, 3)
    decide(home, rules())


def decide(home: Home, decided: Sequence[Rule]) -> None:
    """Put versions of rules into the register."""
    publish(home, decided, author="Lin", reviewer="Zhou", note="", recorded_on=DATES[0], origin="file")


def decide_unchecked(home: Home, rule_id: str, text: str, other: str) -> None:
    """Put a second version of a rule into the register that no check would pass, as if its measure had gone since."""
    known = next(rule for rule in rules() if rule.id == rule_id)
    second = replace(known.versions[0], number=2, from_on=dt.date(2024, 1, 2))
    row = {
        "rule_id": rule_id, "version": 2, "text": yaml_of((replace(known, versions=(second,)),)).replace(text, other), "author": "", "reviewer": "",
        "note": "", "recorded_on": END, "origin": "desk",
    }  # fmt: skip
    lake.append(home, REGISTER, pa.Table.from_pylist([row], lake.schema(REGISTER)))


def ask_for(home: Home, fewest: int, later: Mapping[str, int] | None = None) -> None:
    """Have ratios told from so many defaults on, and from others where the policy changes `later`."""
    lines = ["policy: early_warning", "versions:"]
    for begins, count in {"1900-01-01": fewest, **(later or {})}.items():
        lines.append(f"  - {{from: {begins}, owner: Head of risk, values: {VALUES.format(fewest=count)}}}")
    (home.path / "policies").mkdir(exist_ok=True)
    (home.path / "policies" / "early_warning.yaml").write_text("\n".join(lines) + "\n", "utf-8")


def due_on(name: str, seq: int) -> dt.date:
    """When a due of a loan falls."""
    return add_months(dt.date.fromisoformat(LOANS[name].first_due), seq - 1)


def tables() -> dict[str, list[str]]:
    """The facts as lines of CSV, by table."""
    loans = [
        "loan_id,borrower_id,product,principal,disbursed_on,matures_on,currency,org_id,officer_id,asset_class,repayment_method"
    ]
    plan = ["loan_id,seq,due_on,principal,interest,effective_on,known_on"]
    money = ["payment_id,loan_id,paid_on,amount,seq,purpose,known_on"]
    for name, told in LOANS.items():
        loans.append(
            f"{name},{told.borrower},{told.product},{DUES}00.00,{told.disbursed},{due_on(name, DUES)},CNY,{told.org},{told.officer},personal,annuity"
        )
        for seq in range(1, DUES + 1):
            plan.append(f"{name},{seq},{due_on(name, seq)},100.00,0.00,,")
        for seq, mark in enumerate(told.paid, 1):
            paid_on = due_on(name, seq) if mark == "p" else told.late.get(seq)
            if paid_on is not None:
                money.append(f"{name}-{seq},{name},{paid_on},100.00,{seq},scheduled,{LATE_NEWS.get((name, seq), '')}")
    plan += [f"G,{seq},2026-0{seq - 8}-10,100.00,0.00,2025-02-05,2025-02-05" for seq in (10, 11, 12)]
    money.append("E-off,E,2025-06-20,900.00,,payoff,")
    changes = [
        "change_id,loan_id,kind,effective_on",
        "B-off,B,write_off,2025-01-15",
        "L-sold,L,transfer_out,2024-03-15",
        "G-put-off,G,extension,2025-02-05",
    ]
    return {"loans": loans, "instalments": plan, "payments": money, "changes": changes}
