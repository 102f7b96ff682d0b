"""What is asked of intake for an upload: the very order that the job will carry out, and the batch it may have come to before."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import yaml
from django.conf import settings
from django.utils import timezone

from daihou.book import business_date, contracts
from daihou.book.errors import DaihouError
from daihou.book.intake import mapping as mappings
from daihou.book.intake.content import Content
from daihou.book.intake.identity import identity
from daihou.book.intake.order import Order
from daihou.book.intake.preview import preview
from daihou.desk.deliveries.policy import CHECKED_ROWS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from daihou.book.contracts import Table
    from daihou.book.home import Home
    from daihou.book.intake.mapping import FileMapping
    from daihou.book.intake.preview import Preview
    from daihou.desk.deliveries.models import Upload

KnownOn = dt.date | Literal["event"] | None


def parsed_mapping(text: str, table: Table) -> FileMapping:
    """A mapping given as YAML; DaihouError says what is wrong with it."""
    return mappings.parse(stated(text), table, "mapping") if text.strip() else mappings.FileMapping()


def stated(text: str) -> Any:
    """A mapping's YAML as plain data; DaihouError where it is none."""
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise DaihouError(
            f"The mapping is not valid YAML: {error}",
            "See docs/guides/intake.md.",
            "mapping",
            zh=(f"映射文件不是有效的 YAML：{error}", "格式见 docs/guides/intake.md。"),
        ) from error


def known_on(text: str) -> KnownOn:
    """A stated date of knowledge: a date, `event`, or nothing; DaihouError for what is none."""
    if text in ("", "event"):
        return "event" if text else None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise DaihouError(
            f"'{text[:40]}' is no date.",
            "Write it like 2026-03-14.",
            zh=(f"“{text[:40]}”不是日期。", "写法如 2026-03-14。"),
        ) from None


def today() -> dt.date:
    """The open business date, on which facts are known where nothing else is said."""
    return business_date.open_business_date(settings.HOME, timezone.now())


def order(upload: Upload) -> Order:
    """What is asked of intake."""
    return _order(
        settings.HOME,
        upload.table,
        upload.mapping,
        upload.options,
        today(),
        business_date.sealed_through(settings.HOME),
    )


def _order(
    home: Home, table: str, mapping: str, options: Mapping[str, Any], day: dt.date, sealed: dt.date | None
) -> Order:
    declared = contracts.table(table)
    return Order(
        home, declared, parsed_mapping(mapping, declared), known_on(options.get("known_on") or ""), day, sealed,
        bool(options.get("replace")), bool(options.get("backfill")), None, lambda *_: None, lambda _: None,
    )  # fmt: skip


def deliveries(upload: Upload) -> list[str]:
    """The ids under which intake will register the files."""
    asked = order(upload)
    return [identity(file["sha256"], asked) for file in upload.files]


def content(path: Path, file: Mapping[str, Any]) -> Content:
    """What a file of an upload was found to be."""
    return Content(
        path, file["format"], file["size"], file["sha256"], file["encoding"], file["damaged"], file["quotes"]
    )


def look(upload: Upload, number: int) -> Preview:
    """What would come of the start of one of the files; DaihouError where it cannot be read, or is gone."""
    file = upload.files[number]
    path = upload.path(file)
    if not path.is_file():
        raise DaihouError(
            "The file is no longer here.",
            "Upload it again.",
            file["name"],
            zh=("文件已不在服务器上。", "请重新上传。"),
        )
    options = tuple(sorted(upload.options.items()))
    sealed = business_date.sealed_through(settings.HOME)
    try:
        return _looked(settings.HOME, upload.table, upload.mapping, options, path, tuple(file.items()), today(), sealed)
    except DaihouError as error:
        error.place = file["name"]  # where it lies on our disk is nobody's business
        raise


@lru_cache(maxsize=4)
def _looked(
    home: Home, table: str, mapping: str, options: tuple[Any, ...], path: Path, file: tuple[Any, ...], day: dt.date, sealed: dt.date | None
) -> Preview:  # fmt: skip
    asked = _order(home, table, mapping, dict(options), day, sealed)
    return preview(asked, content(path, dict(file)), CHECKED_ROWS)
