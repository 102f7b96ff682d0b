"""Rules' YAML as plain values and back: nothing is guessed of a word, no key stands twice, and what is printed is easy to read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, Final

import yaml

from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from collections.abc import Hashable

DEEP: Final = 20
"""Levels of lists and mappings within each other; rules have seven. The compiled reader runs out of stack on some ten thousand."""
WIDTH: Final = 120
STRANGE: Final = re.compile(r"[^\n\x20-\x7e\xa1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""Characters that a reader would not see, or that readers of YAML take for something else: they are written as escapes."""
EDGES: Final = re.compile(r" \n|^[ \n]|[ \n]\Z")
"""What a block of lines would not give back as it was, or not show."""


class _Reader(yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):  # type: ignore[misc]  # one of the two
    """Reads true and false, whole numbers and nothing; all else is a text, so that a date or a `no` is what was written."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - the base's
        """Refuse a key that stands twice: the reader would take the last one in silence."""
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(None, None, f"'{twice}' stands twice", node.start_mark)
        return super().construct_mapping(node, deep)  # type: ignore[no-any-return]  # the base may be either


_Reader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(true|false)\Z"), list("tf"))
_Reader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"-?(0|[1-9][0-9]{0,8})\Z"), list("-0123456789"))
_Reader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(~|null|)\Z"), ["~", "n", ""])


class Block(str):
    """A text that is printed as a block of lines even where it is one line."""

    __slots__ = ()


class _Writer(yaml.SafeDumper):
    """Writes mappings in the order given and texts of several lines as blocks, always by the same code: the compiled one differs in places."""

    def ignore_aliases(self, _data: object) -> bool:
        """Write equal parts out each time."""
        return True


def _text(writer: _Writer, value: str) -> yaml.ScalarNode:
    style = None
    if STRANGE.search(value):
        style = '"'
    elif (isinstance(value, Block) or "\n" in value) and value and not EDGES.search(value):
        style = "|"
    return writer.represent_scalar("tag:yaml.org,2002:str", str(value), style)


_Writer.add_representer(str, _text)
_Writer.add_representer(Block, _text)


def load(text: str, place: str) -> object:
    """What a YAML text holds; DaihouError where it cannot be read, is too deep, or refers to parts of itself."""
    try:
        _measure(text)
        return yaml.load(text, _Reader)  # noqa: S506 - the reader is a safe one
    except (yaml.YAMLError, ValueError) as error:
        said = " ".join(str(error).split())
        raise DaihouError(
            f"The YAML cannot be read: {said}.",
            "Correct it; `daihou rules export` writes rules as they should look.",
            place,
            zh=(f"YAML 无法读取：{said}。", "请更正；可参照 `daihou rules export` 导出的格式。"),
        ) from error


def _measure(text: str) -> None:
    """Walk the text's parts without building them; ValueError where they are too deep or refer to each other."""
    depth = 0
    for event in yaml.parse(text, _Reader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent):
            raise ValueError(f"*{event.anchor} refers to another part; write it out")  # noqa: TRY004 - of the text, not of a value
        if depth > DEEP:
            raise ValueError(f"more than {DEEP} levels within each other")


def dump(values: list[dict[str, Any]]) -> str:
    """A list of mappings as YAML, Chinese as it is, an empty line between the items."""
    if not values:
        return "[]\n"
    return "\n".join(
        yaml.dump([value], Dumper=_Writer, allow_unicode=True, sort_keys=False, width=WIDTH, default_flow_style=False)
        for value in values
    )
