"""A file of rules as drafts: what it says anew of each rule goes the way of every other change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from daihou.desk.governance import content, labels, published, transitions
from daihou.desk.refusals import RefusedError
from daihou.warning import reading

if TYPE_CHECKING:
    from daihou.desk.asked import Asked
    from daihou.warning.rule import Rule


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of a file: the rules of which drafts were begun, those that say nothing new, and what is wrong."""

    drafts: tuple[str, ...]
    same: tuple[str, ...]
    problems: tuple[tuple[str, str, str], ...]
    """Place, message and remedy of each."""


def bring(sent: bytes, name: str, request: Asked) -> Brought:
    """Begin a draft of the newest version of every rule of a file that differs from what is published; nothing where the file has an error."""
    try:
        text = sent.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Brought(
            (), (), ((name, _("The file is not written in UTF-8."), _("Save it as UTF-8 and send it again.")),)
        )
    found = reading.read(text, name)
    if found.problems:
        return Brought((), (), tuple((error.place, *labels.told(error)) for error in found.problems))
    drafts, same, problems = [], [], []
    for rule in found.rules:
        if _says_nothing_new(rule):
            same.append(rule.id)
            continue
        try:
            values = content.values_of(content.text_of_version(rule, rule.versions[-1]))
            drafts.append(transitions.begin(values, request).rule_id)
        except RefusedError as refused:
            problems.append((f"{name}, {rule.id}", str(refused), ""))
    return Brought(tuple(drafts), tuple(same), tuple(problems))


def _says_nothing_new(rule: Rule) -> bool:
    """Whether the newest version of a rule is one of those that stand, whatever its number."""
    standing = published.rule(rule.id)
    newest = rule.versions[-1]
    return standing is not None and any(replace(newest, number=one.number) == one for one in standing.versions)
