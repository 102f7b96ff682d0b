"""The libraries that training needs and scoring by a card does not."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from daihou.book.errors import DaihouError


def models_extra(name: str) -> Any:
    """A module of the extra `models`; DaihouError where it is not installed."""
    try:
        return import_module(name)
    except ImportError as error:
        raise DaihouError(
            f"{name.partition('.')[0]} is not installed: models are trained, and challengers score, with it.",
            "Install the extra: `pip install 'daihou[models]'`. Cards score without it.",
            zh=(
                f"未安装 {name.partition('.')[0]}，无法训练模型或运行挑战者模型。",
                "请安装：`pip install 'daihou[models]'`。评分卡打分不依赖该组件。",
            ),
        ) from error
