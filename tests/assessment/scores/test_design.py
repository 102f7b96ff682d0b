"""Designs: one file, hashed, in which every mistake is named with its key."""

from __future__ import annotations

import pytest

from daihou.assessment.scores import design as designs
from daihou.book.errors import DaihouError

FILE = """
id: behaviour
name: {en: Behaviour, zh: 行为评分}
subject: loan
runs:
  observe: {from: 2024-01-31, to: 2024-12-31}
  window_months: 12
  population: live
  exclude:
    - {code: young, when: months_on_book < 6, reason: {en: Too young, zh: 账龄不足}}
  bad: dpd >= 90
split: {out_of_time_from: 2024-10-31, out_of_sample: 0.25}
segment: product
features:
  - {name: dpd}
  - {name: max_dpd_12m, risk: up, label: {en: Worst arrears, zh: 最长逾期}}
seed: 7
"""


def wrong(text: str) -> DaihouError:
    with pytest.raises(DaihouError) as found:
        designs.read(text, "design.yaml")
    error = found.value
    assert error.zh
    assert error.remedy
    return error


def changed(was: str, to: str) -> str:
    assert was in FILE
    return FILE.replace(was, to)


def test_a_design_reads_back_from_its_plain_values() -> None:
    found = designs.read(FILE, "design.yaml")
    assert designs.from_dict(designs.as_dict(found)) == found
    assert (found.trees.trees, found.calibration, found.runs and found.runs.seen) == (found.trees.trees, "platt", "any")


def test_the_digest_is_of_what_is_said_not_of_how_it_is_laid_out() -> None:
    found = designs.read(FILE, "design.yaml").digest
    turned = "\n".join(["seed: 7", *[line for line in FILE.splitlines() if line != "seed: 7"], "# a remark", ""])
    assert designs.read(turned, "design.yaml").digest == found
    for was, to in (
        ("seed: 7", "seed: 8"),
        (">= 90", ">= 60"),
        ("{name: dpd}", "{name: dpd, checked: true}"),
        ("0.25", "0.3"),
    ):
        assert designs.read(changed(was, to), "design.yaml").digest != found


@pytest.mark.parametrize(
    ("was", "to", "key", "said"),
    [
        ("id: behaviour\n", "", "id", "is missing"),
        ("seed: 7", "seeds: 7", "seeds", "no key of a design"),
        ("subject: loan", "subject: branch", "subject", "branch"),
        ("from: 2024-01-31", "from: 2024-13-31", "runs.observe.from", "not a date"),
        ("to: 2024-12-31", "to: 2023-12-31", "runs.observe", "before from"),
        ("window_months: 12", "window_months: twelve", "runs.window_months", "not a whole number"),
        ("window_months: 12", "window_months: 0", "runs.window_months", "0"),
        ("out_of_sample: 0.25", "out_of_sample: 1.5", "split.out_of_sample", "1.5"),
        ("{name: dpd}", "{name: max_dpd_12m}", "features", "stands twice"),
        ("risk: up", "risk: sideways", "features.1.risk", "sideways"),
        ("zh: 行为评分", "cn: 行为评分", "name.zh", "is missing"),
        ("id: behaviour", "id: Behaviour Score", "id", "Behaviour Score"),
        ("features:\n  - {name: dpd}\n  - {name: max_dpd_12m, risk: up, label: {en: Worst arrears, zh: 最长逾期}}\n", "features: []\n", "features", ""),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_key(was: str, to: str, key: str, said: str) -> None:
    error = wrong(changed(was, to))
    assert key in (error.place or "") + error.message
    assert said in error.message
    assert "design.yaml" in (error.place or "")


def test_runs_and_table_exclude_each_other_and_one_must_be_there() -> None:
    assert "from `runs` or from a `table`" in wrong(FILE + "table: {id: id, bad: bad}\n").message
    cut = FILE[: FILE.index("runs:")] + FILE[FILE.index("split:") :]
    assert "from `runs` or from a `table`" in wrong(cut).message


def test_of_a_table_every_column_says_what_it_is() -> None:
    cut = FILE[: FILE.index("runs:")] + "table: {id: id, bad: bad}\n" + FILE[FILE.index("split:") :]
    assert "has no kind: number or code" in wrong(cut).message


def test_what_is_no_mapping_is_said() -> None:
    for text in ("", "- a\n- b\n", "just words"):
        assert "not a mapping" in wrong(text).message
    wrong("id: [unclosed")
