"""Brokers of Kafka that live in a process of their own: librdkafka's mock cluster, told by its standard input to make topics, go away and come back.

What it is not: nothing is on a disk, and a partition keeps its newest 5 MB, more or less.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
from importlib.metadata import files
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from types import TracebackType

BROKERS: Final = 2
PRODUCER: Final = 0
REBALANCE_MS: Final = 100
"""How long a new group waits for more members: three seconds unless told otherwise."""


class Cluster:
    """A cluster that runs until the block ends."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.address = self._answer()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    def topic(self, name: str, partitions: int = 1) -> None:
        """Make a topic."""
        self._tell(f"topic {name} {partitions}")

    def down(self) -> None:
        """All brokers drop their connections and take no new ones."""
        self._tell("down")

    def up(self) -> None:
        """They are there again, with what they had."""
        self._tell("up")

    def _tell(self, words: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(words + "\n")
        self._process.stdin.flush()
        assert self._answer() == "done"

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def serve() -> None:
    """Be the cluster."""
    library = ctypes.CDLL(str(next(one.locate() for one in files("confluent-kafka") or () if "librdkafka" in one.name)))
    for name in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_mock_cluster_new"):
        getattr(library, name).restype = ctypes.c_void_p
    library.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
    reason = ctypes.create_string_buffer(200)
    handle = library.rd_kafka_new(PRODUCER, ctypes.c_void_p(library.rd_kafka_conf_new()), reason, 200)
    cluster = ctypes.c_void_p(library.rd_kafka_mock_cluster_new(ctypes.c_void_p(handle), BROKERS))
    library.rd_kafka_mock_group_initial_rebalance_delay_ms(cluster, REBALANCE_MS)
    print(library.rd_kafka_mock_cluster_bootstraps(cluster).decode(), flush=True)
    for line in sys.stdin:
        match line.split():
            case ["topic", name, partitions]:
                library.rd_kafka_mock_topic_create(cluster, name.encode(), int(partitions), 1)
            case ["down"]:
                for number in range(1, BROKERS + 1):
                    library.rd_kafka_mock_broker_set_down(cluster, number)
            case ["up"]:
                for number in range(1, BROKERS + 1):
                    library.rd_kafka_mock_broker_set_up(cluster, number)
        print("done", flush=True)


if __name__ == "__main__":
    serve()
