"""What a form's file states at one spot, taken key by key: what is missing, unknown or of another kind is refused with that spot in both languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from daihou.book.errors import DaihouError
from daihou.policies.dated import only
from daihou.reviews.forms.form import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
NUMBER: Final = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,8})?%?")
LONG: Final = 500
"""Most characters of a text of a form."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A mapping of the file and where it stands."""

    place: str
    values: dict[str, Any]

    def refusal(self, message: str, remedy: str, zh: tuple[str, str]) -> DaihouError:
        """The error for what is wrong here."""
        return DaihouError(message, remedy, self.place, zh=zh)

    def only(self, allowed: Iterable[str], needed: Iterable[str] = ()) -> None:
        """Fail on a key nobody reads and on one that is missing."""
        only(self.values, tuple(allowed), self.place, needed=tuple(needed))

    def has(self, key: str) -> bool:
        """Whether a key is stated."""
        return key in self.values

    def within(self, key: str, stated: object, name: str = "") -> Spot:
        """A mapping within this one, by its key or by what it is and is called."""
        place = f"{self.place}, {key}{f' {name}' if name else ''}"
        if not isinstance(stated, dict):
            raise DaihouError(
                f"{key}: '{str(stated)[:40]}' is not a mapping of keys to values.",
                "Write `key: value` lines.",
                place,
                zh=(f"{key}：“{str(stated)[:40]}”不是键值映射。", "请按 `键: 值` 逐行填写。"),
            )
        return Spot(place, stated)

    def each(self, key: str, what: str, named: str, *, least: int = 1) -> list[Spot]:
        """The mappings of a list, each placed by what it is and by its id or code, or by its number where it has none."""
        stated = self.values.get(key, [])
        if not isinstance(stated, list) or len(stated) < least:
            raise self.refusal(
                f"{key} must be a list of at least {least}.",
                "Begin each item with `- `.",
                (f"{key} 须为列表，至少 {least} 项。", "每项以 `- ` 开头。"),
            )
        found = []
        for number, one in enumerate(stated, 1):
            name = one.get(named, number) if isinstance(one, dict) else number
            found.append(self.within(what, one, str(name)))
        return found

    def code(self, key: str) -> str:
        """A code: small letters, digits and _."""
        value = self.values[key]
        if isinstance(value, str) and CODE.fullmatch(value):
            return value
        raise self.refusal(
            f"{key}: '{str(value)[:40]}' is not a code.",
            "Write small letters, digits and _, 40 at most, a letter first.",
            (f"{key}：“{str(value)[:40]}”不是有效代码。", "请用小写字母、数字和下划线，最多 40 个字符，以字母开头。"),
        )

    def one_of(self, key: str, allowed: Iterable[str]) -> str:
        """One of some words."""
        value, among = self.values[key], tuple(allowed)
        if isinstance(value, str) and value in among:
            return value
        raise self.refusal(
            f"{key}: '{str(value)[:40]}' is not known.",
            f"Write one of: {', '.join(among)}.",
            (f"{key}：“{str(value)[:40]}”不可用。", f"可用取值：{'、'.join(among)}。"),
        )

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        """True or false."""
        value = self.values.get(key, default)
        if isinstance(value, bool):
            return value
        raise self.refusal(
            f"{key}: '{str(value)[:40]}' is neither true nor false.",
            "Write true or false.",
            (f"{key}：“{str(value)[:40]}”不是真假值。", "请写 true 或 false。"),
        )

    def whole(self, key: str, least: int, most: int) -> int:
        """A whole number within bounds, both included."""
        value = self.values[key]
        if type(value) is int and least <= value <= most:
            return value
        raise self.refusal(
            f"{key}: '{str(value)[:40]}' is not a whole number from {least} to {most}.",
            "Correct it.",
            (f"{key}：“{str(value)[:40]}”不是 {least} 至 {most} 的整数。", "请更正。"),
        )

    def number(self, key: str) -> Decimal | None:
        """A number, 20% being 0.2; None where it is not stated."""
        if key not in self.values:
            return None
        value = str(self.values[key])
        if isinstance(self.values[key], bool) or not NUMBER.fullmatch(value):
            raise self.refusal(
                f"{key}: '{value[:40]}' is not a number.",
                "Write it like 5, 0.5 or 20%, without separators.",
                (f"{key}：“{value[:40]}”不是数字。", "写法如 5、0.5 或 20%，不加分隔符。"),
            )
        number = Decimal(value.rstrip("%"))
        return number.scaleb(-2) if value.endswith("%") else number

    def share(self, key: str) -> Decimal:
        """A share from 0 to 10, 1 being 100 %."""
        value = self.number(key)
        if value is not None and 0 <= value <= 10:
            return value
        raise self.refusal(
            f"{key}: '{value}' is not a share.",
            "Write it like 20%.",
            (f"{key}：“{value}”不是比例。", "写法如 20%。"),
        )

    def words(self, key: str) -> str:
        """A text that says something."""
        value = self.values[key]
        if isinstance(value, str) and value.strip() and len(value) <= LONG:
            return value.strip()
        raise self.refusal(
            f"{key} must be a text of 1 to {LONG} characters.",
            "Write it, in quotes where it looks like a number or a word of YAML.",
            (f"{key} 须为 1 至 {LONG} 个字符的文本。", "请填写；形似数字的文本请加引号。"),
        )

    def text(self) -> Text:
        """The `en` and `zh` of this mapping; both are needed."""
        for key, other in (("en", "English"), ("zh", "Chinese")):
            if key not in self.values:
                raise self.refusal(
                    f"Missing key: {key}. The {other} text is not there.",
                    "Give en and zh.",
                    (f"缺少键：{key}，没有{'英文' if key == 'en' else '中文'}文本。", "请同时填写 en 和 zh。"),
                )
        return Text(self.words("en"), self.words("zh"))

    def inner_text(self, key: str) -> Text | None:
        """A mapping of `en` and `zh`; None where it is not stated."""
        if key not in self.values:
            return None
        inner = self.within(key, self.values[key])
        inner.only(("en", "zh"))
        return inner.text()


def once(spots: list[Spot], codes: list[str], what: tuple[str, str]) -> None:
    """Fail where a code stands twice, at the second."""
    for number, code in enumerate(codes):
        if code in codes[:number]:
            raise spots[number].refusal(
                f"{what[0]} '{code}' stands twice.",
                "Give each a code of its own.",
                (f"{what[1]}“{code}”重复。", "请使用各自不同的代码。"),
            )
