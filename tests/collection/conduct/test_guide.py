"""The tables of docs/guides/conduct.md, asked of the gate."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from daihou.collection.conduct.contact import (
    CHANNELS,
    KINDS,
    OUTCOMES,
    PURPOSES,
    Circumstance,
    Past,
    Proposal,
    Standing,
)
from daihou.collection.conduct.gate import decide
from daihou.policies.conduct import SHIPPED
from daihou.policies.conduct_rules import KINDS_OF_RULES
from laws.conduct_known import shipped

GUIDE: Final = Path("docs/guides/conduct.md").read_text("utf-8")
HEADING: Final = re.compile(r"### `(\w+)` at (\S+), (\d{4})")


class Example(NamedTuple):
    """A row of a table."""

    policy: str
    zone: str
    year: str
    case: str
    past: str
    holds: str
    asked: str
    at: str
    decision: str
    earliest: str


def examples() -> list[Example]:
    found, heading = [], None
    for line in GUIDE.splitlines():
        if line.startswith("#"):
            heading = HEADING.match(line)
        elif heading and line.startswith("| ") and not line.startswith("| case"):
            found.append(Example(*heading.groups(), *(cell.strip() for cell in line.strip("|").split("|"))))
    return found


def moment(year: str, said: str, zone: str) -> dt.datetime:
    """`11-28 15:00`, `11-28T15:00`, or a date alone, which is ten in the morning."""
    date, _, time = said.replace("T", " ").partition(" ")
    return dt.datetime.fromisoformat(f"{year}-{date} {time or '10:00'}").replace(tzinfo=zoneinfo.ZoneInfo(zone))


def whom(options: dict[str, str]) -> dict[str, Any]:
    party = options.get("to", "debtor")
    return {
        "person_id": "D" if party == "debtor" else party, "debtor_id": "D", "party": party, "debts": (options.get("debt", "L1"),),
        "point": options.get("point", "n1"), "agency": options.get("agency", ""),
    }  # fmt: skip


def parted(said: str) -> tuple[list[str], dict[str, str]]:
    words, options = [], {}
    for word in said.split():
        name, equals, value = word.partition("=")
        if equals:
            options[name] = value
        elif word in ("limited", "inbound"):
            options[word] = word
        else:
            words.append(word)
    return words, options


def past_of(example: Example) -> list[Past]:
    found = []
    for said in filter(None, example.past.split("; ")):
        (channel, outcome, *times), options = parted(said)
        assert channel in CHANNELS
        assert outcome in OUTCOMES
        for time in times:
            first, _, last = time.partition("..")
            at = moment(
                example.year,
                f"{example.at.split()[0]} {time}" if ":" in time and "T" not in time else first,
                example.zone,
            )
            for day in range((moment(example.year, last, example.zone) - at).days + 1 if last else 1):
                found.append(
                    Past(
                        channel=channel, outcome=outcome, at=at + dt.timedelta(days=day), purpose=options.get("purpose", "collect"),  # type: ignore[arg-type]
                        inbound="inbound" in options, **whom(options),
                    )
                )  # fmt: skip
    return found


def holding_of(example: Example, person: str) -> list[Circumstance]:
    found = []
    for said in filter(None, example.holds.split("; ")):
        (kind,), options = parted(said)
        assert kind in KINDS
        hours = None
        if "hours" in options:
            first, last = map(dt.time.fromisoformat, options["hours"].split("-"))
            hours = first, last
        begins = moment(example.year, options.get("from", "01-01"), example.zone)
        found.append(
            Circumstance(
                kind, person if options.get("of") == "person" else "D", begins, None, options.get("channel"),  # type: ignore[arg-type]
                options.get("point", ""), options.get("debt", ""), hours,
            )
        )  # fmt: skip
    return found


@pytest.mark.parametrize(
    "example",
    examples(),
    ids=lambda example: f"{example.policy}: {example.case.encode('ascii', 'ignore').decode().strip()}",
)
def test_each_example_of_the_guide_is_decided_as_it_says(example: Example) -> None:
    (channel, purpose), options = parted(example.asked)
    assert channel in CHANNELS
    assert purpose in PURPOSES
    at = moment(example.year, example.at, example.zone)
    asked = Proposal(channel=channel, purpose=purpose, at=at, limited="limited" in options, **whom(options))
    said = decide(
        [shipped(example.policy)], asked, past_of(example), Standing((example.zone,), tuple(holding_of(example, asked.person_id)))
    )  # fmt: skip
    told = "yes" if said.allowed else f"no: {', '.join(each.rule for each in said.refusals)}"
    assert told == example.decision
    if not said.allowed:
        assert said.earliest == (
            None if example.earliest == "never" else moment(example.year, example.earliest, example.zone)
        )


def test_the_guide_has_an_example_of_every_rule_but_those_that_repeat_another() -> None:
    named = {
        (example.policy, rule) for example in examples() for rule in example.decision.removeprefix("no: ").split(", ")
    }
    for name in SHIPPED:
        rules = {rule.id for version in shipped(name).versions for rule in version.values.rules}
        assert {rule for policy, rule in named if policy == name and rule != "yes"} <= rules
    assert {rule for policy, rule in named if policy == "conduct_cn"} - {"yes"} == {
        rule.id for rule in shipped("conduct_cn").versions[-1].values.rules
    }


def test_the_guide_names_every_kind_of_rule_and_every_policy() -> None:
    for name in (*KINDS_OF_RULES, *SHIPPED):
        assert f"| `{name}` |" in GUIDE
