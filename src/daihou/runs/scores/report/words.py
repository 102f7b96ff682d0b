"""The words of the report that are not figures, in both languages."""

from __future__ import annotations

from typing import Final

from daihou.assessment.validation.said import Said

WORDS: Final[dict[str, Said]] = {
    "title": Said("Model validation report", "模型验证报告"),
    "contents": Said("Contents", "目录"),
    "made_on": Said("Reported on", "报告日期"),
    # What was found, as one word at the head
    "serious": Said("Serious", "重大问题"),
    "attention": Said("Attention", "需关注"),
    "good": Said("Good", "良好"),
    "verdict_serious": Said("There are serious findings. See section 1 before the model is approved.", "存在重大问题，审批前请先阅读第 1 节。"),
    "verdict_attention": Said("Nothing serious was found; some of it needs attention.", "未发现重大问题，部分结果需关注。"),
    "verdict_good": Said("Nothing was found that speaks against the model.", "未发现不利于该模型的结果。"),
    # Sections
    "findings": Said("Findings", "主要发现"),
    "what": Said("What was validated", "验证对象"),
    "discrimination": Said("Discrimination: are the bad told from the good?", "区分能力"),
    "calibration": Said("Calibration: do as many default as was said?", "校准"),
    "stability": Said("Stability: are they still the same people?", "稳定性"),
    "segments": Said("Segments", "分客群表现"),
    "champion": Said("Against the champion", "与冠军模型对比"),
    "sources": Said("Limits and sources", "判断标准与出处"),
    # Facts of the model
    "fact_version": Said("Model and version", "模型与版本"),
    "fact_kind": Said("Kind", "模型类型"),
    "fact_purpose": Said("Purpose", "用途"),
    "fact_design": Said("Design", "模型方案"),
    "fact_subject": Said("Scored", "评分对象"),
    "fact_population": Said("Population", "适用客群"),
    "fact_outcome": Said("Bad is", "违约定义"),
    "fact_window": Said("Performance window", "表现期"),
    "fact_observed": Said("Observed", "观察期"),
    "fact_later_from": Said("Out of time from", "时间外样本起始日"),
    "fact_segment": Said("Segments by", "客群划分"),
    "fact_calibration": Said("Calibrated by", "校准方法"),
    "fact_seed": Said("Seed", "随机种子"),
    "fact_fingerprint": Said("Fingerprint of the data", "数据指纹"),
    "fact_code_version": Said("Code version", "代码版本"),
    "fact_trained_by": Said("Trained by", "建模人"),
    "fact_champion": Said("Champion", "冠军模型"),
    # Tables
    "part": Said("Part", "样本"),
    "n": Said("Rows", "样本数"),
    "bad": Said("Bad", "违约数"),
    "rate": Said("Default rate", "违约率"),
    "judged": Said("Scored", "已评分"),
    "sample": Said("Sample", "样本构成"),
    "excluded": Said("Not in the sample, by reason", "排除样本及原因"),
    "unscored": Said("In the sample, but not scored, by reason", "样本内未评分及原因"),
    "reason": Said("Reason", "原因"),
    "auc": Said("AUC", "AUC"),
    "gini": Said("Gini", "Gini"),
    "ks": Said("KS", "KS"),
    "ks_at": Said("KS at score", "KS 对应分数"),
    "mean_pd": Said("Mean PD", "平均 PD"),
    "excess": Said("Difference", "偏差"),
    "p": Said("p", "p 值"),
    "light": Said("Light", "信号灯"),
    "brier": Said("Brier", "Brier 分数"),
    "brier_constant": Said("Brier of one rate", "统一违约率 Brier"),
    "hosmer": Said("Hosmer–Lemeshow", "Hosmer–Lemeshow"),
    "chi2": Said("χ²", "χ²"),
    "df": Said("df", "自由度"),
    "month": Said("Month", "月份"),
    "segment": Said("Segment", "客群"),
    "population": Said("Riskiest share of rows", "风险最高的样本占比"),
    "captured": Said("Share of the bad", "捕获的违约占比"),
    "lift": Said("Lift", "提升度"),
    "pd_group": Said("PD", "PD 区间"),
    "expected": Said("Expected", "预期违约数"),
    "band": Said("Score", "分数段"),
    "share_expected": Said("Training", "训练样本占比"),
    "share_actual": Said("Now", "当前占比"),
    "adds": Said("Adds to PSI", "PSI 贡献"),
    "characteristic": Said("Characteristic", "特征变量"),
    "csi": Said("CSI", "CSI"),
    "psi": Said("PSI", "PSI"),
    "model": Said("This model", "本模型"),
    "the_champion": Said("Champion", "冠军模型"),
    "difference": Said("Difference", "差值"),
    "only_model": Said("Scored by this model alone", "仅本模型评分"),
    "only_champion": Said("Scored by the champion alone", "仅冠军模型评分"),
    "both": Said("Scored by both", "双方均评分"),
    "bad_both": Said("Bad among these", "其中违约"),
    "total": Said("Total", "合计"),
    "green": Said("Green", "绿灯"),
    "yellow": Said("Yellow", "黄灯"),
    "red": Said("Red", "红灯"),
    "psi_green": Said("Stable", "稳定"),
    "psi_yellow": Said("Shifted", "关注"),
    "psi_red": Said("Act", "处置"),
    "untold": Said("too few to tell", "样本过少，无法判断"),
    # Pictures
    "roc": Said("ROC curve", "ROC 曲线"),
    "roc_x": Said("share of the good", "正常样本占比"),
    "roc_y": Said("share of the bad", "违约样本占比"),
    "chance": Said("chance", "随机"),
    "distribution": Said("Scores of good and bad", "正常与违约样本的分数分布"),
    "distribution_y": Said("share of each", "占各自样本比例"),
    "score": Said("score", "分数"),
    "of_good": Said("good", "正常"),
    "of_bad": Said("bad", "违约"),
    "gains": Said("Gains", "捕获率曲线"),
    "calibration_plot": Said("Default rate against PD", "实际违约率与 PD"),
    "calibration_x": Said("mean PD of the group", "组内平均 PD"),
    "calibration_y": Said("default rate", "实际违约率"),
    "exact": Said("as expected", "完全一致"),
    "months": Said("Month by month", "逐月对比"),
    "observed_line": Said("observed, with interval", "实际（含置信区间）"),
    "expected_line": Said("expected", "预期"),
    "shift": Said("Score bands, training and now", "各分数段占比：训练样本与当前"),
    "champion_roc": Said("ROC curves on the rows that both score", "双方均评分样本的 ROC 曲线"),
    "limit": Said("Limit", "标准"),
    "name": Said("Key", "参数名"),
    "value": Said("Value", "取值"),
    "characteristics": Said("Characteristics", "特征变量"),
    "nothing": Said("Nothing to show.", "无可展示内容。"),
}  # fmt: skip
"""By the key that the report asks for."""

NOTES: Final[dict[str, Said]] = {
    "judged_on_later": Said(
        "Figures without a part named are out of time: observations after those that the model was made from.",
        "未注明样本的结果均来自时间外样本，即建模观察期之后的样本。",
    ),
    "judged_on_test": Said(
        "There is no out-of-time sample. Figures without a part named are out of sample: of the same time, kept from training.",
        "没有时间外样本。未注明样本的结果均来自样本外（同期）样本，即未参与训练的同期样本。",
    ),
    "judged_on_none": Said("Only training was scored. Nothing here shows how the model does on others.", "仅有训练样本的评分，无法说明模型在其他样本上的表现。"),
    "auc": Said(
        "AUC is the chance that a bad row is riskier than a good one, ties one half; 0.5 is chance. Gini is 2 AUC − 1. KS is the greatest distance between the "
        "distributions of good and bad. In parentheses: the interval to a confidence of {confidence}.",
        "AUC 为随机抽取一个违约样本和一个正常样本时前者风险更高的概率，同分各计一半，0.5 相当于随机；Gini = 2 × AUC − 1；KS 为正常与违约样本累计分布的最大差距。"
        "括号内为 {confidence} 置信区间。",
    ),
    "calibration": Said(
        "p is the chance of so many defaults or more, were the mean PD right (binomial, one-sided). Green: p above {green}. Red: p of {red} or less. It takes "
        "defaults as independent; as they come together in bad times, it is stricter than it looks. A light looks only for too many defaults. Brier is the "
        "mean squared distance of PD and outcome; beside it that of one rate for everybody.",
        "PD 为违约概率。p 值为平均 PD 准确时出现同等或更多违约的概率（单侧二项检验）；p 值高于 {green} 为绿灯，不高于 {red} 为红灯。"
        "检验假定违约相互独立，而违约在下行期往往集中发生，因此实际上偏严；"
        "信号灯只检验违约是否偏多。Brier 分数为 PD 与实际结果之差的平方均值，右侧为统一采用平均违约率时的数值。",
    ),
    "hosmer": Said(
        "Hosmer and Lemeshow's test over groups of equal size by PD; p below {alpha} says that some group differs by more than chance. Training and calibration "
        "samples have two degrees of freedom fewer than groups, new ones as many.",
        "Hosmer–Lemeshow 检验按 PD 等量分组；p 值低于 {alpha} 表示至少有一组的偏差超出偶然范围。训练与校准样本的自由度为组数减 2，新样本为组数。",
    ),
    "psi": Said(
        "PSI is the sum over bands of (now − training) × ln(now ÷ training), bands being tenths of training. From {amber} on a shift to look into, from {red} on a "
        "reason to act. An empty band counts as {floor}. CSI is the same over the bins of a characteristic, whether its row was scored or not.",
        "PSI 为各分数段（当前占比 − 训练占比）× ln（当前占比 ÷ 训练占比）之和，分数段按训练样本十等分。达到 {amber} 应关注，达到 {red} 应处置；空段按 {floor} 计。"
        "CSI 为特征变量各分箱的同一指标，未评分样本也计入。",
    ),
    "few": Said(
        "With fewer than {fewest} bad, or as few good, no figure of discrimination is told. Few defaults can prove a PD wrong, and never right: then a light is "
        "yellow or red, or not told.",
        "违约样本或正常样本少于 {fewest} 个时，不给出区分能力指标。少量违约足以证明 PD 有误，却不足以证明其准确：此时只显示黄灯或红灯，否则不显示。",
    ),
    "champion": Said(
        "Both are judged on the rows that both score. The difference is this model's AUC less the champion's, with a paired interval.",
        "仅比较双方均已评分的样本。差值为本模型 AUC 减冠军模型 AUC，置信区间按配对样本计算。",
    ),
}  # fmt: skip
"""Explanations, with places for the limits."""

SOURCES: Final[tuple[tuple[Said, str], ...]] = (
    (Said("Interval and comparison of AUC", "AUC 置信区间与比较"), "E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson, Biometrics 44 (1988) 837–845."),
    (Said("Interval of a rate", "违约率置信区间"), "E. B. Wilson, Journal of the American Statistical Association 22 (1927) 209–212."),
    (
        Said("Traffic light and binomial test", "信号灯与二项检验"),
        "OeNB, FMA, Rating Models and Validation (2004); D. Tasche, A traffic lights approach to PD validation (2003).",
    ),
    (Said("Calibration by groups", "分组校准检验"), "D. W. Hosmer, S. Lemeshow, Applied Logistic Regression."),
    (Said("Stability index", "稳定性指标"), "N. Siddiqi, Credit Risk Scorecards (2006)."),
    (Said("Independent validation", "独立验证"), "Federal Reserve SR 11-7 / OCC 2011-12, Supervisory Guidance on Model Risk Management (2011)."),
)  # fmt: skip
"""What each method is taken from."""


def word(key: str, *, chinese: bool) -> str:
    """A word of the report."""
    return WORDS[key].said(chinese=chinese)
