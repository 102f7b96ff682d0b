"""`daihou init`: a home with its kind of lender, its database, and the first administrator."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from daihou.book.errors import DaihouError
from daihou.book.home import SETTINGS_FILE
from daihou.cli.desk import ask_database, bring_up_to_date, django_ready
from daihou.cli.home import current
from daihou.cli.language import text

if TYPE_CHECKING:
    from daihou.book.home import Home

ADMINISTRATOR = "admin"


def command(
    profile: Annotated[
        Literal["bank", "trust", "online"] | None, typer.Option(help=text("Kind of lender.", "机构类型。"))
    ] = None,
) -> None:
    """Make the home and its first administrator, with a password for one sign-in."""
    _settle(current(), profile)
    home = django_ready()
    ask_database()
    bring_up_to_date()
    password = _administrator()
    typer.echo(
        text(f"Home: {home.path} ({home.settings.profile})", f"数据目录：{home.path}（{home.settings.profile}）")
    )
    typer.echo(text(f"User: {ADMINISTRATOR}", f"用户名：{ADMINISTRATOR}"))
    typer.echo(text(f"Password for the first sign-in: {password}", f"首次登录密码：{password}"))
    typer.echo(
        text(
            "It must be changed then, and is shown here once. Next: `daihou serve`.",
            "首次登录后必须修改，且仅在此显示一次。下一步：`daihou serve`。",
        )
    )


def _settle(home: Home, profile: str | None) -> None:
    """Write the profile down in the home's settings; DaihouError where facts were taken in under another."""
    if profile is None or home.settings.profile == profile:
        return
    path = home.path / SETTINGS_FILE
    if home.lake.exists() or os.environ.get("DAIHOU_PROFILE"):
        raise DaihouError(
            f"The home is one of a {home.settings.profile}, and has facts or a DAIHOU_PROFILE already.",
            "Leave out --profile, or choose another home by DAIHOU_HOME.",
            str(path),
            zh=(
                f"数据目录的机构类型为 {home.settings.profile}，且已有数据或设置了 DAIHOU_PROFILE。",
                "请去掉 --profile，或用 DAIHOU_HOME 另选目录。",
            ),
        )
    stated = path.read_text("utf-8")
    line = f'profile = "{profile}"'
    kept, found = re.subn(r"(?m)^profile\s*=.*$", line, stated)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    draft.write_text(kept if found else f"{line}\n{stated}", "utf-8")
    Path(draft).replace(path)


def _administrator() -> str:
    """Enter the first administrator; the password. DaihouError where anybody is entered already."""
    from django.db import transaction

    from daihou.desk.people import transitions
    from daihou.desk.people.models import User

    with transaction.atomic():
        if User.objects.exists():
            raise DaihouError(
                "The desk has users already.",
                "Sign in as one of its administrators to enter more.",
                zh=("工作台已有用户。", "请以管理员身份登录后添加用户。"),
            )
        _, password = transitions.create_first_administrator(ADMINISTRATOR, {"name": text("Administrator", "管理员")})
    return password
