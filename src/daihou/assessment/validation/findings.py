"""What a reader of a validation must know, in plain words, the gravest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daihou.assessment.validation.calibrated import wilson
from daihou.assessment.validation.result import Finding, Level
from daihou.assessment.validation.worded import area, chance, named, share

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from daihou.assessment.validation.judged import Judged
    from daihou.assessment.validation.limits import Limits
    from daihou.assessment.validation.result import Against, Validation
    from daihou.assessment.validation.stability import Csi

ORDER: Final[dict[Level, int]] = {"serious": 0, "attention": 1, "good": 2}
WHERE_EN: Final = {"later": "Out of time", "test": "Out of sample"}
WHERE_ZH: Final = {"later": "时间外样本", "test": "样本外（同期）"}


def findings(found: Validation) -> tuple[Finding, ...]:
    """All of them; within a level as they are worked out: discrimination, calibration, segments, months, stability, champion, who is not scored."""
    every = [*_sample(found), *_parted(found), *_calibrated(found), *_segments(found), *_months(found), *_stable(found), *_compared(found), *_left(found)]  # fmt: skip
    return tuple(sorted(every, key=lambda one: ORDER[one.level]))


def _sample(found: Validation) -> Iterator[Finding]:
    judge = found.judging
    if judge is None:
        yield Finding(
            "serious", "Nobody outside the training sample was scored: the figures of training alone prove nothing.",
            "除训练样本外没有已评分样本：仅凭训练样本的结果不能证明模型有效。", "no_sample",
        )  # fmt: skip
    elif found.judged_on == "test":
        yield Finding(
            "attention", "There is no out-of-time sample: nothing shows how the model does after the time it was made in.",
            "没有时间外样本：无法说明模型在建模期之后的表现。", "no_later",
        )  # fmt: skip
    if judge is not None and judge.why is not None:
        yield Finding(
            "serious", f"{WHERE_EN[judge.key]}: {judge.why.en}. How well the model parts good from bad is not known.",
            f"{WHERE_ZH[judge.key]}：{judge.why.zh}。模型的区分能力无从得知。", "not_told",
        )  # fmt: skip


def _parted(found: Validation) -> Iterator[Finding]:
    judge, training = found.judging, found.part("train")
    if judge is None or judge.auc is None:
        return
    en, zh = WHERE_EN[judge.key], WHERE_ZH[judge.key]
    now = judge.auc
    if now.low is not None and now.low <= 0.5:
        yield Finding(
            "serious", f"{en} the area under the curve is {area(now, 'en')}: it cannot be told from chance.",
            f"{zh} AUC 为 {area(now, 'zh')}，与随机排序没有显著差别。", "no_better_than_chance",
        )  # fmt: skip
    if training.auc is None:
        return
    then, fall = training.auc.value, training.auc.value - now.value
    limit = found.limits.auc_fall
    if fall > limit:
        yield Finding(
            "attention",
            f"{en} the area under the curve is {area(now, 'en')}: {fall:.3f} below training ({then:.3f}), more than the {limit:g} allowed. The model fits its "
            "training sample better than what came after.",
            f"{zh} AUC 为 {area(now, 'zh')}，较训练样本（{then:.3f}）下降 {fall:.3f}，超过 {limit:g} 的容许幅度，模型可能过拟合或客群已变化。",
            "auc_fell",
        )  # fmt: skip
    elif fall < -limit:
        yield Finding(
            "attention",
            f"{en} the area under the curve is {area(now, 'en')}: {-fall:.3f} above training ({then:.3f}). That is rare: see whether later rows know something "
            "that they should not, or others were sampled.",
            f"{zh} AUC 为 {area(now, 'zh')}，反而高于训练样本（{then:.3f}）{-fall:.3f}，较为少见，请核查是否存在信息泄漏或取样口径变化。", "auc_rose",
        )  # fmt: skip
    else:
        yield Finding(
            "good", f"{en} the area under the curve is {area(now, 'en')}, in training {then:.3f}: it holds.",
            f"{zh} AUC 为 {area(now, 'zh')}，训练样本为 {then:.3f}，区分能力保持稳定。", "auc_holds",
        )  # fmt: skip


def _calibrated(found: Validation) -> Iterator[Finding]:
    judge = found.judging
    if judge is None or judge.rate is None or judge.mean_pd is None:
        return
    en, zh = WHERE_EN[judge.key], WHERE_ZH[judge.key]
    said_en = f"{en} {share(judge.rate.value)} defaulted where {share(judge.mean_pd)} were expected"
    said_zh = f"{zh}实际违约率 {share(judge.rate.value)}，预期 {share(judge.mean_pd)}"
    if judge.light in ("red", "yellow") and judge.binomial_p is not None:
        red = judge.light == "red"
        yield Finding(
            "serious" if red else "attention",
            f"{said_en}: {'red' if red else 'yellow'}. Were the probabilities right, so many would default {chance(judge.binomial_p, 'en')} of the time; they "
            f"{'are' if red else 'may be'} too low.",
            f"{said_zh}：{'红灯' if red else '黄灯'}。若违约概率准确，出现如此多违约的概率{chance(judge.binomial_p, 'zh')}，"
            f"违约概率{'' if red else '可能'}偏低。", f"light_{judge.light}",
        )  # fmt: skip
    elif judge.overstated:
        yield Finding(
            "attention", f"{said_en}: fewer than chance explains. The probabilities are too high.",
            f"{said_zh}：低于偶然波动所能解释的范围，违约概率偏高。", "overstated",
        )  # fmt: skip
    elif judge.light == "green":
        yield Finding("good", f"{said_en}: green.", f"{said_zh}：绿灯。", "light_green")
    else:
        yield Finding(
            "attention", f"{said_en}: too few defaults to tell whether the probabilities are right.",
            f"{said_zh}：违约样本过少，无法判断校准是否准确。", "light_untold",
        )  # fmt: skip
    test = judge.hosmer
    if test is not None and test.p is not None and test.p < 1 - found.limits.confidence:
        yield Finding(
            "attention",
            f"{en} defaults differ from the probabilities from group to group by more than chance (Hosmer and Lemeshow: {test.chi2:.1f} on {test.df} degrees of "
            f"freedom, p {chance(test.p, 'en')}). Among very many rows small differences suffice for that: see the calibration table.",
            f"{zh}分组校准偏差超出偶然范围（Hosmer–Lemeshow 统计量 {test.chi2:.1f}，自由度 {test.df}，p 值{chance(test.p, 'zh')}）。样本量很大时微小偏差也会"
            "显著，请结合校准表判断。", "hosmer",
        )  # fmt: skip
    if judge.brier is not None and judge.brier_constant is not None and judge.brier >= judge.brier_constant:
        yield Finding(
            "attention",
            f"{en} the probabilities do no better than one for everybody would: Brier {judge.brier:.4f} against {judge.brier_constant:.4f}.",
            f"{zh}违约概率并不优于统一使用平均违约率：Brier 分数 {judge.brier:.4f}，后者为 {judge.brier_constant:.4f}。", "brier",
        )  # fmt: skip


def _segments(found: Validation) -> Iterator[Finding]:
    for one in found.segments:
        if (
            one.light in ("red", "yellow")
            and one.rate is not None
            and one.mean_pd is not None
            and one.binomial_p is not None
        ):
            red = one.light == "red"
            yield Finding(
                "serious" if red else "attention",
                f"Segment {one.name.en}: {share(one.rate.value)} defaulted where {share(one.mean_pd)} were expected ({one.bad:,} of {one.n:,}): "
                f"{'red' if red else 'yellow'} (p {chance(one.binomial_p, 'en')}).",
                f"客群「{one.name.zh}」实际违约率 {share(one.rate.value)}，预期 {share(one.mean_pd)}（{one.n:,} 个样本中 {one.bad:,} 个违约）："
                f"{'红灯' if red else '黄灯'}（p 值{chance(one.binomial_p, 'zh')}）。", f"segment_{one.light}",
            )  # fmt: skip
        if one.auc is not None and one.auc.low is not None and one.auc.low <= 0.5:
            yield Finding(
                "attention", f"Segment {one.name.en}: the area under the curve is {area(one.auc, 'en')}: it cannot be told from chance.",
                f"客群「{one.name.zh}」AUC 为 {area(one.auc, 'zh')}，与随机排序没有显著差别。", "segment_chance",
            )  # fmt: skip
    few = [one for one in found.segments if one.why is not None]
    if few:
        yield Finding(
            "attention", f"How well good and bad are parted cannot be told of some segments, for want of defaults: {_which(few, 'en')}.",
            f"以下客群违约样本过少或没有，无法给出区分能力：{_which(few, 'zh')}。", "segments_untold",
        )  # fmt: skip


def _which(groups: Sequence[Judged], language: str) -> str:
    return named([one.name.en if language == "en" else one.name.zh for one in groups], language)


def _months(found: Validation) -> Iterator[Finding]:
    lit = [one for one in found.months if one.light is not None]
    reds, yellows = ([one for one in lit if one.light == light] for light in ("red", "yellow"))
    if not reds and not yellows:
        return
    expected = len(lit) * (1 - found.limits.green)
    told_en = " and ".join(
        f"{len(of)} {word} ({_which(of, 'en')})" for of, word in ((reds, "red"), (yellows, "yellow")) if of
    )
    told_zh = "，".join(
        f"{len(of)} 个{word}（{_which(of, 'zh')}）" for of, word in ((reds, "红灯"), (yellows, "黄灯")) if of
    )
    yield Finding(
        "attention", f"Month by month, of {len(lit)} judged: {told_en}. Chance alone would bring about {expected:.1f}.",
        f"逐月看，可判断的 {len(lit)} 个月中有 {told_zh}；纯属偶然时约为 {expected:.1f} 个。", "months",
    )  # fmt: skip


def _stable(found: Validation) -> Iterator[Finding]:
    shift, limits = found.shift, found.limits
    if shift is not None:
        en, zh = (
            f"The score's stability index against training is {shift.value:.3f}",
            f"评分相对训练样本的 PSI 为 {shift.value:.3f}",
        )
        if shift.light != "green" and shift.p > 1 - limits.confidence:
            yield Finding(
                "attention", f"{en}; among so few rows chance alone makes as much {chance(shift.p, 'en')} of the time. It tells nothing yet.",
                f"{zh}，但样本较少，分布未变时出现同等数值的概率为{chance(shift.p, 'zh')}，尚不能说明问题。", "psi_chance",
            )  # fmt: skip
        elif shift.light == "red":
            yield Finding(
                "serious", f"{en}, from {limits.psi_red:g} on a reason to act: others are scored than the model was made for.",
                f"{zh}，达到 {limits.psi_red:g} 的处置线：客群已与建模时明显不同。", "psi_red",
            )  # fmt: skip
        elif shift.light == "yellow":
            yield Finding(
                "attention", f"{en}, from {limits.psi_amber:g} on a shift to look into.", f"{zh}，达到 {limits.psi_amber:g} 的关注线，请查明变化原因。", "psi_amber",
            )  # fmt: skip
        else:
            yield Finding("good", f"{en}: stable.", f"{zh}，分布稳定。", "psi_stable")
    moved = [one for one in found.characteristics if one.light != "green"]
    if moved:
        yield Finding(
            "attention", f"Characteristics that shifted: {_indices(moved, limits, 'en')}.", f"发生偏移的特征变量：{_indices(moved, limits, 'zh')}。", "csi"
        )  # fmt: skip


def _indices(moved: Sequence[Csi], limits: Limits, language: str) -> str:
    """Characteristics with their indices; those beyond the upper limit are marked."""
    if language == "en":
        return named(
            [
                f"{one.name.en} {one.value:.3f}{f' (from {limits.psi_red:g} on act)' if one.light == 'red' else ''}"
                for one in moved
            ],
            "en",
        )
    return named(
        [f"{one.name.zh} {one.value:.3f}{'（超过处置线）' if one.light == 'red' else ''}" for one in moved], "zh"
    )


def _compared(found: Validation) -> Iterator[Finding]:
    against = found.against
    if against is None:
        return
    if against.why is not None:
        yield Finding(
            "attention", f"Against the champion: {against.why.en} on the rows that both score.", f"与冠军模型对比：双方均已评分的样本中，{against.why.zh}。",
            "champion_untold",
        )  # fmt: skip
        return
    yield from _difference(against)


def _difference(against: Against) -> Iterator[Finding]:
    apart = against.difference
    if apart is None or against.champion_auc is None:
        return
    if apart.low is None or apart.high is None or apart.p is None:
        yield Finding(
            "attention", f"Against the champion's area of {against.champion_auc.value:.3f} the difference is {apart.value:+.3f}; how sure it is cannot be told.",
            f"与冠军模型 AUC（{against.champion_auc.value:.3f}）相差 {apart.value:+.3f}，无法给出置信区间。", "champion_untold",
        )  # fmt: skip
        return
    en = f"on the same {against.n:,} rows ({apart.value:+.3f}, interval {apart.low:+.3f} to {apart.high:+.3f}, p {chance(apart.p, 'en')})"
    zh = f"（同一批 {against.n:,} 个样本，差值 {apart.value:+.3f}，区间 {apart.low:+.3f} 至 {apart.high:+.3f}，p 值{chance(apart.p, 'zh')}）"
    if apart.low > 0:
        yield Finding(
            "good",
            f"The model parts good from bad better than the champion {en}.",
            f"区分能力优于冠军模型{zh}。",
            "champion_beaten",
        )
    elif apart.high < 0:
        yield Finding(
            "serious",
            f"The champion parts good from bad better {en}.",
            f"冠军模型的区分能力更优{zh}。",
            "champion_better",
        )
    else:
        yield Finding(
            "attention",
            f"Model and champion cannot be told apart {en}.",
            f"与冠军模型的区分能力没有显著差别{zh}。",
            "champion_alike",
        )


def _left(found: Validation) -> Iterator[Finding]:
    """Who is not scored, where it is not chance who is: their default rate differs from that of those who are."""
    judge = found.judging
    left = [one for one in found.unscored if one.part == found.judged_on]
    n, bad = sum(one.n for one in left), sum(one.bad for one in left)
    if judge is None or not n or judge.rate is None:
        return
    whole = n + judge.n
    rate = wilson(bad, n, found.limits.confidence)
    apart = rate is not None and (_beyond(rate.low, judge.rate.high) or _beyond(judge.rate.low, rate.high))
    en = f"{n:,} of {whole:,} rows ({share(n / whole)}) are not scored; {share(bad / n)} of them defaulted, of those scored {share(judge.rate.value)}"
    zh = f"{whole:,} 个样本中有 {n:,} 个（{share(n / whole)}）未评分，其违约率 {share(bad / n)}，已评分样本为 {share(judge.rate.value)}"
    if apart:
        yield Finding(
            "attention", f"{en}: it is not chance who is left out.", f"{zh}：未评分并非随机。", "unscored_differ"
        )
    else:
        yield Finding("good", f"{en}: no more than chance apart.", f"{zh}：差别不显著。", "unscored_alike")


def _beyond(low: float | None, high: float | None) -> bool:
    return low is not None and high is not None and low > high
