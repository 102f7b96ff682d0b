"""A question of a form's file: which keys its kind takes, and its values. Conditions are read afterwards, once all questions are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daihou.expressions.tokens import RESERVED
from daihou.reviews.forms.findings import Finding, level
from daihou.reviews.forms.form import (
    CHARACTERS,
    COUNTED,
    EVIDENCE,
    KINDS,
    PIECES,
    RATES,
    STEPS,
    UNASKED,
    Asked,
    Choice,
    Evidence,
    Question,
    Reason,
)
from daihou.reviews.forms.stated import CODE, Spot, once

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from decimal import Decimal

    from daihou.reviews.forms.form import Kind, PieceKind, Rates, Text

EVERY: Final = ("id", "kind", "en", "zh", "help", "when", "measures")
ANSWERED: Final = ("required", "scores", "findings")
OWN: Final[dict[Kind, tuple[str, ...]]] = {
    "choice": ("choices",),
    "choices": ("choices",),
    "yes_no": (),
    "number": ("least", "most", "whole", "unit", "compare", "needs_reason"),
    "money": ("least", "most", "compare", "needs_reason"),
    "date": (),
    "text": ("most",),
    "rating": ("labels", "rates"),
    "photos": ("evidence",),
    "files": ("evidence",),
    "place": (),
    "note": (),
}
"""The keys of each kind beside those of every question."""
NEEDED: Final[dict[Kind, tuple[str, ...]]] = {
    "choice": ("choices",), "choices": ("choices",), "rating": ("labels",), "photos": ("evidence",), "files": ("evidence",),
}  # fmt: skip
MOST_POINTS: Final = 1_000
MOST_PIECES: Final = 50


def read_question(spot: Spot, vocabulary: Mapping[str, Finding], measures: Collection[str] | None) -> Question:
    """The question without its conditions; DaihouError names the key that does not fit."""
    for key in ("id", "kind"):
        if not spot.has(key):
            spot.only((*EVERY, *ANSWERED), (key,))
    kind = _kind(spot)
    asks = kind not in EVIDENCE | UNASKED
    spot.only((*EVERY, *(ANSWERED if asks else ()), *OWN[kind]), NEEDED.get(kind, ()))
    least, most = spot.number("least"), spot.number("most")
    _ordered(spot, least, most)
    if kind == "text" and most is not None:
        spot.whole("most", 1, CHARACTERS)
    return Question(
        id=_id(spot),
        kind=kind,
        text=spot.text(),
        help=spot.inner_text("help"),
        required=asks and spot.flag("required", default=True),
        measures=_measures(spot, measures),
        choices=_choices(spot, kind, vocabulary) if spot.has("choices") else (),
        least=least,
        most=most,
        whole=spot.flag("whole", default=False),
        unit=spot.inner_text("unit"),
        compared=_compared(spot) if kind in COUNTED else False,
        reasons=_reasons(spot),
        labels=_labels(spot) if kind == "rating" else (),
        rates=_rates(spot),
        evidence=_evidence(spot, kind) if kind in EVIDENCE else None,
    )


def read_finding(spot: Spot, vocabulary: Mapping[str, Finding]) -> Finding:
    """A finding of the vocabulary by its `code`, with a `level` and texts of its own where these are stated."""
    code = spot.code("code")
    known = vocabulary.get(code)
    if known is None:
        raise spot.refusal(
            f"Finding '{code}' is not in the vocabulary.",
            f"Add it to findings.yaml, or write one of: {', '.join(sorted(vocabulary))}.",
            (f"发现项“{code}”不在词表中。", f"请先在 findings.yaml 中登记，或使用：{'、'.join(sorted(vocabulary))}。"),
        )
    label = spot.text() if spot.has("en") or spot.has("zh") else known.label
    return Finding(code, level(spot) if spot.has("level") else known.level, label)


def _chosen(spot: Spot, vocabulary: Mapping[str, Finding]) -> Finding | None:
    """The finding that a choice is: its code alone, or a mapping."""
    if not spot.has("finding"):
        return None
    stated = spot.values["finding"]
    inner = spot.within("finding", {"code": stated} if isinstance(stated, str) else stated)
    inner.only(("code", "level", "en", "zh"), ("code",))
    return read_finding(inner, vocabulary)


def _kind(spot: Spot) -> Kind:
    stated = spot.one_of("kind", KINDS)
    return next(one for one in KINDS if one == stated)


def _id(spot: Spot) -> str:
    code = spot.code("id")
    if code in RESERVED:
        raise spot.refusal(
            f"id: '{code}' is a word of the language of conditions.",
            "Choose another.",
            (f"id：“{code}”是条件语言的保留字。", "请改用其他代码。"),
        )
    return code


def _ordered(spot: Spot, least: Decimal | None, most: Decimal | None) -> None:
    if least is not None and most is not None and least > most:
        raise spot.refusal(
            f"least {least} is above most {most}.",
            "Write the smaller as least.",
            (f"下限 least {least} 大于上限 most {most}。", "请更正上下限。"),
        )


def _measures(spot: Spot, known: Collection[str] | None) -> tuple[str, ...]:
    stated = spot.values.get("measures", [])
    if not isinstance(stated, list) or not all(isinstance(one, str) and CODE.fullmatch(one) for one in stated):
        raise spot.refusal(
            "measures must be a list of measures.",
            "Write it like [worst_dpd, exposure].",
            ("measures 须为指标列表。", "写法如 [worst_dpd, exposure]。"),
        )
    unknown = sorted(set(stated) - set(known)) if known is not None else []
    if unknown:
        raise spot.refusal(
            f"measures: {', '.join(unknown)} is not known.",
            "docs/reference/measures.md lists them.",
            (f"measures：没有指标 {'、'.join(unknown)}。", "可用指标见 docs/reference/measures.md。"),
        )
    return tuple(stated)


def _choices(spot: Spot, kind: Kind, vocabulary: Mapping[str, Finding]) -> tuple[Choice, ...]:
    spots = spot.each("choices", "choice", "code", least=2)
    own = ("alone", "finding") if kind == "choices" else ("points", "finding")
    found = []
    for inner in spots:
        inner.only(("code", "en", "zh", *own), ("code",))
        found.append(
            Choice(
                inner.code("code"),
                inner.text(),
                alone=inner.flag("alone", default=False),
                points=inner.whole("points", 0, MOST_POINTS) if inner.has("points") else None,
                finding=_chosen(inner, vocabulary),
            )
        )
    once(spots, [one.code for one in found], ("Choice", "选项"))
    scored = [one.points is not None for one in found]
    if any(scored) and not all(scored):
        raise spots[scored.index(False)].refusal(
            "points: some choices have points and this has none.",
            "Give every choice points, 0 too, or none.",
            ("points：部分选项有分值，该选项没有。", "请为每个选项填写分值（可为 0），或全部不填。"),
        )
    if any(scored) and spot.has("scores"):
        raise spot.refusal(
            "scores: the choices have points already.",
            "Keep one of the two.",
            ("scores：选项已有分值。", "选项分值与 scores 只能保留一种。"),
        )
    return tuple(found)


def _compared(spot: Spot) -> bool:
    return spot.has("compare") and spot.one_of("compare", ("last",)) == "last"


def _reasons(spot: Spot) -> tuple[Reason, ...]:
    if not spot.has("needs_reason"):
        return ()
    if not spot.has("compare"):
        raise spot.refusal(
            "needs_reason: nothing is compared.",
            "Write compare: last as well.",
            ("needs_reason：该题未设比较。", "请同时填写 compare: last。"),
        )
    found = []
    for inner in spot.each("needs_reason", "needs_reason", "told_in"):
        inner.only(("fall", "rise", "told_in"), ("told_in",))
        if inner.has("fall") == inner.has("rise"):
            raise inner.refusal(
                "needs_reason: one of fall and rise is needed, not both.",
                "Write an item for each.",
                ("needs_reason：fall 与 rise 须且只能填一项。", "升、降分别写成两项。"),
            )
        fall = inner.has("fall")
        share = inner.share("fall" if fall else "rise")
        found.append(Reason("fall" if fall else "rise", float(share), inner.code("told_in")))
    return tuple(found)


def _labels(spot: Spot) -> tuple[Text, ...]:
    spots = spot.each("labels", "label", "", least=STEPS)
    if len(spots) != STEPS:
        raise spot.refusal(
            f"labels: {len(spots)} are given; a rating has {STEPS} steps.",
            f"Give {STEPS}, the worst first.",
            (f"labels：给出 {len(spots)} 个，评分共 {STEPS} 档。", f"请填写 {STEPS} 个，由差到好。"),
        )
    for inner in spots:
        inner.only(("en", "zh"))
    return tuple(inner.text() for inner in spots)


def _rates(spot: Spot) -> Rates | None:
    if not spot.has("rates"):
        return None
    stated = spot.one_of("rates", RATES)
    return next(one for one in RATES if one == stated)


def _evidence(spot: Spot, kind: Kind) -> Evidence:
    inner = spot.within("evidence", spot.values["evidence"])
    inner.only(("least", "kinds", "asked"), ("least",) if kind == "photos" else ("least", "kinds"))
    spots = inner.each("asked", "asked", "code", least=0)
    for one in spots:
        one.only(("code", "en", "zh"), ("code",))
    asked = tuple(Asked(one.code("code"), one.text()) for one in spots)
    once(spots, [one.code for one in asked], ("Asked for", "拍摄内容"))
    return Evidence(inner.whole("least", 0, MOST_PIECES), _kinds(inner, kind), asked)


def _kinds(spot: Spot, kind: Kind) -> tuple[PieceKind, ...]:
    stated = spot.values.get("kinds", ["photo"])
    allowed = ("photo",) if kind == "photos" else PIECES
    if not isinstance(stated, list) or not stated or any(one not in allowed for one in stated):
        raise spot.refusal(
            f"kinds must be a list of {', '.join(allowed)}.",
            "Write it like [photo, pdf].",
            (f"kinds 须为列表，可用取值：{'、'.join(allowed)}。", "写法如 [photo, pdf]。"),
        )
    return tuple(one for one in PIECES if one in stated)
