"""Applying a mapping to a chunk: source cells in, cells in contract columns and attributes out, all still text."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import polars as pl

from daihou.book.intake.cells import EXCEL_EPOCH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.book.contracts import Table
    from daihou.book.intake.mapping import FileMapping, Rule


@dataclass(frozen=True, slots=True)
class Plan:
    """Which source column becomes what; columns absent from the file are listed in `absent`."""

    rules: tuple[Rule, ...]
    direct: tuple[tuple[str, str], ...]
    """(contract column, source column) taken as they are."""
    extra: tuple[str, ...]
    """Source columns kept as attributes."""
    missing: tuple[str, ...]
    """Texts that mean an empty cell."""
    absent: tuple[str, ...]
    """Contract columns nothing in the file gives."""


def plan(mapping: FileMapping, table: Table, names: Sequence[str]) -> Plan:
    """Return how a file with these column names becomes the table; names are matched without regard to case."""
    wanted = [*(column.name for column in table.columns), "known_on"]
    ruled = {rule.column for rule in mapping.rules}
    used = {rule.source for rule in mapping.rules if rule.source is not None}
    by_name = {name.strip().lower(): name for name in names}
    direct = tuple((column, by_name[column]) for column in wanted if column not in ruled and column in by_name)
    taken = used | {source for _, source in direct} | set(mapping.ignored)
    extra = tuple(sorted(name for name in names if name not in taken and name != "file_line"))
    given = {column for column, _ in direct} | {rule.column for rule in mapping.rules if rule.source in {None, *names}}
    return Plan(mapping.rules, direct, extra, mapping.missing, tuple(name for name in wanted if name not in given))


def translate(cells: pl.DataFrame, how: Plan) -> pl.DataFrame:
    """Return a chunk's cells under contract names, empty cells as null, further ones as `extra:` and name."""
    have = set(cells.columns)
    tidy = cells.select(_tidy(name, how.missing) for name in cells.columns)
    out = [tidy[source].alias(column) for column, source in how.direct if source in have]
    for rule in how.rules:
        if rule.constant is not None:
            out.append(pl.Series(rule.column, [rule.constant], pl.String).new_from_index(0, cells.height))
        elif rule.source in have:
            out.append(_made(tidy[rule.source], rule).alias(rule.column))
    out += [tidy[name].alias(f"extra:{name}") for name in how.extra if name in have]
    return pl.DataFrame(out)


def _tidy(name: str, missing: tuple[str, ...]) -> pl.Expr:
    text = pl.col(name).str.strip_chars()
    empty = text.is_in(["", *missing]) if missing else text == ""
    return pl.when(~empty).then(text).alias(name)


def _made(cells: pl.Series, rule: Rule) -> pl.Series:
    if rule.values:
        cells = _translated(cells, rule)
    if rule.dates:
        cells = _dated(cells, rule)
    if rule.thousands:
        cells = cells.str.replace_all(rule.thousands, "", literal=True)
    if rule.decimal != ".":
        cells = cells.str.replace_all(rule.decimal, ".", literal=True)
    if rule.scale is not None or rule.round is not None:
        cells = _scaled(cells, rule)
    if rule.zone is not None:
        cells = _zoned(cells, rule.zone)
    return cells


def _translated(cells: pl.Series, rule: Rule) -> pl.Series:
    old, new = [pair[0] for pair in rule.values], [pair[1] or None for pair in rule.values]
    fallback = cells if rule.otherwise is None else pl.when(cells.is_not_null()).then(pl.lit(rule.otherwise))
    return (
        cells.to_frame("cell")
        .select(pl.col("cell").replace_strict(old, new, default=fallback, return_dtype=pl.String))
        .to_series()
    )


def _dated(cells: pl.Series, rule: Rule) -> pl.Series:
    """Return dates in ISO form; what fits no format stays as it was, for quarantine to show."""
    days = pl.Series(cells.name, [None], pl.Date).new_from_index(0, len(cells))
    for form in rule.dates:
        if form == "excel":
            number = cells.str.strip_suffix(".0").cast(pl.Int32, strict=False)
            found = (number + EXCEL_EPOCH).cast(pl.Date)
        elif "%d" in form or "%j" in form:
            found = cells.str.to_date(form, strict=False)
        else:
            found = (cells + "-01").str.to_date(f"{form}-%d", strict=False)
            found = found.dt.month_end() if rule.day == "last" else found
        days = days.fill_null(found)
    return days.dt.to_string("%Y-%m-%d").fill_null(cells)


def _scaled(cells: pl.Series, rule: Rule) -> pl.Series:
    """Return numbers scaled and rounded exactly; what is no number stays as it was."""
    known: dict[str, str] = {}
    for text in cells.unique().drop_nulls():
        try:
            number = Decimal(text) * (rule.scale or 1)
        except InvalidOperation:
            continue
        if number.is_finite() and rule.round is not None:
            number = number.quantize(Decimal(1).scaleb(-rule.round), ROUND_HALF_EVEN)
        known[text] = format(number, "f")
    return (
        cells.replace_strict(list(known), list(known.values()), default=cells, return_dtype=pl.String)
        if known
        else cells
    )


def _zoned(cells: pl.Series, zone: str) -> pl.Series:
    """Return times without a zone as times in this one; others stay as they were."""
    bare = cells.str.replace("T", " ", literal=True)
    times = bare.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False, time_unit="us")
    times = times.fill_null(bare.str.to_datetime("%Y-%m-%d %H:%M", strict=False, time_unit="us"))
    moments = times.dt.replace_time_zone(str(ZoneInfo(zone)), ambiguous="earliest", non_existent="null")
    return moments.dt.convert_time_zone("UTC").dt.to_string("%Y-%m-%dT%H:%M:%S%.6f+00:00").fill_null(cells)
