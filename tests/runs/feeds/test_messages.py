"""What a feed makes of messages: rows for the log, and quarantine for what is none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from daihou.book.intake import Blinder
from runs.feeds.conftest import once, payment, send

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from daihou.runs.feeds.kafka import Feed
    from kafka_brokers import Cluster
    from runs.feeds.conftest import Read

    Feeds = Callable[..., Feed]


def test_objects_and_arrays_of_several_topics_and_partitions_become_rows(
    cluster: Cluster, feed: Feeds, held: Read
) -> None:
    cluster.topic("m-pay", 3)
    cluster.topic("m-mixed")
    send(cluster, "m-pay", payment(1), [payment(2), payment(3)], partition=0)
    send(cluster, "m-pay", payment(4), partition=2)
    event = {"event_id": "E1", "subject_id": "B1", "happened_at": "2026-01-02T09:00:00+08:00", "kind": "litigation"}
    send(cluster, "m-mixed", event | {"table": "events"})
    send(cluster, "m-mixed", payment(5), headers=[("table", b"payments")])
    came = once(feed("m-pay,m-mixed", "?table=m-pay:payments")).came
    assert (came.messages, came.rows, came.refused, came.ignored) == (5, 6, 0, 0)
    assert held.keys() == {f"P{number:06d}": 1 for number in range(1, 6)}
    (row,) = held.rows("events")
    assert (row["event_id"], row["attributes"]) == ("E1", None)


def test_a_topic_named_like_a_table_needs_no_more(cluster: Cluster, feed: Feeds, held: Read) -> None:
    cluster.topic("draws")
    send(cluster, "draws", {"draw_id": "D1", "loan_id": "L1", "drawn_on": "2026-01-02", "amount": 100.5})
    came = once(feed("draws")).came
    assert came.rows + came.refused == 1
    assert [str(row["amount"]) for row in held.rows("draws")] == ["100.5000"]


def test_amounts_never_pass_through_a_float(cluster: Cluster, feed: Feeds, held: Read) -> None:
    cluster.topic("m-exact")
    body = json.dumps(payment(1)).replace('"12.50"', "90071992547409.93")  # no float holds it
    send(cluster, "m-exact", body.encode())
    once(feed("m-exact", "?table=payments"))
    assert [str(row["amount"]) for row in held.rows()] == ["90071992547409.9300"]


def test_tombstones_and_messages_without_a_row_are_passed_over_and_counted(
    cluster: Cluster, feed: Feeds, held: Read
) -> None:
    cluster.topic("m-empty")
    send(cluster, "m-empty", None, b"", b"  ", {}, [], b"null", payment(1))
    came = once(feed("m-empty", "?table=payments")).came
    assert (came.messages, came.rows, came.refused, came.ignored) == (7, 1, 0, 6)
    assert held.refused() == []


def test_poison_goes_to_quarantine_by_its_offset_and_stops_nothing(cluster: Cluster, feed: Feeds, held: Read) -> None:
    cluster.topic("m-poison", 2)
    deep = b"[" * 200_000
    values = [
        payment(1), b"\xff\xfe", b"{broken", b'"text"', [payment(2), 7], payment(3, amount="much"), deep,
        payment(4, phone="139"), payment(5, channel="\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace")),
        json.dumps(payment(6, channel="\ud800")).encode(), {f"f{number}": "1" for number in range(3_000)}, payment(7),
        b'{"payment_id": "P8", "payment_id": "P9"}',
    ]  # fmt: skip
    send(cluster, "m-poison", *values, partition=1)
    once(feed("m-poison", "?table=payments"))
    assert held.keys() == {"P000001": 1, "P000002": 1, "P000007": 1}
    assert sorted(held.refused(), key=lambda one: one[1]) == [
        ("kafka:m-poison/1", 1, "payments", "message_no_rows"),
        ("kafka:m-poison/1", 2, "payments", "message_no_rows"),
        ("kafka:m-poison/1", 3, "payments", "message_no_rows"),
        ("kafka:m-poison/1", 4, "payments", "message_no_rows"),
        ("kafka:m-poison/1", 5, "payments", "not_a_number"),
        ("kafka:m-poison/1", 6, "payments", "message_no_rows"),
        ("kafka:m-poison/1", 7, "payments", "message_refused"),
        ("kafka:m-poison/1", 8, "payments", "bad_text"),
        ("kafka:m-poison/1", 9, "payments", "bad_text"),
        ("kafka:m-poison/1", 10, "payments", "missing_value"),
        ("kafka:m-poison/1", 12, "payments", "message_no_rows"),
    ]
    (wrong,) = [row for row in held.rows("quarantine") if row["line"] == 5]
    assert json.loads(wrong["raw"]) == payment(3, amount="much")
    (broken,) = [row for row in held.rows("quarantine") if row["line"] == 2]
    assert json.loads(broken["raw"]) == {"line": "{broken"}


def test_a_table_that_is_unknown_or_not_named_is_poison(cluster: Cluster, feed: Feeds, held: Read) -> None:
    cluster.topic("m-unknown")
    send(cluster, "m-unknown", payment(1), payment(2, table="paiments"), payment(3, table="payments"))
    once(feed("m-unknown"))
    assert held.refused() == [
        ("kafka:m-unknown/0", 0, "", "table_unknown"),
        ("kafka:m-unknown/0", 1, "", "table_unknown"),
    ]
    assert held.keys() == {"P000003": 1}


def test_what_names_people_is_kept_nowhere(cluster: Cluster, feed: Feeds, held: Read) -> None:
    cluster.topic("m-people")
    name = "王小明"
    moved = {"txn_id": "T1", "account_id": "A1", "booked_at": "2026-01-02T09:00:00+08:00", "amount": "-5.00"}
    send(
        cluster, "m-people",
        {"table": "people", "borrower_id": "B1", "name": name},
        {"table": name, "x": name},
        moved | {"table": "transactions", "counterparty": name, "memo": "工资", "amount": "lots"},
        moved | {"table": "transactions", "txn_id": "T2", "counterparty": name, "memo": "工资"},
        {"table": "events", "event_id": "E1", "subject_id": "B1", "happened_at": "2026-01-02T09:00:00+08:00", "kind": "news", "detail": name},
        payment(1, table="payments", 姓名=name),
    )  # fmt: skip
    send(cluster, "m-people", f"{{{name}".encode(), headers=[("table", b"transactions")])
    blinder = Blinder(lambda _text: "ab" * 16, {"salary": ("工资",)})
    once(feed("m-people", blinder=lambda _day: blinder))
    assert [row[3] for row in sorted(held.refused(), key=lambda one: one[1])] == [
        "table_of_vault", "table_unknown", "not_a_number", "message_refused", "message_refused", "message_no_rows"
    ]  # fmt: skip
    assert [(row["txn_id"], row["counterparty_token"]) for row in held.rows("transactions")] == [("T2", "ab" * 16)]
    written = b"".join(path.read_bytes() for path in held.home.path.rglob("*") if path.is_file())
    assert name.encode() not in written
    assert json.dumps(name).strip('"').encode() not in written


def test_a_lender_s_own_fields_are_mapped(cluster: Cluster, feed: Feeds, held: Read, tmp_path: Path) -> None:
    cluster.topic("m-core")
    mapping = tmp_path / "core.yaml"
    mapping.write_text(
        "table: payments\ncolumns:\n  payment_id: 流水号\n  paid_on: {from: 日期, date: ['%Y%m%d']}\n"
        "  amount: {from: 金额万元, scale: 10000}\nignore: [备注]\n",
        "utf-8",
    )
    sent: dict[str, Any] = {"流水号": "S1", "loan_id": "L1", "日期": "20260102", "金额万元": "1.25", "备注": "x"}
    send(cluster, "m-core", sent)
    once(feed("m-core", f"?table=payments&mapping={mapping}"))
    (row,) = held.rows()
    assert (row["payment_id"], str(row["paid_on"]), str(row["amount"])) == ("S1", "2026-01-02", "12500.0000")


def test_rows_of_one_key_stay_in_order_beside_fields_that_may_not_come(
    cluster: Cluster, feed: Feeds, held: Read
) -> None:
    cluster.topic("m-order")
    rows = [
        payment(
            1,
            amount=f"{number}.00",
            **({"phone": "1"} if number % 7 == 0 else {}),
            **({"seq": 1} if number % 2 else {}),
        )
        for number in range(1, 200)
    ]
    send(cluster, "m-order", *rows)
    once(feed("m-order", "?table=payments"))
    assert [int(row["amount"]) for row in held.rows()] == [number for number in range(1, 200) if number % 7]
    assert len(held.refused()) == 28
