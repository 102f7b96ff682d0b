"""The validation report as one page that needs nothing else: style and pictures inside, readable on a screen and on A4."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final, Literal

from daihou.assessment.validation.result import worst
from daihou.runs.scores.report.cells import count, interval
from daihou.runs.scores.report.markup import NOTHING, Html, element, joined, said, section, table
from daihou.runs.scores.report.parts import Parts
from daihou.runs.scores.report.words import NOTES, SOURCES, word

if TYPE_CHECKING:
    from daihou.assessment.validation.result import Validation
    from daihou.runs.scores.report.about import About

Language = Literal["en", "zh"]
TAGS: Final[dict[Language, str]] = {"en": "en", "zh": "zh-Hans"}


def html(validation: Validation, about: About, language: Language) -> str:
    """The page. The same validation, description and language give the same text."""
    chinese = language == "zh"
    parts = Parts(validation, chinese)
    sections = [
        ("findings", _findings(parts)), ("what", _what(parts, about)), ("discrimination", parts.discrimination()),
        ("calibration", parts.calibration()), ("stability", parts.stability()),
    ]  # fmt: skip
    if validation.segments:
        sections.append(("segments", parts.segments()))
    if validation.against is not None:
        sections.append(("champion", parts.champion()))
    sections.append(("sources", _sources(parts, about)))
    body = joined(section(number, key, parts.word(key), inner) for number, (key, inner) in enumerate(sections, 1))
    title = f"{parts.word('title')} · {about.name.said(chinese=chinese)} v{about.version}"
    return (
        f'<!DOCTYPE html>\n<html lang="{TAGS[language]}">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{said(title)}</title>\n<style>\n{_style(title, about)}</style>\n</head>\n<body>\n{_head(parts, about)}\n"
        f"{_contents(parts, [key for key, _ in sections])}\n{body}\n</body>\n</html>\n"
    )


def _style(title: str, about: About) -> str:
    """The style sheet, with what stands below each printed page."""
    sheet = files("daihou.runs.scores.report").joinpath("report.css").read_text("utf-8")
    foot = 'font: 7.5pt "Noto Sans CJK SC", "DejaVu Sans", sans-serif; color: #556272;'
    return (
        f"{sheet}\n@page {{ size: A4; margin: 16mm 15mm 18mm; @bottom-left {{ content: {_quoted(title)}; {foot} }} "
        f"@bottom-center {{ content: {_quoted(about.made_on)}; {foot} }} @bottom-right {{ content: counter(page) ' / ' counter(pages); {foot} }} }}\n"
    )


def _quoted(text: str) -> str:
    """A text as a string of CSS within a page: nothing in it ends the string or the element."""
    return (
        '"'
        + "".join(letter if letter.isalnum() or letter in " -_.·" else f"\\{ord(letter):06x}" for letter in text)
        + '"'
    )


def _head(parts: Parts, about: About) -> Html:
    chinese = parts.chinese
    level = worst(parts.found.findings)
    line = " · ".join(
        one for one in (f"{about.model} v{about.version}", about.kind.said(chinese=chinese), about.lender, f"{parts.word('made_on')} {about.made_on}") if one
    )  # fmt: skip
    return joined(
        (
            element("p", said(parts.word("title")), "kicker"),
            element("h1", said(about.name.said(chinese=chinese))),
            element("p", said(line), "note"),
            Html(
                f'<p class="lead {level}"><b>{said(parts.word(level))}</b> {said(parts.word(f"verdict_{level}"))}</p>'
            ),
        )
    )


def _contents(parts: Parts, keys: list[str]) -> Html:
    lines = joined(Html(f'<li><a href="#{key}">{said(parts.word(key))}</a></li>') for key in keys)
    return Html(
        f'<nav aria-label="{said(parts.word("contents"))}"><h3>{said(parts.word("contents"))}</h3><ol>\n{lines}\n</ol></nav>'
    )


def _findings(parts: Parts) -> Html:
    lines = joined(
        Html(
            f'<li><span class="tag {one.level}">{said(parts.word(one.level))}</span>{said(one.said(chinese=parts.chinese))}</li>'
        )
        for one in parts.found.findings
    )
    basis = NOTES[f"judged_on_{parts.found.judged_on or 'none'}"].said(chinese=parts.chinese)
    return joined((Html(f'<ul class="findings">\n{lines}\n</ul>'), element("p", said(basis), "note")))


def _what(parts: Parts, about: About) -> Html:
    """The model, its design, and how the sample came about."""
    chinese = parts.chinese
    texts = {
        "fact_version": f"{about.model} v{about.version}", "fact_kind": about.kind.said(chinese=chinese),
        "fact_purpose": about.purpose.said(chinese=chinese) if about.purpose else "", "fact_design": about.design,
        "fact_subject": about.subject.said(chinese=chinese) if about.subject else "", "fact_population": about.population,
        "fact_outcome": about.outcome, "fact_window": about.window.said(chinese=chinese) if about.window else "", "fact_observed": about.observed,
        "fact_later_from": about.later_from, "fact_segment": about.segment,
        "fact_calibration": about.calibration.said(chinese=chinese) if about.calibration else "", "fact_champion": about.champion,
        "fact_trained_by": about.trained_by, "fact_seed": about.seed, "fact_fingerprint": about.fingerprint, "fact_code_version": about.code_version,
    }  # fmt: skip
    coded = {"fact_population", "fact_outcome", "fact_fingerprint", "fact_code_version", "fact_design"}
    facts = joined(
        Html(f"<dt>{said(parts.word(key))}</dt><dd>{element('code', said(text)) if key in coded else said(text)}</dd>")
        for key, text in texts.items()
        if text
    )
    return joined((Html(f"<dl>\n{facts}\n</dl>"), _sample(parts), _left_out(parts, about)))


def _sample(parts: Parts) -> Html:
    """Rows by part: scored and not."""
    rows = []
    for one in parts.found.parts:
        left = sum(each.n for each in parts.found.unscored if each.part == one.key)
        rows.append(
            [parts.name(one), count(one.n + left), count(one.n), count(one.bad), interval(one.rate, percent=True)]
        )
    return joined(
        (element("h3", said(parts.word("sample"))), table(parts.head("part", "n", "judged", "bad", "rate"), rows))
    )


def _left_out(parts: Parts, about: About) -> Html:
    """Exclusions, and what was not scored, by reason."""
    chinese = parts.chinese
    told = []
    if about.exclusions:
        rows = [[said(one.what.said(chinese=chinese)), count(one.n)] for one in about.exclusions]
        total = [said(parts.word("total")), count(sum(one.n for one in about.exclusions))]
        told += [element("h3", said(parts.word("excluded"))), table(parts.head("reason", "n"), [*rows, total])]
    if parts.found.unscored:
        names = {one.key: parts.name(one) for one in parts.found.parts}
        rows = [
            [names[one.part], said(one.reason.said(chinese=chinese)), count(one.n), count(one.bad)]
            for one in parts.found.unscored
        ]
        told += [element("h3", said(parts.word("unscored"))), table(parts.head("part", "reason", "n", "bad"), rows, 2)]
    return joined(told) if told else NOTHING


def _sources(parts: Parts, about: About) -> Html:
    """The limits, and where the methods come from."""
    limits = parts.found.limits
    stated = {
        "green": ("Traffic light green below", "信号灯绿灯上限", f"{limits.green:.3g}"), "red": ("Traffic light red from", "信号灯红灯下限", f"{limits.red:.4g}"),
        "psi_amber": ("PSI to look into from", "PSI 关注线", f"{limits.psi_amber:g}"), "psi_red": ("PSI to act from", "PSI 处置线", f"{limits.psi_red:g}"),
        "floor": ("Share of an empty band", "空段占比取值", f"{limits.floor:g}"), "confidence": ("Confidence of intervals", "置信水平", f"{limits.confidence:.0%}"),
        "hl_groups": ("Groups by PD", "按违约概率分组数", f"{limits.hl_groups}"),
        "fewest_bad": ("Fewest bad, and fewest good", "违约与正常样本数下限", f"{limits.fewest_bad}"),
        "auc_fall": ("Fall of AUC from training that is told", "AUC 下降提示幅度", f"{limits.auc_fall:g}"),
    }  # fmt: skip
    rows = [
        [said(zh if parts.chinese else en), element("code", said(key)), said(value)]
        for key, (en, zh, value) in stated.items()
    ]
    lines = joined(
        Html(f"<li>{said(what.said(chinese=parts.chinese))}{'：' if parts.chinese else ': '}{said(source)}</li>")
        for what, source in SOURCES
    )
    return joined(
        (
            element("p", said(about.policy), "note") if about.policy else NOTHING,
            table(
                [
                    word("limit", chinese=parts.chinese),
                    word("name", chinese=parts.chinese),
                    word("value", chinese=parts.chinese),
                ],
                rows,
                2,
            ),
            Html(f"<ul>\n{lines}\n</ul>"),
        )
    )
