"""How an error looks on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from daihou.cli.language import text

if TYPE_CHECKING:
    from daihou.book.errors import DaihouError


def show(error: DaihouError) -> None:
    """Print what is wrong, where, and what to do, each on its line."""
    typer.secho(f"{text('Error', '错误')}: {text(error.message, error.zh[0])}", err=True, fg="red")
    if error.place:
        typer.echo(f"{text('Where', '位置')}: {error.place}", err=True)
    if error.remedy:
        typer.echo(f"{text('Do', '处理')}: {text(error.remedy, error.zh[1])}", err=True)
