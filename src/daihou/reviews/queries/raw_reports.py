"""A raw credit report as a tree of names and texts, whatever it is written in: JSON, CSV or XML. What is not well formed is refused whole.

XML is read without document types, entities and references to anything outside, so that none can grow or fetch anything.
"""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree.ElementTree import Element

    from daihou.reviews.queries.report_mapping import ReportMapping

MOST_BYTES: Final = 8 << 20
"""The largest report that is read."""
MOST_LINES: Final = 5_000
"""Credits of one report at most."""
GUESSED: Final = ("utf-8-sig", "gb18030")
"""Encodings that a report in another than its mapping says is tried in, to say so."""
Node = Any
"""A mapping of names to nodes, a list, or a text; an XML element is a mapping with its attributes as `@name` and its own text under ''."""


def decoded(raw: bytes, mapping: ReportMapping) -> str:
    """A report as text; DaihouError where it is too large, or not in the encoding that the mapping says."""
    if len(raw) > MOST_BYTES:
        raise DaihouError(
            f"The report is larger than {MOST_BYTES >> 20} MB.",
            "Ask the bureau for one report at a time.",
            mapping.name,
            zh=(f"报告超过 {MOST_BYTES >> 20} MB。", "请让征信机构逐份提供报告。"),
        )
    encoding = "utf-8-sig" if mapping.encoding.lower().replace("_", "-") in ("utf-8", "utf8") else mapping.encoding
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        others = [other for other in GUESSED if other != encoding and _reads(raw, other)]
        en, zh = "Ask the bureau what it is written in.", "请向征信机构确认编码。"
        if others:
            en, zh = (
                f"It reads as {others[0]}: say so in the mapping.",
                f"按 {others[0]} 可以读取：请在映射的 encoding 中写明。",
            )
        raise DaihouError(
            f"The report is not written in {mapping.encoding}: byte {error.start + 1} does not belong there.",
            en,
            mapping.name,
            zh=(f"报告的编码不是 {mapping.encoding}：第 {error.start + 1} 字节不符。", zh),
        ) from error


def _reads(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def tree(text: str, mapping: ReportMapping) -> Node:
    """A report as a tree; DaihouError where it is not well formed."""
    match mapping.format:
        case "json":
            return _json(text, mapping)
        case "xml":
            return _xml(text, mapping)
        case "csv":
            return _csv(text, mapping)


def _json(text: str, mapping: ReportMapping) -> Node:
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_once)
    except ArithmeticError as error:  # an exponent beyond all that decimals hold
        raise _malformed("JSON", "a number is too large", mapping) from error
    except (ValueError, RecursionError) as error:
        raise _malformed("JSON", str(error), mapping) from error


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; ValueError where a name stands in it twice, since nobody knows which of them holds."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _xml(text: str, mapping: ReportMapping) -> Node:
    head, _, rest = text.partition("?>")
    body = rest if head.lstrip().startswith("<?xml") else text  # its encoding is past: the text is decoded
    try:
        root = fromstring(body, forbid_dtd=True)
    except DefusedXmlException as error:
        raise DaihouError(
            "The report holds a document type or entities, which no report needs.",
            "It is not read. Ask the bureau for the report without them.",
            mapping.name,
            zh=("报告含有文档类型或实体定义，正常报告不需要。", "已拒绝读取，请让征信机构提供不含此类内容的报告。"),
        ) from error
    except (ParseError, ValueError, RecursionError) as error:
        raise _malformed("XML", str(error), mapping) from error
    try:
        return {_local(root.tag): _element(root)}
    except RecursionError as error:
        raise _malformed("XML", "it is nested too deep", mapping) from error


def _element(element: Element) -> Node:
    inside = [(_local(child.tag), _element(child)) for child in element]
    if not inside and not element.attrib:
        return element.text or ""
    found: dict[str, Node] = {f"@{_local(name)}": value for name, value in element.attrib.items()}
    found[""] = (element.text or "").strip()
    for name, node in inside:
        if name not in found:
            found[name] = node
        elif isinstance(found[name], list):
            found[name].append(node)
        else:
            found[name] = [found[name], node]
    return found


def _local(tag: str) -> str:
    """A name without its namespace."""
    return tag.rpartition("}")[2]


def _csv(text: str, mapping: ReportMapping) -> list[dict[str, str]]:
    """The rows by column; one that is longer or shorter than the header is refused."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mapping.delimiter, strict=True)
    try:
        rows: Iterable[list[str]] = [row for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise _malformed("CSV", str(error), mapping) from error
    header, *cells = rows or [[]]
    names = [name.strip() for name in header]
    if len(set(names)) < len(names):
        raise _malformed("CSV", "a column stands twice", mapping)
    for number, row in enumerate(cells, 2):
        if len(row) != len(names):
            raise _malformed("CSV", f"row {number} has {len(row)} cells, the header {len(names)}", mapping)
    return [dict(zip(names, row, strict=True)) for row in cells]


def _malformed(form: str, why: str, mapping: ReportMapping) -> DaihouError:
    return DaihouError(
        f"The report is no whole {form}: {why[:200]}.",
        "Fetch it again, or check that the mapping is that of this bureau.",
        mapping.name,
        zh=(f"报告不是完整的 {form}：{why[:200]}。", "请重新取得报告，或核对映射是否属于该征信机构。"),
    )
