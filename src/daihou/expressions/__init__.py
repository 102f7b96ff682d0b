"""One small checked language over columns: read from text, checked by unit, printed back, told in words, and made into SQL.

    parse("dpd >= 31 and product in ('sme', 'sole')", columns)

Nothing outside this package reads or builds such text by itself. The language is described in docs/guides/filters.md.
"""

from daihou.expressions.canonical import text
from daihou.expressions.closure import closure
from daihou.expressions.constancy import always, refuse_constant
from daihou.expressions.explained import Node, as_json, explain
from daihou.expressions.field import Choice, Columns, Field, Unit, columns
from daihou.expressions.form import condition, value_of
from daihou.expressions.fractions import refuse_whole_percents
from daihou.expressions.frame import column
from daihou.expressions.parsing import CHARACTERS, parse
from daihou.expressions.parts import columns_asked_for, columns_named, conjuncts, join
from daihou.expressions.sentences import sentence
from daihou.expressions.spoken import spoken
from daihou.expressions.statement import sql
from daihou.expressions.tree import Expression

__all__ = [
    "CHARACTERS",
    "Choice",
    "Columns",
    "Expression",
    "Field",
    "Node",
    "Unit",
    "always",
    "as_json",
    "closure",
    "column",
    "columns",
    "columns_asked_for",
    "columns_named",
    "condition",
    "conjuncts",
    "explain",
    "join",
    "parse",
    "refuse_constant",
    "refuse_whole_percents",
    "sentence",
    "spoken",
    "sql",
    "text",
    "value_of",
]
