"""`daihou explain`: one loan's standing, traced to its facts."""

from __future__ import annotations

from typing import Annotated

import typer

from daihou.cli import clock
from daihou.cli.home import current
from daihou.cli.language import text
from daihou.cli.progress import shown


def command(
    loan_id: Annotated[str, typer.Argument(help=text("Number of the loan.", "贷款编号。"))],
    as_of: Annotated[
        str | None,
        typer.Option(
            help=text("The date asked about; today's business date unless given.", "数据日期；不填则为当前营业日。")
        ),
    ] = None,
    known_on: Annotated[
        str | None,
        typer.Option(help=text("By whose knowledge; the newest unless given.", "知悉日期；不填则按最新所知。")),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            help=text(
                "Another knowledge date: say what changed between the two, and why.",
                "另一知悉日期：说明两者之间变了什么、因为什么。",
            )
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help=text("As JSON.", "以 JSON 输出。"))] = False,
    every: Annotated[
        bool,
        typer.Option(
            "--all",
            help=text("Tell of covered instalments and every payment too.", "已足额偿还的期次和每笔还款也一并列出。"),
        ),
    ] = False,
) -> None:
    """Explain where a loan stands and why, down to each payment."""
    import json as notation
    from dataclasses import asdict

    from daihou.cli.warm import warm
    from daihou.runs.against import difference
    from daihou.runs.explain import as_plain, explain
    from daihou.runs.sayings import difference_sayings, sayings

    home = current()
    day, known = clock.pair(home, as_of, known_on)
    other = clock.parsed(against, "--against")
    with shown() as progress:
        warm(progress)
        told = explain(home, loan_id, day, known, progress)
        change = difference(told, explain(home, loan_id, day, other, progress)) if other else None
    if json:
        found = told.as_json()
        if change:
            found["against"] = as_plain(asdict(change))
        typer.echo(notation.dumps(found, ensure_ascii=False, indent=2))
        return
    for saying in sayings(told, every=every):
        typer.echo(text(*saying))
    if change:
        for saying in difference_sayings(change):
            typer.echo(text(*saying))
