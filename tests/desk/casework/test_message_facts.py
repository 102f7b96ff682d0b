"""What messages about a case say: the figures of the day, of the loans that concern the reader, and of promises to the debtor alone."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from daihou.desk.casework import message_facts
from daihou.desk.casework.models import Case, Promise, PromisePart
from desk.casework.made import case, crew
from desk.casework.owing import OWED, built, on, today

if TYPE_CHECKING:
    from daihou.desk.casework.message_facts import Values

pytestmark = pytest.mark.django_db
BOTH = ("L1", "L2")


@pytest.fixture(autouse=True)
def _home(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    settings.HOME = built(tmp_path_factory)


@pytest.fixture
def held() -> Case:
    """The case of C1, who owes on L1 and L2."""
    return case("C1", loans=BOTH, as_of=today())


def said(held: Case, template: str, loan_ids: tuple[str, ...], party: str) -> Values | None:
    return message_facts.values(held, template, timezone.now(), loan_ids, party)


def test_a_guarantor_of_one_loan_is_told_of_that_loan_alone(held: Case) -> None:
    to_debtor, to_guarantor = said(held, "arrears", BOTH, "debtor"), said(held, "arrears", ("L1",), "guarantor")
    assert to_debtor is not None
    assert to_guarantor is not None
    assert (to_debtor["amount"], to_guarantor["amount"]) == (OWED + 30_000, OWED)


def test_who_is_bound_by_no_loan_that_is_overdue_any_more_is_told_nothing(held: Case) -> None:
    assert said(held, "arrears", ("L9",), "guarantor") is None


@pytest.mark.parametrize("template", ["promise_taken", "promise_due"])
def test_what_the_debtor_promised_is_told_to_the_debtor_alone(held: Case, template: str) -> None:
    promise = Promise.objects.create(
        key="k",
        case=held,
        loan_ids=["L1"],
        currency="CNY",
        made_on=today(),
        made_at=timezone.now(),
        made_by=crew()["sun"],
    )
    PromisePart.objects.create(promise=promise, due_on=on(3), amount=50_000)
    told = said(held, template, BOTH, "debtor")
    assert told is not None
    assert told["amount"] == 50_000
    assert said(held, template, ("L1",), "guarantor") is None
    assert dt.date.fromisoformat(told.get("due_on", on(3).isoformat())) == on(3)
