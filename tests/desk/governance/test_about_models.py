"""Rules on scoring models at the desk: drafted and reviewed as others, and asked of no past date."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from daihou.desk.governance import transitions
from daihou.desk.governance.models import State
from desk.governance.conftest import drafted

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from daihou.desk.asked import Asked
    from daihou.desk.governance.models import Draft

    By = Callable[[str], Asked]
    Browser = Callable[[str], Client]


@pytest.fixture
def draft(by: By) -> Draft:
    """A rule on models with everything written."""
    return drafted(
        by("wang"), topic="model", subject="model", when="score_psi >= 0.2", message_en="PSI {score_psi}.", message_zh="评分PSI为{score_psi}。"
    )  # fmt: skip


@pytest.mark.parametrize("rule_id", ["R-351", "R-501"])
@pytest.mark.parametrize("asks", ["suggest", "backtest"])
def test_a_page_that_asks_the_past_says_that_models_have_none(
    browser: Browser, draft: Draft, rule_id: str, asks: str
) -> None:
    client = browser("wang")
    page = client.get(f"/rules/{rule_id}/{asks}/")
    assert page.status_code == 200
    assert "watched, not backtested" in page.content.decode()
    assert client.post(f"/rules/{rule_id}/{asks}/", {"default": "dpd > 90"}).status_code == 409


def test_the_pages_of_such_rules_offer_neither_try_nor_backtest(browser: Browser, draft: Draft) -> None:
    client = browser("wang")
    for path in ("/rules/R-351/", "/rules/R-501/draft/", "/rules/R-501/review/"):
        page = client.get(path)
        assert page.status_code == 200, path
        assert "Watched, not backtested" in page.content.decode(), path
        assert "rules/R-501/draft/try" not in page.content.decode(), path
    tried = client.post("/rules/R-501/draft/try/", {"revision": draft.revision}, follow=True)
    assert "watched, not backtested" in tried.content.decode()


def test_such_a_rule_goes_into_force_without_a_try(by: By, draft: Draft) -> None:
    draft = transitions.submit(draft, draft.revision, "", by("wang"))
    assert transitions.approve(draft, draft.revision, "", by("zhou")).state == State.PUBLISHED
