"""What the command line does for the desk before it opens: Django over the home, its database asked and brought up to date, its files collected."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from daihou.book.errors import DaihouError
from daihou.cli.home import current
from daihou.cli.language import chinese

if TYPE_CHECKING:
    from daihou.book.home import Home

ASK_MILLISECONDS = 3_000
"""How long a locked SQLite database is waited for before it counts as locked."""


def django_ready() -> Home:
    """Set Django up over the home in hand, in the language of the command line; the home. DaihouError on a DATABASE_URL that is none."""
    import dj_database_url
    import django
    from django.utils import translation

    home = current()
    os.environ["DAIHOU_HOME"] = str(home.path)
    os.environ["DJANGO_SETTINGS_MODULE"] = "daihou.desk.settings"  # whatever other project the shell is set up for
    try:
        django.setup()
    except (dj_database_url.ParseError, dj_database_url.UnknownSchemeError) as error:
        raise DaihouError(
            "DATABASE_URL is no address of a database.",
            "Write it like postgres://user:password@host:5432/name, or unset it to use SQLite in the home.",
            "DATABASE_URL",
            zh=(
                "DATABASE_URL 不是数据库地址。",
                "写法如 postgres://用户:密码@主机:5432/库名；不设则使用数据目录中的 SQLite。",
            ),
        ) from error
    translation.activate("zh-hans" if chinese() else "en")
    return home


def has_desk(home: Home) -> bool:
    """Whether there is a desk over a home whose audit log wants to know: its database was made, or is elsewhere."""
    return bool(os.environ.get("DATABASE_URL")) or (home.path / "desk.sqlite3").exists()


def ask_database() -> None:
    """DaihouError where the database is out of reach, or locked for writing."""
    from django.db import OperationalError, connection

    place = str(connection.settings_dict["NAME"])
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute(f"PRAGMA busy_timeout={ASK_MILLISECONDS}")
                cursor.execute("BEGIN IMMEDIATE")
                cursor.execute("ROLLBACK")
            else:
                cursor.execute("SELECT 1")
    except OperationalError as error:
        if "locked" in str(error):
            raise DaihouError(
                "The database is locked by another program.",
                "Close what holds it, a backup or a tool for databases, and start again.",
                place,
                zh=("数据库被其他程序锁定。", "请关闭占用它的程序（如备份或数据库工具）后重新启动。"),
            ) from error
        raise DaihouError(
            f"The database cannot be reached: {str(error).strip().splitlines()[0]}",
            "Check DATABASE_URL and that the database runs; for SQLite, that the home may be written to.",
            place,
            zh=(
                f"数据库无法连接：{str(error).strip().splitlines()[0]}",
                "请检查 DATABASE_URL 及数据库服务是否运行；使用 SQLite 时检查数据目录是否可写。",
            ),
        ) from error
    finally:
        connection.close()


def bring_up_to_date() -> None:
    """Apply the migrations that are missing, and make the table of the cache."""
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    connection.close()


def collect_static() -> None:
    """Copy the files that pages load into the home, where one of them changed since."""
    from pathlib import Path

    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    mark = Path(settings.STATIC_ROOT) / ".collected"
    if mark.is_file() and mark.read_text("ascii") == digest.hexdigest():
        return
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    mark.write_text(digest.hexdigest(), "ascii")
