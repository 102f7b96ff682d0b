"""The frame of every page: start page, language, theme, and pages for what went wrong."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from daihou.desk.people.models import User


def test_a_stranger_is_sent_to_sign_in(db: None) -> None:
    response = Client().get("/loans/?where=dpd%20%3E%200")
    assert response.status_code == 302
    assert response.headers["Location"] == "/accounts/login/?next=/loans/%3Fwhere%3Ddpd%2520%253E%25200"


@pytest.mark.parametrize(
    ("who", "page"), [("manager", "/work/"), ("administrator", "/deliveries/"), ("auditor", "/portfolio/")]
)
def test_each_starts_on_the_first_page_that_is_open_to_them(sign_in: Any, who: str, page: str) -> None:
    assert sign_in(who).get("/").headers["Location"] == page


def test_a_chosen_language_stays(sign_in: Any, cast: dict[str, User]) -> None:
    browser = sign_in("manager")
    assert "No role" not in browser.get("/me/").content.decode()
    browser.post("/me/language/", {"language": "zh-hans", "next": "/me/"})
    assert User.objects.get(username="manager").language == "zh-hans"
    assert '<html lang="zh-CN"' in browser.get("/me/").content.decode()


def test_the_way_back_leads_to_no_other_site(sign_in: Any) -> None:
    response = sign_in("manager").post("/me/theme/", {"theme": "dark", "next": "https://elsewhere.example/"})
    assert response.headers["Location"] == "/"


def test_what_does_not_exist_says_what_to_do(sign_in: Any) -> None:
    response = sign_in("manager").get("/nowhere/")
    assert response.status_code == 404
    assert "Check the number" in response.content.decode()
