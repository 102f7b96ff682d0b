"""A score explained to the customer whom it is about, in plain words: what it is for, which facts counted, what would have to be different, what may be asked for.

It names nobody and nothing but the customer's own facts. A person's rights are those of the Personal Information Protection Law of China: article 24 (to have an
automated decision explained, and to refuse one made by it alone), 45 (to see and copy), 46 (to correct), 48 (to have the rules explained).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daihou.assessment.scores.bins import number
from daihou.assessment.validation.said import Said

if TYPE_CHECKING:
    import datetime as dt

    from daihou.assessment.scores.breakdown import Line
    from daihou.assessment.scores.design import Design
    from daihou.policies.score_explanations import ScoreExplanations

UNITS: Final = {
    "days": (" days", " 天", " day"),
    "months": (" months", " 个月", " month"),
    "date": (" days ago", " 天前", " day ago"),
}
"""After a number of such a unit, in English and Chinese, and in English after 1."""
AMOUNTS: Final = ("amount", "base_amount")
RATIO: Final = 10
"""From here on a ratio is no share any more, and not told in percent."""
PURPOSE: Final = Said(
    "It ranks customers by how likely a payment is to be missed, so that the lender knows whom to speak to early.",
    "用于判断还款可能出现困难的程度，便于本机构及早联系客户。",
)
"""What a score is for whose design does not say it."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that counted against the customer: how it stands, and what would give more points."""

    name: Said
    stands: Said
    weight: Said
    better: Said | None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the letter: its heading and sentences."""

    code: str
    title: Said
    sentences: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """The explanation."""

    about: tuple[Section, ...]
    """What the score is, before the facts."""
    facts: tuple[Fact, ...]
    """Those that counted most against the customer, the heaviest first; empty where none did."""
    favourable: tuple[Said, ...]
    """What stands best already."""
    rights: tuple[Section, ...]
    """What may be asked for, after the facts."""


def letter(
    design: Design, day: dt.date, score: int, limits: tuple[int, int] | None, lines: tuple[Line, ...], house: ScoreExplanations, currency: str, *,
    person: bool, loan_id: str = "",
) -> Letter:  # fmt: skip
    """The explanation of a score of a date.

    `limits` are the lowest and highest that a card can give; `person` tells whether the law of persons applies; `loan_id` names the loan where it is scored
    and not the borrower.
    """
    counted = [line for line in lines if line.counts][: house.most_facts]
    whole = sum(line.lost for line in lines if line.counts)
    best = tuple(
        Said(f"{line.input.en}: {line.value_en}", f"{line.input.zh}：{line.value_zh}") for line in lines[::-1] if not line.counts and line.known
    )[: house.most_facts]  # fmt: skip
    return Letter(
        (_what(design, day, score, limits, loan_id), _use(house, person=person)), tuple(_fact(line, whole, currency) for line in counted), best,
        _rights(house, person=person),
    )  # fmt: skip


def _what(design: Design, day: dt.date, score: int, limits: tuple[int, int] | None, loan_id: str) -> Section:
    purpose = PURPOSE if design.purpose is None else Said(design.purpose.en, design.purpose.zh)
    within = (
        Said("A higher score is better.", "分数越高越好。")
        if limits is None
        else Said(
            f"It can lie between {limits[0]} and {limits[1]}; higher is better.",
            f"分值范围为 {limits[0]} 至 {limits[1]} 分，分数越高越好。",
        )
    )
    whose = (
        (f"the behaviour score of your loan {loan_id}", f"您的贷款 {loan_id} 的行为评分")
        if loan_id
        else ("your behaviour score", "您的行为评分")
    )
    ahead = design.runs.window_months if design.runs is not None else None
    sentences = [
        Said(f"On {day} {whose[0]} was {score}.", f"截至 {day}，{whose[1]}为 {score} 分。"), within, purpose,
        Said(
            "It is reckoned from what we know of your loans, your accounts with us, and you as our customer, "
            "which may hold information from others, as on lawsuits or applications. Your name, id number, phone and street address are not used.",
            "评分依据本机构掌握的您的贷款还款情况、账户往来及客户信息计算，可能包括来自外部的信息（如涉诉、新增申请），不使用您的姓名、证件号码、电话和详细住址。",
        ),
    ]  # fmt: skip
    if ahead is not None:
        sentences.insert(2, Said(f"It looks {ahead} months ahead.", f"评分反映未来 {ahead} 个月的还款风险。"))
    return Section("what", Said("What this score is", "什么是行为评分"), tuple(sentences))


def _use(house: ScoreExplanations, *, person: bool) -> Section:
    alone = (
        Said(
            "A decision about your loans can be made by this score alone. You may refuse that: then a person decides.",
            "本机构可能仅依据该评分对您的贷款作出决定。您有权拒绝，拒绝后将由人工作出决定。",
        )
        if house.decides_alone
        else Said(
            "No decision about your loans is made by this score alone: a person looks at your case first.",
            "本机构不会仅凭该评分对您的贷款作出决定，相关决定均经人工审核。",
        )
    )
    law = () if not person else (Said(
        "This is how the law wants it: Personal Information Protection Law, article 24.", "以上依据《中华人民共和国个人信息保护法》第二十四条。"
    ),)  # fmt: skip
    return Section("use", Said("How it is used", "评分如何使用"), (alone, *law))


def _fact(line: Line, whole: float, currency: str) -> Fact:
    share = line.lost / whole if whole else 0.0
    stands = (
        Said(
            f"It stands at {valued(line, currency, chinese=False)}.", f"目前为 {valued(line, currency, chinese=True)}。"
        )
        if line.known
        else Said("We do not know it of you.", "本机构暂无您的该项信息。")
    )
    weight = Said(f"It makes up {share:.0%} of what you have less than the best.", f"占扣分的 {share:.0%}。")
    better = None
    if line.better is not None and line.input.risk not in ("up", "down"):
        better = Said("Neither more nor less of it is better as such.", "该项并非越高或越低越好。")
    elif line.better is not None:
        where = [span(line, line.better.place, currency, chinese=chinese) for chinese in (False, True)]
        better = Said(
            f"{line.better.gain} points more would be given for {where[0]}.",
            f"若为 {where[1]}，评分可提高 {line.better.gain} 分。",
        )
    return Fact(Said(line.input.en, line.input.zh), stands, weight, better)


def valued(line: Line, currency: str, *, chinese: bool) -> str:
    """How somebody stands in an input, amounts with their currency."""
    value = line.value(chinese=chinese)
    return _paid(value, currency, chinese=chinese) if line.known and line.input.unit in AMOUNTS else value


def span(line: Line, place: int, currency: str, *, chinese: bool) -> str:
    """A bin of numbers in words with its unit: 31 days or more and less than 61 days."""
    splits, unit = line.bins.splits, line.input.unit
    low = None if place == 0 else measured(splits[place - 1], unit, currency, chinese=chinese)
    high = None if place == len(splits) else measured(splits[place], unit, currency, chinese=chinese)
    if low is None:
        return f"{high}以下" if chinese else f"less than {high}"
    if high is None:
        return f"{low}及以上" if chinese else f"{low} or more"
    return f"{low}及以上、{high}以下" if chinese else f"{low} or more and less than {high}"


def measured(value: float, unit: str, currency: str, *, chinese: bool) -> str:
    """A number with its unit."""
    if unit in ("share", "rate"):
        return f"{value:.4g}" if abs(value) >= RATIO else f"{100 * value:.4g}%"
    if unit == "flag":
        return ("是" if value else "否") if chinese else ("yes" if value else "no")
    told = number(round(value, 2))
    if unit in AMOUNTS:
        return _paid(told, currency, chinese=chinese)
    if unit not in UNITS:
        return told
    return told + UNITS[unit][2 if value == 1 and not chinese else chinese]


def _paid(told: str, currency: str, *, chinese: bool) -> str:
    if chinese:
        return f"{told} 元" if currency == "CNY" else f"{told} {currency}"
    return f"{currency} {told}"


def _rights(house: ScoreExplanations, *, person: bool) -> tuple[Section, ...]:
    where = f"{house.office['en']}{f', {house.phone}' if house.phone else ''}"
    where_zh = f"{house.office['zh']}{f'（电话 {house.phone}）' if house.phone else ''}"
    law = ("article 24", "第二十四条"), ("article 46", "第四十六条"), ("articles 45 and 48", "第四十五条、第四十八条")
    cited = [
        (f" (Personal Information Protection Law, {en})", f"（《个人信息保护法》{zh}）") if person else ("", "")
        for en, zh in law
    ]
    return (
        Section("person", Said("To have a person look at it", "申请人工复核"), (Said(
            f"If you do not agree, ask for a review by a person{cited[0][0]}: turn to {where}. You get an answer within {house.reply_days} days, with the reason.",
            f"如您对评分结果有异议，可申请人工复核{cited[0][1]}，请联系{where_zh}。本机构将在 {house.reply_days} 天内答复并说明理由。",
        ),)),
        Section("correct", Said("To have wrong facts corrected", "更正有误信息"), (Said(
            f"If a fact above is wrong or incomplete, tell the same office what is right{cited[1][0]}. What was wrong is corrected, and scored anew with the next run.",
            f"如上述信息有误或不完整，请向同一部门提出更正或补充{cited[1][1]}。本机构核实后更正，并在下一次评分时使用更正后的信息。",
        ),)),
        Section("know", Said("To know more", "了解更多"), (Said(
            f"You may ask which facts of yours are kept, have a copy of them, and have the rules of the score explained{cited[2][0]}.",
            f"您可以查阅、复制您的相关信息，并要求对评分规则作出说明{cited[2][1]}。",
        ),)),
    )  # fmt: skip
