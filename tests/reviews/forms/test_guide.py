"""docs/guides/review_forms.md tells what is read: its example is a form, and its table has every kind with its keys."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from daihou.profiles.forms import shipped_findings, shipped_forms
from daihou.reviews.forms.findings import read_findings
from daihou.reviews.forms.questions import OWN
from daihou.reviews.forms.reading import read
from daihou.reviews.forms.told import told

GUIDE: Final = Path("docs/guides/review_forms.md").read_text("utf-8")


def test_the_example_is_a_form_that_finds_what_it_says() -> None:
    example = GUIDE.split("```yaml\n")[1].split("```")[0]
    form = read(example, "guide", read_findings(shipped_findings(), "findings.yaml")).numbered(1)
    said = told(form, {"open": "half", "turnover": 4_000_000}, {"turnover": 10_000_000})
    assert [(one.code, one.level) for one in said.findings] == [
        ("business_reduced", "orange"),
        ("turnover_fell", "red"),
    ]
    assert said.band is not None
    assert said.band.code == "poor"


def test_the_table_has_every_kind_with_its_keys() -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([^|]*)\|$", GUIDE, re.MULTILINE)
    assert {kind: set(re.findall(r"`(\w+)`", keys)) for kind, keys in rows} == {
        kind: set(keys) for kind, keys in OWN.items()
    }


def test_every_form_that_ships_is_named() -> None:
    assert set(shipped_forms()) <= set(re.findall(r"`(\w+)`", GUIDE))
