"""A report as PDF: A4, printed by WeasyPrint, which nothing outside the page is let into but the pictures that the page holds itself."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from importlib import import_module, resources
from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.utils import translation

from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from daihou.desk.reports.document import Document


def pdf(document: Document) -> bytes:
    """The PDF of a version; DaihouError where a library that WeasyPrint draws with is not installed."""
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except OSError as error:
        raise DaihouError(
            "Reports are printed with Pango, which this system lacks.",
            "Install it (Debian: libpango-1.0-0 and libpangoft2-1.0-0), and a font with Chinese characters (fonts-noto-cjk).",
            zh=(
                "打印报告需要 Pango，本系统尚未安装。",
                "请安装 Pango（Debian：libpango-1.0-0、libpangoft2-1.0-0）和中文字体（fonts-noto-cjk）。",
            ),
        ) from error
    made: bytes = HTML(string=html(document), url_fetcher=URLFetcher(allowed_protocols=("data",))).write_pdf()
    return made


def ready() -> None:
    """Load what prints, so that whoever prints first does not wait for it; where it is not installed, printing says so."""
    with suppress(OSError):
        import_module("weasyprint")


def html(document: Document) -> str:
    """The page that is printed."""
    with translation.override(document.language):
        return render_to_string("reports/document.html", {"doc": document, "sheet": _sheet()})


@cache
def _sheet() -> str:
    """The style of the page: a file of its own, since nothing is fetched while it is printed, and paper has no themes."""
    return resources.files("daihou.desk.reports").joinpath("print.css").read_text("utf-8")
