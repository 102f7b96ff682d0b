"""Kafka into the log: every message's rows once, whoever dies when.

How far a partition was read stands in the log and nowhere else: a feed begins where the log says, and writes rows and offsets in one transaction, in
which it also makes sure that nobody has read on meanwhile. What the group has committed at the brokers is for tools that show how far a feed is behind.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from confluent_kafka import OFFSET_BEGINNING, KafkaError, KafkaException, TopicPartition

from daihou.book.errors import DaihouError
from daihou.runs.feeds import offsets
from daihou.runs.feeds.brokers import REACH_SECONDS, Brokers, unreached
from daihou.runs.feeds.judging import WAITS, parcels
from daihou.runs.feeds.messages import latest, message, slices, sort
from daihou.runs.log.log import ClosedError
from daihou.runs.log.store import LogError
from daihou.runs.stream.figures import Figures

if TYPE_CHECKING:
    import datetime as dt
    import sqlite3
    import threading
    from collections.abc import Callable, Sequence

    from confluent_kafka import Consumer
    from confluent_kafka import Message as Received

    from daihou.runs.feeds.address import Address
    from daihou.runs.feeds.judging import Parcels
    from daihou.runs.feeds.messages import Message
    from daihou.runs.feeds.offsets import Partition
    from daihou.runs.log.door import Door
    from daihou.runs.log.pressure import Pressure

MOST_MESSAGES: Final = 5_000
"""Of one transaction: more would make those that come first wait for too many."""
LOOK_SECONDS: Final = 0.2
"""How long the feed waits for a message before it looks whether it is to stop."""
GATHER_SECONDS: Final = 0.005
"""How long it waits for more once there is one. While it writes, more come by themselves."""
AGAIN_SECONDS: Final = 1.0
"""A log that is full is looked at again so soon."""
FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 15.0
"""Before the log or the brokers are tried again; the pause doubles from the first to the longest."""
TRIES: Final = 3


@dataclass(slots=True)
class Came:
    """What a feed has brought."""

    messages: int = 0
    rows: int = 0
    refused: int = 0
    """Rows and messages in quarantine."""
    ignored: int = 0
    """Messages without a row."""
    lost: int = 0
    """Messages that no longer existed when they were to be read."""


def _silent(_en: str, _zh: str) -> None:
    """Say nothing."""


@dataclass
class Feed:
    """One consumer of a group: it runs in one thread."""

    door: Door
    address: Address
    clock: Callable[[], dt.datetime]
    """Which business date is open."""
    tell: Callable[[str, str], None] = _silent
    """Told what happens, in English and Chinese."""
    pressure: Callable[[], Pressure | None] = lambda: None
    """How the log stands; None where nobody asks."""
    step: Callable[[str], None] = lambda _: None
    """Told each durable step before it is taken, so that tests can kill there."""
    wall: Callable[[], float] = time.time
    """When messages are accepted, in seconds since 1970."""

    def __post_init__(self) -> None:
        self.came = Came()
        self._next: dict[Partition, int | None] = {}
        """Of each partition that is ours, what the log says is read next; None before the first."""
        self._ended: set[Partition] = set()
        """Partitions of which all was read."""
        self._gone: set[Partition] = set()
        """Partitions of which what is next does not exist."""
        self._turn = 0.0
        """When a batch may be read again while the log is behind."""
        self._until = 0.0
        """Until when nothing is read."""
        self._paused = False
        self._pause = FIRST_PAUSE_SECONDS
        self._brokers = Brokers(self.address, self.tell)
        self._trouble = ""
        """Why the log could not be written; empty once it is again."""

    def run(self, stop: threading.Event, *, once: bool = False) -> Came:
        """Bring what comes until told to stop, or, `once`, until nothing waits; DaihouError where that cannot begin."""
        while not stop.is_set():
            consumer = self._brokers.consumer()
            try:
                if once:
                    self._brokers.reach(consumer)
                self._read(consumer, stop, once=once)
                break
            except KafkaException as error:
                if once:
                    raise unreached(self.address, error.args[0]) from error
                self._brokers.wrong(error.args[0])
            finally:
                consumer.close()
                self._revoked(consumer, [])
            stop.wait(self._longer())
        return self.came

    def _read(self, consumer: Consumer, stop: threading.Event, *, once: bool) -> None:
        consumer.subscribe(list(self.address.topics), on_assign=self._assigned, on_revoke=self._revoked)
        share_by = time.monotonic() + REACH_SECONDS
        while not stop.is_set():
            if self._held(consumer):
                continue
            found = self._gathered(consumer)
            try:
                for some in slices(found):
                    if self._until > time.monotonic():
                        break  # what comes behind a failure is read again
                    self._take(consumer, some)
                for partition in tuple(self._gone):
                    self._skip(consumer, partition)
            except offsets.MovedError:
                self._hold(0.0)
            except (*WAITS, ClosedError) as error:
                self._failed(error)
            if once and not found and self._done(consumer, share_by):
                return

    def _done(self, consumer: Consumer, share_by: float) -> bool:
        """Whether all that is ours was read, or nothing is ours."""
        if self._paused or self._until > time.monotonic() or self._gone:
            return False
        if not consumer.assignment():
            return time.monotonic() > share_by
        return self._ended >= set(self._next) != set()

    def _gathered(self, consumer: Consumer) -> list[Message]:
        """What came: at once where something waits, after a moment where it does not."""
        received = consumer.consume(1, LOOK_SECONDS)
        if received:
            received += consumer.consume(MOST_MESSAGES - 1, GATHER_SECONDS)
        return [message(one) for one in received if self._sound(one)]

    def _sound(self, received: Received) -> bool:
        """Whether it is a message; what else the brokers say is noted."""
        partition = received.topic() or "", received.partition() or 0
        error = received.error()
        if error is None:
            self._ended.discard(partition)
            return True
        if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - its public name
            self._ended.add(partition)
            self._brokers.back()
        elif error.code() == KafkaError._AUTO_OFFSET_RESET:  # noqa: SLF001 - its public name
            self._gone.add(partition)
        elif error.fatal():
            raise KafkaException(error)
        else:
            self._brokers.wrong(error)
        return False

    def _take(self, consumer: Consumer, messages: Sequence[Message]) -> None:
        """Judge messages and append their rows, with how far they were read, in one transaction."""
        mine = [one for one in messages if self._mine(one)]
        if not mine:
            return
        began = time.perf_counter()
        to = latest(mine)
        newest = self._newest(consumer, to)
        self.step("judging")
        found = sort(mine, self.address)
        for attempt in range(TRIES):
            made = parcels(self.door, found, self.address, self.clock())
            self.step("appending")
            try:
                self.door.log.append(
                    made.parcels,
                    self.wall(),
                    also=lambda connection, made=made: self._also(connection, mine, made, to, newest, began),  # type: ignore[misc]  # a lambda's default has no type
                )
                break
            except ClosedError:  # a run closed the day between judging and writing
                if attempt == TRIES - 1:
                    raise
        self.step("appended")
        self._next.update(to)
        self._trouble = ""
        self._pause = FIRST_PAUSE_SECONDS
        self._brokers.back()
        self.came.messages += len(mine)
        self.came.rows += sum(made.good.values())
        self.came.refused += sum(made.bad.values())
        self.came.ignored += found.ignored
        try:
            consumer.commit(
                offsets=[TopicPartition(topic, number, offset) for (topic, number), offset in to.items()],
                asynchronous=True,
            )
        except KafkaException as error:  # it is for others to look at
            self._brokers.wrong(error.args[0])
        self.step("told")

    def _also(
        self, connection: sqlite3.Connection, messages: Sequence[Message], made: Parcels, to: Any, newest: Any, began: float
    ) -> None:  # fmt: skip
        """Write offsets and figures within the transaction that appends."""
        offsets.advance(connection, self._next, to, newest)
        now = self.wall()
        spent = (time.perf_counter() - began) * 1000
        for topic in {one.topic for one in messages}:
            came = Figures(topic, int(now // 60), made.good.get(topic, 0), 1, spent, refused=made.bad.get(topic, 0))
            came.classes = offsets.classes([now - one.at for one in messages if one.topic == topic and one.at])
            came.error = self._trouble or self._brokers.trouble
            offsets.count(connection, topic, came)
        self.step("writing")

    def _mine(self, message: Message) -> bool:
        """Whether a message is of a partition that is ours, and not read yet."""
        if (message.topic, message.partition) not in self._next:
            return False
        known = self._next[message.topic, message.partition]
        return known is None or message.offset >= known

    def _newest(self, consumer: Consumer, partitions: Any) -> dict[Partition, int]:
        """The offset behind the newest message of some partitions, as the last answer of the brokers told it."""
        return {
            (topic, number): consumer.get_watermark_offsets(TopicPartition(topic, number), cached=True)[1]
            for topic, number in partitions
        }

    def _skip(self, consumer: Consumer, partition: Partition) -> None:
        """Go on at the earliest message there is, as what was next is gone; say so and count it."""
        topic, number = partition
        known = self._next.get(partition)
        if partition in self._next:
            earliest, newest = consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=REACH_SECONDS)
            if known is not None and known > newest:
                said = (
                    f"{topic}/{number} ends at {newest}, before {known}: it seems to be a new one and is read from its beginning.",
                    f"{topic}/{number} 止于 {newest}，早于已读至的 {known}：主题可能已重建，将从头读取。",
                )
            else:
                lost = max(earliest - (known or 0), 0)
                said = (
                    f"{topic}/{number}: {lost:,} messages before {earliest} no longer exist and were never read.",
                    f"{topic}/{number}：{earliest} 之前有 {lost:,} 条消息已被清除，未能读取。",
                )
            with self.door.log.store.writing() as connection:
                self.came.lost += offsets.skip(connection, partition, known, earliest, newest)
                offsets.count(connection, topic, Figures(topic, int(self.wall() // 60), error=said[0]))
            self.tell(*said)
        self._gone.discard(partition)
        self._hold(FIRST_PAUSE_SECONDS)

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Begin with the partitions that are ours now where the log says; where it does not answer, later."""
        try:
            self._put(consumer, partitions)
        except LogError as error:
            self._next = {}
            consumer.assign(partitions)
            self._failed(error)
            return
        named = ", ".join(f"{one.topic}/{one.partition}" for one in partitions)
        self.tell(
            f"Reading {named or 'nothing: others have it all'}.", f"正在读取 {named or '（无，已由其他进程分担）'}。"
        )

    def _revoked(self, _consumer: Consumer, _partitions: list[TopicPartition]) -> None:
        """Forget what was ours; nothing of it is under way, as messages are taken in before the brokers are asked again."""
        self._next, self._ended, self._gone = {}, set(), set()

    def _put(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Read partitions from where the log stands."""
        known = offsets.stands(self.door.log, self.address.topics)
        self._next, self._ended, self._gone = {}, set(), set()
        for one in partitions:
            stand = known.get((one.topic, one.partition))
            self._next[one.topic, one.partition] = None if stand is None else stand.next
            one.offset = OFFSET_BEGINNING if stand is None else stand.next
        consumer.assign(partitions)

    def _held(self, consumer: Consumer) -> bool:
        """Whether nothing is read now: the log wants none, or could not be written. The group goes on knowing of us."""
        self._heed(self.pressure())
        left = self._until - time.monotonic()
        if left > 0:
            self._paused = True
            consumer.pause(consumer.assignment())
            for one in consumer.consume(1, min(left, LOOK_SECONDS)):
                self._sound(one)  # a message is read again later
            return True
        if self._paused:
            try:
                if ours := consumer.assignment():
                    self._put(consumer, ours)
                    consumer.resume(ours)
            except LogError as error:
                self._failed(error)
                return True
            self._paused = False
        return False

    def _heed(self, stands: Pressure | None) -> None:
        """Read nothing while the log is full, and a batch at a time while it is behind."""
        if stands is None or stands.state == "ok":
            self._turn = 0.0
            return
        now = time.monotonic()
        if stands.state == "slow" and now >= self._turn:
            self._turn = now + stands.retry_after
            return
        if not self._paused:
            self.tell(
                "Too many rows wait for the lake, or the disk is almost full: reading waits. Does `daihou serve` run?",
                "待入湖的数据过多，或磁盘空间即将用尽，暂停读取。请确认 daihou serve 正在运行。",
            )
        self._hold(min(stands.retry_after, AGAIN_SECONDS) if stands.state == "full" else self._turn - now)

    def _hold(self, seconds: float) -> None:
        """Read nothing for so long, and then from where the log stands."""
        self._paused = True
        self._until = max(self._until, time.monotonic() + seconds)

    def _failed(self, error: Exception) -> None:
        """Wait for the log, the lake or the key: nothing of what was under way is in the log, or all is, and it says which."""
        told = error if isinstance(error, DaihouError) else None
        self._trouble = told.message if told else str(error)
        zh = told.zh[0] if told else str(error)
        self.tell(f"{self._trouble} Reading waits.", f"{zh}暂停读取。")
        self._hold(self._longer())

    def _longer(self) -> float:
        self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)
        return self._pause


__all__ = ["Came", "Feed"]
