"""From tokens to a tree by precedence: or, and, not, comparisons, + -, *, the sign. Units are not looked at here."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final, get_args

from daihou.expressions.tokens import ALLOWED, Token, number, tokens
from daihou.expressions.tree import (
    Between,
    Column,
    Expression,
    In,
    IsNull,
    Literal,
    Node,
    Not,
    Operator,
    Term,
    all_of,
    any_of,
    compared,
    negative_of,
    product_of,
    sum_of,
)

if TYPE_CHECKING:
    from daihou.book.errors import DaihouError
    from daihou.expressions.field import Columns
    from daihou.expressions.source import Source

LEVELS: Final = 200
"""Most levels of an expression within each other."""
VALUES: Final = 200
"""Most values in a list."""
LISTED: Final = 40
"""Most columns that are listed beside those alike where a name is not known."""

OR, AND, NOT, COMPARISON, SUM, PRODUCT, SIGN = range(1, 8)
OPERATORS: Final = frozenset(get_args(Operator))
RANKS: Final[dict[str, int]] = {
    "or": OR, "and": AND, "+": SUM, "-": SUM, "*": PRODUCT,
    **dict.fromkeys((*OPERATORS, "not", "in", "between", "is"), COMPARISON),
}  # fmt: skip
SQL_WORDS: Final = frozenset(
    ("all", "any", "case", "cast", "delete", "distinct", "exists", "from", "insert", "interval", "lambda", "select", "values", "with")
)  # fmt: skip


class Reader:
    """Reads one source; knows how far it has come."""

    def __init__(self, source: Source, columns: Columns) -> None:
        self.source = source
        self.columns = columns
        self.items = tokens(source)
        self.next = 0
        self.level = 0

    def expression(self) -> Expression:
        """The whole source as one condition."""
        if self.ended():
            raise self.source.refusal(
                0,
                "The condition is empty.",
                "Write one like: dpd >= 30 and product = 'auto'.",
                ("条件为空。", "写法如：dpd >= 30 and product = 'auto'。"),
            )
        whole = self.condition(self.read(0))
        if not self.ended():
            raise self.misplaced("the end, or and, or, or a comparison", "结尾、and、or 或比较符")
        return whole

    @property
    def now(self) -> Token:
        """The item not yet taken."""
        return self.items[self.next]

    def ended(self) -> bool:
        """Whether nothing is left."""
        return self.now.kind == "end"

    def taken(self) -> Token:
        """The item, taken."""
        item = self.now
        self.next += 1
        return item

    def met(self, text: str) -> bool:
        """Whether the next item is that word or sign; it is taken then."""
        if self.now.kind in ("word", "sign") and self.now.text == text:
            self.next += 1
            return True
        return False

    def expect(self, text: str) -> None:
        """Take that word or sign, or refuse."""
        if not self.met(text):
            raise self.misplaced(f"'{text}'", f"“{text}”")

    def read(self, rank: int) -> Node:
        """What follows, as long as it is held together more tightly than by operators of the rank."""
        self.level += 1
        if self.level > LEVELS:
            raise self.source.refusal(
                self.now.place,
                f"The condition is more than {LEVELS} levels deep.",
                "Leave out parentheses, or split it.",
                (f"条件嵌套超过 {LEVELS} 层。", "请减少括号或拆分条件。"),
            )
        node = self.begun()
        while self.now.kind in ("word", "sign") and RANKS.get(self.now.text, 0) > rank:
            node = self.continued(node)
        self.level -= 1
        return node

    def begun(self) -> Node:
        """A column, a value, or what is in parentheses or behind not or a sign."""
        item = self.taken()
        match item.kind, item.text:
            case "name", name:
                return self.column(item, name)
            case "number", digits:
                return Literal(number(digits), item.place, percent=digits.endswith("%"))
            case "text", text:
                return Literal(text, item.place)
            case "word", "true" | "false":
                return Literal(item.text == "true", item.place)
            case "word", "not":
                return Not(self.condition(self.read(NOT - 1)), item.place)
            case "sign", "-":
                return negative_of(self.term(self.read(SIGN)), item.place)
            case "sign", "(":
                node = self.read(0)
                self.expect(")")
                return node
            case "word", "null":
                raise self.source.refusal(
                    item.place,
                    "Nothing equals null.",
                    "Write x is null, or x is not null.",
                    ("null 不能用于比较。", "写作 x is null 或 x is not null。"),
                )
        self.next -= 1
        raise self.misplaced("a column or a value", "列名或取值")

    def continued(self, left: Node) -> Node:
        """What is on the left together with the operator that follows and its right side."""
        item = self.taken()
        if item.text == "and":
            return all_of((self.condition(left), self.condition(self.read(AND))), left.place)
        if item.text == "or":
            return any_of((self.condition(left), self.condition(self.read(OR))), left.place)
        subject = self.term(left)
        if item.text in ("+", "-"):
            added = self.term(self.read(SUM))
            return sum_of(subject, added if item.text == "+" else negative_of(added, added.place), left.place)
        if item.text == "*":
            return product_of(subject, self.term(self.read(PRODUCT)), left.place)
        node = self.comparison(subject, item)
        if self.now.kind in ("word", "sign") and RANKS.get(self.now.text, 0) >= COMPARISON:
            raise self.misplaced("and, or, or the end", "and、or 或结尾")
        return node

    def comparison(self, subject: Term, item: Token) -> Expression:
        """A condition on a term; its operator is taken already."""
        place = subject.place
        if item.text == "is":
            denied = self.met("not")
            if not self.met("null"):
                raise self.source.refusal(
                    self.now.place,
                    "After 'is' only null or not null can stand.",
                    "Write x is null, x is not null, or x = true.",
                    ("is 之后只能是 null 或 not null。", "写作 x is null、x is not null 或 x = true。"),
                )
            return Not(IsNull(subject, place), place) if denied else IsNull(subject, place)
        if item.text in OPERATORS:
            return compared(_operator(item.text), subject, self.term(self.read(COMPARISON)), place)
        if item.text == "not":
            if self.now.text not in ("in", "between"):
                raise self.misplaced("in or between", "in 或 between")
            return Not(self.comparison(subject, self.taken()), place)
        if item.text == "in":
            return In(subject, self.values(), place)
        low = self.term(self.read(COMPARISON))
        self.expect("and")
        return Between(subject, low, self.term(self.read(COMPARISON)), place)

    def values(self) -> tuple[Literal, ...]:
        """The values of a list in parentheses."""
        self.expect("(")
        found: list[Literal] = []
        while not found or self.met(","):
            begins = self.now.place
            value = self.read(COMPARISON)
            if not isinstance(value, Literal):
                raise self.source.refusal(
                    begins,
                    "A list holds values only, no columns and no arithmetic.",
                    "Write it like: product in ('auto', 'sme').",
                    ("列表中只能是具体取值，不能是列或算式。", "写法如：product in ('auto', 'sme')。"),
                )
            found.append(value)
            if len(found) > VALUES:
                raise self.source.refusal(
                    begins,
                    f"A list has more than {VALUES} values.",
                    "Split it, or ask for a range.",
                    (f"列表超过 {VALUES} 个取值。", "请拆分，或改用范围。"),
                )
        self.expect(")")
        return tuple(found)

    def column(self, item: Token, name: str) -> Column:
        """The column of that name, or an error that names those alike and those there are."""
        if name in self.columns:
            field = self.columns[name]
            if self.now.text == "(" and self.now.kind == "sign":
                raise self.function(item)
            return Column(field, item.place)
        if self.now.text == "(" and self.now.kind == "sign" and name.lower() not in SQL_WORDS:
            raise self.function(item)
        if name.lower() in SQL_WORDS:
            raise self.source.refusal(
                item.place,
                f"'{name}' at character {item.place + 1} is not part of the language.",
                ALLOWED[0],
                (f"第 {item.place + 1} 个字符处的“{name}”不可用。", ALLOWED[1]),
            )
        alike = difflib.get_close_matches(name.lower(), list(self.columns), 3, 0.6)
        listed = len(self.columns) <= LISTED or not alike  # of a long list nobody reads what was meant
        among = (
            f"Columns are: {', '.join(self.columns)}." if listed else "docs/reference/measures.md lists all columns."
        )
        among_zh = f"可用的列：{'、'.join(self.columns)}。" if listed else "全部可用的列见 docs/reference/measures.md。"
        raise self.source.refusal(
            item.place,
            f"Column {name} is unknown.",
            (f"Did you mean {' or '.join(alike)}? " if alike else "") + among,
            (f"没有列 {name}。", (f"是否为 {'、'.join(alike)}？" if alike else "") + among_zh),
        )

    def function(self, item: Token) -> DaihouError:
        """The error for a call."""
        return self.source.refusal(
            item.place,
            f"'{item.text}(' at character {item.place + 1} calls a function; there are none.",
            ALLOWED[0],
            (f"第 {item.place + 1} 个字符处的“{item.text}(”是函数调用，条件中没有函数。", ALLOWED[1]),
        )

    def condition(self, node: Node) -> Expression:
        """A node that holds or not; a column alone passes, its unit is checked later."""
        if isinstance(node, Expression):
            return node
        raise self.source.refusal(
            node.place,
            "This is a value, not a condition.",
            "Compare it: dpd >= 30.",
            ("此处为取值，不是条件。", "请写成比较，例如 dpd >= 30。"),
        )

    def term(self, node: Node) -> Term:
        """A node that has a value."""
        if isinstance(node, Term):
            return node
        raise self.source.refusal(
            node.place,
            "This is a condition; a column or a value must stand here.",
            "Join conditions by and, or; compare columns with values.",
            ("此处为条件，应为列或取值。", "条件之间用 and、or 连接；列与取值比较。"),
        )

    def misplaced(self, wanted_en: str, wanted_zh: str) -> DaihouError:
        """The error for an item that cannot stand where it does."""
        item = self.now
        if self.ended():
            return self.source.refusal(
                item.place,
                f"The condition ends too early, at character {item.place}.",
                f"Here should be: {wanted_en}.",
                (f"条件在第 {item.place} 个字符处提前结束。", f"此处应为：{wanted_zh}。"),
            )
        return self.source.refusal(
            item.place,
            f"'{item.text[:40]}' at character {item.place + 1} cannot stand there.",
            f"Here should be: {wanted_en}.",
            (f"第 {item.place + 1} 个字符处的“{item.text[:40]}”位置不当。", f"此处应为：{wanted_zh}。"),
        )


def _operator(text: str) -> Operator:
    """The text as an operator; it is known to be one."""
    for operator in get_args(Operator):
        if operator == text:
            return operator  # type: ignore[no-any-return]
    raise ValueError(text)
