"""Saved views of any list: kept under a name, dropped by their owner, seen by others where shared; and the one with which a list opens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import IntegrityError, transaction
from django.db.models import Q

from daihou.book.errors import DaihouError
from daihou.desk.audit.log import record
from daihou.desk.portfolio.models import FirstView, SavedView

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from daihou.desk.asked import Asked

LONGEST: Final = 4_000
"""Letters of an address that a saved view holds."""
NAME: Final = 40


def views(request: Asked, page: str) -> QuerySet[SavedView]:
    """One's own views of a page and those that others share."""
    own = Q(user=request.user.pk) | Q(shared=True)
    return SavedView.objects.filter(own, page=page).select_related("user")


def fitting(query: str) -> str:
    """The address, where it is short enough to be kept whole: cut off, it would be another filter."""
    if len(query) > LONGEST:
        raise DaihouError(
            f"A view is kept with an address of at most {LONGEST:,} letters; this one has {len(query):,}.",
            "Take conditions away, or list fewer codes.",
            zh=(f"视图地址最长 {LONGEST:,} 个字符，当前为 {len(query):,} 个。", "请减少条件或代码后再保存。"),
        )
    return query


def keep(request: Asked, page: str, query: str) -> None:
    """Keep an address that its page understands under the posted name; an own view of that name is replaced, and one without a name is not kept."""
    name = request.POST.get("name", "").strip()[:NAME]
    if not name:
        return
    shared = request.POST.get("shared") == "on"
    before = SavedView.objects.filter(user=request.user.pk, page=page, name=name).values("query", "shared").first()
    try:
        with transaction.atomic():
            view, _made = SavedView.objects.update_or_create(
                user_id=request.user.pk or 0, page=page, name=name, defaults={"query": query, "shared": shared}
            )
    except IntegrityError:  # saved twice at once: the other one stands
        return
    after = {"query": query, "shared": shared}
    record(request, "view.save", "view", str(view.pk), {"page": page, "name": name, "before": before, "after": after})


def drop(request: Asked, view: SavedView) -> None:
    """Drop a view."""
    before = {"query": view.query, "shared": view.shared}
    record(request, "view.delete", "view", str(view.pk), {"page": view.page, "name": view.name, "before": before})
    view.delete()


def first(request: Asked, page: str) -> str | None:
    """The address with which a page opens for somebody who chose one."""
    return FirstView.objects.filter(user=request.user.pk, page=page).values_list("query", flat=True).first()


def open_first(request: Asked, page: str, query: str | None) -> None:
    """Let a page open with an address, or with the usual one."""
    if query is None:
        FirstView.objects.filter(user=request.user.pk, page=page).delete()
    else:
        FirstView.objects.update_or_create(user_id=request.user.pk, page=page, defaults={"query": query})
