"""Where the shards of a run are walked: by threads on this machine, or by the tasks of a Spark cluster. Only they differ."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import pyarrow as pa

from daihou.book.errors import DaihouError
from daihou.book.ledger.ledger import WORKERS
from daihou.runs.measuring import Measuring, Written

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Progress = Callable[[str, int, int], None]
Walk = Callable[[Measuring, Sequence[int], Progress], list[list[Written]]]
"""Walks shards and returns the shares of the work, each by pair."""


def by_threads(measuring: Measuring, shards: Sequence[int], progress: Progress) -> list[list[Written]]:
    """A few workers take shards from one queue."""
    queue: SimpleQueue[int] = SimpleQueue()
    for number in shards:
        queue.put(number)
    progress("measure", 0, len(shards))

    def taken() -> Iterator[int]:
        while True:
            try:
                yield queue.get_nowait()
            except Empty:
                return
            progress("measure", len(shards) - queue.qsize(), len(shards))

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(lambda _: measuring.share(taken()), range(WORKERS)))


def by_spark(measuring: Measuring, shards: Sequence[int], progress: Progress) -> list[list[Written]]:
    """Each Spark task walks some shards. The home must lie where every executor reaches it by the same path, and daihou be installed there."""
    session = _session()
    tasks = min(len(shards), max(session.sparkContext.defaultParallelism, 1))
    progress("measure", 0, len(shards))

    def walked(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        numbers = [number for batch in batches for number in batch.column(0).to_pylist()]
        if numbers:
            share = pickle.dumps(measuring.share(numbers))
            yield pa.record_batch([pa.array([share], pa.binary())], names=["share"])

    numbers = session.createDataFrame([(number,) for number in shards], "shard int").repartition(tasks)
    rows = numbers.mapInArrow(walked, "share binary").collect()
    progress("measure", len(shards), len(shards))
    return [pickle.loads(row.share) for row in rows]  # noqa: S301 - written by our own tasks


def _session() -> SparkSession:
    """The Spark session in force, or one as spark-defaults.conf and SPARK_MASTER say; without them, on this machine."""
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise DaihouError(
            "PySpark is not installed.",
            'Install it: `pip install "daihou[spark]"`, and Java 17.',
            "--engine spark",
            zh=("未安装 PySpark。", '请安装：`pip install "daihou[spark]"`，并安装 Java 17。'),
        ) from error
    try:
        builder = SparkSession.builder.appName("daihou")
        if master := os.environ.get("SPARK_MASTER"):
            builder = builder.master(master)
        else:  # this machine's tasks need this interpreter, which has daihou
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        return builder.getOrCreate()
    except Exception as error:
        raise DaihouError(
            f"Spark did not start: {error}",
            "Check that Java 17 is installed and what SPARK_MASTER names.",
            "--engine spark",
            zh=(f"Spark 无法启动：{error}", "请确认已安装 Java 17，并核对 SPARK_MASTER。"),
        ) from error
