"""The words, numbers, texts and signs of an expression, each with its place. What is not one of them is refused here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daihou.book.errors import DaihouError
    from daihou.expressions.source import Source

Kind = Literal["name", "word", "number", "text", "sign", "end"]

RESERVED: Final = frozenset({"and", "or", "not", "in", "between", "is", "null", "true", "false"})
DIGITS: Final = 18
"""Most digits of a number, those after the point included: what any engine multiplies with an amount exactly."""

PATTERN: Final = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<comment>--|/\*)
    | (?P<number>[0-9][\w.]*%?)
    | (?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")
    | (?P<name>[^\W\d]\w*(?:\.\w+)*)
    | (?P<sign><=|>=|<>|!=|==|[=<>(),*+-])
    """,
    re.VERBOSE,
)
NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?%?")
BY_ZERO: Final = re.compile(r"/\s*0+(?:\.0*)?(?![\w.])")
PLAIN: Final = {
    "‘": "'", "’": "'", "“": '"', "”": '"', "＇": "'", "＂": '"', "（": "(", "）": ")", "，": ",", "、": ",", "＝": "=", "＜": "<",
    "＞": ">", "≥": ">=", "≤": "<=", "≠": "!=", "＋": "+", "－": "-", "−": "-", "＊": "*", "×": "*", "！": "!=", "％": "%",
}  # fmt: skip
"""Signs that look right and are not, and how they are written."""
SPELT: Final = {"<>": "!=", "==": "="}

ALLOWED: Final = (
    "Use columns, comparisons, and, or, not, in, between, is null, + - *.",
    "可用：列名、比较、and、or、not、in、between、is null 和 + - *。",
)


@dataclass(frozen=True, slots=True)
class Token:
    """One item of the text; words and signs in their one spelling, texts without quotes."""

    kind: Kind
    text: str
    place: int


def tokens(source: Source) -> list[Token]:
    """The items of a text and a last one for its end."""
    return [*_found(source), Token("end", "", len(source.text))]


def _found(source: Source) -> Iterator[Token]:
    place = 0
    while place < len(source.text):
        match = PATTERN.match(source.text, place)
        if match is None or match.lastgroup == "comment":
            raise _unknown(source, place)
        found = match.group()
        if match.lastgroup == "number":
            yield Token("number", _number(source, found, place), place)
        elif match.lastgroup == "text":
            yield Token("text", found[1:-1].replace(found[0] * 2, found[0]), place)
        elif match.lastgroup == "sign":
            yield Token("sign", SPELT.get(found, found), place)
        elif match.lastgroup == "name":
            word = found.lower()
            yield Token("word", word, place) if word in RESERVED else Token("name", found, place)
        place = match.end()


def _number(source: Source, found: str, place: int) -> str:
    if not NUMBER.fullmatch(found):
        raise source.refusal(
            place,
            f"'{found[:40]}' is not a number.",
            "Write numbers like 31, 100000, 0.05 or 5%, without separators.",
            (f"“{found[:40]}”不是数字。", "数字写作 31、100000、0.05 或 5%，不加分隔符。"),
        )
    if length(f"{number(found):f}") > DIGITS:
        raise source.refusal(
            place,
            f"A number has more than {DIGITS} digits.",
            "Write a shorter one.",
            (f"数字超过 {DIGITS} 位。", "请缩短该数字。"),
        )
    return found


def number(written: str) -> Decimal:
    """The number that digits with or without a point write, a percentage as the fraction it is; without idle zeros and negative zero."""
    value = Decimal(written.rstrip("%")) + 0
    if written.endswith("%"):
        value = value.scaleb(-2)
    whole = value.to_integral_value()  # of any length, where quantizing fails beyond the digits of the context
    return whole if value == whole else value.normalize()


def length(digits: str) -> int:
    """Digits of a number that is written without an exponent, leading zeros aside."""
    whole, _, decimals = digits.partition(".")
    return len(whole.lstrip("0")) + len(decimals)


def _unknown(source: Source, place: int) -> DaihouError:
    """The error for what no expression may hold."""
    sign, at = source.text[place], place + 1
    if sign in "'\"":
        return source.refusal(
            place,
            f"The text that begins at character {at} is not closed.",
            f"Close it with {sign}; write {sign} within it twice.",
            (f"第 {at} 个字符处的文本缺少结束引号。", f"请以 {sign} 结束；文本内的 {sign} 须写两次。"),
        )
    if sign in PLAIN:
        return source.refusal(
            place,
            f"'{sign}' at character {at} is not a sign of the language.",
            f"Write {PLAIN[sign]} instead.",
            (f"第 {at} 个字符“{sign}”不是可用的符号。", f"请改用半角 {PLAIN[sign]}。"),
        )
    if source.text.startswith(("--", "/*"), place):
        return source.refusal(
            place,
            f"A comment begins at character {at}; a condition has none.",
            "Leave it out; put a space between two minus signs.",
            (f"第 {at} 个字符处为注释，条件中不允许注释。", "请删去；两个减号之间请加空格。"),
        )
    if sign == "/":
        return _division(source, place)
    if sign == "%":
        return source.refusal(
            place,
            f"'%' at character {at} does not stand directly behind a number.",
            "Write percentages like 45%; there is no remainder of a division.",
            (f"第 {at} 个字符“%”前面不是数字。", "百分比写作 45%，中间不加空格；不支持取余。"),
        )
    return source.refusal(
        place,
        f"{sign!r} at character {at} is not allowed.",
        ALLOWED[0],
        (f"第 {at} 个字符 {sign!r} 不可用。", ALLOWED[1]),
    )


def _division(source: Source, place: int) -> DaihouError:
    at = place + 1
    remedy = (
        "Multiply the other side: a >= 0.5 * b, not a / b >= 0.5.",
        "请改为乘法：写 a >= 0.5 * b，不写 a / b >= 0.5。",
    )
    if BY_ZERO.match(source.text, place):
        return source.refusal(
            place,
            f"At character {at} something is divided by zero; there is no division at all.",
            remedy[0],
            (f"第 {at} 个字符处除数为零；条件中不支持除法。", remedy[1]),
        )
    return source.refusal(
        place,
        f"'/' at character {at} is a division, which is not allowed: engines divide differently, and by zero nobody can.",
        remedy[0],
        (f"第 {at} 个字符“/”为除法，不可用：各引擎的除法结果不一致，且除数可能为零。", remedy[1]),
    )
