"""The table of docs/guides/credit_queries.md, asked of the gate."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from daihou.policies.credit_queries import ENDED, KINDS_OF_RULES, OUTCOMES, REASONS, SHIPPED, STATES
from daihou.reviews.queries.gate import decide
from daihou.reviews.queries.query import Consent, Dispute, Duty, Loan, Past, Standing
from reviews.queries.known import BEIJING, CN, HOUSE, consent, past, query

GUIDE: Final = Path("docs/guides/credit_queries.md").read_text("utf-8")


class Example(NamedTuple):
    """A row of the table."""

    case: str
    past: str
    consents: str
    standing: str
    asked: str
    at: str
    decision: str
    earliest: str


def examples() -> list[Example]:
    table = GUIDE.split("### Both policies at Asia/Shanghai, 2026")[1].split("## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ") and not line.startswith("| case")]
    return [Example(*(cell.strip() for cell in row.strip("|").split("|"))) for row in rows]


def moment(said: str, day: str = "") -> dt.datetime:
    """`11-28 15:00`, `11-28T15:00`, a time of a day that is told, or a date alone, which is ten in the morning."""
    if ":" in said and "-" not in said:
        said = f"{day} {said}"
    date, _, time = said.replace("T", " ").partition(" ")
    return dt.datetime.fromisoformat(f"2026-{date} {time or '10:00'}").replace(tzinfo=BEIJING)


def parted(said: str) -> tuple[list[str], dict[str, str]]:
    words = said.split()
    options = dict(word.split("=") for word in words if "=" in word)
    return [word for word in words if "=" not in word], options


def past_of(example: Example) -> list[Past]:
    found = []
    for said in filter(None, example.past.split("; ")):
        (outcome, when), options = parted(said)
        assert outcome in OUTCOMES
        found.append(
            past(
                moment(when, example.at.split()[0]),
                outcome,
                number=options.get("number", "Q1"),
                person_id=options.get("person", "P"),
                bureau=options.get("bureau", "pbc"),
                cost=Decimal(options.get("cost", "10")),
                report_id=options.get("report"),
            )
        )
    return found


def consents_of(example: Example) -> list[Consent]:
    found = []
    for said in filter(None, example.consents.split("; ")):
        (document,), options = parted(said)
        found.append(
            consent(
                moment(options.get("from", "01-01")),
                document=document,
                person_id=options.get("person", "P"),
                purposes=frozenset([options.get("for", "post_loan_management")]),
                bureaus=frozenset([options["bureau"]]) if "bureau" in options else None,
                until=moment(options["until"]) if "until" in options else None,
                withdrawn_at=moment(options["withdrawn"]) if "withdrawn" in options else None,
            )
        )
    return found


def standing_of(example: Example) -> Standing:
    loans, duties, disputes = [], [], []
    for said in filter(None, example.standing.split("; ")):
        (what, *states), options = parted(said)
        if what == "dispute":
            settled_on = moment(options["settled"]).date() if "settled" in options else None
            disputes.append(Dispute("D1", moment(options["from"]).date(), settled_on))
            continue
        loan = Loan("L1", "live")
        for state in STATES:
            if state in states or state in options:
                loan = Loan("L1", state, moment(options[state]).date() if state in ENDED else None)
        if what == "loan":
            loans.append(loan)
        else:
            assert what == "duty"
            duties.append(Duty(loan, moment(options["released"]).date() if "released" in options else None))
    return Standing(tuple(loans), tuple(duties), tuple(disputes))


@pytest.mark.parametrize("example", examples(), ids=lambda one: one.case.encode("ascii", "ignore").decode().strip())
def test_each_example_of_the_guide_is_decided_as_it_says(example: Example) -> None:
    (reason,), options = parted(example.asked)
    assert reason in REASONS
    asked = query(
        moment(example.at),
        reason=reason,
        kind=options.get("kind", "person"),
        asked_by=options.get("by", "officer"),
        cost=Decimal(options.get("cost", "10")),
    )
    said = decide([CN, HOUSE], asked, consents_of(example), standing_of(example), past_of(example), BEIJING)
    if said.allowed:
        assert said.basis is not None
        report = f", report {said.report_id}" if said.report_id else ""
        assert f"yes: {said.basis.reference}{report}" == example.decision
        assert said.earliest == asked.asked_at
    else:
        assert f"no: {', '.join(each.rule for each in said.refusals)}" == example.decision
        assert said.earliest == (None if example.earliest == "never" else moment(example.earliest))
        assert said.basis is None
        assert said.report_id is None


def test_the_guide_has_an_example_of_every_rule_but_the_list_of_the_law() -> None:
    named = {
        rule for one in examples() for rule in one.decision.removeprefix("no: ").split(", ") if "no: " in one.decision
    }
    ships = {rule.id for policy in (CN, HOUSE) for version in policy.versions for rule in version.values.rules}
    assert named == ships - {"listed_reason"}  # all reasons that there are stand in it


def test_the_guide_names_every_kind_of_rule_every_policy_and_every_reason() -> None:
    for name in (*KINDS_OF_RULES, *SHIPPED):
        assert f"| `{name}` |" in GUIDE
    for code, (_, zh) in REASONS.items():
        assert f"`{code}` {zh}" in GUIDE
