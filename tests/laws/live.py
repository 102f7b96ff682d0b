"""A small book in hand and events of one day that come to it in any order: what laws of the stream are tried on."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import polars as pl

from blinded import blinder
from daihou.book.home import Home, open_home
from daihou.book.intake import deliver
from daihou.runs import store
from daihou.runs.nightly import run_all
from daihou.simulation.book import simulate
from daihou.simulation.parameters import shipped
from once import once

if TYPE_CHECKING:
    import random

    import pytest

LOANS = 120


def quiet(_step: str, _done: int, _all: int) -> None:
    """Show nothing."""


def built(factory: pytest.TempPathFactory) -> Path:
    """A home whose last three days were run, the last of them the last day of the simulated book: read it, never write to it."""

    def build(folder: Path) -> None:
        made = simulate(shipped("online"), LOANS, 12, 3, folder / "sent", quiet)
        home = open_home(folder / "home", {"DAIHOU_PROFILE": "online"})
        for table in made.rows:
            deliver(
                home,
                [Path(file) for file in made.files(table)],
                table,
                today=made.last_on,
                progress=quiet,
                blinder=blinder(home),
            )
        nights = [made.last_on - dt.timedelta(days=back) for back in (2, 1, 0)]
        run_all(home, [(night, night) for night in nights], quiet)
        (folder / "home" / "daihou.toml").write_text(
            (folder / "home" / "daihou.toml").read_text().replace('"bank"', '"online"')
        )

    return once(factory, "live", build) / "home"


@dataclass
class Live:
    """A copy of the home on the day after, and who is in it."""

    home: Home
    rng: random.Random
    _number: Any = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        last = store.pairs(self.home)[-1]
        self.day = last[0] + dt.timedelta(days=1)
        rows = pl.DataFrame(pl.from_arrow(store.read(self.home, "snapshots", *last)))
        live = rows.filter(pl.col("state").cast(pl.String).is_in(["current", "overdue"]))
        self.loans: list[tuple[str, str]] = live.select("loan_id", "borrower_id").rows()
        paid = pl.concat(
            [
                pl.read_parquet(path, columns=["payment_id", "loan_id", "amount", "paid_on"])
                for path in _files(self.home, "payments")
            ]
        )
        self.paid = (
            paid.filter(pl.col("loan_id").is_in([loan for loan, _ in self.loans]))
            .sort("paid_on", "payment_id")
            .rows(named=True)
        )
        accounts = _files(self.home, "accounts")
        self.accounts: list[str] = (
            pl.read_parquet(accounts, columns=["account_id"])["account_id"].unique().sort().to_list()
            if accounts
            else []
        )
        self.sent: list[tuple[str, dict[str, Any]]] = []

    @property
    def now(self) -> dt.datetime:
        """Ten in the morning of the day."""
        return dt.datetime.combine(self.day, dt.time(10), ZoneInfo(self.home.settings.timezone))

    def event(self) -> list[tuple[str, dict[str, Any]]]:
        """One thing that happens: rows of tables that are sent together."""
        made = self.rng.choice(
            [self.payment, self.payment, self.payment, self.bounce, self.bounce, self.again, self.happened, self.contacted, self.reviewed, self.reported,
             self.new_loan, self.extended, self.charged, self.moved, self.money, self.passed, self.earlier, self.waived]
        )()  # fmt: skip
        self.sent += made
        return made

    def payment(self) -> list[tuple[str, dict[str, Any]]]:
        loan, _ = self.rng.choice(self.loans)
        more = self.rng.choice([{}, {}, {}, {"purpose": "prepayment"}, {"purpose": "payoff"}, {"seq": "3"}])
        amount = str(self.rng.choice([100, 250.5, 812.33, 4000, 20000]))
        return [
            (
                "payments",
                {"payment_id": self._id("P"), "loan_id": loan, "paid_on": self._day(), "amount": amount, **more},
            )
        ]

    def bounce(self) -> list[tuple[str, dict[str, Any]]]:
        """A payment comes back: one of the lake, or one of today."""
        today = [row for table, row in self.sent if table == "payments" and "reverses" not in row]
        if today and self.rng.random() < 0.5:
            of = self.rng.choice(today)
            target, loan, amount = of["payment_id"], of["loan_id"], of["amount"]
        else:
            held = self.rng.choice(self.paid[-200:])
            target, loan, amount = held["payment_id"], held["loan_id"], str(held["amount"])
        return [
            (
                "payments",
                {
                    "payment_id": self._id("R"),
                    "loan_id": loan,
                    "paid_on": self._day(),
                    "amount": amount,
                    "reverses": target,
                },
            )
        ]

    def again(self) -> list[tuple[str, dict[str, Any]]]:
        """Something that was sent already, as it was or with another amount."""
        if not self.sent:
            return self.payment()
        table, row = self.rng.choice(self.sent)
        return [(table, row if self.rng.random() < 0.6 or "amount" not in row else {**row, "amount": "77.00"})]

    def happened(self) -> list[tuple[str, dict[str, Any]]]:
        loan, borrower = self.rng.choice(self.loans)
        kind = self.rng.choice(["application", "device_change", "litigation", "address_change", "enforcement"])
        row = {
            "event_id": self._id("E"),
            "subject_id": self.rng.choice([loan, borrower]),
            "happened_at": self._moment(),
            "kind": kind,
        }
        return [("events", row | self.rng.choice([{}, {"amount": "5000"}]))]

    def contacted(self) -> list[tuple[str, dict[str, Any]]]:
        _, borrower = self.rng.choice(self.loans)
        table, kind = self.rng.choice(
            [
                ("contacts", "call_conversation"),
                ("promises", "promise_made"),
                ("decisions", "dispute"),
                ("promises", "promise_broken"),
            ]
        )
        return [(table, {"subject_id": borrower, "kind": kind, "happened_at": self._moment(), "value": "{}"})]

    def reviewed(self) -> list[tuple[str, dict[str, Any]]]:
        """A review of a borrower or of a loan is finished, or what one found is settled."""
        loan, borrower = self.rng.choice(self.loans)
        about = {"subject_id": self.rng.choice([loan, borrower]), "happened_at": self._moment()}
        if self.rng.random() < 0.3:
            return [("findings", about | {"kind": "settled_lawsuit", "value": "{}"})]
        said = {
            "review_done": {"onsite": self.rng.random() < 0.5},
            "rating_willingness": {"rating": self.rng.randint(1, 5)},
            "rating_ability": {"rating": self.rng.randint(1, 5)},
            self.rng.choice(["found_lawsuit", "found_stock_fell"]): {
                "level": self.rng.choice(["red", "orange", "yellow"])
            },
        }
        return [("findings", about | {"kind": kind, "value": json.dumps(value)}) for kind, value in said.items()]

    def reported(self) -> list[tuple[str, dict[str, Any]]]:
        """A credit report is fetched, its lines before it or behind; or a line comes late to one of today."""
        today = [row for table, row in self.sent if table == "bureau_reports"]
        report = self._id("Q")
        row = {"report_id": report, "borrower_id": self.rng.choice(self.loans)[1], "queried_on": self._day()}
        lines = [
            ("bureau_lines", {"report_id": report, "lender": lender, "product": "card", "balance": "900", "dpd": str(self.rng.choice([0, 0, 35]))})
            for lender in self.rng.sample(["X", "Y", "Z"], self.rng.randint(1, 3))
        ]  # fmt: skip
        if today and self.rng.random() < 0.5:
            return [("bureau_lines", {**lines[0][1], "report_id": self.rng.choice(today)["report_id"]})]
        told = [*lines, ("bureau_reports", row | {"score": str(self.rng.choice([540, 610, 700])), "inquiries_3m": "2"})]
        return told if self.rng.random() < 0.5 else told[::-1]

    def new_loan(self) -> list[tuple[str, dict[str, Any]]]:
        _, borrower = self.rng.choice(self.loans)
        loan = self._id("N")
        start = self.day - dt.timedelta(days=self.rng.choice([0, 0, 40]))
        row = {"loan_id": loan, "borrower_id": self.rng.choice([borrower, self._id("B")]), "product": "cash_loan", "principal": "3000",
               "disbursed_on": str(start), "matures_on": str(start + dt.timedelta(days=90)), "org_id": "HQ"}  # fmt: skip
        plan = [
            {
                "loan_id": loan,
                "seq": str(seq),
                "due_on": str(start + dt.timedelta(days=30 * seq)),
                "principal": "1000",
                "interest": "20",
            }
            for seq in (1, 2, 3)
        ]
        made = [("loans", row), *(("instalments", one) for one in plan)]
        if self.rng.random() < 0.3:
            self.rng.shuffle(made)  # its plan may come before the loan itself
        return made

    def extended(self) -> list[tuple[str, dict[str, Any]]]:
        loan, _ = self.rng.choice(self.loans)
        row = {"loan_id": loan, "seq": str(self.rng.randint(1, 30)), "due_on": str(self.day + dt.timedelta(days=self.rng.randint(-20, 60))),
               "principal": "500", "interest": "10", "effective_on": self._day()}  # fmt: skip
        return [("instalments", row)]

    def charged(self) -> list[tuple[str, dict[str, Any]]]:
        loan, _ = self.rng.choice(self.loans)
        return [
            (
                "charges",
                {
                    "charge_id": self._id("C"),
                    "loan_id": loan,
                    "kind": "penalty_interest",
                    "from_on": self._day(),
                    "amount": "12.34",
                },
            )
        ]

    def waived(self) -> list[tuple[str, dict[str, Any]]]:
        loan, _ = self.rng.choice(self.loans)
        kind = self.rng.choice(["waiver", "write_off", "acceleration", "transfer_out"])
        return [
            (
                "changes",
                {
                    "change_id": self._id("X"),
                    "loan_id": loan,
                    "kind": kind,
                    "effective_on": self._day(),
                    "principal": "50",
                    "interest": "0",
                },
            )
        ]

    def moved(self) -> list[tuple[str, dict[str, Any]]]:
        _, borrower = self.rng.choice(self.loans)
        return [
            (
                "borrowers",
                {
                    "borrower_id": borrower,
                    "kind": "person",
                    "region": self.rng.choice(["110000", "440300"]),
                    "officer_id": "E9",
                },
            )
        ]

    def money(self) -> list[tuple[str, dict[str, Any]]]:
        """A transaction of one of the accounts, if there are any: of those that passed to somebody today in half of the cases."""
        if not self.accounts:
            return self.payment()
        today = [row["account_id"] for table, row in self.sent if table == "accounts"]
        account = self.rng.choice(today if today and self.rng.random() < 0.5 else self.accounts)
        return self.credit(account)

    def passed(self) -> list[tuple[str, dict[str, Any]]]:
        """An account passes to another borrower, from today, tomorrow or some days ago; perhaps it passes on again, or its money came before it."""
        if not self.accounts:
            return self.payment()
        today = [row["account_id"] for table, row in self.sent if table == "accounts"]
        account = self.rng.choice(
            [self.rng.choice(self.accounts), self.rng.choice(today or self.accounts), self._id("A")]
        )
        row = {"account_id": account, "borrower_id": self.rng.choice(self.loans)[1]}
        from_on = str(self.day - dt.timedelta(days=self.rng.randint(-1, 40)))
        passes = [("accounts", row | self.rng.choice([{}, {"effective_on": from_on}]))]
        return passes if self.rng.random() < 0.5 else [*self.credit(account), *passes, *self.credit(account)]

    def credit(self, account: str) -> list[tuple[str, dict[str, Any]]]:
        amount = str(self.rng.choice([-800, -50, 300, 12000]))
        return [
            (
                "transactions",
                {
                    "txn_id": self._id("T"),
                    "account_id": account,
                    "booked_at": self._moment(),
                    "amount": amount,
                    "balance": "1000",
                },
            )
        ]

    def earlier(self) -> list[tuple[str, dict[str, Any]]]:
        """A payment days out of order."""
        ((table, row),) = self.payment()
        return [(table, {**row, "paid_on": str(self.day - dt.timedelta(days=self.rng.randint(1, 60)))})]

    def _id(self, kind: str) -> str:
        return f"{kind}{next(self._number):06d}"

    def _day(self) -> str:
        return str(self.day)

    def _moment(self) -> str:
        at = self.now - dt.timedelta(minutes=self.rng.randint(0, 3 * 24 * 60))
        return at.isoformat()


def _files(home: Home, table: str) -> list[Path]:
    from daihou.book import lake

    return lake.files(home, table)


def copied(built_home: Path, to: Path) -> Home:
    """A home of one's own."""
    return open_home(Path(shutil.copytree(built_home, to)), {})


__all__ = ["Live", "built", "copied", "quiet"]
