"""`daihou contract TABLE`: an empty template of a table, with the meaning of every column."""

from __future__ import annotations

import csv
import io
from pathlib import Path  # noqa: TC003 (Typer reads it when the command runs)
from typing import TYPE_CHECKING, Annotated

import typer

from daihou.book import contracts
from daihou.book.errors import DaihouError
from daihou.cli.language import text

if TYPE_CHECKING:
    from daihou.book.contracts import Column, Table

HEADINGS = (
    ("column", "字段"),
    ("type", "类型"),
    ("required", "必填"),
    ("default", "默认值"),
    ("codes", "代码"),
    ("meaning", "含义"),
)


def command(
    table: Annotated[str | None, typer.Argument(help=text("Table of the contract.", "契约中的表名。"))] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help=text("Write a .csv or .xlsx template.", "输出 .csv 或 .xlsx 模板。")),
    ] = None,
    list_tables: Annotated[bool, typer.Option("--list", help=text("List all tables.", "列出全部表。"))] = False,
) -> None:
    """Write an empty template of a table: its header, and below, unless it goes to a file, what each column means."""
    if list_tables or table is None:
        for each in contracts.TABLES.values():
            typer.echo(f"{each.name:16} {text(each.en, each.zh)}")
        return
    declared = contracts.table(table)
    if output is None:
        typer.echo(_header(declared))
        typer.echo("")
        typer.echo(_meanings(declared))
    elif output.suffix.lower() == ".csv":
        _written(output, (_header(declared) + "\n").encode("utf-8-sig"))  # the mark lets Excel see UTF-8
    elif output.suffix.lower() == ".xlsx":
        _workbook(declared, output)
    else:
        raise DaihouError(
            f"A template cannot be written as '{output.suffix}'.",
            "Name a .csv or .xlsx file.",
            str(output),
            zh=(f"无法输出 {output.suffix} 格式的模板。", "请指定 .csv 或 .xlsx 文件。"),
        )


def columns(table: Table) -> tuple[Column, ...]:
    """Return the columns a file of the table may have."""
    return (*table.sent, contracts.KNOWN_ON)


def cells(column: Column) -> tuple[str, ...]:
    """Return what the template says about a column, in the order of HEADINGS."""
    codes = ", ".join(f"{choice.code} ({text(choice.en, choice.zh)})" for choice in column.choices)
    return (
        column.name,
        text(*contracts.TYPE_LABELS[column.type]),
        text("yes", "是") if column.required else "",
        column.default or "",
        codes + (", …" if column.extensible and codes else ""),
        text(column.en, column.zh),
    )


def _header(table: Table) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([column.name for column in columns(table)])
    return line.getvalue()


def _meanings(table: Table) -> str:
    lines = [f"# {table.name}: {text(table.en, table.zh)}"]
    for column in columns(table):
        name, kind, needed, default, codes, meaning = cells(column)
        notes = [kind, *([text("required", "必填")] if needed else []), *([f"= {default}"] if default else [])]
        lines.append(f"# {name:22} {meaning} [{', '.join(notes)}]")
        if codes:
            lines.append(f"# {'':22} {codes}")
    return "\n".join(lines)


def _written(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise DaihouError(
            f"The template cannot be written: {error.strerror}.",
            "Name another place.",
            str(path),
            zh=(f"模板无法写入：{error.strerror}。", "请换一个位置。"),
        ) from error


def _workbook(table: Table, path: Path) -> None:
    """Write a workbook: the empty table with text and date formats and lists of codes, and a sheet of meanings."""
    import xlsxwriter

    try:
        with xlsxwriter.Workbook(str(path)) as book:
            head = book.add_format({"bold": True, "bottom": 1})
            needed = book.add_format({"bold": True, "bottom": 1, "bg_color": "#FFF2CC"})
            formats = {
                "date": book.add_format({"num_format": "yyyy-mm-dd"}),
                "money": book.add_format({"num_format": "#,##0.00##"}),
                "text": book.add_format({"num_format": "@"}),
            }
            sheet = book.add_worksheet(table.name)
            sheet.freeze_panes(1, 0)
            for place, column in enumerate(columns(table)):
                sheet.write(0, place, column.name, needed if column.required else head)
                money = column.type in ("money", "signed_money")
                kind = "money" if money else "date" if column.type == "date" else "text"
                sheet.set_column(place, place, max(12, len(column.name) + 3), formats[kind])
                codes = [choice.code for choice in column.choices]
                if codes and not column.extensible:
                    sheet.data_validation(1, place, 1_048_575, place, {"validate": "list", "source": codes})
            _explained(book.add_worksheet(text("meanings", "字段含义")), table, head)
    except (OSError, xlsxwriter.exceptions.FileCreateError) as error:
        raise DaihouError(
            f"The template cannot be written: {error}.",
            "Close it in Excel, or name another place.",
            str(path),
            zh=(f"模板无法写入：{error}。", "请在 Excel 中关闭该文件，或换一个位置。"),
        ) from error


def _explained(sheet: object, table: Table, head: object) -> None:
    write = sheet.write_row  # type: ignore[attr-defined]  # xlsxwriter has no types
    write(0, 0, [text(*heading) for heading in HEADINGS], head)
    for line, column in enumerate(columns(table), 1):
        write(line, 0, cells(column))
    for place, width in enumerate((22, 30, 10, 12, 60, 60)):
        sheet.set_column(place, place, width)  # type: ignore[attr-defined]  # xlsxwriter has no types
    sheet.freeze_panes(1, 0)  # type: ignore[attr-defined]  # xlsxwriter has no types
