"""Who takes part in a backtest: the live versions of rules, and beside them drafts in place of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daihou.book.errors import DaihouError
from daihou.runs.watch.asked import OF_LOANS, told_apart
from daihou.warning.checked import Checked, check
from daihou.warning.columns import columns_of
from daihou.warning.past import has_past, must_have_past

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Sequence

    from daihou.warning.rule import Rule, Version
    from daihou.warning.rulebook import Broken, Rulebook

LIVE: Final = "live"
DRAFT: Final = "draft"


@dataclass(frozen=True, slots=True)
class Lineup:
    """Versions to be judged, and by their places those that belong together: `live`, and `draft` where drafts are given."""

    rules: tuple[Checked, ...]
    sets: dict[str, list[int]]
    broken: tuple[Broken, ...]
    """Live versions that cannot judge, and are left out."""


def lineup(book: Rulebook, day: dt.date, ids: Sequence[str] = (), drafts: Sequence[Rule] = ()) -> Lineup:
    """The rules live on a day, or those named, and the newest version of each draft in place of its live one.

    Rules on what has no past are left out where none is named. DaihouError of an id nobody knows, of a rule named that cannot judge, does not on
    that day or has no past, and of drafts that are no news.
    """
    for draft in drafts:
        must_have_past(draft)
    newest = [(rule, rule.versions[-1]) for rule in drafts]
    fresh = [(rule, version) for rule, version in newest if not _stands(book, rule, version)]
    if drafts and not fresh:
        rule, version = newest[0]
        raise DaihouError(
            f"Version {version.number} of {rule.id} stands already: there is nothing to compare it with.",
            "Give the draft the next number, or leave --draft out.",
            f"{rule.id} version {version.number}",
            zh=(
                f"{rule.id} 的版本 {version.number} 已登记，没有可对比的草稿。",
                "请为草稿编下一个版本号，或去掉 --draft。",
            ),
        )
    drafted = {rule.id for rule, _ in fresh}
    live = _named(book, day, ids, drafted) if ids else [one for one in book.live(day) if has_past(one.rule.subject)]
    judged = [check(rule, version) for rule, version in fresh if not version.retired]
    rules = (*live, *judged)
    places = range(len(live))
    sets = {LIVE: list(places)}
    if fresh:
        sets[DRAFT] = [place for place in places if live[place].rule.id not in drafted]
        sets[DRAFT] += range(len(live), len(rules))
    if not rules:
        raise DaihouError(
            f"No rule is live on {day}: there is nothing to backtest.",
            "Name a draft: --draft FILE; `daihou rules list --all` names what there is.",
            zh=(
                f"{day} 没有生效的规则，无从回测。",
                "请用 --draft 指定草稿文件；`daihou rules list --all` 列出全部规则。",
            ),
        )
    without = {rule.id for rule in book.rules if not has_past(rule.subject)}
    return Lineup(rules, sets, () if ids else tuple(one for one in book.broken(day) if one.rule_id not in without))


def _stands(book: Rulebook, rule: Rule, version: Version) -> bool:
    """Whether a version is known as it is; DaihouError where its number stands with another text."""
    known = next((one for one in book.rules if one.id == rule.id), None)
    standing = next((one for one in known.versions if one.number == version.number), None) if known else None
    if standing is not None and standing != version:
        last = max(one.number for one in known.versions) if known else 0
        raise DaihouError(
            f"Version {version.number} of {rule.id} stands already, with another text.",
            f"Versions are never changed: give the draft the number {last + 1}.",
            f"{rule.id} version {version.number}",
            zh=(
                f"{rule.id} 的版本 {version.number} 已存在，且内容不同。",
                f"已发布的版本不可修改，请将草稿编为版本 {last + 1}。",
            ),
        )
    return standing is not None


def _named(book: Rulebook, day: dt.date, ids: Sequence[str], drafted: Collection[str]) -> list[Checked]:
    """The versions of some rules that are live on a day, or else in shadow."""
    found = []
    for rule_id in dict.fromkeys(ids):
        if rule_id in drafted and rule_id not in {rule.id for rule in book.rules}:
            continue
        rule = book.rule(rule_id)
        must_have_past(rule)
        for resting in book.resting(day):
            if resting.rule_id == rule_id:
                raise resting.problem
        live = rule.live(day)
        version = live if live is not None and not live.retired else rule.shadow(day)
        judged = None if version is None else book.judged[rule_id, version.number]
        if isinstance(judged, DaihouError):
            raise judged
        if judged is not None:
            found.append(judged)
        elif rule_id not in drafted:
            raise DaihouError(
                f"Rule {rule_id} neither warns nor runs in shadow on {day}.",
                "Name a rule that does, `daihou rules list`, or give a version of it as a draft: --draft FILE.",
                rule_id,
                zh=(
                    f"规则 {rule_id} 在 {day} 未生效，也未影子运行。",
                    "请指定生效规则（`daihou rules list`），或用 --draft 给出其草稿版本。",
                ),
            )
    return found


def apart(by: str | None, rules: Sequence[Checked]) -> str | None:
    """The column by which results are told apart; of loans one of their own. DaihouError where it is none of codes."""
    subjects = {rule.rule.subject for rule in rules}
    own = {name: field for name, field in columns_of("loan").items() if name in OF_LOANS}
    return told_apart(by, own if "loan" in subjects else {**own, **columns_of("borrower")})
