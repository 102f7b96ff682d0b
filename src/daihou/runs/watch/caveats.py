"""What a reader must know beside the figures of a backtest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.book.days import last_within
from daihou.warning.rule import NOUNS, Text
from daihou.warning.silence import silence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daihou.runs.watch.backtest import Backtest
    from daihou.warning.backtest import Results


def caveats(found: Backtest) -> tuple[Text, ...]:
    """How knowledge was had, what changed meanwhile, what is not over yet, and where too little happened to be told in ratios."""
    return tuple(_each(found))


def _each(found: Backtest) -> Iterator[Text]:
    if found.knowledge == "assumed":
        yield Text(
            "Knowledge dates are assumed to be the facts' own dates: late news would look as if it had been known at once.",
            "知悉日期均按业务日期推定，迟到的信息会被视为当时已知。",
        )
    if found.knowledge == "mixed":
        share = 100 * found.assumed_share
        yield Text(
            f"Of {share:.1f}% of the facts the knowledge date is assumed to be their own date: late news would look as if it had been known at once.",
            f"{share:.1f}% 的数据知悉日期按业务日期推定，迟到的信息会被视为当时已知。",
        )
    yield from silence(found.heard_on, found.dates[-1])
    if found.changes:
        listed = [f"{name} ({day})" for name, day in found.changes]
        yield Text(
            f"Policies changed within the span: {', '.join(listed)}. Each date is judged by what was in force on it.",
            f"区间内制度有变更：{'、'.join(listed)}。各观察点按当日有效版本计量。",
        )
    if last_within(found.dates[0], found.months) > found.dates[-1]:
        yield Text(
            f"The horizon of {found.months} months is longer than the span: no signal can be judged yet.",
            f"观察期 {found.months} 个月长于回测区间，所有预警均尚不能判定。",
        )
    for results in found.results:
        yield from _of(found, results)


def _of(found: Backtest, results: Results) -> Iterator[Text]:
    of = NOUNS[results.subject]
    noun, noun_zh, counted = of.many.en, of.many.zh, of.counted
    whole = (results.sets or results.rules)[0].result
    if whole.censored:
        yield Text(
            f"Of the alerts on {noun}, {whole.censored:,} have a horizon that is not over, or were lost sight of: they count in no precision.",
            f"{noun_zh}预警中有 {whole.censored:,} 次观察期未满或中途转出，不计入精确率。",
        )
    if whole.defaults < found.fewest_defaults:
        yield Text(
            f"Not enough defaults of {noun}: {whole.defaults:,}, where {found.fewest_defaults:,} are needed. No ratio about them is told.",
            f"{noun_zh}违约样本不足：仅 {whole.defaults:,} {counted}，至少需要 {found.fewest_defaults:,} {counted}，不给出相关比率。",
        )
