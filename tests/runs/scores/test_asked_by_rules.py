"""Rules may ask of scores: a night, a backtest of its date and the stream on the day after say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from daihou.expressions import parse
from daihou.runs import store
from daihou.runs.nightly import run_all
from daihou.runs.watch.backtest import backtest
from daihou.runs.watch.register import publish, rulebook_of
from daihou.runs.watch.spine import Spine
from daihou.warning.columns import columns_of
from daihou.warning.reading import rules
from runs.scores.acting import quiet

if TYPE_CHECKING:
    from scoring_home import Scoring

RULES = """
- id: R-901
  name: {en: Low score, zh: 评分偏低}
  topic: arrears
  subject: SUBJECT
  versions:
    - number: 1
      from: 2020-01-01
      owner: Head of risk
      level: yellow
      when: score < LIMIT
      message: {en: "score {score}", zh: "评分{score}"}
      reason: {en: Low, zh: 评分低}
"""


def test_a_rule_on_the_score_opens_for_whom_the_run_scored_so_low_and_a_backtest_says_the_same(
    in_force_to_work: Scoring,
) -> None:
    home, day = in_force_to_work.home, in_force_to_work.ends[-1]
    people = pl.DataFrame(
        store.read(home, "borrower_snapshots", in_force_to_work.ends[-2], in_force_to_work.ends[-2])
    ).drop_nulls("score")
    limit = int(people["score"].quantile(0.2) or 0)
    text = RULES.replace("SUBJECT", "borrower").replace("LIMIT", str(limit))
    publish(home, rules(text, "own"), author="a", reviewer="b", note="", recorded_on=day, origin="file")
    run_all(home, [(day, day)], quiet)
    rows = pl.DataFrame(store.read(home, "borrower_snapshots", day, day))
    low = set(rows.filter(pl.col("score") < limit)["borrower_id"])
    opened = pl.DataFrame(store.read(home, "signals", day, day)).filter(pl.col("rule_id") == "R-901")
    assert low
    assert set(opened["subject_id"]) == low
    checked = next(one for one in rulebook_of(home).live(day) if one.rule.id == "R-901")
    spine = Spine((in_force_to_work.ends[-2], day), parse("dpd >= 90", columns_of("loan")), 1, "month-end")
    (found,) = backtest(home, spine, [checked], quiet, "dpd >= 90").results
    before = set(
        people.filter(pl.col("score") < limit, pl.col("loans") + pl.col("loans_unmeasured") > 0)["borrower_id"]
    )
    assert before - low  # some rose: their signal ended
    assert found.rules[0].result.signals == len(before | low)


def test_of_a_loan_the_score_is_that_of_its_borrower(in_force_to_work: Scoring) -> None:
    home, day = in_force_to_work.home, in_force_to_work.ends[-1]
    text = RULES.replace("SUBJECT", "loan").replace("score < LIMIT", "score_pd >= 0.3 and state = 'overdue'")
    publish(home, rules(text, "own"), author="a", reviewer="b", note="", recorded_on=day, origin="file")
    run_all(home, [(day, day)], quiet)
    people = pl.DataFrame(store.read(home, "borrower_snapshots", day, day)).filter(pl.col("score_pd") >= 0.3)
    loans = pl.DataFrame(store.read(home, "snapshots", day, day)).with_columns(
        pl.col("loan_id", "borrower_id", "state").cast(pl.String)
    )
    expected = set(
        loans.filter(pl.col("state") == "overdue", pl.col("borrower_id").is_in(people["borrower_id"].implode()))[
            "loan_id"
        ]
    )
    opened = pl.DataFrame(store.read(home, "signals", day, day)).filter(pl.col("rule_id") == "R-901")
    assert set(opened["subject_id"]) == expected
    assert expected
