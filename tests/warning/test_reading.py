"""Rules as YAML: read with every problem named, printed so that reading gives the same rules."""

from __future__ import annotations

import datetime as dt

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from daihou.book.errors import DaihouError
from daihou.warning.reading import read, rules, text
from daihou.warning.rule import LEVELS, RECIPIENTS, SUBJECTS, TOPICS, Rule, Text, Version, owner_said

TWO = """
- id: R-501
  name: {en: Late, zh: 逾期}
  topic: arrears
  subject: loan
  versions:
    - number: 1
      from: 2026-01-01
      owner: Head of risk
      level: yellow
      when: dpd >= 5
      message: {en: "{dpd} past due", zh: "逾期{dpd}"}
      reason: {en: Early calls help, zh: 尽早提醒}
    - number: 2
      shadow_from: 2026-04-01
      from: 2026-07-01
      owner: Credit committee
      level: orange
      segment: product = 'sme'
      when: |-
        dpd >= 3
        and overdue_amount > 100
      clear: dpd = 0
      confirm: 2
      clear_times: 3
      cooldown_days: 30
      due_work_days: 5
      notify: [officer, branch_manager]
      message: {en: "{dpd} past due", zh: "逾期{dpd}"}
      reason: {en: Small firms fall fast, zh: 小微企业恶化快}
- id: R-502
  name: {en: Silent, zh: 停止动账}
  topic: cash_flow
  subject: borrower
  versions:
    - {number: 1, from: 2026-01-01, owner: no, level: blue, when: days_since_flow > 45, retired: true,
       message: {en: Nothing, zh: 无}, reason: {en: Gone, zh: 失联}}
"""


def test_what_is_written_is_what_is_read_and_what_is_left_out_has_its_usual_value() -> None:
    late, silent = rules(TWO, "two.yaml")
    first, second = late.versions
    assert (late.id, late.name, late.topic, late.subject) == ("R-501", Text("Late", "逾期"), "arrears", "loan")
    assert (first.segment, first.clear, first.confirm, first.notify) == (None, None, 1, ("officer",))
    assert second == Version(
        number=2,
        from_on=dt.date(2026, 7, 1),
        owner="Credit committee",
        level="orange",
        when="dpd >= 3\nand overdue_amount > 100",
        message=Text("{dpd} past due", "逾期{dpd}"),
        reason=Text("Small firms fall fast", "小微企业恶化快"),
        segment="product = 'sme'",
        confirm=2,
        cooldown_days=30,
        clear="dpd = 0",
        clear_times=3,
        due_work_days=5,
        notify=("officer", "branch_manager"),
        shadow_from=dt.date(2026, 4, 1),
    )
    assert silent.versions[0].retired


def test_a_word_that_yaml_likes_to_take_for_something_else_stays_a_word() -> None:
    assert rules(TWO, "two.yaml")[1].versions[0].owner == "no"


@pytest.mark.parametrize("stated", ["head_of_risk", "Head of risk", "风险管理部负责人"])
def test_a_post_is_kept_by_its_code_and_said_in_either_language(stated: str) -> None:
    first = rules(TWO.replace("Head of risk", stated), "two.yaml")[0].versions[0]
    assert first.owner == "head_of_risk"
    assert [owner_said(first.owner, chinese=chinese) for chinese in (False, True)] == [
        "Head of risk",
        "风险管理部负责人",
    ]
    assert owner_said("信贷审批委员会", chinese=False) == "信贷审批委员会"


def test_rules_are_printed_to_be_read_by_people() -> None:
    printed = text(rules(TWO, "two.yaml"))
    assert "zh: 小微企业恶化快" in printed
    assert "    when: |-\n      dpd >= 3\n      and overdue_amount > 100\n" in printed
    assert "    from: 2026-07-01\n" in printed
    assert "\n\n- id: R-502\n" in printed
    assert "confirm: 1\n" in printed  # every setting is said


@pytest.mark.parametrize(
    ("old", "new", "place", "said", "remedy"),
    [
        ("confirm:", "confrim:", "R-501 version 2", "Unknown key: confrim.", "Did you mean confirm?"),
        ("  topic: arrears", "  topik: arrears", "R-501", "Unknown key: topik.", "Did you mean topic?"),
        ("zh: 逾期}\n", "cn: 逾期}\n", "R-501, name", "Unknown key: cn.", "Keys are: en, zh."),
        ("      owner: Head of risk\n", "", "R-501 version 1", "Missing key: owner.", "Keys are: number, from"),
        ("owner: Head of risk", "owner: 7", "R-501 version 1", "owner: is not a text.", "in quotes"),
        ("owner: Head of risk", "owner: ' '", "R-501 version 1", "owner: is empty", "owner: '…'"),
        ("from: 2026-01-01\n", "from: 2026-02-30\n", "R-501 version 1", "from: 2026-02-30 is not a date.", "2026-01-31"),
        ("from: 2026-01-01\n", "from: soon\n", "R-501 version 1", "from: soon is not a date.", "2026-01-31"),
        ("from: 2026-01-01\n", "from: 2026-01-01 08:00:00\n", "R-501 version 1", "is not a date.", "2026-01-31"),
        ("from: 2026-01-01\n", "from: 1066-10-14\n", "R-501 version 1", "is not a date.", "2026-01-31"),
        ("level: yellow", "level: amber", "R-501 version 1", "level: amber is unknown.", "red, orange, yellow, blue"),
        ("level: orange", "level: ornage", "R-501 version 2", "level: ornage is unknown.", "Did you mean orange?"),
        ("subject: loan", "subject: facility", "R-501", "subject: facility is unknown.", "loan, borrower"),
        ("topic: arrears", "topic: weather", "R-501", "topic: weather is unknown.", "cash_flow"),
        ("[officer, branch_manager]", "[officer, boss]", "R-501 version 2", "notify: boss is unknown.", "head_office"),
        ("[officer, branch_manager]", "[]", "R-501 version 2", "notify: is not a list of different words.", "[officer"),
        ("[officer, branch_manager]", "[officer, officer]", "R-501 version 2", "not a list of different words", "[officer"),
        ("confirm: 2", "confirm: twice", "R-501 version 2", "confirm: twice is not a whole number from 0 on.", "confirm: 1"),
        ("confirm: 2", "confirm: 1.5", "R-501 version 2", "confirm: 1.5 is not a whole number", "confirm: 1"),
        ("confirm: 2", "confirm: true", "R-501 version 2", "confirm: True is not a whole number", "confirm: 1"),
        ("number: 2", "number: 0", "R-501 version 0", "number: 0 is not a whole number from 1 on.", "number: 1"),
        ("number: 2", "number: 1", "R-501", "Versions do not go up in number: 1, 1.", "the oldest first"),
        ("retired: true", "retired: yes", "R-502 version 1", "retired: yes is neither true nor false.", "leave it out"),
        ("id: R-502", "id: R-501", "R-501", "Rule R-501 stands twice.", "under one id"),
        ("id: R-502", "id: late", "rule 2", "id: 'late' is not the id of a rule.", "R-501"),
        ("- id: R-502", "- 7\n- id: R-502", "rule 2", "'7' is not a mapping of keys to values.", "Keys are: id"),
        ("  subject: borrower\n  versions:", "  subject: borrower\n  versions: 3\n  was:", "R-502", "Unknown key: was.", "Keys"),
        (TWO, "id: R-501", "", "The file is not a list of rules.", "- id: R-501"),
        (TWO, "- id: [", "", "The YAML cannot be read", "rules export"),
        (TWO, "- &a {id: R-501, name: {en: x, zh: x}}\n- *a", "", "*a refers to another part", "rules export"),
        (TWO, "[" * 100_000, "", "more than 20 levels", "rules export"),
        ("level: yellow", "level: yellow\n      level: red", "", "'level' stands twice", "rules export"),
    ],
)  # fmt: skip
def test_what_is_not_understood_fails_naming_file_rule_version_and_key(
    old: str, new: str, place: str, said: str, remedy: str
) -> None:
    with pytest.raises(DaihouError) as caught:
        rules(TWO.replace(old, new, 1), "two.yaml")
    assert caught.value.place == ", ".join(filter(None, ("two.yaml", place)))
    assert said in caught.value.message
    assert remedy in caught.value.remedy
    assert all(any(letter >= "\u4e00" for letter in told) for told in caught.value.zh)


def test_all_that_is_wrong_is_named_at_once_and_sound_rules_are_still_read() -> None:
    broken = TWO.replace("level: yellow", "level: amber").replace("confirm: 2", "confirm: -2").replace("dpd = 0", "''")
    found = read(broken, "two.yaml")
    assert [rule.id for rule in found.rules] == ["R-502"]
    assert [error.message.split(":")[0] for error in found.problems] == ["level", "confirm", "clear"]


characters = st.characters(
    exclude_categories=("Cs", "Cc"), include_characters="\n\t", exclude_characters="\ufffe\uffff"
)
words = st.text(characters, min_size=1, max_size=40).filter(str.strip)
texts = st.builds(Text, words, words)
days = st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31))
counts = st.integers(0, 999_999_999)


@st.composite
def any_rules(draw: st.DrawFn) -> list[Rule]:
    """Any rules that can be written, sensible or not."""
    ids = draw(st.lists(st.from_regex(r"\A[A-Z]{1,4}-[0-9]{3,6}\Z"), max_size=3, unique=True))
    versions = st.builds(
        Version,
        number=counts.filter(bool),
        from_on=st.none() | days,
        owner=words,
        level=st.sampled_from(LEVELS),
        when=words,
        message=texts,
        reason=texts,
        segment=st.none() | words,
        confirm=counts,
        cooldown_days=counts,
        clear=st.none() | words,
        clear_times=counts,
        due_work_days=counts,
        notify=st.lists(st.sampled_from(RECIPIENTS), min_size=1, unique=True).map(tuple),
        shadow_from=st.none() | days,
        retired=st.booleans(),
    )
    return [
        Rule(
            name,
            draw(texts),
            draw(st.sampled_from(TOPICS)),
            draw(st.sampled_from(SUBJECTS)),
            tuple(sorted(draw(st.lists(versions, min_size=1, max_size=2, unique_by=lambda one: one.number)), key=lambda one: one.number)),
        )
        for name in ids
    ]  # fmt: skip


@settings(max_examples=30)
@given(any_rules())
def test_printing_and_reading_gives_the_same_rules_and_the_same_text(given_rules: list[Rule]) -> None:
    printed = text(given_rules)
    assert rules(printed, "any.yaml") == tuple(sorted(given_rules, key=lambda rule: rule.id))
    assert text(rules(printed, "any.yaml")) == printed


MISLEADING = [
    "no", "2026-01-01", "7", "null", "~", "true", "1e3", "0x1f", "a: b", "- a", "# a", "'", " a\n b", "a \n", "a\tb",
    "\u3000行", "\ufeff行", "行\u2028行",
]  # fmt: skip


@pytest.mark.parametrize("word", MISLEADING)
def test_any_reader_of_yaml_takes_the_texts_printed_for_the_same_texts(word: str) -> None:
    (rule,) = rules(TWO, "two.yaml")[:1]
    version = Version(1, None, word, "red", word, Text(word, word), Text(word, word))
    (read_elsewhere,) = yaml.safe_load(text([Rule(rule.id, rule.name, rule.topic, rule.subject, (version,))]))
    assert read_elsewhere["versions"][0]["owner"] == word
    assert read_elsewhere["versions"][0]["when"] == word
