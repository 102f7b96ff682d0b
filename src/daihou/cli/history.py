"""`daihou history`: many as-of dates in one pass."""

from __future__ import annotations

from typing import Annotated

import typer

from daihou.book.errors import DaihouError
from daihou.cli import clock
from daihou.cli.home import current
from daihou.cli.language import text
from daihou.cli.progress import shown
from daihou.cli.run import summary, warned


def command(
    first: Annotated[str, typer.Option("--from", help=text("First date.", "起始日。"))],
    last: Annotated[str, typer.Option("--to", help=text("Last date.", "截止日。"))],
    step: Annotated[
        str, typer.Option(help=text("day, week or month-end.", "步长：day（日）、week（周）或 month-end（月末）。"))
    ] = "month-end",
    known_on: Annotated[
        str,
        typer.Option(
            help=text(
                "each: every date by its own knowledge; or one date for all.",
                "each：各日按当日所知；或指定一个日期。",
            )
        ),
    ] = "each",
) -> None:
    """Measure every loan on many dates and write each down like a run."""
    from daihou.cli.warm import warm
    from daihou.runs.history import dates, pairs
    from daihou.runs.nightly import run_all

    start, end = clock.parsed(first, "--from"), clock.parsed(last, "--to")
    if start is None or end is None:
        raise DaihouError(
            "The span is not given.",
            "Give --from and --to.",
            zh=("未指定时间区间。", "请给出 --from 和 --to。"),
        )
    known = None if known_on == "each" else clock.parsed(known_on, "--known-on")
    asked = pairs(dates(start, end, step), known)
    home = current()
    with shown() as progress:
        warm(progress)
        outcomes = run_all(home, asked, progress, today=clock.today(home))
    code = 0
    for outcome in outcomes:
        typer.echo(summary(outcome))
        code = max(code, warned(outcome))
    raise typer.Exit(code)
