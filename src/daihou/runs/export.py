"""What can be taken out as a file: snapshots and coverage of a pair of dates, quarantine, registers, and the facts themselves."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import xlsxwriter

from daihou import expressions
from daihou.book import contracts, lake, money
from daihou.book.errors import DaihouError
from daihou.book.lake import REGISTERS
from daihou.monitoring.snapshot import AMOUNTS
from daihou.runs import drawn, store
from daihou.runs.borrowers import columns as borrowers
from daihou.runs.cohort_cube import AMOUNTS as COHORT_AMOUNTS
from daihou.runs.cube import SUMS
from daihou.runs.portfolio import vintages
from daihou.runs.portfolio.charts import CHARTS, vintage_chart
from daihou.runs.portfolio.panel import missing_months
from daihou.runs.portfolio.portfolio import Portfolio, portfolio, runs_of
from daihou.runs.rollups import FAMILIES as ROLLUPS
from daihou.runs.scores import snapshots as models
from daihou.runs.scores.tables import SCHEMAS as SCORES
from daihou.runs.watch.exported import exported
from daihou.runs.watch.tables import SCHEMAS as WATCH

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from daihou.book.home import Home
    from daihou.runs.portfolio.chart import Chart

DATED: Final = ("snapshots", "coverage", "cube", "cohort_cube", *ROLLUPS, *WATCH, *SCORES, models.TABLE, "runs")
SIGNALS: Final = ("signals", "signal_notes")
OVER_RUNS: Final[dict[str, Callable[[Portfolio], pl.DataFrame]]] = {
    "ageing": Portfolio.ageing,
    "rolls": Portfolio.rolls,
    "migration": Portfolio.migration,
    "vintages": Portfolio.vintages,
    "first_payments": Portfolio.first_payments,
    "prepayment": Portfolio.prepayment,
    "recoveries": Portfolio.recoveries,
    "cures": Portfolio.cures,
    "concentration": Portfolio.concentration,
}
"""What is told of all runs up to a date together."""
BASE_BALANCES: Final = ("balance", "balance_before")
AMOUNTS_OVER_RUNS: Final = ("amount", "bad_amount", "written_off", "recovered", "balance_before", "prepaid_balance")
"""Of a table that goes by currency: in its minor units. Balances of the others are in the base currency."""
EXCEL_ROWS: Final = 1_048_575
BOM: Final = b"\xef\xbb\xbf"  # without it Excel reads Chinese as something else


def tables() -> list[str]:
    """Everything that can be exported."""
    return [*DATED, *OVER_RUNS, *REGISTERS, *(name for name, table in contracts.TABLES.items() if not table.vault)]


def endings(name: str) -> list[str]:
    """What a file of a table may end in; a picture or an ECharts option only where the table has a chart."""
    return [*WRITERS, *(PICTURES if name in CHARTS else ())]


def export(
    home: Home,
    name: str,
    target: Path,
    as_of: dt.date | None = None,
    known_on: dt.date | None = None,
    where: str | None = None,
    *,
    chinese: bool = False,
) -> int:
    """Write a table to a file by its ending, whole or not at all; returns the rows written.

    csv, parquet and xlsx hold the rows with amounts in currency units; json the ECharts option of its chart, png and svg the picture,
    in Chinese where wanted (in a picture, where a font for it is installed). `where` keeps the rows for which it is true; it sees the columns as they are written.
    """
    _checked_name(name)
    if target.suffix not in endings(name):
        raise DaihouError(
            f"{name} in a file ending in '{target.suffix}' cannot be written.",
            f"Endings are: {', '.join(endings(name))}.",
            str(target),
            zh=(f"{name} 无法输出为 {target.suffix} 格式的文件。", f"可用格式：{'、'.join(endings(name))}。"),
        )
    if not target.parent.is_dir():
        raise DaihouError(
            "The folder does not exist.",
            "Make it, or name another.",
            str(target.parent),
            zh=("文件夹不存在。", "请先建立，或换一个位置。"),
        )
    order: dict[str, pl.Enum] = {}
    if name in OVER_RUNS:
        frame = OVER_RUNS[name](portfolio(home, last=as_of, known_on=known_on))
        order = {column: kind for column, kind in frame.schema.items() if isinstance(kind, pl.Enum)}
        table = _plain_units(frame.to_arrow(), home.settings.base_currency)
    else:
        table = _table(home, name, as_of, known_on)
    if where is not None:
        table = filtered(table, where)
    if target.suffix == ".xlsx" and len(table) > EXCEL_ROWS:
        raise DaihouError(
            f"{len(table):,} rows do not fit a sheet of {EXCEL_ROWS:,}.",
            "Narrow it with --where, or write csv or parquet.",
            str(target),
            zh=(
                f"共 {len(table):,} 行，超出工作表上限 {EXCEL_ROWS:,} 行。",
                "请用 --where 缩小范围，或输出 csv、parquet。",
            ),
        )
    draft = target.with_name(f".{target.name}.draft")
    try:
        if target.suffix in PICTURES:
            spoken = chinese and (target.suffix == ".json" or drawn.can_write_chinese())
            drawn.write(_chart(name, table, order, chinese=spoken), draft, target.suffix)
        else:
            WRITERS[target.suffix](table, draft)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return len(table)


def _chart(name: str, table: pa.Table, order: dict[str, pl.Enum], *, chinese: bool) -> Chart:
    """The chart of a table; its buckets and states in their order again, which plain texts have lost."""
    frame = pl.DataFrame(table).with_columns(pl.col(column).cast(kind) for column, kind in order.items())
    if name == "vintages":
        return vintage_chart(frame, vintages.DAYS, chinese=chinese)
    return CHARTS[name](frame, chinese=chinese)


def gaps(home: Home, name: str, as_of: dt.date | None = None, known_on: dt.date | None = None) -> list[dt.date]:
    """Of what is told over runs: the ends of the months within the span in which nothing was run; of other tables none."""
    if name not in OVER_RUNS:
        return []
    return missing_months(day for day, _ in runs_of(home, None, as_of, known_on))


def _checked_name(name: str) -> None:
    if name not in tables():
        raise DaihouError(
            f"Table {name} is unknown.",
            f"Tables are: {', '.join(tables())}.",
            zh=(f"没有表 {name}。", f"可用的表：{'、'.join(tables())}。"),
        )


def _table(home: Home, name: str, as_of: dt.date | None, known_on: dt.date | None) -> pa.Table:
    if name in DATED:
        chosen = _pairs(home, as_of, known_on)
        table = pa.concat_tables([store.read(home, name, *pair) for pair in chosen])
        if name == "snapshots":
            return _in_units(table, AMOUNTS, home.settings.base_currency)
        if name == "cube":
            return _in_units(table, tuple(sum_ for sum_ in SUMS if sum_ in AMOUNTS), home.settings.base_currency)
        if name == "cohort_cube":
            return _scaled(table, COHORT_AMOUNTS)
        if name in ROLLUPS:
            measures = borrowers.MEASURES if name == "borrower_snapshots" else ROLLUPS[name].measures
            amounts = [measure.name for measure in measures if measure.unit == "base_amount"]
            return _base_units(table, amounts, home.settings.base_currency)
        if name in SIGNALS:
            return _base_units(exported(home, table), ("balance",), home.settings.base_currency)
        return _coverage_units(table) if name == "coverage" else table
    if name not in REGISTERS and (as_of or known_on):
        return _known(lake.read(home, name).read_all(), as_of, known_on)
    return lake.read(home, name).read_all()


def _pairs(home: Home, as_of: dt.date | None, known_on: dt.date | None) -> list[tuple[dt.date, dt.date]]:
    """The pair asked for; of a date alone the latest knowledge; of nothing the latest run."""
    written = store.pairs(home)
    if not written:
        raise DaihouError(
            "No run has been written yet.",
            "Run `daihou run`.",
            str(home.path),
            zh=("尚无任何跑批结果。", "请先运行 `daihou run`。"),
        )
    if as_of is None and known_on is None:
        return [written[-1]]
    fitting = [pair for pair in written if as_of in (None, pair[0]) and known_on in (None, pair[1])]
    if not fitting:
        lately = ", ".join(f"{a} known on {k}" for a, k in written[-5:])
        raise DaihouError(
            f"No run wrote {as_of or 'any date'} as known on {known_on or 'any date'}.",
            f"Run it first. Written lately: {lately}.",
            zh=(
                f"没有数据日期 {as_of or '任意'}、知悉日期 {known_on or '任意'} 的跑批结果。",
                f"请先跑批。最近的结果：{lately}。",
            ),
        )
    return fitting[-1:]


def _known(table: pa.Table, as_of: dt.date | None, known_on: dt.date | None) -> pa.Table:
    import pyarrow.compute as pc

    if as_of is not None and "as_of" in table.column_names:
        table = table.filter(pc.equal(table["as_of"], as_of))
    return table if known_on is None else table.filter(pc.less_equal(table["known_on"], known_on))


def _exponent(table: pa.Table) -> int:
    present = {code for code in table["currency"].unique().to_pylist() if code}
    return max((money.exponent(code) for code in present), default=2)


def _scaled(table: pa.Table, names: tuple[str, ...]) -> pa.Table:
    """Minor units as decimals with as many places as the currencies present need."""
    import pyarrow.compute as pc

    places = _exponent(table)
    codes = [code for code in table["currency"].unique().to_pylist() if code]
    step = pa.nulls(len(table), pa.int64())
    for code in codes:
        step = pc.if_else(pc.equal(table["currency"], code), 10 ** (places - money.exponent(code)), step)
    for name in names:
        units = pc.multiply_checked(table[name], step)
        decimals = _decimal(units.combine_chunks() if isinstance(units, pa.ChunkedArray) else units, places)
        table = table.set_column(table.schema.get_field_index(name), name, decimals)
    return table


def _decimal(units: pa.Array, places: int) -> pa.Array:
    """Integers read as decimals with that many places."""
    import pyarrow.compute as pc

    whole = units.cast(pa.decimal128(19, 0))
    unit = pa.scalar(Decimal(1).scaleb(-places), pa.decimal128(5, places))
    return pc.multiply(whole, unit).cast(pa.decimal128(24, places))


def _plain_units(table: pa.Table, base: str) -> pa.Table:
    """What is told of runs, without dictionaries, amounts in units: of the row's currency or of the base."""
    for place, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(place, field.name, table[field.name].cast(pa.string()))
    if "currency" not in table.column_names:
        return _base_units(table, BASE_BALANCES, base)
    amounts = tuple(name for name in AMOUNTS_OVER_RUNS if name in table.column_names)
    return _scaled(table, amounts)


def _in_units(table: pa.Table, amounts: tuple[str, ...], base: str) -> pa.Table:
    return _base_units(_scaled(table, amounts), ("principal_outstanding_base",), base)


def _base_units(table: pa.Table, names: Iterable[str], base: str) -> pa.Table:
    """Minor units of the base currency as decimals; names that the table has not are passed over."""
    for name in set(names) & set(table.column_names):
        column = table[name].combine_chunks()
        table = table.set_column(table.schema.get_field_index(name), name, _decimal(column, money.exponent(base)))
    return table


def _coverage_units(table: pa.Table) -> pa.Table:
    """Amounts of coverage in units, but for ties of counts."""
    import pyarrow.compute as pc

    counts = pc.equal(table["reason"], "loans")
    scaled = _scaled(table, ("ours", "theirs"))
    for name in ("ours", "theirs"):
        kind = scaled[name].type
        mixed = pc.if_else(counts, table[name].cast(pa.decimal128(19, 0)).cast(kind), scaled[name])
        scaled = scaled.set_column(scaled.schema.get_field_index(name), name, mixed)
    return scaled


def filtered(table: pa.Table, where: str) -> pa.Table:
    """The rows for which a condition over the columns holds; the columns are seen as they are written, amounts in currency units."""
    try:
        condition, parameters = expressions.sql(expressions.parse(where, _fields(table.schema)))
    except DaihouError as error:
        zh = (f"--where：{error.zh[0]}", error.zh[1])
        raise DaihouError(f"--where: {error.message}", error.remedy, error.place, zh=zh) from error
    db = duckdb.connect(config={"enable_external_access": "false", "autoinstall_known_extensions": "false"})
    try:
        db.register("exported", table)
        rows = db.sql(f"SELECT * FROM exported WHERE {condition}", params=parameters)
        result: pa.Table = rows.to_arrow_table()
    except duckdb.Error as error:
        raise DaihouError(
            f"--where cannot be calculated: {str(error).splitlines()[0]}",
            "Use shorter numbers.",
            where,
            zh=(f"--where 无法计算：{str(error).splitlines()[0]}", "请使用较短的数字。"),
        ) from error
    finally:
        db.close()
    return result


def _fields(schema: pa.Schema) -> dict[str, expressions.Field]:
    """What a condition may name: every column, by the kind of its values. Codes and ids are texts here, since no catalogue knows all tables."""
    kinds: list[tuple[Callable[[pa.DataType], bool], expressions.Unit]] = [
        (pa.types.is_boolean, "flag"),
        (pa.types.is_integer, "number"),
        (pa.types.is_floating, "number"),
        (pa.types.is_decimal, "number"),
        (pa.types.is_date, "date"),
        (pa.types.is_timestamp, "moment"),
    ]
    return expressions.columns(
        expressions.Field(
            field.name, next((unit for is_kind, unit in kinds if is_kind(field.type)), "text"), field.name, field.name
        )
        for field in schema
    )


def _write_csv(table: pa.Table, path: Path) -> None:
    with path.open("wb") as file:
        file.write(BOM)
        pacsv.write_csv(table, file, pacsv.WriteOptions(quoting_style="needed"))


def _write_parquet(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, compression="zstd")


def _write_xlsx(table: pa.Table, path: Path) -> None:
    """A sheet with typed cells and a frozen header; text is never taken for a formula."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet()
        head, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        formats: dict[int, Any] = {}
        for place, field in enumerate(table.schema):
            sheet.set_column(place, place, max(len(field.name) + 2, 12))
            sheet.write_string(0, place, field.name, head)
            if pa.types.is_date(field.type):
                formats[place] = day
            elif pa.types.is_decimal(field.type):
                formats[place] = book.add_format(
                    {"num_format": "#,##0." + "0" * field.type.scale if field.type.scale else "#,##0"}
                )
        sheet.freeze_panes(1, 1)
        number = 0
        for batch in table.to_batches(8192):
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                number += 1
                for place, value in enumerate(row):
                    _write_cell(sheet, number, place, value, formats.get(place))


def _write_cell(sheet: Any, row: int, place: int, value: Any, style: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, place, value)
    elif isinstance(value, str):
        sheet.write_string(row, place, value)
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(row, place, value, style)
    elif hasattr(value, "hour"):
        sheet.write_string(row, place, value.isoformat())
    else:
        sheet.write_datetime(row, place, value, style)


WRITERS: Final[dict[str, Callable[[pa.Table, Path], None]]] = {
    ".csv": _write_csv,
    ".parquet": _write_parquet,
    ".xlsx": _write_xlsx,
}
PICTURES: Final = (".json", ".png", ".svg")
