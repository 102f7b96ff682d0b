"""Where a Kafka feed reads: `kafka://BROKERS/TOPIC[,TOPIC][?group=…&table=…&mapping=…&settings=…]`, read and checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, unquote, urlsplit

import yaml

from daihou.book import contracts
from daihou.book.errors import DaihouError
from daihou.book.intake.mapping import FileMapping, load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SCHEME: Final = "kafka"
GROUP: Final = "daihou"
"""The group of consumers of a feed that names none: feeds of one group share the partitions."""
PARTS: Final = ("group", "table", "mapping", "settings")
OURS: Final = (
    "bootstrap.servers",
    "group.id",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "auto.offset.reset",
    "enable.partition.eof",
    "partition.assignment.strategy",
)
"""Settings that the feed makes itself: with others it would lose or repeat messages."""


@dataclass(frozen=True, slots=True)
class Address:
    """What a feed reads, and as what."""

    brokers: str
    topics: tuple[str, ...]
    group: str = GROUP
    tables: Mapping[str, str] = field(default_factory=dict)
    """By topic the table of its messages; under an empty name that of all other topics."""
    mappings: Mapping[str, FileMapping] = field(default_factory=dict)
    """By table how a lender's fields become its columns."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Of the connection, as librdkafka names them: protocols, certificates, credentials."""

    def table(self, topic: str) -> str | None:
        """The table of a topic's messages that do not name one; None where nothing says it."""
        return self.tables.get(topic) or self.tables.get("") or (topic if topic in contracts.TABLES else None)


def parse(text: str) -> Address:
    """Read an address; DaihouError says what is wrong with it."""
    split = urlsplit(text)
    topics = tuple(dict.fromkeys(unquote(name) for name in split.path.strip("/").split(",") if name))
    if split.scheme != SCHEME or not split.netloc or not topics:
        raise _wrong(
            f"'{text}' is no source.",
            "Write log, or kafka://HOST:9092/TOPIC.",
            (f"无法识别数据来源“{text}”。", "请写 log，或 kafka://主机:9092/主题。"),
        )
    if "@" in split.netloc:
        raise _wrong(
            "Credentials do not belong into an address: every user of the machine can read it.",
            "Put them into a file of librdkafka settings and name it with ?settings=FILE.",
            ("地址中不应包含账号密码：本机其他用户可见。", "请写入 librdkafka 设置文件，并用 ?settings=文件 指定。"),
        )
    stated = parse_qs(split.query, keep_blank_values=True)
    if unknown := sorted(set(stated) - set(PARTS)):
        raise _wrong(
            f"'{unknown[0]}' is no part of a Kafka source.",
            f"Its parts are: {', '.join(PARTS)}.",
            (f"Kafka 来源没有“{unknown[0]}”这一项。", f"可用：{'、'.join(PARTS)}。"),
        )
    tables = _tables(stated.get("table", []), topics)
    return Address(
        split.netloc,
        topics,
        stated.get("group", [GROUP])[-1] or GROUP,
        tables,
        _mappings(stated.get("mapping", []), tables, topics),
        _settings(stated.get("settings", [])),
    )


def _tables(stated: Sequence[str], topics: Sequence[str]) -> dict[str, str]:
    """By topic what `table=payments` or `table=TOPIC:payments,TOPIC:events` says."""
    found: dict[str, str] = {}
    for part in (one for text in stated for one in text.split(",") if one):
        topic, _, name = part.rpartition(":")
        if topic and topic not in topics:
            raise _wrong(
                f"Topic '{topic}' is not read.",
                f"Topics of this source: {', '.join(topics)}.",
                (f"来源中没有主题“{topic}”。", f"本来源的主题：{'、'.join(topics)}。"),
            )
        found[topic] = contracts.table(name).name
    return found


def _mappings(stated: Sequence[str], tables: Mapping[str, str], topics: Sequence[str]) -> dict[str, FileMapping]:
    """By table the mapping in a file: the table is what the file says, or the only one that the address names."""
    found: dict[str, FileMapping] = {}
    for path in map(Path, stated):
        only = {*tables.values()} or {topic for topic in topics if topic in contracts.TABLES}
        name = _named(path) or (next(iter(only)) if len(only) == 1 else None)
        if name is None:
            raise _wrong(
                "The mapping does not say for which table it is.",
                "Write `table:` into it.",
                ("映射文件未说明用于哪张表。", "请在其中写明 `table:`。"),
                str(path),
            )
        mapping = load(path, contracts.table(name))
        if mapping.select is not None:
            raise _wrong(
                "A mapping of messages has no `select:`; that is for whole files.",
                "Leave it out.",
                ("用于消息的映射不支持 `select:`，它只用于整份文件。", "请去掉该项。"),
                str(path),
            )
        found[name] = mapping
    return found


def _named(path: Path) -> str | None:
    """The table that a mapping file names; what else is wrong with the file is told when it is loaded."""
    try:
        stated = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        stated = None
    if isinstance(stated, dict) and stated.get("table") is not None:
        return str(stated["table"])
    return None


def _settings(stated: Sequence[str]) -> dict[str, str]:
    """The lines `name=value` of settings files; empty ones and those that begin with # say nothing."""
    found: dict[str, str] = {}
    for path in map(Path, stated):
        try:
            lines = path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise _wrong(
                f"The settings cannot be read: {error}",
                "Check the file's name and who may read it.",
                (f"设置文件无法读取：{error}", "请核对文件名及读取权限。"),
                str(path),
            ) from error
        for number, line in enumerate(lines, 1):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            name, equals, value = (part.strip() for part in line.partition("="))
            if not equals or name in OURS:
                raise _wrong(
                    f"Setting '{name}' is made by the feed itself." if equals else "The line is no setting.",
                    "Leave it out." if equals else "Write name=value, a setting a line.",
                    (f"“{name}”由程序自行设定。", "请去掉该行。")
                    if equals
                    else ("该行不是设置项。", "每行写一项：名称=值。"),
                    f"{path}:{number}",
                )
            found[name] = value
    return found


def _wrong(message: str, remedy: str, zh: tuple[str, str], place: str = "--source") -> DaihouError:
    return DaihouError(message, remedy, place, zh=zh)


__all__ = ["Address", "parse"]
