"""The ledger of a home: brought up to the lake by what is new, equal to one built afresh, and clear about what is wrong with it."""

from __future__ import annotations

import shutil
from datetime import date
from typing import TYPE_CHECKING

import pytest

from books import harbour
from books.harbour import END, LATER
from books.standing import standing
from daihou.book.errors import DaihouError
from daihou.book.home import open_home
from daihou.book.ledger.files import FORMAT
from daihou.book.ledger.ledger import Ledger, open_ledger, refresh
from daihou.book.ledger.stage import bucket

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from daihou.book.home import Home

    Told = Callable[..., None]

STEPS = ("stage", "build")


def silent(_step: str, _done: int, _all: int) -> None:
    """Show nothing."""


def shards_of(ledger: Ledger) -> dict[int, str]:
    return {int(number): name for number, name in ledger.pointer.shards.items()}


def place(ledger: Ledger, loan_id: str) -> tuple[int, int]:
    found = ledger.find(loan_id)
    assert found is not None
    return found


def lines(text: str, *wanted: str) -> str:
    """The header of a file and the rows that begin with one of these."""
    head, *rows = text.splitlines()
    return "\n".join([head, *(row for row in rows if row.startswith(wanted))]) + "\n"


DELIVERIES: tuple[dict[str, str], ...] = (
    {"payments": lines(harbour.PAYMENTS, "A1-1", "C1", "X1"), "loans": lines(harbour.LOANS, "C1", "S1")},
    {"loans": lines(harbour.LOANS, "A1", "U1", "R1"), "bills": harbour.BILLS, "standings": harbour.STANDINGS},
    {"instalments": harbour.INSTALMENTS, "changes": harbour.CHANGES},
    {"loans": lines(harbour.LOANS, "J1", "W1", "N1", "D1", "F1"), "fx_rates": harbour.RATES},
    {"payments": lines(harbour.PAYMENTS, "A1-2", "A1-3", "J1", "W1", "D1"), "borrowers": harbour.BORROWERS},
    harbour.NEWS,
)


def test_brought_up_delivery_by_delivery_it_says_what_a_fresh_one_says(home: Home, told: Told, tmp_path: Path) -> None:
    for number, delivery in enumerate(DELIVERIES):
        told(**delivery)
        brought_up = refresh(home, silent)
        fresh = refresh(home, silent, versions=brought_up.pointer.lake, folder=tmp_path / f"fresh{number}")
        for pair in ((END, END), (END, LATER), (date(2026, 3, 4), END)):
            assert standing(home, brought_up, *pair) == standing(home, fresh, *pair)
        assert brought_up.pointer.waiting == fresh.pointer.waiting
    assert len(standing(home, brought_up, END, LATER)) == brought_up.loans == 10
    assert brought_up.pointer.generation == len(DELIVERIES)


def test_whatever_the_order_of_deliveries_the_loans_stand_the_same(home: Home, told: Told, tmp_path: Path) -> None:
    for delivery in reversed(DELIVERIES):
        told(**delivery)
        refresh(home, silent)
    once = open_home(tmp_path / "once", {})
    (tmp_path / "files").mkdir()
    for delivery in DELIVERIES:
        harbour.send(once, tmp_path / "files", delivery)
    assert standing(home, refresh(home, silent), END, LATER) == standing(once, refresh(once, silent), END, LATER)


@pytest.mark.usefixtures("story")
def test_only_shards_with_new_facts_get_new_files(home: Home, told: Told) -> None:
    before = refresh(home, silent)
    told(payments="payment_id,loan_id,paid_on,amount,known_on\nA1-4,A1,2026-04-30,52.00,2026-05-02\n")
    after = refresh(home, silent)
    touched = {shard for shard, name in shards_of(after).items() if shards_of(before)[shard] != name}
    assert touched == {place(after, "A1")[0]}
    assert len(shards_of(before)) > 1
    assert after.pointer.generation == before.pointer.generation + 1
    assert list(after.shards) == sorted(
        after.shards
    )  # whichever was built last: what goes by the place of a loan stays


@pytest.mark.usefixtures("story")
def test_without_new_facts_nothing_is_built(home: Home) -> None:
    before = refresh(home, silent)
    seen: list[str] = []
    after = refresh(home, lambda step, _done, _all: seen.append(step))
    assert after.pointer == before.pointer
    assert seen == []


@pytest.mark.usefixtures("story")
def test_a_ledger_already_open_is_not_disturbed_by_later_ones(home: Home, told: Told) -> None:
    early = refresh(home, silent)
    before = standing(home, early, END, END)
    for number in range(3):
        told(payments=f"payment_id,loan_id,paid_on,amount,known_on\nA1-{number + 4},A1,2026-04-30,1.00,2026-05-02\n")
        refresh(home, silent)
    assert standing(home, early, END, END) == before
    assert place(early, "A1") == place(refresh(home, silent), "A1")


@pytest.mark.usefixtures("story")
def test_a_borrowers_loans_lie_together(home: Home) -> None:
    ledger = refresh(home, silent)
    assert len({place(ledger, loan)[0] for loan in ("A1", "D1", "F1")}) == 1


def test_a_loan_that_passes_to_a_borrower_of_another_shard_has_the_regions_of_both(home: Home, told: Told) -> None:
    """The loan stays with its first borrower's loans; the second is fetched, and its later versions reach the loan."""
    head = "loan_id,borrower_id,product,principal,disbursed_on,matures_on,currency,effective_on,known_on\n"
    told(
        loans=head + "L1,P1,auto,100.00,2026-01-05,2027-01-05,CNY,,2026-01-05\n",
        borrowers="borrower_id,kind,region,known_on\nP1,person,Ningbo,2026-01-05\n",
    )
    refresh(home, silent)
    other = next(name for name in (f"Q{n}" for n in range(9)) if bucket(name) != bucket("P1"))
    told(loans=head + f"L1,{other},auto,100.00,2026-01-05,2027-01-05,CNY,2026-03-01,2026-03-01\n")
    assert standing(home, refresh(home, silent), END, END)["L1"]["region"] is None
    told(borrowers=f"borrower_id,kind,region,effective_on,known_on\n{other},person,Hefei,2026-01-01,2026-03-02\n")
    assert standing(home, refresh(home, silent), END, END)["L1"]["region"] == "Hefei"
    told(borrowers=f"borrower_id,kind,region,effective_on,known_on\n{other},person,Wuhu,2026-04-01,2026-04-02\n")
    ledger = refresh(home, silent)
    found = [standing(home, ledger, day, END)["L1"]["region"] for day in (date(2026, 2, 28), date(2026, 3, 31), END)]
    assert found == ["Ningbo", "Hefei", "Wuhu"]


@pytest.mark.usefixtures("story")
def test_waiting_facts_join_when_their_loan_comes(home: Home, told: Told) -> None:
    ledger = refresh(home, silent)
    assert ledger.pointer.waiting == {"payments": 1}
    assert ledger.find("X1") is None
    told(
        loans="loan_id,borrower_id,product,principal,disbursed_on,matures_on,known_on\n"
        "X1,B9,auto,70.00,2026-04-01,2026-06-01,2026-05-02\n",
        instalments="loan_id,seq,due_on,principal,interest,known_on\nX1,1,2026-06-01,70.00,0,2026-05-02\n",
    )
    ledger = refresh(home, silent)
    assert ledger.pointer.waiting == {}
    row = standing(home, ledger, END, LATER)["X1"]
    assert (row["paid_amount"], row["principal_outstanding"], row["next_due_amount"]) == (700, 6300, 6300)
    assert "X1" not in standing(home, ledger, END, END)


def test_facts_go_on_waiting_through_later_deliveries(home: Home, told: Told) -> None:
    told(payments="payment_id,loan_id,paid_on,amount,known_on\nX1-1,X1,2026-04-25,7.00,2026-04-25\n")
    assert refresh(home, silent).pointer.waiting == {"payments": 1}
    told(loans=lines(harbour.LOANS, "N1"))
    assert refresh(home, silent).pointer.waiting == {"payments": 1}
    told(payments="payment_id,loan_id,paid_on,amount,known_on\nX2-1,X2,2026-04-25,7.00,2026-04-25\n")
    assert refresh(home, silent).pointer.waiting == {"payments": 2}


def test_facts_of_a_loan_that_turns_out_to_be_in_yen_are_refused_with_their_decimals_and_listed(
    home: Home, told: Told
) -> None:
    told(payments="payment_id,loan_id,paid_on,amount,known_on\nJ1-1,J1,2026-03-31,500.50,2026-03-31\nJ1-2,J1,2026-03-31,500,2026-03-31\n")  # fmt: skip
    told(loans=lines(harbour.LOANS, "J1", "A1"))
    ledger = refresh(home, silent)
    listed = [row for rows in ledger.pointer.refused.values() for row in rows]
    assert listed == [["payments", 1, 1, "too_many_decimals"]]
    assert standing(home, ledger, END, END)["J1"]["paid_amount"] == 500
    told(payments=lines(harbour.PAYMENTS, "A1-1"))
    ledger = refresh(home, silent)
    assert [row for rows in ledger.pointer.refused.values() for row in rows] == listed


def test_a_loan_is_found_by_its_number_alone(home: Home, told: Told) -> None:
    ids = ["1", "10", "2", "A-1", "a-1", "甲-1", "Ä 1"]
    rows = "".join(f"{one},B{one},auto,1.00,2026-01-01,2026-02-01\n" for one in ids)
    told(loans="loan_id,borrower_id,product,principal,disbursed_on,matures_on\n" + rows)
    ledger = refresh(home, silent)
    for one in ids:
        shard, ix = place(ledger, one)
        assert ledger.shards[shard].strings["loans"]["loan_id"][ix].as_py() == one
    assert len({place(ledger, one) for one in ids}) == len(ids)
    for none in ("", "0", "A-", "A-10", "乙-1", "~"):
        assert ledger.find(none) is None


def test_a_ledger_without_loans_finds_nothing(home: Home) -> None:
    ledger = refresh(home, silent)
    assert ledger.loans == 0
    assert ledger.find("A1") is None


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize("step", STEPS)
def test_stopped_at_any_step_it_stands_as_before_and_comes_up_whole(home: Home, told: Told, step: str) -> None:
    class StopError(Exception):
        pass

    def stop(name: str, done: int, _all: int) -> None:
        if name == step and done >= 1:
            raise StopError

    before = standing(home, refresh(home, silent), END, LATER)
    told(**harbour.NEWS)
    with pytest.raises(StopError):
        refresh(home, stop)
    assert standing(home, open_ledger(home.ledger), END, LATER) == {
        **before, "U1": {**before["U1"], "principal_outstanding_base": 720000},
    }  # fmt: skip
    after = standing(home, refresh(home, silent), END, LATER)
    assert (after["A1"]["dpd"], after["R1"]["dpd"], after["A1"]["paid_amount"]) == (0, 42, 20500)
    shutil.rmtree(home.ledger)
    assert standing(home, refresh(home, silent), END, LATER) == after


def one_file(home: Home) -> Path:
    return min(home.ledger.glob("shard-*.ledger"))


DAMAGE: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-100]),
    "cut to a few bytes": lambda path: path.write_bytes(path.read_bytes()[:10]),
    "zeroed in the middle": lambda path: path.write_bytes(
        path.read_bytes()[:64] + bytes(path.stat().st_size - 64 - 700) + path.read_bytes()[-700:]
    ),
    "zeroed but for its last bytes": lambda path: path.write_bytes(bytes(path.stat().st_size - 8) + path.read_bytes()[-8:]),
    "its index spoilt": lambda path: path.write_bytes(path.read_bytes().replace(b'"places"', b'"plaice"')),
    "gone": lambda path: path.unlink(),
}  # fmt: skip


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_named_with_what_to_do_and_doing_it_helps(home: Home, damage: str) -> None:
    before = standing(home, refresh(home, silent), END, END)
    path = one_file(home)
    DAMAGE[damage](path)
    with pytest.raises(DaihouError) as caught:
        list(refresh(home, silent).shards.values())
    assert caught.value.place == str(path)
    assert "Delete the ledger folder" in caught.value.remedy
    shutil.rmtree(home.ledger)
    assert standing(home, refresh(home, silent), END, END) == before


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize("text", ["", "{", "[]", "null", f'{{"format": {FORMAT}, "colour": 1}}'])
def test_a_damaged_pointer_is_named_with_what_to_do(home: Home, text: str) -> None:
    refresh(home, silent)
    pointer = home.ledger / "pointer.json"
    pointer.write_text(text)
    with pytest.raises(DaihouError) as caught:
        refresh(home, silent)
    assert caught.value.place == str(pointer)
    assert "Delete the ledger folder" in caught.value.remedy


@pytest.mark.usefixtures("story")
def test_a_ledger_of_another_format_is_built_afresh(home: Home) -> None:
    before = standing(home, refresh(home, silent), END, END)
    pointer = home.ledger / "pointer.json"
    text = pointer.read_text()
    assert '"format": ' in text
    pointer.write_text(text.replace('"format": ', '"format": 9'))
    assert standing(home, refresh(home, silent), END, END) == before
