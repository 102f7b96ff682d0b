"""The register of rules: what a lender decided, a row of the lake's table `rules` a version, never changed; with what ships, the rulebook."""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal

import pyarrow as pa

from daihou.book import lake
from daihou.book.errors import DaihouError
from daihou.profiles.rules import shipped_text
from daihou.warning.checked import problems
from daihou.warning.reading import rules as read_rules
from daihou.warning.reading import text
from daihou.warning.rule import NOUNS
from daihou.warning.rulebook import Broken, rulebook

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence

    from daihou.book.home import Home
    from daihou.warning.rule import Rule
    from daihou.warning.rulebook import Rulebook

REGISTER: Final = "rules"
Origin = Literal["desk", "file"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the register: one version of a rule, who wrote and who reviewed it, and when it was recorded."""

    rule_id: str
    number: int
    text: str
    author: str
    reviewer: str
    note: str
    recorded_on: dt.date
    origin: str


@cache
def shipped(profile: str) -> tuple[Rule, ...]:
    """The rules that ship for a kind of lender: those of all, and its own."""
    return tuple(rule for name in ("common", profile) for rule in read_rules(shipped_text(name), f"{name}.yaml"))


def entries(home: Home, version: int | None = None) -> tuple[Entry, ...]:
    """The rows of the register as of a version of its table (the newest if not given), in the order they were recorded."""
    return tuple(_entry(row) for batch in lake.read(home, REGISTER, version=version) for row in batch.to_pylist())


def published(home: Home, version: int | None = None) -> tuple[Rule, ...]:
    """The rules of the register, each with the versions registered; rows that are no longer understood are left out."""
    return rulebook((), _read(entries(home, version))[0]).rules


def rulebook_of(home: Home, lake_version: int | None = None) -> Rulebook:
    """What ships for the home's kind of lender and, going before it, what its register holds as of a version of that table."""
    registered, unread = _read(entries(home, lake_version))
    return rulebook(shipped(home.settings.profile), registered, unread)


def publish(
    home: Home,
    rules: Sequence[Rule],
    *,
    author: str,
    reviewer: str,
    note: str,
    recorded_on: dt.date,
    origin: Origin,
) -> tuple[tuple[str, int], ...]:
    """Add the versions that are not known yet to the register, all or none; returns their ids and numbers, nothing where all are known.

    DaihouError for a version that does not fit, for a number that stands with another text, for one below a number that stands, and for a rule
    that was of another subject.
    """
    with _locked(home):
        book = rulebook_of(home)
        known = {rule.id: rule for rule in book.rules}
        taken = {rule.id: max(_numbers(book, rule.id), default=0) for rule in rules}
        new = [one for rule in rules for one in _new(rule, known.get(rule.id), taken[rule.id])]
        for wrong in (one for rule in new for one in problems(rule, rule.versions[0])):
            raise wrong
        if new:
            said = {"author": author, "reviewer": reviewer, "note": note, "recorded_on": recorded_on, "origin": origin}
            rows = [
                {"rule_id": rule.id, "version": rule.versions[0].number, "text": text((rule,)), **said} for rule in new
            ]
            lake.append(home, REGISTER, pa.Table.from_pylist(rows, lake.schema(REGISTER)))
    return tuple((rule.id, rule.versions[0].number) for rule in new)


def _numbers(book: Rulebook, rule_id: str) -> Iterator[int]:
    """The numbers that versions of a rule have, those that are no longer understood among them."""
    yield from (version.number for rule in book.rules if rule.id == rule_id for version in rule.versions)
    yield from (broken.number for broken in book.unread if broken.rule_id == rule_id)


def _new(stated: Rule, known: Rule | None, last: int) -> list[Rule]:
    """The versions of a rule that are not known, each as a rule of its own; `last` is the greatest number taken."""
    if known is not None and stated.subject != known.subject:
        raise DaihouError(
            f"Rule {stated.id} watches a {known.subject}, not a {stated.subject}.",
            "Give the new rule an id of its own; retire the old one if it is to end.",
            stated.id,
            zh=(
                f"规则 {stated.id} 的监测对象是{NOUNS[known.subject].one.zh}，不能改为{NOUNS[stated.subject].one.zh}。",
                "请使用新的规则编号；旧规则如不再需要，请停用。",
            ),
        )
    standing = {version.number: version for version in known.versions} if known is not None else {}
    new = []
    for version in stated.versions:
        if version.number in standing and version == standing[version.number]:
            continue
        if version.number <= last:
            raise DaihouError(
                f"Version {version.number} of {stated.id} stands already, with another text."
                if version.number in standing
                else f"Version {version.number} of {stated.id} comes after version {last}, which stands already.",
                f"Versions are never changed: give the change the number {last + 1}.",
                f"{stated.id} version {version.number}",
                zh=(
                    f"{stated.id} 的版本 {version.number} 已存在，且内容不同。"
                    if version.number in standing
                    else f"{stated.id} 已有版本 {last}，不能再补版本 {version.number}。",
                    f"已发布的版本不可修改，请将变更写为版本 {last + 1}。",
                ),
            )
        new.append(replace(stated, versions=(version,)))
    return new


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(
        row["rule_id"],
        row["version"],
        row["text"],
        row["author"],
        row["reviewer"],
        row["note"],
        row["recorded_on"],
        row["origin"],
    )


def _read(rows: Iterable[Entry]) -> tuple[list[Rule], list[Broken]]:
    """The rules of rows, each with its one version, and what is wrong with the other rows."""
    found: list[Rule] = []
    unread: list[Broken] = []
    for row in rows:
        try:
            found.extend(read_rules(row.text, f"{REGISTER}, {row.rule_id} version {row.number}"))
        except DaihouError as error:
            unread.append(Broken(row.rule_id, row.number, _unread(row, error)))
    return found, unread


def _unread(row: Entry, error: DaihouError) -> DaihouError:
    """What is said of a row that is not understood: what was decided last is not known, so nothing older speaks in its place."""
    return DaihouError(
        f"Version {row.number} of {row.rule_id} in the register cannot be read, so the rule rests: {error.message}",
        f"Publish it anew as version {row.number + 1} (`daihou rules apply FILE`), or use the release of daihou that wrote it.",
        error.place,
        zh=(
            f"登记簿中 {row.rule_id} 的版本 {row.number} 无法读取，该规则暂停预警：{error.zh[0]}",
            f"请改为版本 {row.number + 1} 重新发布（`daihou rules apply 文件`），或使用写入该版本的 daihou 版本。",
        ),
    )


@contextmanager
def _locked(home: Home) -> Iterator[None]:
    """Let one process at a time publish; the others wait."""
    with (home.path / "rules.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
