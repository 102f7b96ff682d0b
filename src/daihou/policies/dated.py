"""A dated policy: versions from a date on, each with the source or the owner who answers for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Generic, TypeVar

import yaml

from daihou.book.errors import DaihouError

LOADER: Final[type[yaml.SafeLoader | yaml.CSafeLoader]] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The compiled reader where it came with the package: ten times as fast, and every command reads some ten files."""

Values = TypeVar("Values")


@dataclass(frozen=True, slots=True)
class Version(Generic[Values]):
    """What holds from a day on, and on whose word: an article of law (`citation`) or a person or body of the house (`owner`)."""

    from_on: dt.date
    values: Values
    citation: str | None
    owner: str | None


@dataclass(frozen=True, slots=True)
class Dated(Generic[Values]):
    """All versions of one policy, in order of `from_on`."""

    name: str
    place: str
    versions: tuple[Version[Values], ...]

    def on(self, day: dt.date) -> Version[Values]:
        """The version in force on a day; DaihouError before the first."""
        found = None
        for version in self.versions:
            if version.from_on <= day:
                found = version
        if found is None:
            raise DaihouError(
                f"Policy {self.name} has no version in force on {day}.",
                "Add a version that begins earlier.",
                self.place,
                zh=(f"制度 {self.name} 在 {day} 没有生效版本。", "请补充起始更早的版本。"),
            )
        return found


def read_yaml(text: str, place: str) -> dict[str, Any]:
    """The mapping a policy file holds; DaihouError where it is not one."""
    try:
        stated = yaml.load(text, LOADER)  # noqa: S506 - both loaders are safe ones
    except yaml.YAMLError as error:
        raise DaihouError(
            f"The policy cannot be read: {error}.",
            "Correct the YAML.",
            place,
            zh=(f"制度文件无法读取：{error}。", "请更正 YAML。"),
        ) from error
    if not isinstance(stated, dict):
        raise DaihouError(
            "The policy is not a mapping of keys to values.",
            "Begin it with `policy: NAME`.",
            place,
            zh=("制度文件不是键值映射。", "请以 `policy: 名称` 开头。"),
        )
    return stated


def only(stated: object, allowed: tuple[str, ...], place: str, *, needed: tuple[str, ...] = ()) -> None:
    """Fail on a key nobody reads, and on one that is missing: a misspelt key must never fall back to a default in silence."""
    if not isinstance(stated, dict):
        raise DaihouError(
            f"'{stated}' is not a mapping of keys to values.",
            f"Keys are: {', '.join(allowed)}.",
            place,
            zh=(f"“{stated}”不是键值映射。", f"可用的键：{'、'.join(allowed)}。"),
        )
    unknown = sorted(set(map(str, stated)) - set(allowed))
    if unknown:
        raise DaihouError(
            f"Unknown key: {', '.join(unknown)}.",
            f"Keys are: {', '.join(allowed)}.",
            place,
            zh=(f"未知的键：{'、'.join(unknown)}。", f"可用的键：{'、'.join(allowed)}。"),
        )
    missing = [key for key in needed if key not in stated]
    if missing:
        raise DaihouError(
            f"Missing key: {', '.join(missing)}.",
            f"Keys are: {', '.join(allowed)}.",
            place,
            zh=(f"缺少键：{'、'.join(missing)}。", f"可用的键：{'、'.join(allowed)}。"),
        )


def only_date(stated: object, place: str) -> None:
    """Fail on a `from` that is no date, or more than one: YAML reads a time as a kind of date."""
    if not isinstance(stated, dt.date) or isinstance(stated, dt.datetime):
        raise DaihouError(
            f"from: {stated} is not a date.",
            "Write it like 2026-01-01.",
            place,
            zh=(f"from: {stated} 不是日期。", "写法如 2026-01-01。"),
        )


def build(kind: type[Values], stated: dict[str, Any], place: str) -> Values:
    """A dataclass of values from a mapping of the same keys."""
    names = tuple(field.name for field in fields(kind))  # type: ignore[arg-type]  # always a dataclass
    only(stated, names, place, needed=names)
    try:
        return kind(**stated)
    except (TypeError, ValueError) as error:
        raise DaihouError(
            f"A value does not fit: {error}.",
            "Correct it.",
            place,
            zh=(f"取值不符合要求：{error}。", "请更正。"),
        ) from error


def made(of: type[Values], stated: object, spot: str) -> Values:
    """A dataclass of a mapping within the values, with exactly its keys; ValueError names what does not fit, and where."""
    names = [field.name for field in fields(of)]  # type: ignore[arg-type]  # always a dataclass
    if not isinstance(stated, Mapping):
        raise ValueError(f"{spot} must be a mapping")  # noqa: TRY004 - how a policy refuses a value
    unknown = sorted(set(map(str, stated)) - set(names))
    missing = [name for name in names if name not in stated]
    if unknown or missing:
        raise ValueError(
            f"{spot}: {', '.join(unknown or missing)} is {'unknown' if unknown else 'missing'}; keys are {', '.join(names)}"
        )
    return of(**{str(name): value for name, value in stated.items()})


def dated(name: str, kind: type[Values], text: str, place: str) -> Dated[Values]:
    """A policy from its file: `policy`, `meaning` and `versions`, each with `from`, `citation` or `owner`, and `values`."""
    stated = read_yaml(text, place)
    only(stated, ("policy", "meaning", "versions"), place, needed=("policy", "versions"))
    if stated["policy"] != name:
        raise DaihouError(
            f"The file holds policy {stated['policy']}, not {name}.",
            "Rename one of them.",
            place,
            zh=(f"文件中的制度是 {stated['policy']}，不是 {name}。", "请更改其中一个名称。"),
        )
    if not isinstance(stated["versions"], list):
        raise DaihouError(
            "versions: is not a list.",
            "Begin each version with `- from: DATE`.",
            place,
            zh=("versions: 不是列表。", "每个版本以 `- from: 日期` 开头。"),
        )
    versions = []
    for number, version in enumerate(stated["versions"], 1):
        spot = f"{place}, version {number}"
        only(version, ("from", "citation", "owner", "values"), spot, needed=("from", "values"))
        if not version.get("citation") and not version.get("owner"):
            raise DaihouError(
                "Nobody answers for this version.",
                "Give a citation or an owner.",
                spot,
                zh=("该版本没有依据或负责人。", "请写明 citation（依据）或 owner（负责人）。"),
            )
        only_date(version["from"], spot)
        values = build(kind, version["values"], spot)
        versions.append(Version(version["from"], values, version.get("citation"), version.get("owner")))
    if not versions:
        raise DaihouError(
            "The policy has no version.",
            "Add one.",
            place,
            zh=("该制度没有任何版本。", "请至少写一个版本。"),
        )
    return Dated(name, place, tuple(sorted(versions, key=lambda version: version.from_on)))
