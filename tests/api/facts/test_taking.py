"""Facts in: what is taken in, what is refused and why, and that it happens once however often it is sent."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings

from api.sending import payment, sender
from api.test_auth import problem
from daihou.api.facts import taking
from daihou.api.facts.body import MOST_BYTES, MOST_COLUMNS
from daihou.desk.vault import people as vaulted
from daihou.runs.log import pressure
from daihou.runs.log.log import QUARANTINE, open_log

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daihou.runs.log.log import Held

pytestmark = pytest.mark.django_db

LINES = "application/x-ndjson"


def held(after: int) -> list[Held]:
    """What came into the log behind a place."""
    return open_log(settings.HOME).read(after, 1_000_000)


@pytest.fixture
def last() -> int:
    """The last place of the log before the test."""
    return open_log(settings.HOME).last()


def test_one_row_is_accepted_once_it_is_in_the_log(last: int) -> None:
    one, row = sender(), payment()
    response = one.post("/facts/payments", row)
    assert response.status_code == 202
    assert response.json() == {"first": last + 1, "last": last + 1, "accepted": 1, "rejected": 0, "errors": []}
    (parcel,) = held(last)
    assert (parcel.first, parcel.table, parcel.source) == (last + 1, "payments", "api:core")
    (kept,) = parcel.rows().to_pylist()
    assert (kept["payment_id"], kept["amount"]) == (row["payment_id"], Decimal("12.50"))


@pytest.mark.parametrize("count", [2, 500])
def test_an_array_and_lines_are_taken_in_order(last: int, count: int) -> None:
    one, rows = sender(), [payment() for _ in range(count)]
    assert one.post("/facts/payments", rows).json()["accepted"] == count
    lines = "\n".join(json.dumps(row | {"payment_id": f"{row['payment_id']}-l"}) for row in rows) + "\n\n"
    said = one.post("/facts/payments", lines, LINES).json()
    assert (said["first"], said["last"]) == (last + count + 1, last + 2 * count)
    ids = [kept for parcel in held(last) for kept in parcel.rows()["payment_id"].to_pylist()]
    assert ids == [row["payment_id"] for row in rows] + [f"{row['payment_id']}-l" for row in rows]


def test_packed_by_gzip_it_is_the_same(last: int) -> None:
    one, rows = sender(), [payment() for _ in range(100)]
    said = one.post("/facts/payments", gzip.compress(json.dumps(rows).encode()), Content_Encoding="gzip").json()
    assert said["accepted"] == 100


def test_numbers_never_pass_through_a_float(last: int) -> None:
    one, long = sender(), "123456789012.37"
    assert one.post("/facts/payments", f'{{"payment_id": 9007199254740993, "loan_id": "L", "paid_on": "2026-01-05", "amount": {long}}}').status_code == 202  # fmt: skip
    (kept,) = held(last)[0].rows().to_pylist()
    assert kept["payment_id"] == "9007199254740993"
    assert kept["amount"] == Decimal(long)
    assert problem(one.post("/facts/payments", json.dumps(payment(amount=float("nan")))), 400, "unreadable")


def test_bad_rows_do_not_stop_good_ones_and_each_says_why(last: int) -> None:
    one = sender()
    response = one.post(
        "/facts/payments", [payment(), payment(amount="much"), payment(paid_on="2026-13-01"), payment()]
    )
    said = response.json()
    assert response.status_code == 202
    assert (said["accepted"], said["rejected"]) == (2, 2)
    assert [(each["row"], each["column"], each["value"], each["reason"]) for each in said["errors"]] == [
        (2, "amount", "much", "not_a_number"),
        (3, "paid_on", "2026-13-01", "bad_date"),
    ]
    assert all(each["message_en"] and each["message_zh"] for each in said["errors"])
    assert [(parcel.table, parcel.last - parcel.first + 1) for parcel in held(last)] == [
        ("payments", 2),
        (QUARANTINE, 2),
    ]
    assert held(last)[1].rows()["file"].to_pylist() == ["api:core"] * 2


def test_where_no_row_is_good_nothing_is_accepted(last: int) -> None:
    said = problem(sender().post("/facts/payments", [payment(amount="-1")]), 422, "refused")
    assert (said["accepted"], said["rejected"], said["first"], len(said["errors"])) == (0, 1, 0, 1)
    assert [parcel.table for parcel in held(last)] == [QUARANTINE]


def test_a_trial_takes_nothing_in(last: int) -> None:
    said = sender().post("/facts/payments?dry_run=true", [payment(), payment(amount="x")])
    assert said.status_code == 200
    assert said.json() | {"errors": []} == {
        "first": 0,
        "last": 0,
        "accepted": 1,
        "rejected": 1,
        "errors": [],
        "dry_run": True,
    }
    assert not held(last)


def test_sent_again_with_its_key_it_is_taken_once_and_answered_the_same(last: int) -> None:
    one, rows = sender(), [payment(), payment(amount="x")]
    first = one.post("/facts/payments", rows, Idempotency_Key="m-1")
    again = one.post("/facts/payments", rows, Idempotency_Key="m-1")
    assert (again.status_code, again.json()) == (202, first.json())
    assert "Idempotent-Replay" not in first
    assert again["Idempotent-Replay"] == "true"
    assert sum(parcel.last - parcel.first + 1 for parcel in held(last)) == 2
    bad = [
        one.post("/facts/payments", [payment(payment_id="same", amount="x")], Idempotency_Key="m-2") for _ in range(2)
    ]
    assert [each.status_code for each in bad] == [422, 422]
    assert bad[1]["Idempotent-Replay"] == "true"


def test_a_key_used_for_something_else_is_a_mistake_and_each_program_has_keys_of_its_own(last: int) -> None:
    one, row = sender(), payment()
    assert one.post("/facts/payments", row, Idempotency_Key="k").status_code == 202
    problem(one.post("/facts/payments", payment(), Idempotency_Key="k"), 409, "key_reused")
    problem(one.post("/facts/charges", row, Idempotency_Key="k"), 409, "key_reused")
    assert len(held(last)) == 1
    assert sender("other").post("/facts/payments", payment(), Idempotency_Key="k").status_code == 202
    for key in ("", "x" * 201, "a\tb"):
        problem(one.post("/facts/payments", payment(), Idempotency_Key=key), 400, "wrong_parameter")


def test_only_tables_that_the_program_may_send_are_taken(last: int) -> None:
    one = sender(tables=["charges"])
    assert "payments" in problem(one.post("/facts/payments", payment()), 403, "not_permitted")["detail"]
    problem(one.post("/facts/nonsense", payment()), 404, "not_found")
    assert not held(last)


def test_columns_that_would_name_people_are_refused_whole(last: int) -> None:
    said = problem(sender().post("/facts/payments", payment(name="张三")), 422, "refused")
    assert "names people" in said["detail"].replace("name people", "names people")
    assert not held(last)


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"[]", "application/json", 400, "unreadable"),
        (b"[1]", "application/json", 400, "unreadable"),
        (b'"text"', "application/json", 400, "unreadable"),
        (b"{", "application/json", 400, "unreadable"),
        (b'{"a": NaN}', "application/json", 400, "unreadable"),
        (b'{"a": 1, "a": 2}', "application/json", 400, "unreadable"),
        (b'{"a": 1, " a": 2}', "application/json", 400, "unreadable"),
        (b'{"a": {"b": 1, "b": 2}}', "application/json", 400, "unreadable"),
        (b'{"a": "\\ud800"}', "application/json", 400, "unreadable"),
        (b'{"\\ud800": "a"}', "application/json", 400, "unreadable"),
        (b'{"a": "\xff"}', "application/json", 400, "unreadable"),
        (b'{"a": ' + b"[" * 100_000, "application/json", 400, "unreadable"),
        (b'{"a": ' + b"[" * 5_000 + b"]" * 5_000 + b"}", "application/json", 400, "unreadable"),
        (b'{"a": 1}\n{"b"', LINES, 400, "unreadable"),
        (b"\n\n", LINES, 400, "unreadable"),
        (b"a=1", "application/x-www-form-urlencoded", 415, "unknown_media"),
        (b"{}", "text/csv", 415, "unknown_media"),
        (b"{}\n" * 10_001, LINES, 413, "too_large"),
        (b"[" + b",".join([b"{}"] * 10_001) + b"]", "application/json", 413, "too_large"),
        (json.dumps([{f"c{n}": 1} for n in range(MOST_COLUMNS + 1)]).encode(), "application/json", 413, "too_large"),
        (b" " * (MOST_BYTES + 1), "application/json", 413, "too_large"),
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_is_taken(
    body: bytes, kind: str, status: int, code: str, last: int
) -> None:
    said = problem(sender().post("/facts/payments", body, kind), status, code)
    assert len(said["detail"]) < 300
    assert not held(last)


def test_a_small_body_that_unpacks_into_a_very_large_one_is_refused(last: int) -> None:
    one, bomb = sender(), gzip.compress(b" " * (32 << 20))
    assert len(bomb) < 1 << 20
    problem(one.post("/facts/payments", bomb, Content_Encoding="gzip"), 413, "too_large")
    packed = gzip.compress(json.dumps(payment()).encode())
    for broken in (packed[:-9], packed + b"more", packed + packed, b"no gzip"):
        problem(one.post("/facts/payments", broken, Content_Encoding="gzip"), 400, "unreadable")
    problem(one.post("/facts/payments", packed, Content_Encoding="br"), 415, "unknown_media")
    assert not held(last)


def test_a_body_without_a_length_is_not_read() -> None:
    from django.test import Client

    one = sender()
    response = Client().generic(
        "POST",
        "/api/v1/facts/payments",
        "{}",
        content_type="application/json",
        headers={"Authorization": f"Bearer {one.token}"},
        CONTENT_LENGTH="",
    )
    problem(response, 411, "length_missing")


def test_raw_texts_are_blinded_and_kept_nowhere(last: int) -> None:
    row = {
        "txn_id": "T1", "account_id": "A1", "booked_at": "2026-01-05T10:00:00+08:00", "amount": "-10.00", "counterparty": "某某科技公司", "memo": "工资",
    }  # fmt: skip
    assert sender().post("/facts/transactions", row).status_code == 202
    (parcel,) = held(last)
    (kept,) = parcel.rows().to_pylist()
    assert kept["counterparty_token"]
    assert "某某" not in str(kept)
    assert "某某".encode() not in parcel.body


def test_people_go_to_the_vault_and_nowhere_else(last: int) -> None:
    one = sender()
    rows = [
        {"borrower_id": "B1", "name": "张三丰", "phones": "13800138000"},
        {"borrower_id": "B1", "name": "张三丰", "phones": "13800138000"},
        {"borrower_id": "B1", "name": "李四"},
        {"borrower_id": "", "name": "王五"},
    ]
    said = one.post("/facts/people", rows).json()
    assert (said["accepted"], said["rejected"], said["first"]) == (2, 2, 0)
    assert [(each["row"], each["reason"]) for each in said["errors"]] == [(3, "duplicate_key"), (4, "missing_value")]
    assert vaulted.masked_names(["B1"])["B1"].startswith("张")
    for text in ("张三", "李四", "王五", "13800138000"):
        assert text not in json.dumps(said, ensure_ascii=False)
        assert all(text.encode() not in parcel.body for parcel in held(last))
    assert [parcel.table for parcel in held(last)] == [QUARANTINE]
    assert one.post("/facts/people", rows[:1]).json()["accepted"] == 1  # sent again, it changes nothing


def test_answers_name_no_more_than_a_thousand_rows(last: int) -> None:
    said = problem(sender().post("/facts/payments", [payment(amount="x") for _ in range(1_500)]), 422, "refused")
    assert said["rejected"] == 1_500
    assert len(said["errors"]) == taking.MOST_ERRORS


@pytest.fixture
def behind(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A function that lets the log be as far behind as one says."""
    log = open_log(settings.HOME)

    def set_to(slow: int, full: int) -> None:
        monkeypatch.setattr(pressure, "SLOW_ROWS", slow)
        monkeypatch.setattr(pressure, "FULL_ROWS", full)
        pressure._seen.clear()

    yield set_to
    pressure._seen.clear()
    assert log.last() >= 0


def test_while_the_log_is_behind_each_program_has_its_turns(behind: Any) -> None:
    one, other = sender(), sender("other")
    one.post("/facts/payments", payment())
    behind(0, 10_000_000)
    answers = [one.post("/facts/payments", payment()) for _ in range(3)]
    assert answers[0].status_code == 202
    assert int(answers[0]["Retry-After"]) >= 1
    problem(answers[2], 429, "slow_down")
    assert int(answers[2]["Retry-After"]) >= 1
    assert other.post("/facts/payments", payment()).status_code == 202
    assert one.post("/facts/payments?dry_run=true", payment()).status_code == 200


def test_where_nothing_has_room_any_more_nothing_is_taken_in(behind: Any, last: int) -> None:
    one = sender()
    behind(-2, -1)
    said = one.post("/facts/payments", payment())
    problem(said, 503, "full")
    assert int(said["Retry-After"]) >= 1
    assert not held(last)


def test_a_log_that_cannot_be_written_is_said_and_nothing_is_accepted(
    monkeypatch: pytest.MonkeyPatch, last: int
) -> None:
    one, log = sender(), open_log(settings.HOME)
    log.store.connection.execute("PRAGMA query_only = 1")
    try:
        problem(one.post("/facts/payments", payment()), 503, "unavailable")
    finally:
        log.store.connection.execute("PRAGMA query_only = 0")
    assert not held(last)


def test_what_became_of_rows_is_told_to_who_sent_them(last: int) -> None:
    one, other = sender(), sender("other")
    said = one.post("/facts/payments", [payment(), payment()]).json()
    other.post("/facts/payments", payment())
    first = said["first"]
    told = one.get(f"/facts/{first}").json()
    assert (told["place"], told["table"], told["state"]) == (first, "payments", "waiting")
    assert dt.datetime.fromisoformat(told["accepted_at"])
    spans = one.get(f"/facts?from={first}&to={first + 2}").json()["spans"]
    assert [(span["first"], span["last"], span["state"]) for span in spans] == [(first, first + 1, "waiting")]
    problem(other.get(f"/facts/{first}"), 404, "not_found")
    problem(one.get(f"/facts/{first + 1_000}"), 404, "not_found")
    problem(one.get("/facts?from=5&to=4"), 400, "wrong_parameter")
    problem(one.get("/facts?from=1&to=20000"), 400, "wrong_parameter")
    problem(one.get("/facts?from=x"), 400, "wrong_parameter")


def test_the_contract_tells_tables_columns_and_a_schema() -> None:
    one = sender(scopes=[])
    names = [table["name"] for table in one.get("/contract").json()["tables"]]
    assert {"payments", "loans", "people"} <= set(names)
    told = one.get("/contract/payments").json()
    amount = next(column for column in told["columns"] if column["name"] == "amount")
    assert amount["required"]
    assert amount["zh"]
    assert set(told["schema"]["required"]) == {"payment_id", "loan_id", "paid_on", "amount"}
    problem(one.get("/contract/nonsense"), 404, "not_found")


def test_a_row_costs_no_query_of_the_database_once_the_program_is_known(django_assert_num_queries: Any) -> None:
    one = sender()
    one.post("/facts/payments", payment())
    with django_assert_num_queries(0):
        one.post("/facts/payments", payment())
