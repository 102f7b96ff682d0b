"""`daihou bureau import`: a credit report that was fetched elsewhere, brought in as a file of a borrower, without a query."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from io import BytesIO
from pathlib import Path  # noqa: TC003 - typer reads it at run time
from typing import Annotated

import typer

from daihou.book.errors import DaihouError
from daihou.cli.language import text
from daihou.cli.vault import ready


class Act(StrEnum):
    """What may be done with credit reports."""

    IMPORT = "import"


def command(
    act: Annotated[Act, typer.Argument(help=text("import: bring a report in.", "import：录入报告。"))],
    file: Annotated[Path, typer.Argument(help=text("The report as it came.", "报告原文件。"))],
    borrower: Annotated[str, typer.Option(help=text("Number of the borrower.", "客户号。"))],
    bureau: Annotated[
        str, typer.Option(help=text("Code of the bureau, as in daihou.toml.", "征信机构代码，同 daihou.toml。"))
    ],
    mapping: Annotated[str, typer.Option(help=text("By which mapping it is read.", "解析所用的映射。"))],
) -> None:
    """Bring in a credit report that no query asked for; it is marked so, and counts as one."""
    assert act is Act.IMPORT  # noqa: S101 - there is no other
    ready()
    from daihou.desk.bureau import bringing, scope
    from daihou.desk.bureau.errors import UnfitError
    from daihou.desk.files.fitness import Incoming
    from daihou.reviews.queries.raw_reports import MOST_BYTES

    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)  # one more: a report that is too large is refused as such
    except OSError as error:
        raise DaihouError(
            f"The file cannot be read: {error.strerror}.",
            "Check its path.",
            str(file),
            zh=(f"文件无法读取：{error.strerror}。", "请检查路径。"),
        ) from error
    whose = scope.whose_of(borrower) or {"org_id": "", "lead_org_id": "", "officer_id": ""}
    incoming = Incoming(
        file.name[-120:],
        "application/octet-stream",
        len(content),
        hashlib.sha256(content).hexdigest(),
        BytesIO(content),
    )
    try:
        made, new = bringing.without_query(bringing.Brought(borrower, bureau, mapping, whose), incoming, None)
    except UnfitError as error:
        raise DaihouError(
            f"The report is not taken in: {error}",
            "Put right what is said, and bring it in again.",
            str(file),
            zh=(f"报告未录入：{error}", "请按提示处理后重新录入。"),
        ) from error
    lines = len(made.rows["lines"])
    typer.echo(
        text(
            f"{made.report_id}: {lines} credits of {borrower}{'' if new else ', known already'}.",
            f"{made.report_id}：{borrower} 的 {lines} 个账户{'' if new else '（此前已录入）'}。",
        )
    )
