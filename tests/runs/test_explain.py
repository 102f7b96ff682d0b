"""An explanation traces every cent to the payment and names what is reversed, left out and not known yet."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from books import harbour
from books.harbour import END, LATER
from daihou.book.errors import DaihouError
from daihou.book.ledger.ledger import refresh
from daihou.runs.against import Difference, difference
from daihou.runs.explain import Explanation, as_plain, explain, explain_in
from daihou.runs.sayings import difference_sayings, sayings

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.book.home import Home

    Told = Callable[..., None]

LOANS = ("A1", "C1", "R1", "J1", "U1", "W1", "N1", "D1", "F1", "S1")
ALL_PARTS = ("principal", "interest", "fee")


def silent(_step: str, _done: int, _all: int) -> None:
    """Show nothing."""


def tell(home: Home, loan: str, as_of: date = END, known_on: date = END) -> Explanation:
    return explain(home, loan, as_of, known_on, silent)


def english(told: Explanation, *, every: bool = False) -> str:
    return "\n".join(en for en, _ in sayings(told, every=every))


def compared(home: Home, loan: str, as_of: date = END, first: date = END, second: date = LATER) -> Difference:
    return difference(tell(home, loan, as_of, first), tell(home, loan, as_of, second))


def one(rows: list[dict[str, Any]], **named: Any) -> dict[str, Any]:
    (row,) = [row for row in rows if all(row[name] == value for name, value in named.items())]
    return row


CHANGED = {
    "payments": "payment_id,loan_id,paid_on,amount,purpose,known_on\n"
    "A1-5,A1,2026-05-01,20.00,scheduled,2026-05-01\nA1-6,A1,2026-05-02,30.00,refund,2026-05-02\n"
    "A1-7,A1,2026-05-03,5.00,prepayment,2026-05-03\n",
    "changes": "change_id,loan_id,kind,effective_on,principal,interest,known_on\nA1-V,A1,waiver,2026-05-01,10.00,,2026-05-01\n",
}  # fmt: skip


@pytest.mark.parametrize("later", [{}, harbour.NEWS, CHANGED], ids=["the story", "the news", "waived and refunded"])
def test_every_cent_asked_for_is_paid_by_somebody_or_short(home: Home, told: Told, later: dict[str, str]) -> None:
    told(home, **later)
    ledger = refresh(home, silent)
    pairs = [(date(2026, 3, 4), date(2026, 3, 4)), (date(2026, 3, 4), LATER), (END, END), (END, LATER), (LATER, LATER)]
    seen = 0
    for loan in LOANS:
        for as_of, known_on in pairs:
            if loan == "F1" and known_on < date(2026, 4, 28):
                continue
            found = explain_in(home, ledger, loan, as_of, known_on)
            for row in found.instalments:
                seen += 1
                for part in ALL_PARTS:
                    paid = sum((by["amount"] for by in row["paid_by"] if by["part"] == part), Decimal(0))
                    assert paid + row["short"][part] == row[part], (loan, as_of, known_on, row)
            _balances(found)
    assert seen > 40


def _balances(found: Explanation) -> None:
    """What is short and past due is what is overdue; the principal and the money close."""
    row = found.measures
    if row["basis"] != "schedule":
        return
    if row["state"] in ("current", "overdue"):
        due = [line["short"] for line in found.instalments if (line["moved_to"] or line["due_on"]) < found.as_of]
        assert sum((sum(short.values()) for short in due), Decimal(0)) == row["overdue_amount"]
        parts = found.balance
        added = parts["opening"] + parts["drawn"] + parts["capitalised"]
        taken = parts["paid"] + parts["prepaid"] + parts["waived"] + parts["written_off"]
        assert added - taken == parts["closing"] == row["principal_outstanding"]
    money = found.money
    went = money["applied"] + money["prepaid"] + money["penalties"] + money["recovered"] + money["surplus"]
    assert went == money["received"] == row["paid_amount"]


def test_the_car_is_traced_to_its_payments(branch: Home) -> None:
    found = tell(branch, "A1")
    first, second, third = found.instalments
    assert first["paid_by"] == [
        {"by": "A1-1", "part": "interest", "amount": Decimal("3.00")},
        {"by": "A1-1", "part": "principal", "amount": Decimal("100.00")},
    ]
    assert second["paid_by"] == [
        {"by": "A1-3", "part": "interest", "amount": Decimal("2.00")},
        {"by": "A1-3", "part": "principal", "amount": Decimal("48.00")},
    ]
    assert second["short"] == {"principal": Decimal("52.00"), "interest": Decimal("0.00"), "fee": Decimal("0.00")}
    assert second["days"] == 61
    assert (third["due_on"], third["paid_by"]) == (date(2026, 6, 30), [])
    (old,) = third["other_versions"]
    assert (old["due_on"], old["why"]) == (date(2026, 3, 31), "earlier")
    assert found.policy["tolerance"] == Decimal("0.00")


def test_a_payment_says_where_it_went_and_a_reversal_is_named_on_both_sides(branch: Home) -> None:
    found = tell(branch, "A1")
    bounced = one(found.payments, payment_id="A1-2")
    assert (bounced["standing"], bounced["reversed_by"], bounced["went_to"]) == ("reversed", "A1-2R", [])
    assert bounced["until"] == date(2026, 3, 5)
    assert one(found.payments, payment_id="A1-2R")["reverses"] == "A1-2"
    assert one(found.payments, payment_id="A1-3")["went_to"] == [
        {"seq": 2, "part": "interest", "amount": Decimal("2.00")},
        {"seq": 2, "part": "principal", "amount": Decimal("48.00")},
    ]
    assert "Payment A1-2 of 2026-02-28, 102.00 scheduled, known on 2026-02-28: reversed by A1-2R" in english(found)


def test_before_the_reversal_was_known_the_payment_counted(branch: Home) -> None:
    found = tell(branch, "A1", END, date(2026, 3, 4))
    assert one(found.payments, payment_id="A1-2")["standing"] == "counted"
    assert one(found.payments, payment_id="A1-2R")["standing"] == "not_yet_known"


def test_what_was_not_known_yet_is_named(branch: Home) -> None:
    found = tell(branch, "A1", date(2026, 4, 21), date(2026, 4, 21))
    assert found.measures["overdue_amount"] == Decimal("102.00")
    assert one(found.payments, payment_id="A1-3")["standing"] == "not_yet_known"
    said = english(found)
    assert "Payment A1-3 of 2026-04-20, 50.00 scheduled, known on 2026-04-22: not known yet." in said
    found = tell(branch, "A1", END, date(2026, 4, 9))
    (new,) = found.instalments[2]["other_versions"]
    assert (new["due_on"], new["why"]) == (date(2026, 6, 30), "not_yet_known")


def test_a_plan_known_but_not_in_force_yet_says_so(branch: Home) -> None:
    (new,) = tell(branch, "A1", date(2026, 4, 9), END).instalments[2]["other_versions"]
    assert new["why"] == "not_yet_in_force"


def test_the_measures_are_those_of_the_run_in_units(branch: Home) -> None:
    row = tell(branch, "U1").measures
    assert (row["overdue_amount"], row["principal_outstanding_base"]) == (Decimal("1010.00"), Decimal("7100.00"))
    assert tell(branch, "J1").measures["paid_amount"] == Decimal(501000)
    assert str(tell(branch, "J1").measures["paid_amount"]) == "501000"


@pytest.mark.parametrize("loan", LOANS)
def test_every_loan_is_told_in_both_languages_and_in_json(branch: Home, loan: str) -> None:
    found = tell(branch, loan)
    for en, zh in sayings(found, every=True):
        assert en.strip()
        assert zh.strip()
    again = json.loads(json.dumps(found.as_json()))
    assert again["loan_id"] == loan
    assert again["as_of"] == "2026-04-30"
    assert again["measures"]["state"] == found.measures["state"]
    for line in again["instalments"]:
        assert all(isinstance(line["short"][part], str) for part in ALL_PARTS)


def test_bills_draws_and_reported_figures_are_told_with_the_date_they_came(home: Home, told: Told) -> None:
    told(home, draws="loan_id,drawn_on,amount,known_on\nC1,2026-04-02,30.00,2026-05-01\nC1,2026-04-05,40.00,2026-05-02\n", **harbour.NEWS)  # fmt: skip
    card = english(tell(home, "C1", END, date(2026, 5, 1)), every=True)
    assert "Bill of 2026-02-10, due 2026-03-02: balance 1,400.00, minimum 140.00: counted." in card
    assert "Drawn 30.00 on 2026-04-02, known on 2026-05-01: counted." in card
    assert "Drawn 40.00 on 2026-04-05, known on 2026-05-02: not known yet." in card
    shop = english(tell(home, "R1"))
    assert "Reported for 2026-03-31, known on 2026-03-31: 12 days past due, principal 18,000.00: counted." in shop
    assert "Reported for 2026-04-30, known on 2026-05-02: 42 days past due, principal 18,000.00: not known yet." in shop


def test_against_another_knowledge_date_the_fact_and_the_columns_it_changed_are_named(home: Home, told: Told) -> None:
    told(home, **harbour.NEWS)
    found = compared(home, "A1")
    assert (found.earlier, found.later) == (END, LATER)
    assert [(fact["fact"], fact["payment_id"]) for fact in found.facts] == [("payment", "A1-4")]
    changed = {name: (before, after) for name, before, after in found.columns}
    assert changed == {
        "state": ("overdue", "current"), "dpd": (61, 0), "dpd_principal": (61, 0), "oldest_unpaid_due_on": (date(2026, 2, 28), None),
        "overdue_amount": (Decimal("52.00"), Decimal("0.00")), "overdue_principal": (Decimal("52.00"), Decimal("0.00")),
        "total_claim": (Decimal("52.00"), Decimal("0.00")), "overdue_principal_reg": (Decimal("52.00"), Decimal("0.00")),
        "principal_outstanding": (Decimal("152.00"), Decimal("100.00")),
        "principal_outstanding_base": (Decimal("152.00"), Decimal("100.00")),
        "paid_amount": (Decimal("153.00"), Decimal("205.00")), "last_paid_on": (date(2026, 4, 20), END), "bucket": ("61-90", "0"),
        "unpaid_due_dates": (1, 0), "max_dpd_3m": (61, 60), "max_dpd_6m": (61, 60), "max_dpd_12m": (61, 60), "max_dpd_ever": (61, 60),
        "status_24m": ("*" * 20 + "NN23", "*" * 20 + "NN2N"),
        "late_days_1m": (31, 30), "late_days_3m": (62, 61), "late_days_6m": (62, 61), "late_days_12m": (62, 61),
        "dpd_change_1m": (31, -30), "dpd_change_3m": (61, 0), "dpd_change_6m": (61, 0), "came_down_12m": (1, 2), "cleared_12m": (1, 2),
        "missed_months_24m": (4, 3), "missed_months_in_a_row_24m": (4, 3),
        "paid_amount_3m": (Decimal("153.00"), Decimal("205.00")), "paid_to_due_3m": (153 / 306, 205 / 306),
    }  # fmt: skip
    said = [en for en, _ in difference_sayings(found)]
    assert said[0] == "Between 2026-04-30 and 2026-05-04:"
    assert "  dpd: 61 → 0" in said
    assert "  payment A1-4 of 2026-04-30, known on 2026-05-02" in said
    json.dumps(as_plain(asdict(found)))


def test_against_says_the_same_whichever_date_comes_first(home: Home, told: Told) -> None:
    told(home, **harbour.NEWS)
    assert compared(home, "A1", END, LATER, END) == compared(home, "A1")


def test_a_payment_that_fell_away_between_is_named_with_its_reversal(branch: Home) -> None:
    on = date(2026, 3, 4)
    found = compared(branch, "A1", on, on, date(2026, 3, 6))
    assert {fact["payment_id"] for fact in found.facts} == {"A1-2", "A1-2R"}
    assert "  payment A1-2 of 2026-02-28, known on 2026-02-28, fell away on 2026-03-05" in [
        en for en, _ in difference_sayings(found)
    ]


def test_a_new_plan_is_named_as_what_changed(branch: Home) -> None:
    found = compared(branch, "A1", date(2026, 4, 15), date(2026, 4, 9), date(2026, 4, 10))
    assert {(fact["fact"], fact.get("seq"), fact.get("change_id")) for fact in found.facts} == {
        ("instalment", 3, None),
        ("change", None, "A1-E"),
    }


FACTS = {
    "figures": (
        "R1",
        {"standings": harbour.NEWS["standings"]},
        "  figures of 2026-04-30, known on 2026-05-02",
    ),
    "a draw": (
        "C1",
        {"draws": "loan_id,drawn_on,amount,known_on\nC1,2026-04-05,40.00,2026-05-02\n"},
        "  draw of 2026-04-05, known on 2026-05-02",
    ),
    "a bill": (
        "C1",
        {
            "bills": "loan_id,bill_on,due_on,balance,minimum_due,known_on\n"
            "C1,2026-04-10,2026-04-28,9.00,9.00,2026-05-02\n"
        },
        "  bill 2026-04-10 of 2026-04-28, known on 2026-05-02",
    ),
    "a charge": (
        "A1",
        {"charges": "charge_id,loan_id,kind,from_on,amount,known_on\nA1-C,A1,fee,2026-04-30,9.00,2026-05-02\n"},
        "  charge A1-C of 2026-04-30, known on 2026-05-02",
    ),
    "a change": (
        "A1",
        {
            "changes": "change_id,loan_id,kind,effective_on,principal,known_on\n"
            "A1-V,A1,waiver,2026-04-30,9.00,2026-05-02\n"
        },
        "  change A1-V of 2026-04-30, known on 2026-05-02",
    ),
    "the loan": (
        "A1",
        {
            "loans": "loan_id,borrower_id,product,principal,disbursed_on,matures_on,closed_on,effective_on,known_on\n"
            "A1,B1,auto,300.00,2026-01-01,2026-06-30,2026-04-29,2026-04-29,2026-05-02\n"
        },
        "  loan of 2026-04-29, known on 2026-05-02",
    ),
}


@pytest.mark.parametrize("fact", FACTS)
def test_whatever_kind_of_fact_changed_an_answer_it_is_named(home: Home, told: Told, fact: str) -> None:
    loan, sent, said = FACTS[fact]
    told(home, **sent)
    found = compared(home, loan)
    assert found.columns
    assert said in [en for en, _ in difference_sayings(found)]


def test_a_charge_taken_back_is_named_as_what_changed(home: Home, told: Told) -> None:
    told(
        home,
        charges="charge_id,loan_id,kind,from_on,amount,reverses,known_on\n"
        "A1-C,A1,fee,2026-04-30,9.00,,2026-05-01\nA1-CR,A1,fee,2026-05-03,9.00,A1-C,2026-05-03\n",
    )
    found = compared(home, "A1", END, date(2026, 5, 1), LATER)
    assert "  charge A1-C of 2026-04-30, known on 2026-05-01, fell away on 2026-05-03" in [
        en for en, _ in difference_sayings(found)
    ]
    told_of = explain(home, "A1", END, LATER, silent)
    (charge,) = told_of.charges
    assert (charge["standing"], charge["reversed_by"]) == ("reversed", "A1-CR")
    assert "Charge A1-C: fee 9.00 from 2026-04-30: reversed by A1-CR (known on 2026-05-03)." in [
        en for en, _ in sayings(told_of)
    ]


def test_where_nothing_changed_it_says_so(branch: Home) -> None:
    found = compared(branch, "J1")
    assert (found.columns, found.facts) == ([], [])
    assert "  no answer changed" in [en for en, _ in difference_sayings(found)]


def test_an_unknown_loan_is_refused_with_what_to_do(branch: Home) -> None:
    with pytest.raises(DaihouError, match="Loan A9 is not known") as caught:
        tell(branch, "A9")
    assert "daihou intake" in caught.value.remedy


def test_a_loan_not_known_yet_says_from_when_it_is(branch: Home) -> None:
    with pytest.raises(DaihouError, match="F1 was not known on 2026-04-01") as caught:
        tell(branch, "F1", END, date(2026, 4, 1))
    assert "2026-04-28" in caught.value.remedy
