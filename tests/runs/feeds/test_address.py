"""Where a feed reads: what an address says, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from daihou.book.errors import DaihouError
from daihou.runs.feeds.address import parse

if TYPE_CHECKING:
    from pathlib import Path


def test_an_address_names_brokers_topics_group_and_tables() -> None:
    found = parse("kafka://a:9092,b:9092/core.pay,events?group=night&table=core.pay:payments")
    assert (found.brokers, found.topics, found.group) == ("a:9092,b:9092", ("core.pay", "events"), "night")
    assert [found.table(topic) for topic in ("core.pay", "events", "other")] == ["payments", "events", None]


def test_one_table_is_that_of_every_topic() -> None:
    found = parse("kafka://a:9092/x,y?table=draws")
    assert [found.table(topic) for topic in found.topics] == ["draws", "draws"]
    assert found.group == "daihou"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("loga", "is no source"),
        ("kafka://a:9092", "is no source"),
        ("http://a:9092/x", "is no source"),
        ("kafka://user:secret@a:9092/x", "Credentials do not belong"),
        ("kafka://a:9092/x?tabel=payments", "'tabel' is no part"),
        ("kafka://a:9092/x?table=paiments", "There is no table 'paiments'"),
        ("kafka://a:9092/x?table=y:payments", "Topic 'y' is not read"),
        ("kafka://a:9092/x?settings=/nowhere", "settings cannot be read"),
    ],
)
def test_what_is_wrong_with_an_address_is_said_in_both_languages(text: str, wrong: str) -> None:
    with pytest.raises(DaihouError, match=wrong) as refused:
        parse(text)
    assert "secret" not in str(refused.value)
    assert all(refused.value.zh)


def test_a_mapping_is_for_the_table_it_names_or_for_the_only_one(tmp_path: Path) -> None:
    path = tmp_path / "core.yaml"
    path.write_text("columns:\n  payment_id: 流水号\n", "utf-8")
    assert set(parse(f"kafka://a:1/x?table=payments&mapping={path}").mappings) == {"payments"}
    assert set(parse(f"kafka://a:1/payments?mapping={path}").mappings) == {"payments"}
    with pytest.raises(DaihouError, match="does not say for which table"):
        parse(f"kafka://a:1/x?mapping={path}")
    path.write_text("table: payments\nselect: SELECT * FROM file\n", "utf-8")
    with pytest.raises(DaihouError, match=r"no `select:`"):
        parse(f"kafka://a:1/x?mapping={path}")


def test_settings_come_from_a_file_and_cannot_change_how_messages_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "kafka.properties"
    path.write_text("# ours\nsecurity.protocol = SASL_SSL\n\nsasl.password=a=b\n", "utf-8")
    found = parse(f"kafka://a:1/x?settings={path}")
    assert found.settings == {"security.protocol": "SASL_SSL", "sasl.password": "a=b"}
    path.write_text("enable.auto.commit=true\n", "utf-8")
    with pytest.raises(DaihouError, match=r"'enable\.auto\.commit' is made by the feed itself") as refused:
        parse(f"kafka://a:1/x?settings={path}")
    assert refused.value.place == f"{path}:1"
    path.write_text("sasl.password\n", "utf-8")
    with pytest.raises(DaihouError, match="The line is no setting"):
        parse(f"kafka://a:1/x?settings={path}")
