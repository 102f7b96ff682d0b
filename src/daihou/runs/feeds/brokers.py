"""The brokers of a feed: how it connects to them, and what they have to say."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from confluent_kafka import Consumer, KafkaError, KafkaException

from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.runs.feeds.address import Address

AGAIN_SECONDS: Final = 60.0
"""What is wrong with the brokers is said again no sooner."""
REACH_SECONDS: Final = 20.0
"""How long a feed that is to end by itself waits for the brokers, and for its share of the partitions."""
CONFIG: Final = {
    "log_level": 2,  # what is wrong is told by error_cb
    "session.timeout.ms": 10_000,  # a feed that was killed holds its partitions so long
    "fetch.queue.backoff.ms": 20,  # by default it rests for a second whenever enough messages wait here
    "partition.assignment.strategy": "roundrobin",  # with the other ones, feeds of many small topics would share them unevenly
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "auto.offset.reset": "error",  # that messages are gone must be said, not passed over
    "enable.partition.eof": True,
}


@dataclass
class Brokers:
    """Those of an address, as one feed sees them."""

    address: Address
    tell: Callable[[str, str], None]
    """Told what happens, in English and Chinese."""
    trouble: str = ""
    """What is wrong with them; empty while they answer."""
    _said: dict[int, float] = field(default_factory=dict)
    _down: bool = False

    def consumer(self) -> Consumer:
        """A new consumer; DaihouError where the settings of the address are none."""
        config: dict[str, Any] = {
            **CONFIG,
            **self.address.settings,
            "bootstrap.servers": self.address.brokers,
            "group.id": self.address.group,
            "error_cb": self.wrong,
        }
        try:
            return Consumer(config)
        except KafkaException as error:
            raise DaihouError(
                f"The settings of the source do not hold: {error.args[0].str()}.",
                "Correct them.",
                "--source",
                zh=(f"数据来源的设置无效：{error.args[0].str()}。", "请更正设置。"),
            ) from error

    def reach(self, consumer: Consumer) -> None:
        """Make sure that there is something to read; KafkaException where the brokers do not answer."""
        known = consumer.list_topics(timeout=REACH_SECONDS).topics
        missing = [topic for topic in self.address.topics if topic not in known]
        if missing:
            raise DaihouError(
                f"There is no topic {', '.join(missing)}.",
                f"Topics there: {', '.join(sorted(known)) or 'none'}.",
                self.address.brokers,
                zh=(f"没有主题 {'、'.join(missing)}。", f"现有主题：{'、'.join(sorted(known)) or '无'}。"),
            )

    def wrong(self, error: KafkaError) -> None:
        """Say what the brokers have; the same not again and again."""
        now = time.monotonic()
        if now - self._said.get(error.code(), float("-inf")) < AGAIN_SECONDS:
            return
        self._said[error.code()] = now
        self._down = True
        self.trouble = f"{error.name()}: {error.str()}"
        self.tell(f"Kafka: {error.str()}", f"Kafka：{error.str()}")

    def back(self) -> None:
        """Say that the brokers answer again."""
        if self._down:
            self._down = False
            self._said.clear()
            self.trouble = ""
            self.tell("Kafka answers again.", "Kafka 已恢复应答。")


def unreached(address: Address, error: KafkaError) -> DaihouError:
    """What is said where brokers that must answer do not."""
    return DaihouError(
        f"The brokers do not answer: {error.str()}.",
        "Check their names and ports, and that they run.",
        address.brokers,
        zh=(f"Kafka 无应答：{error.str()}。", "请核对地址与端口，并确认服务正在运行。"),
    )


__all__ = ["REACH_SECONDS", "Brokers", "unreached"]
