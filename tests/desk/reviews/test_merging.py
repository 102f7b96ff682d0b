"""What waits on a device is put back where nobody else answered it (sheet_merge.js), and told where somebody did."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from desk.reviews.test_walk import node

SCRIPT: Final = Path("src/daihou/desk/static/desk/sheet_merge.js")
MERGE: Final = """
eval(require("fs").readFileSync(process.argv[1], "utf8"));
const [waiting, bases, now, kinds] = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(sheetMerge.merged(waiting, bases, now, kinds)));
"""


def merged(waiting: Any, bases: Any, now: Any, **kinds: str) -> tuple[dict[str, Any], list[str]]:
    """What is put back, and the questions of what is lost."""
    done = subprocess.run([*node(), "-e", MERGE, str(SCRIPT)], input=json.dumps([waiting, bases, now, kinds]), capture_output=True, text=True, check=True)  # fmt: skip
    found = json.loads(done.stdout)
    return found["back"], [one["question"] for one in found["lost"]]


def test_an_answer_that_was_saved_before_is_put_back_where_the_server_still_has_that() -> None:
    waiting = {"open": ["shut"], "why": [], "new": ["x"]}
    bases = {"open": [["open"]], "why": [["ill"]], "new": [[]]}
    assert merged(waiting, bases, {"open": ["open"], "why": ["ill"], "new": []}) == (waiting, [])


def test_what_somebody_else_answered_stands_and_is_told() -> None:
    assert merged({"open": ["shut"], "why": ["b"]}, {"open": [["open"]], "why": [["a"]]}, {"open": ["moved"], "why": ["a"]}) == ({"why": ["b"]}, ["open"])  # fmt: skip
    assert merged({"open": ["shut"]}, {"open": [["open"]]}, {"open": []}) == ({}, ["open"]), (
        "taken away is answered too"
    )
    assert merged({"gone": ["x"]}, {"gone": [[]]}, {}) == ({}, ["gone"]), "a newer version asks for it no more"


def test_what_arrived_unheard_is_nobody_elses() -> None:
    sent, typed = ["1000"], ["2000"]
    bases = {"turnover": [["500.00"], sent]}
    assert merged({"turnover": sent}, bases, {"turnover": ["1,000.00"]}, turnover="money") == ({}, [])
    assert merged({"turnover": typed}, bases, {"turnover": ["1,000.00"]}, turnover="money") == ({"turnover": typed}, [])
    assert merged({"turnover": typed}, bases, {"turnover": ["3,000.00"]}, turnover="money") == ({}, ["turnover"])


@pytest.mark.parametrize(
    ("kind", "typed", "stands", "same"),
    [
        ("number", "1,5x", "1,5x", True),
        ("number", "007", "7", True),
        ("text", "007", "7", False),
        ("text", "a\r\nb ", "a\nb", True),
        ("place", '{"latitude":29.09004121,"longitude":119.6533,"accuracy_m":12}', '{"latitude": 29.090041, "longitude": 119.6533, "accuracy_m": 12.0}', True),
        ("place", '{"latitude":29.1,"longitude":119.6533,"accuracy_m":12}', '{"latitude": 29.090041, "longitude": 119.6533, "accuracy_m": 12.0}', False),
        ("place", "none", "{", False),
    ],
)  # fmt: skip
def test_the_server_writes_an_answer_in_its_own_way(kind: str, typed: str, stands: str, same: bool) -> None:
    found = merged({"q": [typed]}, {"q": [[]]}, {"q": [stands]}, q=kind)
    assert found == ({}, [] if same else ["q"])
