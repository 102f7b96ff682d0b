"""The columns of the score family, in the order of their table: what the champion among the scoring models says of a borrower.

A night's run scores its own date. Of any other date it is the score of the last run before it by its own knowledge, as long as policy `scores` lets it stand.
Of a model of loans it is that of the borrower's loan with the lowest score.
"""

from __future__ import annotations

from typing import Final

from daihou.monitoring.catalogue import Family, Measure

MEASURES: Final = (
    Measure("score", "Behaviour score", "行为评分", "number",
            "Points of the champion model: more is better; empty where no model scores the borrower",
            "冠军模型评分，分值越高风险越低；没有模型为其评分则空", "low"),
    Measure("score_pd", "Probability of default", "违约概率", "share",
            "What the score means within the model's window, calibrated; without the overlay of the market",
            "该评分对应的表现期内违约概率（已校准，未含宏观调整）", "high"),
    Measure("score_pd_overlaid", "Probability of default with the overlay", "宏观调整后违约概率", "share",
            "The same with the approved overlay of the market in force on the date; equal to it where there is none",
            "叠加当日生效且已审批的宏观调整系数后的违约概率；无调整时与违约概率相同", "high"),
    Measure("score_change_3m", "Change of the score in 3 months", "近3个月评分变动", "number",
            "Against the score of the same model version three months before; empty without one",
            "与三个月前同一模型版本评分之差；没有则空", "low", signed=True),
    Measure("score_model", "Scoring model", "评分模型", "id", "The model and version that scored", "评分所用模型及版本"),
)  # fmt: skip

SCORE: Final = Family("score", "borrower", "Behaviour score", "行为评分", ("models",), MEASURES)
