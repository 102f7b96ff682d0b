"""Triggers that keep the log as it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import migrations

from daihou.desk.audit import guards

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def _install(_apps: object, editor: BaseDatabaseSchemaEditor) -> None:
    guards.install(editor.connection)


def _remove(_apps: object, editor: BaseDatabaseSchemaEditor) -> None:
    guards.remove(editor.connection)


class Migration(migrations.Migration):
    """Guards on the tables of 0001."""

    dependencies: ClassVar = [("audit", "0001_initial")]
    operations: ClassVar = [migrations.RunPython(_install, _remove)]
