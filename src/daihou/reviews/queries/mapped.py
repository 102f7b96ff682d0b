"""A raw report of a credit bureau becomes one row of `bureau_reports` and rows of `bureau_lines`, by a mapping that is data. All of it, or none.

Whatever does not fit is told with its path in the report, its value and what to do; nothing is left out in silence.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NoReturn

from daihou.book import money
from daihou.book.errors import DaihouError
from daihou.reviews.queries.raw_reports import MOST_LINES, decoded, tree
from daihou.reviews.queries.report_mapping import LINE, REPORT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daihou.reviews.queries.raw_reports import Node
    from daihou.reviews.queries.report_mapping import ReportMapping, Value

SHOWN: Final = 40
"""Signs of a value in a message at most."""
MOST_TEXT: Final = 200
"""Signs of a text that is kept."""
MOST_NUMBER: Final = 1_000_000
"""Scores, inquiries and days past due above it are no such thing."""
MOST_AMOUNT: Final = Decimal(10) ** 13
MOST_DIGITS: Final = 30
"""Before the decimal point or behind it: nothing that a bureau says has more, and reckoning with it would fail."""
PRIVATE: Final = ("id_no",)
"""Values that no message shows."""
NUMBERED: Final = re.compile(r"[0-9*]{10,}[0-9Xx*]")
"""What may be the number of a person or a phone, wherever it stands: a column that slipped puts it anywhere."""
UNFIT_SIGNS: Final = ("Cc", "Cs")
"""Control characters and halves of characters: no database keeps them, and no page can show them."""
OLDEST: Final = dt.date(1949, 10, 1)
"""Nothing that a bureau lists was opened before."""


@dataclass(frozen=True, slots=True)
class Read:
    """A report as it was read. Amounts are texts of the currency with its decimals, dates are ISO: fit to be kept as JSON."""

    report: dict[str, Any]
    """queried_on, score, inquiries_3m; None of what it does not say."""
    lines: tuple[dict[str, Any], ...]
    """lender, product, limit, balance, dpd, opened_on, status of each credit; the same."""
    number: str
    """The bureau's own number of the report; empty where it says none."""
    id_no: str
    """Of whom it says it is; empty where it does not."""


def read_report(raw: bytes, mapping: ReportMapping, today: dt.date, currency: str) -> Read:
    """A report by its mapping; DaihouError where anything of it does not fit. Amounts are in `currency`, dates not after `today`."""
    whole = tree(decoded(raw, mapping), mapping)
    place = _Place(mapping, today, currency)
    if mapping.format == "csv":
        report, stated = _of_rows(whole, place)
    else:
        report, stated = place.values(REPORT, mapping.report, whole, ""), _of_tree(whole, place)
    if len(stated) > MOST_LINES:
        place.wrong("", len(stated), f"it lists more than {MOST_LINES} credits", f"账户超过 {MOST_LINES} 个")
    lines = []
    for at, node in stated:
        line = place.values(LINE, mapping.lines, node, at)
        if all(value is None for value in line.values()):
            place.wrong(at.rstrip("/"), None, "nothing is said of this credit", "该账户没有任何内容")
        if (line["opened_on"] or "") > report["queried_on"]:
            place.wrong(f"{at}opened_on", line["opened_on"], "it lies after the day of the report", "晚于报告日期")
        lines.append(line)
    of_bureau, whose = report.pop("number"), report.pop("id_no")
    return Read(report, tuple(lines), of_bureau or "", whose or "")


def _of_tree(whole: Node, place: _Place) -> list[tuple[str, Node]]:
    """The credits of a tree, each with how its paths begin. In JSON the list must be there; in XML what holds them."""
    at, xml = place.mapping.lines_at, place.mapping.format == "xml"
    found, missing = _found(whole, at)
    if missing:
        holder, _ = _found(whole, at[:-1])
        if len(missing) > 1 or not xml or (isinstance(holder, str) and holder.strip()):
            place.wrong(
                "/".join(at),
                None,
                "the list of credits is missing; without credits it must be there and empty",
                "缺少账户列表；没有账户时应为空列表",
            )
        return []
    if not isinstance(found, list):
        if not xml:
            place.wrong("/".join(at), found, "it is no list of credits", "不是账户列表")
        found = [found]
    return [(f"{'/'.join(at)}[{number}]/", node) for number, node in enumerate(found, 1)]


def _of_rows(rows: list[dict[str, str]], place: _Place) -> tuple[dict[str, Any], list[tuple[str, Node]]]:
    """Each row of CSV tells of the report and of one credit; what it tells of the report is the same in all. A row without anything of a credit is none."""
    if not rows:
        place.wrong("", None, "it has no rows", "没有数据行")
    mapping = place.mapping
    for name in (value.path[0] for value in (*mapping.report, *mapping.lines)):
        if name not in rows[0]:
            place.wrong(name, None, "there is no such column", "没有该列")
    told = [(f"[{number}]/", row) for number, row in enumerate(rows, 1)]
    first = place.values(REPORT, mapping.report, rows[0], told[0][0])
    for at, row in told[1:]:
        for name, value in place.values(REPORT, mapping.report, row, at).items():
            if value != first[name]:
                shown = None if name in PRIVATE else value
                place.wrong(f"{at}{name}", shown, "it is another than in the first row: one file is one report", "与首行不一致；一个文件只能是一份报告")  # fmt: skip
    return first, [(at, row) for at, row in told if any(row[value.path[0]].strip() for value in mapping.lines)]


def _found(node: Node, path: tuple[str, ...]) -> tuple[Node, tuple[str, ...]]:
    """What stands at a path, and what of the path there is not."""
    for depth, name in enumerate(path):
        if not isinstance(node, dict) or name not in node:
            return None, path[depth:]
        node = node[name]
    return node, ()


@dataclass(frozen=True, slots=True)
class _Place:
    """What values are read by, and how one that does not fit is refused."""

    mapping: ReportMapping
    today: dt.date
    currency: str

    def wrong(self, path: str, value: Any, en: str, zh: str) -> NoReturn:
        """Refuse a value."""
        said, said_zh = ("", "") if value is None else (f" '{_shown(value)}'", f"“{_shown(value)}”")
        raise DaihouError(
            f"The report does not fit at {path or 'its beginning'}{said}: {en}.",
            "If the report is right, correct the mapping; else ask the bureau. Nothing of it was taken in.",
            f"{self.mapping.name}, {path}",
            zh=(
                f"报告 {path or '开头'}{said_zh} 不符：{zh}。",
                "若报告无误请更正映射，否则请询问征信机构。该报告未入库任何内容。",
            ),
        )

    def values(self, names: Iterable[str], wanted: tuple[Value, ...], node: Node, at: str) -> dict[str, Any]:
        """Some values below a node; None of those that are not stated, or of which the mapping says nothing."""
        found: dict[str, Any] = dict.fromkeys(names)
        for value in wanted:
            found[value.name] = self.value(value, node, at)
        return found

    def value(self, value: Value, node: Node, at: str) -> Any:
        """One value; None where nothing is stated."""
        path = at + "/".join(value.path)
        stated, missing = _found(node, value.path)
        if isinstance(stated, dict) and "" in stated:  # an XML element with attributes: its own text
            stated = stated[""]
        if isinstance(stated, dict | list):
            self.wrong(path, None, "there is more than one value, or none by itself", "此处不是单个值")
        if isinstance(stated, bool):
            self.wrong(path, stated, "it is neither a text nor a number", "既不是文本也不是数值")
        text = "" if stated is None else str(stated).strip()
        if text in value.empty:
            text = ""
        if not text:
            if value.needed:
                self.wrong(path, None, "it is missing" if missing else "it is empty", "缺失" if missing else "为空")
            return None
        if value.codes is not None:
            if text not in value.codes:
                known = ", ".join(value.codes)
                said = None if value.name in PRIVATE else text
                self.wrong(path, said, f"the code is unknown; known are {known}", f"未知代码；已知：{known}")
            text = value.codes[text]
        return getattr(self, f"_{value.kind}")(value, text, path)

    def _text(self, value: Value, text: str, path: str) -> str:
        said, text = (None if value.name in PRIVATE else text), " ".join(text.split())
        if len(text) > MOST_TEXT:
            self.wrong(path, said, f"it is longer than {MOST_TEXT} signs", f"超过 {MOST_TEXT} 个字符")
        if any(unicodedata.category(sign) in UNFIT_SIGNS for sign in text):
            self.wrong(path, said, "it holds signs that are no text", "含有非文本字符")
        return text

    def _integer(self, value: Value, text: str, path: str) -> int:
        number = self._number(value, text, path)
        if number != number.to_integral_value() or not 0 <= number <= MOST_NUMBER:
            self.wrong(path, text, f"it is no whole number from 0 to {MOST_NUMBER}", f"不是 0 至 {MOST_NUMBER} 的整数")
        return int(number)

    def _money(self, value: Value, text: str, path: str) -> str:
        amount = self._number(value, text, path) * value.unit
        if amount < 0:
            self.wrong(path, text, "an amount is not less than 0", "金额不得为负")
        if amount >= MOST_AMOUNT:
            self.wrong(path, text, "the amount is too large", "金额过大")
        try:
            return f"{money.major(money.minor(amount, self.currency), self.currency):f}"
        except ValueError:
            return self.wrong(
                path, text, f"it has more decimals than {self.currency} has", f"小数位数超过 {self.currency} 允许的位数"
            )

    def _date(self, value: Value, text: str, path: str) -> str:
        try:
            day = dt.datetime.strptime(text, value.format).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            return self.wrong(
                path, text, f"it is no date written like {value.format}", f"不是 {value.format} 格式的日期"
            )
        if day > self.today:
            self.wrong(path, text, "it lies in the future", "日期在未来")
        if day < OLDEST:
            self.wrong(path, text, "it lies too far back", "日期过早")
        return day.isoformat()

    def _number(self, value: Value, text: str, path: str) -> Decimal:
        plain = text.replace(value.thousands, "") if value.thousands else text
        try:
            number = Decimal(plain) if plain.isascii() and "_" not in plain else Decimal("NaN")
        except ArithmeticError:
            number = Decimal("NaN")
        if not number.is_finite():
            self.wrong(path, text, "it is no number", "不是数值")
        if abs(number.adjusted()) > MOST_DIGITS:
            self.wrong(path, text, "it has too many digits", "位数过多")
        return number


def _shown(value: Any) -> str:
    """A value as a message shows it: short, without what may be the number of a person, and of signs that can be shown."""
    text = NUMBERED.sub("***", str(value))[:SHOWN]
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(sign) in UNFIT_SIGNS else sign for sign in text)
