"""Pages of database rows by the values of the row before, in any order of fields that are never empty: as quick on the last page as on the first."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import DateTimeField, Model, Q

from daihou.api.reading import cursors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from daihou.api.auth import Called
    from daihou.api.reading.cursors import Cursor

T = TypeVar("T", bound=Model)


def keys(rows: QuerySet[T], order: Sequence[str], cursor: Cursor | None, limit: int) -> list[int]:
    """The keys of a page, and one more where there are more; found in the index alone where that is enough. The last field of the order is the key."""
    if cursor is not None:
        rows = rows.filter(_behind(rows.model, order, cursor.after))
    return list(rows.order_by(*order).values_list("pk", flat=True)[: limit + 1])


def page(
    request: Called, rows: QuerySet[T], shown: QuerySet[T], order: Sequence[str], cursor: Cursor | None, limit: int
) -> tuple[list[T], str | None]:
    """The rows of a page and the cursor of the next, None where there is none; `shown` reads them whole, with all that is told of them."""
    found = keys(rows, order, cursor, limit)
    held = shown.in_bulk(found[:limit])
    told = [held[key] for key in found[:limit] if key in held]
    more = len(found) > limit and told
    return told, cursors.write(request, after(told[-1], order)) if more else None


def after(row: Model, order: Sequence[str]) -> list[Any]:
    """Where a page that ends with a row ended."""
    held = [getattr(row, name.removeprefix("-")) for name in order]
    return [value.isoformat() if isinstance(value, dt.datetime) else value for value in held]


def _behind(model: type[Model], order: Sequence[str], values: Sequence[Any]) -> Q:
    """What comes after a row: differs from it in the first field in which it differs. The bound of the first field stands for itself, for the index."""
    found, same = Q(pk__in=()), Q()
    bounds = [(name.removeprefix("-"), name.startswith("-")) for name in order]
    told = [_value(model, name, value) for (name, _), value in zip(bounds, values, strict=True)]
    for (name, falls), value in zip(bounds, told, strict=True):
        found |= same & Q(**{f"{name}__{'lt' if falls else 'gt'}": value})
        same &= Q(**{name: value})
    first, falls = bounds[0]
    return Q(**{f"{first}__{'lte' if falls else 'gte'}": told[0]}) & found


def _value(model: type[Model], name: str, value: Any) -> Any:
    moment = isinstance(model._meta.get_field(name), DateTimeField)  # noqa: SLF001 - Django's own way to a field
    return dt.datetime.fromisoformat(value) if moment else value
