"""Forms from their files. What is misspelt, missing, doubled or cannot be is refused before anybody stands at a door with it.

An error names file, version, section, question and key.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from daihou import expressions
from daihou.book.errors import DaihouError
from daihou.expressions import Expression, columns_asked_for, columns_named, conjuncts
from daihou.expressions.tree import all_of
from daihou.policies.dated import Version
from daihou.reviews.forms.conditions import CHANGE, bounds, columns, compiled
from daihou.reviews.forms.form import Band, Form, Forms, Found, Question, Score, Section
from daihou.reviews.forms.questions import MOST_POINTS, read_finding, read_question
from daihou.reviews.forms.stated import Spot, once
from daihou.reviews.forms.text import load

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from daihou.expressions import Field
    from daihou.reviews.forms.findings import Finding

DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOST_VERSIONS: Final = 10_000


def read(text: str, place: str, vocabulary: Mapping[str, Finding], *, measures: Collection[str] | None = None) -> Forms:
    """The versions of a form. `vocabulary`: the findings it may name. `measures`: those that may be shown beside a question, None where they are not checked."""
    whole = Spot(place, load(text, place))
    whole.only(("form", "meaning", "versions"), ("form", "versions"))
    code = whole.code("form")
    spots = whole.each("versions", "version", "number")
    versions = [_version(code, spot, vocabulary, measures) for spot in spots]
    for spot, one, before in zip(spots[1:], versions[1:], versions, strict=False):
        if one.values.number <= before.values.number or one.from_on <= before.from_on:
            raise spot.refusal(
                f"Version {one.values.number} from {one.from_on} does not follow version {before.values.number} from {before.from_on}.",
                "Number versions upwards, each from a later day than the one before.",
                (
                    f"版本 {one.values.number}（{one.from_on} 起）未排在版本 {before.values.number}（{before.from_on} 起）之后。",
                    "版本号与起始日期须依次递增。",
                ),
            )
    return Forms(code, place, tuple(versions))


def _version(
    code: str, spot: Spot, vocabulary: Mapping[str, Finding], measures: Collection[str] | None
) -> Version[Form]:
    content = ("number", "en", "zh", "two_people", "onsite", "bands", "sections")
    spot.only(("from", "owner", *content), ("number", "from", "owner", "two_people", "onsite", "sections"))
    reader = _Reader(vocabulary, measures)
    sections = reader.sections(spot)
    canonical = {"form": code, **{key: spot.values[key] for key in content if spot.has(key)}}
    form = Form(
        id=code,
        number=spot.whole("number", 1, MOST_VERSIONS),
        title=spot.text(),
        sections=sections,
        two_people=spot.flag("two_people"),
        onsite=spot.flag("onsite"),
        bands=_bands(spot, scored=any(one.worth for section in sections for one in section.questions)),
        digest=hashlib.sha256(_canonical(canonical)).hexdigest(),
    )
    return Version(_day(spot), form, None, spot.words("owner"))


def _canonical(stated: Any) -> bytes:
    return json.dumps(stated, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _day(spot: Spot) -> dt.date:
    stated = spot.values["from"]
    try:
        if DAY.fullmatch(str(stated)):
            return dt.date.fromisoformat(stated)
    except ValueError:
        pass
    raise spot.refusal(
        f"from: {stated} is not a date.",
        "Write it like 2026-01-01.",
        (f"from: {stated} 不是日期。", "写法如 2026-01-01。"),
    )


def _bands(spot: Spot, *, scored: bool) -> tuple[Band, ...]:
    if scored != spot.has("bands"):
        raise spot.refusal(
            "Answers have points and the form has no bands."
            if scored
            else "The form has bands and no answer has points.",
            "Give both or neither.",
            (
                "答案有分值，但检查表没有 bands。" if scored else "检查表有 bands，但没有任何答案有分值。",
                "两者须同时填写或同时省略。",
            ),
        )
    if not scored:
        return ()
    spots = spot.each("bands", "band", "code")
    found: list[Band] = []
    for inner in spots:
        inner.only(("code", "least", "en", "zh", "suggestion"), ("code", "least", "suggestion"))
        suggestion = inner.within("suggestion", inner.values["suggestion"])
        suggestion.only(("en", "zh"))
        found.append(Band(inner.code("code"), inner.share("least"), inner.text(), suggestion.text()))
    once(spots, [one.code for one in found], ("Band", "分档"))
    falls = all(one.least > other.least for one, other in pairwise(found))
    if not falls or found[0].least > 1 or found[-1].least != 0:
        raise spot.refusal(
            "bands: least must fall from band to band, from 100% at most down to 0.",
            "Order them from the best to the worst; the last begins at 0.",
            ("bands：各档 least 须逐档递减，首档不超过 100%，末档为 0。", "请由好到差排列，末档从 0 开始。"),
        )
    return tuple(found)


class _Reader:
    """Sections in their order: first every question as such, then its conditions, of which each may name only what was asked before."""

    def __init__(self, vocabulary: Mapping[str, Finding], measures: Collection[str] | None) -> None:
        self.vocabulary = vocabulary
        self.measures = measures
        self.asked: dict[str, Field] = {}
        """The columns of the questions read so far."""
        self.all: dict[str, Field] = {}
        """The columns of all questions, to tell a later one from one that is not there."""
        self.needs: dict[str, tuple[Expression, ...]] = {}
        """What holds, by column, wherever its question is answered."""

    def sections(self, spot: Spot) -> tuple[Section, ...]:
        """All sections of a version."""
        places = spot.each("sections", "section", "id")
        for place in places:
            place.only(("id", "en", "zh", "questions"), ("id", "questions"))
        once(places, [place.code("id") for place in places], ("Section", "章节"))
        inner = [place.each("questions", "question", "id") for place in places]
        flat = [one for each in inner for one in each]
        bare = [read_question(one, self.vocabulary, self.measures) for one in flat]
        once(flat, [one.id for one in bare], ("Question", "题目"))
        self._columns(flat, bare)
        _rated_once(flat, bare)
        for at, (one, question) in enumerate(zip(flat, bare, strict=True)):
            _told_later(one, question, bare[at + 1 :])
        whole = iter([self._conditioned(one, question) for one, question in zip(flat, bare, strict=True)])
        return tuple(
            Section(place.code("id"), place.text(), tuple(next(whole) for _ in each))
            for place, each in zip(places, inner, strict=True)
        )

    def _columns(self, spots: list[Spot], questions: list[Question]) -> None:
        for spot, question in zip(spots, questions, strict=True):
            for field in columns(question):
                if field.name in self.all:
                    raise spot.refusal(
                        f"id: '{field.name}' is what the change of another question is called.",
                        "Choose another id.",
                        (f"id：“{field.name}”与另一题的变动列重名。", "请改用其他代码。"),
                    )
                self.all[field.name] = field

    def _conditioned(self, spot: Spot, question: Question) -> Question:
        """The question with its conditions; from here on others may name it."""
        when = self._condition(spot, spot.values["when"]) if spot.has("when") else None
        known = () if when is None else (*conjuncts(when), *self._needed(when))
        for field in columns(question):
            self.asked[field.name] = field
            self.needs[field.name] = known
        if question.id in self.asked:
            sure = [expressions.parse(text, self.asked) for text in bounds(question)]
            self.needs[question.id] = (*known, *sure)
        scores, findings = [], []
        for inner in spot.each("scores", "score", "", least=1 if spot.has("scores") else 0):
            inner.only(("when", "points"), ("when", "points"))
            holds = self._condition(inner, inner.values["when"])
            scores.append(Score(compiled(holds), inner.whole("points", 0, MOST_POINTS)))
        for inner in spot.each("findings", "finding", "code", least=1 if spot.has("findings") else 0):
            inner.only(("when", "code", "level", "en", "zh"), ("when", "code"))
            holds = self._condition(inner, inner.values["when"])
            findings.append(Found(compiled(holds), read_finding(inner, self.vocabulary)))
        return replace(
            question,
            when=None if when is None else compiled(when),
            scores=tuple(scores),
            findings=tuple(findings),
        )

    def _condition(self, spot: Spot, stated: object) -> Expression:
        if not isinstance(stated, str) or not stated.strip():
            raise spot.refusal(
                "when must be a condition in quotes.",
                "Write it like when: \"open = 'half'\".",
                ("when 须为加引号的条件。", "写法如 when: \"open = 'half'\"。"),
            )
        try:
            expression = expressions.parse(stated, self.asked)
        except DaihouError as error:
            raise self._unread(spot, stated, error) from error

        def decides() -> None:
            expressions.refuse_constant(stated, expression)
            expressions.refuse_whole_percents(stated, expression)

        _placed(spot, decides)
        if expressions.always(all_of((expression, *self._needed(expression)))) is False:
            raise spot.refusal(
                f"when: '{stated[:80]}' can never hold: the questions it names are then hidden, or cannot have such answers.",
                "Compare it with their own conditions and bounds.",
                (
                    f"when：“{stated[:80]}”不可能成立：此时所引用的题目不显示，或不会有这样的答案。",
                    "请对照所引用题目自身的显示条件和取值范围。",
                ),
            )
        return expression

    def _needed(self, expression: Expression) -> tuple[Expression, ...]:
        """What must hold besides for a condition to hold: that of the questions of whose answers it cannot do without one."""
        found: list[Expression] = []
        for part in conjuncts(expression):
            named = columns_named(part)
            if len(named) == 1 and not columns_asked_for(part):
                found.extend(self.needs[named[0].name])
        return tuple(dict.fromkeys(found))

    def _unread(self, spot: Spot, stated: str, error: DaihouError) -> DaihouError:
        """The error of a condition that cannot be read; one that could be, were all questions asked by then, names a later one."""
        try:
            names = [field.name for field in columns_named(expressions.parse(stated, self.all))]
        except DaihouError:
            return _at(spot, error)
        later = ", ".join(name for name in names if name not in self.asked)
        return spot.refusal(
            f"when: {later} is asked later.",
            "Name only what is asked before, or move the question.",
            (f"when：{later} 在本题之后才询问。", "条件只能引用前面的题目；也可调整题目顺序。"),
        )


def _placed(spot: Spot, checked: Callable[[], None]) -> None:
    try:
        checked()
    except DaihouError as error:
        raise _at(spot, error) from error


def _at(spot: Spot, error: DaihouError) -> DaihouError:
    """The error of a condition, with where in the file it stands before where in the condition it is."""
    return DaihouError(error.message, error.remedy, f"{spot.place}, when: {error.place}", zh=error.zh)


def _rated_once(spots: list[Spot], questions: list[Question]) -> None:
    """Fail where two questions rate the same: the fact is one."""
    seen: set[str] = set()
    for spot, question in zip(spots, questions, strict=True):
        if question.rates is not None and question.rates in seen:
            raise spot.refusal(
                f"rates: {question.rates} is rated by another question already.",
                "Keep one of them.",
                (f"rates：{question.rates} 已由其他题目评定。", "请只保留一题。"),
            )
        seen |= {question.rates} if question.rates else set()


def _told_later(spot: Spot, question: Question, later: list[Question]) -> None:
    """Fail where a reason is to be told in a question that does not follow, or that takes no words or choices."""
    for reason in question.reasons:
        asked = next((one for one in later if one.id == reason.told_in), None)
        if asked is None or asked.kind not in ("choice", "choices", "text"):
            raise spot.refusal(
                f"needs_reason: told_in: '{reason.told_in}' is no later question of kind choice, choices or text.",
                f"Ask for the reason after it; {question.id}{CHANGE} may be its condition.",
                (
                    f"needs_reason：told_in：“{reason.told_in}”不是后面的单选、多选或文本题。",
                    f"请在其后设置询问原因的题目；可用 {question.id}{CHANGE} 作为显示条件。",
                ),
            )
