"""The fonts that pictures may be drawn with."""

from __future__ import annotations

from typing import Final

CHINESE: Final = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "PingFang SC", "Hiragino Sans GB",
    "Microsoft YaHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "Heiti SC", "Noto Sans CJK JP",
)  # fmt: skip
LATIN: Final = "DejaVu Sans"
"""Comes with Matplotlib."""


def chinese_font() -> str | None:
    """Return an installed font with Chinese in it; None where there is none."""
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in CHINESE if name in installed), None)


def family() -> list[str]:
    """The fonts to try for each letter, in order."""
    font = chinese_font()
    return [LATIN, font] if font else [LATIN]
