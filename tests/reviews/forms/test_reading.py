"""Forms are read strictly: every rule has a form that breaks it, and the error says where and what, in both languages."""

from __future__ import annotations

import datetime as dt

import pytest

from daihou.book.errors import DaihouError
from daihou.reviews.forms.findings import read_findings
from daihou.reviews.forms.form import PIECES
from daihou.reviews.forms.reading import read
from reviews.forms.shop import FINDINGS, SHOP, VOCABULARY, shop, shops

IN_TRADE = "shop.yaml, version 1, section trade, question "
IN_CLOSE = "shop.yaml, version 1, section close, question "

FELL = IN_TRADE + "turnover, finding turnover_fell, when"
TWO_CHOICES = (
    "              - {code: debtors, en: Debtors, zh: 拖欠}\n              - {code: orders, en: Orders, zh: 订单}\n"
)
WHERE = "          - {id: where, kind: place, en: Where, zh: 位置}\n"
SCORES = "            scores: [{when: \"open = 'half'\", points: 3}]"
BANDS = SHOP[SHOP.index("    bands:\n") : SHOP.index("    sections:\n")]

# fmt: off
BAD = [
    ("no mapping", ("\nform: shop", "\n- form: shop"), "cannot be read", "无法读取", "shop.yaml"),
    ("a key twice", ("    owner: Alice", "    owner: Alice\n    owner: Bob"), "stands twice", "stands twice", "shop.yaml"),
    ("unknown key of the file", ("meaning:", "means:"), "Unknown key: means", "未知的键：means", "shop.yaml"),
    ("unknown key of a version", ("    owner: Alice", "    owner: Alice\n    by: Bob"), "Unknown key: by", "未知的键", "shop.yaml, version 1"),
    ("nobody answers", ("    owner: Alice\n", ""), "Missing key: owner", "缺少键：owner", "shop.yaml, version 1"),
    ("no day", ("from: 2026-01-01", "from: 2026-02-30"), "from: 2026-02-30 is not a date", "不是日期", "shop.yaml, version 1"),
    ("no number", ("number: 1", "number: one"), "number: 'one'", "整数", "shop.yaml, version one"),
    ("neither true nor false", ("two_people: true", "two_people: 'maybe'"), "neither true nor false", "不是真假值", "shop.yaml, version 1"),
    ("no Chinese", ("    zh: 店铺\n", ""), "Missing key: zh", "没有中文", "shop.yaml, version 1"),
    ("no English of a choice", ("{code: half, en: Partly, ", "{code: half, "), "Missing key: en", "没有英文", IN_TRADE + "open, choice half"),
    ("an empty text", ("zh: 原因", "zh: ' '"), "zh must be a text", "zh 须为", IN_TRADE + "why"),
    ("no code", ("id: trade", "id: Trade"), "id: 'Trade' is not a code", "不是有效代码", "shop.yaml, version 1, section Trade"),
    ("a word of the language", ("id: staff", "id: not"), "word of the language", "保留字", IN_TRADE + "not"),
    ("sections twice", ("id: close", "id: trade"), "Section 'trade' stands twice", "章节“trade”重复", "shop.yaml, version 1, section trade"),
    ("questions twice", ("id: staff", "id: licence"), "Question 'licence' stands twice", "题目“licence”重复", IN_TRADE + "licence"),
    ("choices twice", ("code: half", "code: normal"), "Choice 'normal' stands twice", "选项“normal”重复", IN_TRADE + "open, choice normal"),
    ("a change's name", ("id: staff", "id: turnover_change"), "change of another question", "重名", IN_TRADE + "turnover_change"),
    ("no kind", ("id: where, kind: place", "id: where"), "Missing key: kind", "缺少键：kind", IN_CLOSE + "where"),
    ("unknown kind", ("kind: yes_no", "kind: maybe"), "kind: 'maybe' is not known", "不可用", IN_TRADE + "licence"),
    ("a key of another kind", ("kind: yes_no", "kind: yes_no, least: 0"), "Unknown key: least", "未知的键：least", IN_TRADE + "licence"),
    ("a note that must be answered", ("kind: note", "kind: note, required: true"), "Unknown key: required", "未知的键", IN_CLOSE + "warned"),
    ("one choice", (TWO_CHOICES, ""), "at least 2", "至少 2 项", IN_TRADE + "why"),
    ("points of some", ("zh: 半停业, points: 4", "zh: 半停业"), "this has none", "该选项没有", IN_TRADE + "open, choice half"),
    ("points twice", ("            zh: 是否营业？", "            zh: 是否营业？\n" + SCORES), "have points already", "已有分值", IN_TRADE + "open"),
    ("points too many", ("points: 10}\n", "points: 10000}\n"), "from 0 to 1000", "整数", IN_TRADE + "open, choice normal"),
    ("unknown finding", ("finding: business_stopped", "finding: stopped"), "'stopped' is not in the vocabulary", "不在词表中", IN_TRADE + "open, choice closed, finding"),
    ("a condition of a choice", ("finding: business_stopped", "finding: {code: business_stopped, when: licence}"), "Unknown key: when", "未知的键", IN_TRADE + "open"),
    ("no question", (WHERE, "          - where\n"), "'where' is not a mapping", "不是键值映射", "shop.yaml, version 1, section close, question 3"),
    ("no questions", ("        questions:\n          - {id: warned", "        also:\n          - {id: warned"), "Unknown key: also", "未知的键", "shop.yaml"),
    ("unknown level", ("level: red}", "level: pink}"), "level: 'pink'", "“pink”不可用", IN_TRADE + "turnover, finding turnover_fell"),
    ("bounds the wrong way", ("most: 500}", "most: -5}"), "least 0 is above most -5", "大于上限", IN_TRADE + "staff"),
    ("a bound that is no number", ("most: 500}", "most: many}"), "most: 'many' is not a number", "不是数字", IN_TRADE + "staff"),
    ("a text too long to ask for", ("most: 20", "most: 100000"), "from 1 to 2000", "整数", IN_TRADE + "why_orders"),
    ("measures that are none", ("measures: [inflow_3m]", "measures: inflow_3m"), "must be a list of measures", "指标列表", IN_TRADE + "turnover"),
    ("compared with what", ("compare: last", "compare: first"), "compare: 'first'", "不可用", IN_TRADE + "turnover"),
    ("a reason without comparing", ("            compare: last\n", ""), "nothing is compared", "未设比较", IN_TRADE + "turnover"),
    ("fall and rise", ("fall: 20%,", "fall: 20%, rise: 30%,"), "one of fall and rise", "只能填一项", IN_TRADE + "turnover, needs_reason why"),
    ("a share that is none", ("fall: 20%", "fall: 2000%"), "is not a share", "不是比例", IN_TRADE + "turnover, needs_reason why"),
    ("told before", ("told_in: why", "told_in: open"), "no later question", "不是后面的", IN_TRADE + "turnover"),
    ("told in a number", ("told_in: why", "told_in: staff"), "no later question", "不是后面的", IN_TRADE + "turnover"),
    ("four steps", ("{en: d, zh: 丁}, ", ""), "labels must be a list of at least 5", "至少 5 项", IN_CLOSE + "willingness"),
    ("six steps", ("{en: d, zh: 丁}, ", "{en: d, zh: 丁}, {en: f, zh: 己}, "), "6 are given", "给出 6 个", IN_CLOSE + "willingness"),
    ("rates what", ("rates: willingness", "rates: mood"), "rates: 'mood'", "不可用", IN_CLOSE + "willingness"),
    ("no evidence said", ("evidence: {least: 1, kinds: [pdf, audio]}", "evidence: {kinds: [pdf]}"), "Missing key: least", "缺少键：least", IN_CLOSE + "papers, evidence"),
    ("evidence of a strange kind", ("[pdf, audio]", "[pdf, video]"), "kinds must be a list of photo, audio, pdf", "kinds 须为", IN_CLOSE + "papers, evidence"),
    ("photos as PDF", ("{least: 2, ", "{least: 2, kinds: [pdf], "), "kinds must be a list of photo.", "kinds 须为", IN_CLOSE + "photos, evidence"),
    ("asked for twice", ("{code: stock, en: Stock", "{code: front, en: Stock"), "'front' stands twice", "重复", IN_CLOSE + "photos, evidence, asked front"),
    ("a condition that is none", ("when: licence, evidence", "when: [licence], evidence"), "must be a condition in quotes", "加引号的条件", IN_CLOSE + "papers"),
    ("a later question", ("when: why.orders", "when: licence"), "licence is asked later", "之后才询问", IN_TRADE + "why_orders"),
    ("itself", ("when: why.orders", "when: \"why_orders = 'x'\""), "why_orders is asked later", "之后才询问", IN_TRADE + "why_orders"),
    ("an unknown question", ("when: why.orders", "when: reason.orders"), "Column reason.orders is unknown", "没有列", IN_TRADE + "why_orders, when: reason.orders"),
    ("a note's answer", ("when: licence, evidence", "when: warned, evidence"), "Column warned is unknown", "没有列", IN_CLOSE + "papers, when: warned"),
    ("an unknown choice", ("open != 'closed'", "open = 'shut'"), "open is never 'shut'", "没有“shut”", IN_TRADE + "turnover, when: …'shut'"),
    ("a change that nothing compares", ("when: why.orders", "when: turnover = 3 and open_change > 0"), "open_change is unknown", "没有列", IN_TRADE + "why_orders"),
    ("units mixed", ("when: why.orders", "when: turnover > 20%"), "with a percentage", "不能与", IN_TRADE + "why_orders, when: …20%"),
    ("a whole number as a share", ("turnover_change < -60%", "turnover_change < -600"), "turnover_change is a fraction", "以小数计", FELL),
    ("always", ("turnover_change < -60%", "turnover_change < 1 or turnover_change >= 1"), "always holds", "恒为真", FELL),
    ("never", ("turnover_change < -60%", "turnover_change < 0 and turnover_change > 1"), "can never hold", "不可能成立", FELL),
    ("hidden then", ("when: why.orders", "when: \"why.orders and open = 'closed'\""), "names are then hidden", "不可能成立", IN_TRADE + "why_orders"),
    ("beyond the steps", ("willingness <= 2", "willingness > 5"), "can never hold", "不可能成立", IN_CLOSE + "willingness, finding willingness_low"),
    ("beyond the bounds", ("when: licence}", "when: licence and staff > 500}"), "can never hold", "不可能成立", IN_TRADE + "expires"),
    ("no bands", (BANDS, ""), "no bands", "没有 bands", "shop.yaml, version 1"),
    ("bands that do not fall", ("least: 60%", "least: 0"), "least must fall", "逐档递减", "shop.yaml, version 1"),
    ("a last band above 0", ("bad, least: 0", "bad, least: 10%"), "down to 0", "末档为 0", "shop.yaml, version 1"),
]
# fmt: on


@pytest.mark.parametrize(("change", "en", "zh", "place"), [one[1:] for one in BAD], ids=[one[0] for one in BAD])
def test_a_form_is_refused_with(change: tuple[str, str], en: str, zh: str, place: str) -> None:
    with pytest.raises(DaihouError) as caught:
        shops(change)
    assert en in caught.value.message
    assert zh in caught.value.zh[0]
    assert caught.value.place.startswith(place)
    assert caught.value.remedy
    assert caught.value.zh[1]


def test_a_form_without_points_has_no_bands() -> None:
    changes = [(f", points: {points}", "") for points in (10, 4, 0)]
    without = "            scores: [{when: willingness >= 4, points: 10}, {when: willingness = 3, points: 5}]\n"
    with pytest.raises(DaihouError, match="no answer has points"):
        shops((without, ""), *changes)


def test_two_ratings_of_one_thing_are_refused() -> None:
    again = "          - {id: where, kind: place"
    labels = "[{en: a, zh: 甲}, {en: b, zh: 乙}, {en: c, zh: 丙}, {en: d, zh: 丁}, {en: e, zh: 戊}]"
    second = f"          - {{id: mood, kind: rating, rates: willingness, en: Mood, zh: 态度, labels: {labels}}}\n"
    with pytest.raises(DaihouError, match="rated by another question"):
        shops((again, second + again))


def test_measures_are_checked_where_they_are_known() -> None:
    assert read(SHOP, "shop.yaml", VOCABULARY, measures={"inflow_3m"})
    with pytest.raises(DaihouError, match="inflow_3m is not known"):
        read(SHOP, "shop.yaml", VOCABULARY, measures={"exposure"})


def second_version(number: int, day: str) -> str:
    """The form with a second version of another title."""
    again = SHOP.split("versions:\n")[1].replace("number: 1", f"number: {number}").replace("2026-01-01", day)
    return SHOP + again.replace("en: Shop", "en: Store")


def test_the_version_of_the_day_is_found_and_that_of_a_number() -> None:
    forms = read(second_version(2, "2026-07-01"), "shop.yaml", VOCABULARY)
    assert [forms.on(dt.date(2026, 6, 30)).number, forms.on(dt.date(2026, 7, 1)).number] == [1, 2]
    assert forms.numbered(1).title.en == "Shop"
    assert forms.numbered(2).title.en == "Store"
    with pytest.raises(DaihouError, match="no version in force on 2025-12-31"):
        forms.on(dt.date(2025, 12, 31))
    with pytest.raises(DaihouError, match="has no version 3"):
        forms.numbered(3)


@pytest.mark.parametrize(("number", "day"), [(1, "2026-07-01"), (2, "2026-01-01"), (2, "2025-01-01")])
def test_a_version_must_follow_the_one_before_in_number_and_day(number: int, day: str) -> None:
    with pytest.raises(DaihouError, match="does not follow"):
        read(second_version(number, day), "shop.yaml", VOCABULARY)


@pytest.mark.parametrize(
    "change",
    [("zh: 正常", "zh: 正常营业"), ("points: 4", "points: 5"), ("number: 1", "number: 2"), ("form: shop", "form: store"), ("least: 2,", "least: 3,"),
     ("two_people: true", "two_people: false"), ("turnover_change < -60%", "turnover_change < -61%")],
    ids=str,
)  # fmt: skip
def test_the_digest_changes_with_what_is_asked(change: tuple[str, str]) -> None:
    assert shop(change).digest != shop().digest


@pytest.mark.parametrize(
    "change", [("owner: Alice", "owner: Bob"), ("2026-01-01", "2026-02-01"), ("For tests.", "Else.")], ids=str
)
def test_the_digest_does_not_change_with_who_answers_for_it(change: tuple[str, str]) -> None:
    assert shop(change).digest == shop().digest
    assert len(shop().digest) == 64


def test_a_finding_of_a_form_may_have_a_level_and_texts_of_its_own() -> None:
    own = "finding: {code: business_stopped, level: yellow, en: Shut, zh: 关门}"
    found = shop(("finding: business_stopped", own)).question("open")
    assert found is not None
    finding = found.choices[2].finding
    assert finding is not None
    assert (finding.code, finding.level, finding.label.zh) == ("business_stopped", "yellow", "关门")


def test_photos_take_photos_and_files_what_they_say() -> None:
    photos, papers = shop().question("photos"), shop().question("papers")
    assert photos is not None
    assert photos.evidence is not None
    assert photos.evidence.kinds == ("photo",)
    assert papers is not None
    assert papers.evidence is not None
    assert papers.evidence.kinds == tuple(one for one in PIECES if one != "photo")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("code: turnover_fell", "code: business_stopped"), "stands twice"),
        (("level: red", "level: crimson"), "crimson"),
        ((", zh: 停业", ""), "Missing key: zh"),
        (("findings:", "words:"), "Unknown key: words"),
    ],
)
def test_a_vocabulary_is_refused_with(change: tuple[str, str], message: str) -> None:
    with pytest.raises(DaihouError, match=message):
        read_findings(FINDINGS.replace(*change), "findings.yaml")
