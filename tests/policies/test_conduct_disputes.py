"""Whoever disputes a debt is left in peace while it is checked: the debtor, and who answers for it."""

from __future__ import annotations

import datetime as dt
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from daihou.collection.conduct.contact import Circumstance, Proposal, Standing
from daihou.collection.conduct.gate import decide
from daihou.policies.conduct import SHIPPED, conduct

SHANGHAI = ZoneInfo("Asia/Shanghai")
MORNING = dt.datetime(2026, 3, 31, 10, tzinfo=SHANGHAI)


@pytest.mark.parametrize(("name", "agency"), [("conduct_house", ""), ("conduct_us", "A1")])
@pytest.mark.parametrize(
    ("who", "debt", "peace"), [("G1", "L1", True), ("C1", "L1", True), ("G1", "L2", False), ("G2", "L1", False)]
)
def test_a_dispute_of_the_guarantor_or_the_debtor_stops_collection_from_the_guarantor(
    name: str, agency: str, who: str, debt: str, peace: bool
) -> None:
    place = f"{SHIPPED[name]}/{name}.yaml"
    held = conduct(name, files("daihou").joinpath(place).read_text("utf-8"), place)
    proposed = Proposal("G1", "C1", ("L1",), "phone", "guarantor", "collect", MORNING, "n", agency)
    standing = Standing(("Asia/Shanghai",), (Circumstance("dispute", who, MORNING, debt=debt),))
    assert decide([held], proposed, (), standing).allowed is not peace
