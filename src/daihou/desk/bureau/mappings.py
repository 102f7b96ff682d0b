"""Mappings of reports as the desk asks for them: the home's own file in `bureaus/`, else the one that ships; read again when the home's file changes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

from daihou.book.bureaus import CODE
from daihou.book.errors import DaihouError
from daihou.profiles.bureaus import shipped_mappings
from daihou.reviews.queries.report_mapping import read_report_mapping

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.reviews.queries.report_mapping import ReportMapping


def mapping(name: str) -> ReportMapping:
    """A mapping by its name; DaihouError where there is none, or its file is wrong."""
    own = settings.HOME.path / "bureaus" / f"{name}.yaml"
    if CODE.fullmatch(name) and own.exists():
        return _own(name, own, own.stat().st_mtime_ns)
    text = shipped_mappings().get(name)
    if text is None:
        raise DaihouError(
            f"There is no mapping of reports {name[:40]}.",
            f"Those that ship are {', '.join(shipped_mappings())}; another needs a file bureaus/NAME.yaml in the home.",
            zh=(
                f"没有报告映射 {name[:40]}。",
                f"系统自带：{'、'.join(shipped_mappings())}；其他映射需在数据目录放置 bureaus/名称.yaml。",
            ),
        )
    return read_report_mapping(name, text, f"profiles/bureaus/{name}.yaml")


def names() -> list[str]:
    """All there are."""
    own = (file.stem for file in (settings.HOME.path / "bureaus").glob("*.yaml"))
    return sorted({*shipped_mappings(), *(name for name in own if CODE.fullmatch(name))})


@lru_cache(maxsize=32)
def _own(name: str, file: Path, _changed: int) -> ReportMapping:
    return read_report_mapping(name, file.read_text("utf-8"), str(file))
