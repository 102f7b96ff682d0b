"""The rulebook: all rules of a lender, those shipped and those it decided, and which of their versions judge on a day."""

from __future__ import annotations

import difflib
import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from daihou.book.errors import DaihouError
from daihou.warning.checked import Checked, check
from daihou.warning.rule import Rule

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from daihou.warning.rule import Version


@dataclass(frozen=True, slots=True)
class Broken:
    """A version that cannot judge, and why; the others go on."""

    rule_id: str
    number: int
    problem: DaihouError


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Rules in order of id, each with its versions in order of number; made by `rulebook`."""

    rules: tuple[Rule, ...]
    unread: tuple[Broken, ...]
    """Registered versions whose text is no longer understood: they are in no rule."""
    digest: str
    """Names exactly these rules, whatever order they came in."""
    judged: Mapping[tuple[str, int], Checked | DaihouError]
    """Every version by id and number, ready to judge, or why it is not."""

    def live(self, day: dt.date) -> list[Checked]:
        """The versions that warn on a day, in order of id; without those that ended their rule, and without broken ones."""
        return self._ready(self._live(day))

    def shadow(self, day: dt.date) -> list[Checked]:
        """The versions that run in shadow on a day beside the live ones, in order of id."""
        return self._ready(self._shadow(day))

    def retired(self, day: dt.date) -> list[str]:
        """The ids of the rules that a version ended by a day, in order."""
        return [rule.id for rule in self.rules if (version := rule.live(day)) is not None and version.retired]

    def broken(self, day: dt.date) -> list[Broken]:
        """What should judge on a day and cannot, in order of id; the memory of these rules stays as it is.

        A registered text that is no longer understood does not say its day: its rule rests, and it is named, until a later version of the rule holds.
        """
        asked = (*self._live(day), *self._shadow(day))
        found = [
            Broken(rule.id, version.number, problem)
            for rule, version in asked
            if isinstance(problem := self.judged[rule.id, version.number], DaihouError)
        ]
        return sorted((*found, *self.resting(day)), key=lambda broken: (broken.rule_id, broken.number))

    def resting(self, day: dt.date) -> list[Broken]:
        """The registered texts that are no longer understood and came after what is in force on a day: none of their rules' versions speaks."""
        newest = {rule.id: version.number for rule in self.rules if (version := rule.live(day)) is not None}
        return [one for one in self.unread if newest.get(one.rule_id, 0) < one.number]

    def rule(self, rule_id: str) -> Rule:
        """The rule of that id; DaihouError names those alike."""
        ids = [rule.id for rule in self.rules]
        if rule_id in ids:
            return self.rules[ids.index(rule_id)]
        alike = difflib.get_close_matches(rule_id, ids, 3, 0.6) or ids
        raise DaihouError(
            f"There is no rule {rule_id}.",
            f"Is it one of: {', '.join(alike)}?" if alike else "`daihou rules list --all` names all there are.",
            zh=(
                f"没有规则 {rule_id}。",
                f"是否为：{'、'.join(alike)}？" if alike else "`daihou rules list --all` 列出全部规则。",
            ),
        )

    def _awake(self, day: dt.date) -> list[Rule]:
        """The rules of which all that was decided last is known."""
        resting = {one.rule_id for one in self.resting(day)}
        return [rule for rule in self.rules if rule.id not in resting]

    def _live(self, day: dt.date) -> list[tuple[Rule, Version]]:
        found = ((rule, rule.live(day)) for rule in self._awake(day))
        return [(rule, version) for rule, version in found if version is not None and not version.retired]

    def _shadow(self, day: dt.date) -> list[tuple[Rule, Version]]:
        found = ((rule, rule.shadow(day)) for rule in self._awake(day))
        return [(rule, version) for rule, version in found if version is not None]

    def _ready(self, asked: Iterable[tuple[Rule, Version]]) -> list[Checked]:
        found = (self.judged[rule.id, version.number] for rule, version in asked)
        return [judged for judged in found if isinstance(judged, Checked)]


def rulebook(shipped: Iterable[Rule], registered: Iterable[Rule] = (), unread: Iterable[Broken] = ()) -> Rulebook:
    """The rules together: a registered version goes before a shipped one of the same id and number, its rule's name and topic likewise.

    The order of either does not matter. Versions that do not fit are kept and named by `broken`; nothing is raised for them.
    """
    rules = _together((*sorted(shipped, key=_order), *sorted(registered, key=_order)))
    judged = {(rule.id, version.number): _judged(rule, version) for rule in rules for version in rule.versions}
    return Rulebook(rules, tuple(sorted(unread, key=lambda one: (one.rule_id, one.number))), digest_of(rules), judged)


def digest_of(rules: Iterable[Rule]) -> str:
    """Sixteen hexadecimal digits that name exactly these rules."""
    plain = "\n".join(_plain(rule) for rule in sorted(rules, key=lambda rule: rule.id))
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def _plain(rule: Rule) -> str:
    return json.dumps(asdict(rule), default=str, sort_keys=True)


def _order(rule: Rule) -> tuple[int, str]:
    """An order in which a rule with a newer version comes later, the same however rules come in."""
    return rule.versions[-1].number, _plain(rule)


def _together(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """One rule an id; of two versions with one number, and of two heads, the later one holds."""
    heads: dict[str, Rule] = {}
    versions: dict[str, dict[int, Version]] = {}
    for rule in rules:
        heads[rule.id] = rule
        versions.setdefault(rule.id, {}).update({version.number: version for version in rule.versions})
    return tuple(
        Rule(
            head.id,
            head.name,
            head.topic,
            head.subject,
            tuple(versions[head.id][number] for number in sorted(versions[head.id])),
        )
        for head in sorted(heads.values(), key=lambda rule: rule.id)
    )


def _judged(rule: Rule, version: Version) -> Checked | DaihouError:
    try:
        return check(rule, version, published=True)
    except DaihouError as error:
        return error
