"""Many rows written at once: a statement prepared once and run for each row, a fraction of what objects take. Inside a transaction of the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import connection, models

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


ADAPTED: Final = (models.DateField, models.TimeField, models.JSONField, models.UUIDField, models.DecimalField)
"""Fields whose values a database takes in a form of its own; numbers, texts and flags it takes as they are."""


def write(model: type[models.Model], rows: Sequence[Mapping[str, Any]], *, raises: bool = False) -> None:
    """Write some columns of rows that the transaction holds: each names its `pk` and, all the same ones, attributes with their values.

    `raises`: the revision rises by one.
    """
    if not rows:
        return
    quote = connection.ops.quote_name
    fields = _fields(model)
    names = [name for name in rows[0] if name != "pk"]
    stated = [f"{quote(fields[name].column)} = %s" for name in names]
    if raises:
        stated.append(f"{quote('revision')} = {quote('revision')} + 1")
    columns = [_column(fields[name], [row[name] for row in rows]) for name in names]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {quote(_table(model))} SET {', '.join(stated)} WHERE id = %s",
            list(zip(*columns, [row["pk"] for row in rows], strict=True)),
        )


def insert(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write new rows, each with the same attributes; what they do not name is what the model says. Their keys are the database's to give."""
    if not rows:
        return
    quote = connection.ops.quote_name
    fields = [field for field in _fields(model).values() if not field.primary_key]
    columns = [
        _column(field, [row[field.attname] for row in rows] if field.attname in rows[0] else [field.get_default()] * len(rows))
        for field in fields
    ]  # fmt: skip
    named = ", ".join(quote(field.column) for field in fields)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {quote(_table(model))} ({named}) VALUES ({', '.join(['%s'] * len(fields))})",
            list(zip(*columns, strict=True)),
        )


def _column(field: Any, values: list[Any]) -> list[Any]:
    """Values as the database takes them; each different date is turned once."""
    if not isinstance(field, ADAPTED):
        return values
    if isinstance(field, models.JSONField):
        return [field.get_db_prep_save(value, connection) for value in values]
    known = {value: field.get_db_prep_save(value, connection) for value in set(values)}
    return [known[value] for value in values]


def _fields(model: type[models.Model]) -> dict[str, Any]:
    """By attribute."""
    return {field.attname: field for field in model._meta.concrete_fields}  # noqa: SLF001 - Django's documented way to a model's fields


def _table(model: type[models.Model]) -> str:
    return model._meta.db_table  # noqa: SLF001 - the same
