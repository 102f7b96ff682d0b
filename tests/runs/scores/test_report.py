"""The validation report: one page with nothing outside it, the same bytes for the same figures, in both languages, and as PDF."""

from __future__ import annotations

import re
import socket
import sys
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from assessment.validation.made import LIMITS, made
from daihou.assessment.validation.said import Said
from daihou.assessment.validation.validating import validate
from daihou.book.errors import DaihouError
from daihou.runs.scores.report.about import About, Count
from daihou.runs.scores.report.html import html
from daihou.runs.scores.report.pdf import pdf
from daihou.runs.scores.report.words import NOTES, WORDS

if TYPE_CHECKING:
    from daihou.assessment.validation.result import Validation

ABOUT = About(
    "behaviour_loan", "3", Said("Behaviour score of instalment loans", "分期贷款行为评分"), Said("Scorecard", "评分卡"), "2025-08-31", "Example Bank",
    outcome="max_dpd_12m >= 90", fingerprint="9c1e5b72", champion="behaviour_loan v2", exclusions=(Count(Said("already bad", "观察时已违约"), 812),),
)  # fmt: skip


@cache
def found() -> Validation:
    return validate(made(4000), LIMITS)


@cache
def page(language: Any) -> str:
    return html(found(), ABOUT, language)


class Reader(HTMLParser):
    """Collects tags, ids, addresses and text, and checks that elements close in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag != "meta":
            self.open.append(tag)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name in ("href", "xlink:href", "src")]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_report_is_one_whole_page(language: str) -> None:
    read = Reader(page(language))
    assert read.open == []
    assert len(set(read.ids)) == len(read.ids)
    assert all(link.startswith("#") and link[1:] in read.ids for link in read.links)
    assert not {"script", "link", "img", "iframe", "object"} & set(read.tags)
    assert "http" not in re.sub(r'xmlns(:xlink)?="[^"]*"', "", page(language))
    assert read.tags.count("svg") == 7
    text = "".join(read.words)
    assert "nan" not in text.lower()
    assert "None" not in text
    assert "{" not in text


def test_the_same_figures_give_the_same_bytes() -> None:
    again = validate(made(4000), LIMITS)
    assert html(again, ABOUT, "en") == page("en")
    assert html(again, ABOUT, "zh") == page("zh")


def test_it_says_the_figures_in_both_languages() -> None:
    later = found().judging
    assert later is not None
    assert later.auc is not None
    assert later.hosmer is not None
    for language, words in (
        (
            "en",
            (
                "Model validation report",
                "Behaviour score of instalment loans",
                "behaviour_loan v3",
                "already bad",
                "Out of time",
                "Consumer",
            ),
        ),
        (
            "zh",
            (
                "模型验证报告",
                "区分能力",
                "校准",
                "稳定性",
                "时间外样本",
                "冠军模型",
                "观察时已违约",
                "收入缺失",
                "消费贷",
                "逾期天数",
            ),
        ),
    ):
        read = " ".join(Reader(page(language)).words)
        for one in (
            *words,
            f"{later.auc.value:.3f}",
            f"{later.hosmer.chi2:.1f}",
            f"{later.n:,}",
            "9c1e5b72",
            "max_dpd_12m >= 90",
            "2025-08-31",
        ):
            assert one in read, one
        assert all(one.said(chinese=language == "zh") in read for one in found().findings)


def test_chinese_pages_have_no_english_sentences() -> None:
    text = " ".join(word for word in Reader(page("zh")).words if not re.search(r"\(\d{4}\)|\d{4}\)", word))
    for said in (*WORDS.values(), *NOTES.values()):
        if said.en != said.zh and " " in said.en:
            assert said.en not in text


def test_texts_cannot_break_out_of_the_page() -> None:
    evil = replace(
        ABOUT,
        name=Said('</title><script>x</script>"}', "坏"),
        lender="<b>Bank</b>",
        outcome="dpd > 90 & 1 < 2",
        population='"</style><i>',
    )
    told = html(found(), evil, "en")
    read = Reader(told)
    assert "script" not in read.tags
    assert "i" not in read.tags
    assert read.tags.count("b") == Reader(page("en")).tags.count("b")
    assert "dpd > 90 & 1 < 2" in read.words


def test_what_cannot_be_told_is_said() -> None:
    rows = replace(made(600, champion=None), segment=None, places={})
    few = np.zeros(600, bool)
    few[np.flatnonzero((rows.part == "later") & rows.scored)[:3]] = True
    told = " ".join(Reader(html(validate(replace(rows, bad=few), LIMITS), ABOUT, "zh")).words)
    assert "违约样本过少，无法判断：仅 3 个，至少需要 30 个" in told
    assert "与冠军模型对比" not in told
    assert "分客群表现" not in told
    alone = validate(replace(rows, part=np.full(600, "train")), LIMITS)
    assert "仅有训练样本的评分" in " ".join(Reader(html(alone, ABOUT, "zh")).words)


def test_it_prints_as_pdf() -> None:
    printed = pdf(page("zh"))
    assert printed.startswith(b"%PDF-")
    assert printed.rstrip().endswith(b"%%EOF")
    assert len(printed) > 50_000


def test_printing_fetches_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        port = server.getsockname()[1]
        assert pdf(f'<p>x<img src="http://127.0.0.1:{port}/x.png"></p>').startswith(b"%PDF-")
        with pytest.raises(BlockingIOError):
            server.accept()


def test_without_weasyprint_the_remedy_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(DaihouError) as raised:
        pdf("<p>x</p>")
    assert "pip install weasyprint" in raised.value.remedy
    assert "pip install weasyprint" in raised.value.zh[1]
