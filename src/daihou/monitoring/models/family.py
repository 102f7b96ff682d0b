"""The columns of the model family, in the order of their table: what a run notes of each version of a scoring model that scores on its date.

What cannot be told is empty: nothing of default before a window has ended, nothing of shift where nobody was scored, nothing against the
validation before there was one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daihou.monitoring.catalogue import Family, Measure

if TYPE_CHECKING:
    from daihou.monitoring.catalogue import Choice

ROLES: Final[tuple[Choice, ...]] = (("champion", "Champion", "冠军模型"), ("shadow", "In shadow", "影子运行"))
KINDS: Final[tuple[Choice, ...]] = (("card", "Scorecard", "评分卡"), ("trees", "Boosted trees", "梯度提升树"))
LIGHTS: Final[tuple[Choice, ...]] = (("green", "Green", "绿灯"), ("yellow", "Yellow", "黄灯"), ("red", "Red", "红灯"))

MEASURES: Final = (
    Measure("model_id", "Model", "模型编号", "id", "The model, whatever its version", "模型编号，不分版本"),
    Measure("model_version", "Version", "模型版本", "count", "The number of the version that scores", "评分所用版本的序号"),
    Measure("model_role", "Role", "模型角色", "code",
            "Champion, by which decisions are made, or in shadow beside it", "冠军模型用于决策，影子模型仅并行评分", choices=ROLES),
    Measure("model_kind", "Kind of model", "模型类型", "code", "How it scores", "评分方式", choices=KINDS),
    Measure("scored", "Scored", "评分数", "count", "Subjects that it gave a score on the date", "当日给出评分的对象数"),
    Measure("unscored_share", "Share without a score", "未评分占比", "share",
            "Of the subjects that it is to score, those whose inputs did not suffice", "应评分对象中因输入不足而未能评分的占比", "high"),
    Measure("score_psi", "PSI of the score", "评分PSI", "number",
            "Population stability index of the score against the training sample; empty where nobody was scored",
            "评分分布相对训练样本的群体稳定性指数（PSI），无评分则空", "high"),
    Measure("worst_csi", "Largest CSI", "最大特征CSI", "number",
            "The largest stability index of its characteristics against the training sample", "各入模特征相对训练样本的稳定性指数（CSI）最大值", "high"),
    Measure("matured", "Matured", "表现期满数", "count", "Subjects it scored whose performance window has ended", "已评分且表现期已届满的对象数"),
    Measure("matured_bad", "Matured and bad", "表现期满违约数", "count", "Those of them that turned bad within the window", "其中在表现期内违约的对象数", "high"),
    Measure("auc", "AUC of the matured", "表现期满AUC", "share",
            "Area under the curve over those whose window has ended; empty where all or none of them turned bad",
            "表现期满样本的AUC，全部违约或全部未违约则空", "low"),
    Measure("validated_auc", "AUC when validated", "验证AUC", "share", "Area under the curve out of time, when it was validated", "验证时的时间外样本AUC"),
    Measure("auc_drop", "AUC lost since validation", "AUC下降", "number",
            "AUC when validated less that of the matured: above 0 it tells good from bad worse than it did",
            "验证AUC减去表现期满AUC，大于零表示区分能力下降", "high", signed=True),
    Measure("default_rate", "Default rate of the matured", "实际违约率", "share",
            "Of those whose window has ended, the share that turned bad", "表现期满样本的实际违约率"),
    Measure("expected_rate", "Expected default rate", "预期违约率", "share", "The mean PD they were given", "同一样本评分时的平均违约概率（PD）"),
    Measure("calibration_light", "Traffic light", "校准红绿灯", "code",
            "Whether more turned bad than their PD allows, over all that matured: green, yellow or red by the confidence that policy states",
            "表现期满样本实际违约是否超出预期，按制度规定的置信度分为绿、黄、红", choices=LIGHTS),
    Measure("worst_segment_light", "Worst light of a segment", "最差客群红绿灯", "code",
            "The worst traffic light among the segments of its design", "模型设计各客群中最差的红绿灯", choices=LIGHTS),
    Measure("worst_segment_psi", "Largest PSI of a segment", "最大客群PSI", "number",
            "The largest PSI of the score among the segments of its design", "模型设计各客群中最大的评分PSI", "high"),
    Measure("months_since_validated", "Months since validation", "距上次验证月数", "months",
            "Whole months since it was validated last; empty where it never was", "距最近一次验证的整月数，从未验证则空", "high"),
)  # fmt: skip

MODEL: Final = Family(
    "model", "model", "Scoring model", "评分模型", ("scores", "snapshots", "borrower_snapshots"), MEASURES
)
