"""Whom an arrangement touches beside the debtor: guarantors by party, by guarantee and by facility; whose consent is missing, and what for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from daihou.desk.casework import consents
from desk.casework.owing import built, on

if TYPE_CHECKING:
    from daihou.desk.casework.consents import Guarantor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _home(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    settings.HOME = built(tmp_path_factory)


def bound(*loans: str, days: int = 0) -> dict[str, Guarantor]:
    return {one.person_id: one for one in consents.bound("C1", loans or ("L1", "L2"), on(days))}


def test_guarantors_come_from_parties_guarantees_and_facilities() -> None:
    assert list(bound()) == ["G1", "G2", "G3"]
    assert list(bound("L2")) == ["G3"]


def test_a_co_borrower_is_no_guarantor_and_a_guarantee_that_ran_out_binds_nobody() -> None:
    assert not {"P1", "G4"} & set(bound())
    assert "G4" in bound(days=-1)


def test_what_is_at_stake_is_told_as_delivered() -> None:
    found = bound()
    (by_party,), (by_guarantee,), (by_facility,) = (found[one].guarantees for one in ("G1", "G2", "G3"))
    assert (by_party.loan_id, by_party.form, by_party.period_end, by_party.matures_on) == ("L1", "", None, on(82))
    assert (by_guarantee.form, by_guarantee.period_end, f"{by_guarantee.cap:.2f}") == ("joint", on(260), "2000.00")
    assert (by_facility.loan_id, by_facility.form, by_facility.matures_on) == ("L2", "general", on(-5))


def test_nobody_is_bound_before_it_was_known() -> None:
    assert bound(days=-301) == {}


def test_consent_is_asked_for_what_lets_the_debt_be_paid_later() -> None:
    guarantors = list(bound().values())
    for kind in ("instalments", "extension", "settlement"):
        assert consents.missing(kind, guarantors, ["G2"]) == ["G1", "G3"]
    assert consents.missing("waiver", guarantors, []) == []
