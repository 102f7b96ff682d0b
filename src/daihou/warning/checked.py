"""A version of a rule as runs judge by it: its conditions parsed over the columns of its subject, its message with the places for values found."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from daihou import expressions
from daihou.book.errors import DaihouError
from daihou.expressions import tree
from daihou.warning.columns import columns_of
from daihou.warning.filled import filled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from daihou.expressions import Columns, Expression, Field
    from daihou.warning.rule import Rule, Text, Version

RANGES: Final[dict[str, tuple[int, int]]] = {
    "confirm": (1, 60),
    "clear_times": (1, 60),
    "cooldown_days": (0, 730),
    "due_work_days": (0, 90),
}
"""Least and most of each setting: beyond them it is a slip of the pen, not a choice."""
Part = TypeVar("Part")
PLACE: Final = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Checked:
    """A rule and one version of it whose conditions, message and settings fit together."""

    rule: Rule
    version: Version
    condition: Expression
    """Segment and `when` together: what must be true."""
    segment: Expression | None
    when: Expression
    clear: Expression | None
    """What counts towards clearing: `clear`, or to be outside the segment. None: that the condition is false."""
    columns: tuple[Field, ...]
    """The columns that the conditions and the message name, each once, in order of first mention."""

    def message(
        self, values: Mapping[str, Any], *, chinese: bool, currency: str | None = None, base_currency: str = "CNY"
    ) -> str:
        """The message with values by column name filled in, as `filled` writes them."""
        fields = {field.name: field for field in self.columns}

        def value(found: re.Match[str]) -> str:
            field = fields[found[1]]
            money = base_currency if field.unit == "base_amount" else currency
            return filled(field, values.get(field.name), chinese=chinese, currency=money)

        return PLACE.sub(value, self.version.message.said(chinese=chinese))


def check(
    rule: Rule, version: Version, *, columns: Columns | None = None, place: str = "", published: bool = False
) -> Checked:
    """The version ready to judge; DaihouError names the first thing that does not fit, its key and the remedy.

    `columns` stand in for those of the subject. A `published` version was checked when it was: that its conditions can be both true and false
    is not looked into again, which takes the most time, nor that its numbers are sensible.
    """
    checker = _Checker(rule, version, columns_of(rule.subject) if columns is None else columns, place, published)
    return checker.checked()


def problems(rule: Rule, version: Version, *, columns: Columns | None = None, place: str = "") -> list[DaihouError]:
    """All that is wrong with a version, key by key; of a retired one its dates and settings alone, since its condition is asked no more."""
    checker = _Checker(rule, version, columns_of(rule.subject) if columns is None else columns, place, published=False)
    return list(checker.problems())


@dataclass(frozen=True, slots=True)
class _Checker:
    """One version before its columns."""

    rule: Rule
    version: Version
    columns: Columns
    place: str
    published: bool

    def checked(self) -> Checked:
        for wrong in (*self.settings(), *self.unfilled()):
            raise wrong
        segment = self.segment()
        when = self.when()
        condition = self.condition(segment, when)
        clear = self.clear(segment)
        named = expressions.columns_named(condition) + (expressions.columns_named(clear) if clear else ())
        told = tuple(self.columns[name] for name in self.places())
        return Checked(self.rule, self.version, condition, segment, when, clear, tuple(dict.fromkeys((*named, *told))))

    def problems(self) -> Iterator[DaihouError]:
        """Each thing that is wrong."""
        yield from self.settings()
        if self.version.retired:
            return
        yield from self.unfilled()
        broken = False
        found: list[Expression | None] = []
        for part in (self.segment, self.when):
            try:
                found.append(part())
            except DaihouError as error:
                broken = True
                yield error
        if not broken:
            yield from _refused(lambda: self.condition(found[0], found[1]))
        yield from _refused(lambda: self.clear(None))

    def segment(self) -> Expression | None:
        return None if self.version.segment is None else self.parsed("segment", self.version.segment)

    def when(self) -> Expression:
        return self.varying("when", self.version.when, self.parsed("when", self.version.when))

    def condition(self, segment: Expression | None, when: Expression | None) -> Expression:
        """Segment and condition together; refused where the one leaves nothing of the other."""
        whole = tree.all_of(part for part in (segment, when) if part is not None)
        if segment is not None and not self.published and expressions.always(whole) is False:
            raise self.refusal(
                "when",
                "Within the segment the condition can never hold.",
                "Compare `segment` and `when`: both must be possible at the same time.",
                ("在适用范围内，触发条件不可能成立。", "请核对 segment 与 when，两者须能同时成立。"),
            )
        return whole

    def clear(self, segment: Expression | None) -> Expression | None:
        if self.version.clear is None:
            return None
        clear = self.varying("clear", self.version.clear, self.parsed("clear", self.version.clear))
        return clear if segment is None else tree.any_of((tree.Not(segment), clear))

    def parsed(self, key: str, text: str) -> Expression:
        expression = self.placed(key, lambda: expressions.parse(text, self.columns))
        if not self.published:
            self.placed(key, lambda: expressions.refuse_whole_percents(text, expression))
        return expression

    def varying(self, key: str, text: str, expression: Expression) -> Expression:
        """The expression, refused where it holds always or never."""
        if not self.published:
            self.placed(key, lambda: expressions.refuse_constant(text, expression))
        return expression

    def placed(self, key: str, part: Callable[[], Part]) -> Part:
        """What a part gives; its error with the rule, the version and the key before its own place."""
        try:
            return part()
        except DaihouError as error:
            raise DaihouError(error.message, error.remedy, f"{self.at(key)}: {error.place}", zh=error.zh) from error

    def at(self, key: str) -> str:
        """The place of a key."""
        before = f"{self.place}, " if self.place else ""
        return f"{before}{self.rule.id} version {self.version.number}, {key}"

    def refusal(self, key: str, message: str, remedy: str, zh: tuple[str, str]) -> DaihouError:
        return DaihouError(message, remedy, self.at(key), zh=zh)

    def settings(self) -> Iterator[DaihouError]:
        """What is wrong with dates and numbers."""
        for key, (least, most) in RANGES.items():
            stated = getattr(self.version, key)
            if not least <= stated <= most:
                yield self.refusal(
                    key,
                    f"{key}: {stated} is not from {least} to {most}.",
                    f"Choose a number from {least} to {most}.",
                    (f"{key}: {stated} 不在 {least} 至 {most} 之间。", f"请填写 {least} 至 {most} 之间的整数。"),
                )
        yield from self.dates()

    def dates(self) -> Iterator[DaihouError]:
        begins, shadow = self.version.from_on, self.version.shadow_from
        if begins is None and shadow is None:
            yield self.refusal(
                "from",
                "The version says neither from when it warns nor from when it runs in shadow.",
                "Give `from`, `shadow_from`, or both.",
                ("该版本未写明生效日期或影子运行日期。", "请填写 from（生效日）或 shadow_from（影子运行起始日）。"),
            )
        if begins is not None and shadow is not None and shadow >= begins:
            yield self.refusal(
                "shadow_from",
                f"The shadow begins on {shadow}, not before the version warns on {begins}.",
                "Begin it earlier, or leave `shadow_from` out.",
                (f"影子运行起始日 {shadow} 不早于生效日 {begins}。", "请提前起始日，或省略 shadow_from。"),
            )
        if self.version.retired and (begins is None or shadow is not None):
            yield self.refusal(
                "retired",
                "A version that ends its rule has a day from which it does, and no shadow.",
                "Give `from`, and leave `shadow_from` out.",
                ("停用版本须有停用日期，且不能影子运行。", "请填写 from（停用日），并省略 shadow_from。"),
            )

    def unfilled(self) -> Iterator[DaihouError]:
        """Places of the message that no column fills."""
        said = self.version.message
        for language, text in (("en", said.en), ("zh", said.zh)):
            for name in PLACE.findall(text):
                if name not in self.columns:
                    yield self._unknown(language, name)
            if "{" in PLACE.sub("", text) or "}" in PLACE.sub("", text):
                yield self.refusal(
                    f"message, {language}",
                    "A brace stands alone in the message.",
                    "Write the value of a column as {dpd}; there is no other use of braces.",
                    ("文案中的花括号不成对。", "花括号只用于引用指标，写法如 {dpd}。"),
                )
        if not self.version.retired and set(PLACE.findall(said.en)) != set(PLACE.findall(said.zh)):
            yield self.refusal(
                "message",
                "The English and the Chinese message do not show the same values.",
                "Name the same columns in both.",
                ("中英文文案引用的指标不一致。", "请在两种语言中引用相同的指标。"),
            )

    def _unknown(self, language: str, name: str) -> DaihouError:
        alike = difflib.get_close_matches(name.lower(), list(self.columns), 3, 0.6)
        return self.refusal(
            f"message, {language}",
            f"The message shows {{{name[:40]}}}, and no column of a {self.rule.subject} is called so.",
            (f"Did you mean {' or '.join(alike)}? " if alike else "")
            + "Columns are listed in docs/reference/measures.md.",
            (
                f"文案引用了 {{{name[:40]}}}，但没有这一指标。",
                (f"是否为 {'、'.join(alike)}？" if alike else "") + "可用指标见 docs/reference/measures.md。",
            ),
        )

    def places(self) -> list[str]:
        """The columns the message shows."""
        said: Text = self.version.message
        return list(dict.fromkeys(PLACE.findall(said.zh) + PLACE.findall(said.en)))


def _refused(part: Callable[[], object]) -> Iterator[DaihouError]:
    try:
        part()
    except DaihouError as error:
        yield error
