"""A card as a workbook: the card itself, what did not stand on it, and how it came to be."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import xlsxwriter

from daihou.assessment.scores.card import Card
from daihou.assessment.scores.choosing import Dropped
from daihou.assessment.scores.printed import NOT_SCORED, lines

if TYPE_CHECKING:
    from daihou.assessment.scores.model import Model

HEADS = (
    ("Characteristic", "特征"), ("Code", "指标代码"), ("Bin", "分箱"), ("Points", "得分"), ("Good", "好样本"), ("Bad", "坏样本"), ("Share", "占比"),
    ("Bad rate", "坏样本率"), ("WOE (good over bad)", "WOE（好/坏）"),
)  # fmt: skip


def workbook(model: Model, called: str, *, chinese: bool) -> bytes:
    """The workbook of a card's version."""
    if not isinstance(model.body, Card):
        raise TypeError("trees have no card")
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold, share, number = (
        book.add_format({"bold": True}),
        book.add_format({"num_format": "0.00%"}),
        book.add_format({"num_format": "0.0000"}),
    )
    sheet = book.add_worksheet("评分卡" if chinese else "Card")
    sheet.write(0, 0, called, bold)
    sheet.write(0, 1, model.design.name.zh if chinese else model.design.name.en)
    sheet.write_row(1, 0, ["基础分" if chinese else "Base points", model.body.base])
    sheet.write_row(3, 0, [head[chinese] for head in HEADS], bold)
    for row, line in enumerate(lines(model.body), 4):
        sheet.write(row, 0, line.zh if chinese else line.en)
        sheet.write(row, 1, line.name)
        sheet.write_string(row, 2, line.bin_zh if chinese else line.bin_en)
        if line.points is None:
            sheet.write(row, 3, NOT_SCORED[chinese])
        else:
            sheet.write_number(row, 3, line.points)
        sheet.write_row(row, 4, [line.good, line.bad])
        sheet.write(row, 6, line.share, share)
        if line.rate is not None:
            sheet.write(row, 7, line.rate, share)
        sheet.write(row, 8, line.woe, number)
    sheet.set_column(0, 2, 28)
    sheet.freeze_panes(4, 0)
    rest = book.add_worksheet("未入模" if chinese else "Left out")
    rest.write_row(0, 0, ["指标代码", "原因"] if chinese else ["Code", "Why"], bold)
    for row, stated in enumerate(model.record["dropped"], 1):
        rest.write_row(row, 0, [stated["name"], Dropped(**stated).said(chinese=chinese)])
    rest.set_column(0, 1, 40)
    book.close()
    return buffer.getvalue()
