"""Rules from YAML and back: a list of rules, each with its versions; what is not understood is refused with its place."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from daihou.book.days import FIRST_DATE, LAST_DATE
from daihou.book.errors import DaihouError
from daihou.book.yaml_text import Block, dump, load
from daihou.warning.rule import LEVELS, RECIPIENTS, SUBJECTS, TOPICS, Rule, Text, Version, owner_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from daihou.warning.rule import Recipient

RULE_KEYS: Final = ("id", "name", "topic", "subject", "versions")
VERSION_KEYS: Final = (
    "number", "from", "shadow_from", "retired", "owner", "level", "segment", "when", "clear", "confirm", "clear_times",
    "cooldown_days", "due_work_days", "notify", "message", "reason",
)  # fmt: skip
"""The keys of a version in the order they are written."""
NEEDED: Final = ("number", "owner", "level", "when", "message", "reason")
ID: Final = re.compile(r"[A-Z]{1,4}-[0-9]{3,6}")
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

Known = TypeVar("Known", bound=str)


@dataclass(frozen=True, slots=True)
class Found:
    """The rules of a text that can be understood, and what is wrong with the others."""

    rules: tuple[Rule, ...]
    problems: tuple[DaihouError, ...]


def rules(text: str, place: str) -> tuple[Rule, ...]:
    """The rules of a YAML text, in order of id; DaihouError names the rule, the version and the key that is wrong."""
    found = read(text, place)
    if found.problems:
        raise found.problems[0]
    return found.rules


def read(text: str, place: str) -> Found:
    """The rules of a YAML text as far as they can be understood, with every problem there is."""
    problems: list[DaihouError] = []
    try:
        stated = load(text, place)
    except DaihouError as error:
        return Found((), (error,))
    if not isinstance(stated, list):
        _Keys({}, place, problems).refuse(
            "The file is not a list of rules.",
            "Begin each rule with `- id: R-501`.",
            ("文件不是规则列表。", "每条规则以 `- id: R-501` 开头。"),
        )
        return Found((), tuple(problems))
    found = [_rule(one, f"{place}, {_called(one, number)}", problems) for number, one in enumerate(stated, 1)]
    known = sorted((rule for rule in found if rule is not None), key=lambda rule: rule.id)
    for before, after in pairwise(known):
        if before.id == after.id:
            _Keys({}, f"{place}, {after.id}", problems).refuse(
                f"Rule {after.id} stands twice.",
                "Put all versions under one id.",
                (f"规则 {after.id} 重复出现。", "请将全部版本写在同一编号之下。"),
            )
    return Found(tuple(known), tuple(problems))


def text(rules: Iterable[Rule]) -> str:
    """Rules as YAML; reading it back gives equal rules. Every setting is written out, so that a version says all it means."""
    return dump([_stated(rule) for rule in sorted(rules, key=lambda rule: rule.id)])


def _stated(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": _both(rule.name),
        "topic": rule.topic,
        "subject": rule.subject,
        "versions": [_stated_version(version) for version in rule.versions],
    }


def _stated_version(version: Version) -> dict[str, Any]:
    values = {
        "number": version.number,
        "from": version.from_on,
        "shadow_from": version.shadow_from,
        "retired": version.retired or None,
        "owner": version.owner,
        "level": version.level,
        "segment": None if version.segment is None else Block(version.segment),
        "when": Block(version.when),
        "clear": None if version.clear is None else Block(version.clear),
        "confirm": version.confirm,
        "clear_times": version.clear_times,
        "cooldown_days": version.cooldown_days,
        "due_work_days": version.due_work_days,
        "notify": list(version.notify),
        "message": _both(version.message),
        "reason": _both(version.reason),
    }
    return {key: value for key, value in values.items() if value is not None}


def _both(text: Text) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}


def _called(stated: object, number: int) -> str:
    """What a rule is called in a place: its id, or which one of the list it is."""
    name = stated.get("id") if isinstance(stated, dict) else None
    return name if isinstance(name, str) and ID.fullmatch(name) else f"rule {number}"


def _rule(stated: object, place: str, problems: list[DaihouError]) -> Rule | None:
    """A rule from its mapping; None where anything in it is wrong."""
    known = len(problems)
    keys = _Keys.of(stated, RULE_KEYS, RULE_KEYS, place, problems)
    name = keys.word("id")
    if name and not ID.fullmatch(name):
        keys.refuse(
            f"id: '{name[:40]}' is not the id of a rule.",
            "Write it like R-501: capital letters, a hyphen, three to six digits.",
            (f"id: “{name[:40]}”不是规则编号。", "写法如 R-501：大写字母、连字符、三至六位数字。"),
        )
    head = (keys.both("name"), keys.one("topic", TOPICS), keys.one("subject", SUBJECTS))
    versions = _versions(keys, place)
    if len(problems) > known:
        return None
    title, topic, subject = head
    return Rule(name, title, topic, subject, versions)


def _versions(keys: _Keys, place: str) -> tuple[Version, ...]:
    stated = keys.values.get("versions")
    if "versions" in keys.values and (not isinstance(stated, list) or not stated):
        keys.refuse(
            "versions: is not a list of versions.",
            "Begin each with `- number: 1`.",
            ("versions: 不是版本列表。", "每个版本以 `- number: 1` 开头。"),
        )
    if not isinstance(stated, list):
        return ()
    found = [_version(one, f"{place} version {_numbered(one, at)}", keys.problems) for at, one in enumerate(stated, 1)]
    numbers = [version.number for version in found]
    if any(after <= before for before, after in pairwise(numbers)):
        keys.refuse(
            f"Versions do not go up in number: {', '.join(map(str, numbers))}.",
            "List each number once, the oldest first.",
            (f"版本号未按升序排列：{'、'.join(map(str, numbers))}。", "每个版本号只写一次，旧版本在前。"),
        )
    return tuple(found)


def _numbered(stated: object, at: int) -> object:
    number = stated.get("number") if isinstance(stated, dict) else None
    return number if isinstance(number, int) else at


def _version(stated: object, place: str, problems: list[DaihouError]) -> Version:
    """A version from its mapping; what is wrong with it goes to the problems."""
    keys = _Keys.of(stated, VERSION_KEYS, NEEDED, place, problems)
    return Version(
        number=keys.whole("number", 0, least=1),
        from_on=keys.day("from"),
        owner=owner_of(keys.word("owner")),
        level=keys.one("level", LEVELS),
        when=keys.word("when"),
        message=keys.both("message"),
        reason=keys.both("reason"),
        segment=keys.word("segment") if keys.has("segment") else None,
        confirm=keys.whole("confirm", 1),
        cooldown_days=keys.whole("cooldown_days", 0),
        clear=keys.word("clear") if keys.has("clear") else None,
        clear_times=keys.whole("clear_times", 1),
        due_work_days=keys.whole("due_work_days", 3),
        notify=cast("tuple[Recipient, ...]", keys.some("notify", RECIPIENTS, ("officer",))),
        shadow_from=keys.day("shadow_from"),
        retired=keys.flag("retired"),
    )


@dataclass(frozen=True, slots=True)
class _Keys:
    """The values of a mapping asked for one by one: what is not right is noted with its place, and reading goes on."""

    values: Mapping[str, object]
    place: str
    problems: list[DaihouError] = field(repr=False)

    @staticmethod
    def of(
        stated: object, allowed: Sequence[str], needed: Sequence[str], place: str, problems: list[DaihouError]
    ) -> _Keys:
        """A mapping whose keys are all allowed and among which none is missing."""
        listed = ", ".join(allowed), "、".join(allowed)
        if not isinstance(stated, dict):
            _Keys({}, place, problems).refuse(
                f"'{str(stated)[:40]}' is not a mapping of keys to values.",
                f"Keys are: {listed[0]}.",
                (f"“{str(stated)[:40]}”不是键值映射。", f"可用的键：{listed[1]}。"),
            )
            return _Keys(dict.fromkeys(allowed), place, problems)
        keys = _Keys(stated, place, problems)
        for key in sorted(set(map(str, stated)) - set(allowed)):
            alike = difflib.get_close_matches(key, allowed, 1, 0.6)
            keys.refuse(
                f"Unknown key: {key[:40]}.",
                (f"Did you mean {alike[0]}? " if alike else "") + f"Keys are: {listed[0]}.",
                (f"未知的键：{key[:40]}。", (f"是否为 {alike[0]}？" if alike else "") + f"可用的键：{listed[1]}。"),
            )
        for key in needed:
            if key not in stated:
                keys.refuse(
                    f"Missing key: {key}.", f"Keys are: {listed[0]}.", (f"缺少键：{key}。", f"可用的键：{listed[1]}。")
                )
        return keys

    def refuse(self, message: str, remedy: str, zh: tuple[str, str]) -> None:
        """Note what is wrong here."""
        self.problems.append(DaihouError(message, remedy, self.place, zh=zh))

    def has(self, key: str) -> bool:
        """Whether the key has a value; one without a value is as if it were not there."""
        return self.values.get(key) is not None

    def word(self, key: str) -> str:
        """A text that says something; "" where it is not one."""
        value = self.values.get(key)
        if isinstance(value, str) and value.strip() and not UNPRINTABLE.search(value):
            return value
        if key in self.values:
            self.refuse(
                f"{key}: is not a text."
                if not isinstance(value, str)
                else f"{key}: is empty or holds control characters.",
                f"Write one, in quotes where it looks like a number: {key}: '…'.",
                (
                    f"{key}: 不是文本。" if not isinstance(value, str) else f"{key}: 为空或含有控制字符。",
                    f"请填写文本，形似数字时加引号：{key}: '……'。",
                ),
            )
        return ""

    def both(self, key: str) -> Text:
        """A text in both languages."""
        if key not in self.values:
            return Text("", "")
        inner = _Keys.of(self.values[key], ("en", "zh"), ("en", "zh"), f"{self.place}, {key}", self.problems)
        return Text(*("" if inner.values.get(one, "") is None else inner.word(one) for one in ("en", "zh")))

    def whole(self, key: str, otherwise: int, *, least: int = 0) -> int:
        """A whole number; `otherwise` where none is given."""
        value = self.values.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and value >= least:
            return value
        if self.has(key) or (key in self.values and key in NEEDED):
            self.refuse(
                f"{key}: {str(value)[:40]} is not a whole number from {least} on.",
                f"Write it like {key}: {max(least, otherwise)}.",
                (f"{key}: {str(value)[:40]} 不是不小于 {least} 的整数。", f"写法如 {key}: {max(least, otherwise)}。"),
            )
        return otherwise

    def day(self, key: str) -> dt.date | None:
        """A date; None where none is given."""
        value = self.values.get(key)
        try:
            if isinstance(value, str) and DAY.fullmatch(value):
                day = dt.date.fromisoformat(value)
                if FIRST_DATE <= day <= LAST_DATE:
                    return day
        except ValueError:
            pass
        if self.has(key):
            self.refuse(
                f"{key}: {str(value)[:40]} is not a date.",
                "Write it like 2026-01-31.",
                (f"{key}: {str(value)[:40]} 不是有效日期。", "写法如 2026-01-31。"),
            )
        return None

    def flag(self, key: str) -> bool:
        """True or false; false where it is not given."""
        value = self.values.get(key)
        if isinstance(value, bool) or value is None:
            return value or False
        self.refuse(
            f"{key}: {str(value)[:40]} is neither true nor false.",
            f"Write {key}: true, or leave it out.",
            (f"{key}: {str(value)[:40]} 不是 true 或 false。", f"写作 {key}: true，或省略。"),
        )
        return False

    def one(self, key: str, known: tuple[Known, ...]) -> Known:
        """One of the words known; the first of them where it is not."""
        value = self.values.get(key)
        for word in known:
            if word == value:
                return word
        if key in self.values:
            self._unknown(key, value, known)
        return known[0]

    def some(self, key: str, known: tuple[Known, ...], otherwise: tuple[Known, ...]) -> tuple[Known, ...]:
        """One or more of the words known, each once; `otherwise` where none is given."""
        if not self.has(key):
            return otherwise
        value = self.values[key]
        if not isinstance(value, list) or not value or any(value.count(one) > 1 for one in value):
            self.refuse(
                f"{key}: is not a list of different words.",
                f"Write it like {key}: [{', '.join(known[:2])}].",
                (f"{key}: 不是互不重复的列表。", f"写法如 {key}: [{', '.join(known[:2])}]。"),
            )
            return otherwise
        for one in value:
            if one not in known:
                self._unknown(key, one, known)
        return tuple(word for one in value for word in known if word == one)

    def _unknown(self, key: str, value: object, known: Sequence[str]) -> None:
        alike = difflib.get_close_matches(str(value), known, 1, 0.6)
        self.refuse(
            f"{key}: {str(value)[:40]} is unknown.",
            (f"Did you mean {alike[0]}? " if alike else "") + f"It is one of: {', '.join(known)}.",
            (
                f"{key}: 未知取值 {str(value)[:40]}。",
                (f"是否为 {alike[0]}？" if alike else "") + f"可用取值：{'、'.join(known)}。",
            ),
        )
