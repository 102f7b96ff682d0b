"""The report as PDF: the page printed on A4 by WeasyPrint, which nothing outside the page is let into."""

from __future__ import annotations

from daihou.book.errors import DaihouError


def pdf(html: str) -> bytes:
    """The PDF of a report; DaihouError where WeasyPrint, or a library that it draws with, is not installed."""
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as error:
        raise DaihouError(
            "WeasyPrint is not installed: reports are printed as PDF with it.",
            "Install it: `pip install weasyprint`, and Pango where the system lacks it. The HTML report prints from any browser.",
            zh=(
                "未安装 WeasyPrint，无法生成 PDF 报告。",
                "请安装：`pip install weasyprint`；系统缺少 Pango 时一并安装。HTML 报告可直接用浏览器打印。",
            ),
        ) from error
    made: bytes = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=())).write_pdf()
    return made
