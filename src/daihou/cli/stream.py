"""`daihou stream`: judge what comes into the log, or bring what Kafka holds into it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Final

import typer

from daihou.book.errors import DaihouError
from daihou.cli import clock
from daihou.cli.home import current
from daihou.cli.language import text
from daihou.cli.progress import shown
from daihou.runs import lines
from daihou.runs.process import told_to_end

if TYPE_CHECKING:
    import threading

    from daihou.book.home import Home
    from daihou.runs.feeds.kafka import Came

LOG: Final = "log"


def command(
    source: Annotated[
        str,
        typer.Option(
            help=text(
                "log: judge what comes into the log. kafka://HOST:9092/TOPIC[,TOPIC][?group=…&table=…&mapping=…&settings=…]: bring its messages into the log.",
                "log：实时研判进入事件日志的事实；kafka://主机:9092/主题[,主题][?group=…&table=…&mapping=…&settings=…]：将其消息写入事件日志。",
            )
        ),
    ] = LOG,
    once: Annotated[
        bool, typer.Option("--once", help=text("End when nothing waits.", "没有待处理的内容即结束。"))
    ] = False,
    slot: Annotated[
        str,
        typer.Option(
            help=text(
                "Of several workers that share the borrowers, which one: 0/2, 1/2.",
                "多个进程分担客户时，本进程是第几个：0/2、1/2。",
            )
        ),
    ] = "0/1",
) -> None:
    """Judge events as they come, until Ctrl-C or SIGTERM."""
    home = current()
    lines.to_stderr(os.environ)
    stop = told_to_end()
    if source == LOG:
        _judge(home, stop, slot, once=once)
    else:
        _feed(home, source, stop, once=once)


def _judge(home: Home, stop: threading.Event, slot: str, *, once: bool) -> None:
    """Work as the stream's worker."""
    from daihou.cli.warm import warm
    from daihou.runs.stream.worker import Slot, run

    number, of = _share(slot)
    with shown() as progress:
        warm(progress)
    typer.echo(
        text("Judging what comes into the log (Ctrl-C ends it).", "正在研判进入事件日志的事实（按 Ctrl-C 结束）。"),
        err=True,
    )
    run(home, stop, Slot(number, of), until_done=once)


def _share(slot: str) -> tuple[int, int]:
    number, _, of = slot.partition("/")
    if number.isdecimal() and of.isdecimal() and int(number) < int(of):
        return int(number), int(of)
    raise DaihouError(
        f"'{slot}' is no share of the borrowers.",
        "Write 0/2 and 1/2 for two workers.",
        "--slot",
        zh=(f"“{slot}”不是有效的分担方式。", "两个进程分别写 0/2 和 1/2。"),
    )


def _feed(home: Home, source: str, stop: threading.Event, *, once: bool) -> None:
    """Bring the messages of a Kafka source into the log."""
    from daihou.cli import vault
    from daihou.runs.feeds.address import parse
    from daihou.runs.feeds.patience import patient
    from daihou.runs.log.door import Door
    from daihou.runs.log.pressure import pressure

    address = parse(source)
    try:
        from daihou.runs.feeds.kafka import Feed
    except ModuleNotFoundError as error:
        if error.name != "confluent_kafka":
            raise
        raise DaihouError(
            "The client of Kafka is not installed.",
            'Install it: `pip install "daihou[kafka]"`.',
            "--source",
            zh=("未安装 Kafka 客户端。", '请安装：`pip install "daihou[kafka]"`。'),
        ) from error
    door = Door(home, patient(lambda day: vault.blinder(home, day)))
    feed = Feed(
        door,
        address,
        clock.now,
        tell=lambda en, zh: typer.echo(text(en, zh), err=True),
        pressure=lambda: pressure(home, door.log),
    )
    typer.echo(
        text(
            f"Bringing {', '.join(address.topics)} of {address.brokers} into the log (Ctrl-C ends it).",
            f"正在将 {address.brokers} 的 {'、'.join(address.topics)} 写入事件日志（按 Ctrl-C 结束）。",
        ),
        err=True,
    )
    came = feed.run(stop, once=once)
    typer.echo(summary(came))
    raise typer.Exit(1 if came.refused or came.lost else 0)


def summary(came: Came) -> str:
    """What a feed has brought, in a line or two."""
    counts = [
        (text("messages", "消息"), came.messages),
        (text("rows", "行数"), came.rows),
        (text("quarantined", "隔离"), came.refused),
        (text("without a row", "空消息"), came.ignored),
    ]
    if came.lost:
        counts.append((text("gone before they were read", "读取前已被清除"), came.lost))
    return ", ".join(f"{label} {count:,}" for label, count in counts)
