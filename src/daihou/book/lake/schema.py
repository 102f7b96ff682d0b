"""How tables lie in the lake: contract columns in contract order, then the columns intake adds."""

from __future__ import annotations

from functools import cache
from typing import Final, TypeVar

import pyarrow as pa

from daihou.book import contracts

Rows = TypeVar("Rows", pa.Table, pa.RecordBatch)

MONEY: Final = pa.decimal128(18, 4)
RATE: Final = pa.decimal128(18, 8)
NUMBER: Final = pa.decimal128(28, 8)

ARROW: Final[dict[contracts.Type, pa.DataType]] = {
    "id": pa.string(),
    "text": pa.string(),
    "code": pa.string(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", "UTC"),
    "money": MONEY,
    "signed_money": MONEY,
    "rate": RATE,
    "ratio": RATE,
    "number": NUMBER,
    "integer": pa.int64(),
    "boolean": pa.bool_(),
}

SYSTEM: Final = (
    pa.field("known_on", pa.date32()),
    pa.field("batch", pa.int64()),
    pa.field("row", pa.int64()),  # place in the file, 1 for the first row below the header
    pa.field("assumed", pa.bool_()),  # known_on was taken from the fact's own date
    pa.field("backfill", pa.bool_()),  # known_on was sealed when the row arrived
    pa.field("attributes", pa.string()),  # the sender's further columns as a JSON object, empty when none
)

REGISTERS: Final[dict[str, pa.Schema]] = {
    "seals": pa.schema([("known_on", pa.date32()), ("batch", pa.int64())]),
    "deliveries": pa.schema(
        [
            ("batch", pa.int64()),
            ("delivery", pa.string()),  # sha256 of content, table, mapping and options
            ("table", pa.string()),
            ("file", pa.string()),
            ("rows", pa.int64()),
            ("new", pa.int64()),
            ("unchanged", pa.int64()),
            ("waiting", pa.int64()),
            ("quarantined", pa.int64()),
            ("known_from", pa.date32()),
            ("known_to", pa.date32()),
            ("received_on", pa.date32()),  # the open business date
            ("report", pa.string()),  # counts by reason, warnings and options as JSON
        ]
    ),
    "quarantine": pa.schema(
        [
            ("batch", pa.int64()),
            ("delivery", pa.string()),
            ("table", pa.string()),
            ("file", pa.string()),
            ("row", pa.int64()),  # place in the file, 1 for the first row below the header
            ("line", pa.int64()),  # line of a text file, row of a sheet
            ("column", pa.string()),
            ("value", pa.string()),
            ("reason", pa.string()),
            ("message_en", pa.string()),
            ("message_zh", pa.string()),
            ("raw", pa.string()),  # the row as a JSON object in contract columns, ready to be corrected and sent again
        ]
    ),
    "rules": pa.schema(
        [
            ("rule_id", pa.string()),
            ("version", pa.int64()),
            ("text", pa.string()),  # the rule with this one version as YAML
            ("author", pa.string()),
            ("reviewer", pa.string()),  # empty where nobody reviewed it
            ("note", pa.string()),
            ("recorded_on", pa.date32()),  # the business date
            ("origin", pa.string()),  # desk or file
        ]
    ),
    "models": pa.schema(
        [
            ("model_id", pa.string()),
            ("version", pa.int64()),
            ("event", pa.string()),  # trained, validated, approved, returned, retired; proposed, agreed (of an overlay)
            ("role", pa.string()),  # champion or shadow, of an approval
            ("from_on", pa.date32()),  # from when it counts
            ("person", pa.string()),
            ("note", pa.string()),
            ("recorded_on", pa.date32()),  # the business date
            ("origin", pa.string()),  # desk or command
            ("digest", pa.string()),  # of the model's text, or of the validation's
            ("payload", pa.string()),  # what else there is to the event, as JSON
        ]
    ),
}


@cache
def schema(table: str) -> pa.Schema:
    """Return the Arrow schema of a table of the lake."""
    if table in REGISTERS:
        return REGISTERS[table]
    columns = contracts.table(table).stored
    return pa.schema([*(pa.field(column.name, ARROW[column.type]) for column in columns), *SYSTEM])


def in_schema(rows: Rows, wanted: pa.Schema) -> Rows:
    """Return rows in a schema that may have got columns, which are empty, or lost some, since they were written."""
    if rows.schema.equals(wanted):
        return rows
    held = set(rows.schema.names)
    columns = [
        rows.column(one.name).cast(one.type) if one.name in held else pa.nulls(rows.num_rows, one.type)
        for one in wanted
    ]
    return type(rows).from_arrays(columns, schema=wanted)
