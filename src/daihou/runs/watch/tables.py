"""What a night's watch writes down: signals, the memory of rules, a row a rule, and notes on what is not said any more."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

_PAIR: Final = (("as_of", pa.date32()), ("known_on", pa.date32()))
_RULE: Final = (("rule_id", pa.string()), ("version", pa.int32()), ("shadow", pa.bool_()), ("subject", pa.string()))
_SIGNAL: Final = (
    ("signal_id", pa.string()), *_RULE, ("subject_id", pa.string()), ("borrower_id", pa.string()), ("org_id", pa.string()),
    ("officer_id", pa.string()), ("currency", pa.string()), ("balance", pa.int64()), ("level", pa.string()), ("transition", pa.string()),
    ("opened_on", pa.date32()), ("condition", pa.string()), ("evidence", pa.string()),
)  # fmt: skip

SIGNALS: Final = pa.schema([*_PAIR, *_SIGNAL])
"""One row a transition: opened, cleared, ended (its subject is no longer watched) or retired (its rule is). `version` is the version that opened the
signal, `condition` the text that was asked that day, `evidence` a JSON object of every column it names and the message shows, as stored: amounts in minor
units, rates as decimals in text, dates as ISO texts. `balance` is in minor units of the base currency. The officer and
the org of a borrower are those of its largest loan."""

RULE_MEMORY: Final = pa.schema(
    [
        *_PAIR, ("rule_id", pa.string()), ("shadow", pa.bool_()), ("subject", pa.string()), ("subject_id", pa.string()), ("hits", pa.int32()),
        ("clears", pa.int32()), ("opened_on", pa.date32()), ("closed_on", pa.date32()), ("signal_id", pa.string()), ("version", pa.int32()),
    ]
)  # fmt: skip
"""What is remembered after the date: see `daihou.warning.fold`. Of an open signal also its id and the version that opened it."""

WATCHED: Final = pa.schema(
    [
        *_PAIR, *_RULE, ("level", pa.string()), ("subjects", pa.int64()), ("holds", pa.int64()), ("unknown", pa.int64()), ("open", pa.int64()),
        ("opened", pa.int64()), ("closed", pa.int64()), ("problem_en", pa.string()), ("problem_zh", pa.string()),
        ("heard", pa.string()),
    ]
)  # fmt: skip
"""One row a version that judged, or that could not (`problem_…`): watched subjects, for how many the condition held and for how many it was unknown; signals
open after the date, opened and closed on it. `heard` is a JSON object of the columns that decide on it, with the last date on which any of the watched had
a value: a column that is silent has an earlier one than `as_of`."""

SIGNAL_NOTES: Final = pa.schema(
    [*_PAIR, ("note", pa.string()), ("said_on", pa.date32()), ("batch", pa.int64()), *_SIGNAL]
)
"""What a later run of a date would have said otherwise. note: `missed` (it would be said now and was not) or `withdrawn` (it was said and would not be now).
`said_on` is the date whose signals it is about; `batch` the last delivery that the later run saw."""

SCHEMAS: Final = {"signals": SIGNALS, "rule_memory": RULE_MEMORY, "watched": WATCHED, "signal_notes": SIGNAL_NOTES}
