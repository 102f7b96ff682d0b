"""The overview."""

from __future__ import annotations

from typing import Any


def test_the_overview_opens_for_each_who_may_see_it(sign_in: Any) -> None:
    for who in ("manager", "officer", "branch_manager", "viewer"):
        response = sign_in(who).get("/portfolio/")
        assert response.status_code == 200
