"""When a letter counts as served, by the policy that ships."""

from __future__ import annotations

from dataclasses import replace

import pytest

from collection.test_limitation import POLICY, day
from daihou.collection.serving import Delivery, served


@pytest.mark.parametrize(
    ("means", "receiver", "proven", "agreed", "why"),
    [
        ("in_person", "debtor", False, False, "counts"),
        ("in_person", "refused", False, False, "no_proof"),
        ("in_person", "refused", True, False, "counts"),
        ("carried", "refused", False, False, "no_proof"),
        ("post", "family", False, False, "counts"),
        ("post", "refused", False, False, "counts"),
        ("post", "returned", True, False, "no_agreed_address"),
        ("post", "returned", False, True, "counts"),
        ("electronic", "debtor", False, False, "no_proof"),
        ("electronic", "returned", True, True, "not_this_receiver"),
        ("notarised", "refused", True, False, "counts"),
        ("announcement", "published", True, False, "counts"),
        ("announcement", "debtor", True, False, "not_this_receiver"),
    ],
)
def test_it_counts_by_means_receiver_and_proof(
    means: str, receiver: str, *, proven: bool, agreed: bool, why: str
) -> None:
    way = POLICY.way(means)
    assert way is not None
    found = served(way, Delivery(day("2026-03-02"), day("2026-03-05"), receiver, proven, agreed))
    assert found.why == why
    assert (found.on is None) == (why != "counts")
    if found.on is not None:
        assert found.on == day("2026-03-05")


def test_a_policy_may_count_days_from_sending() -> None:
    way = POLICY.way("post")
    assert way is not None
    found = served(
        replace(way, counted_from="sent", days=5),
        Delivery(day("2026-03-02"), day("2026-03-20"), "debtor", False, False),
    )
    assert found.on == day("2026-03-07")
