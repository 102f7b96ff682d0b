"""Saved views: an address with a name, kept by its owner, seen by others where shared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from daihou.desk.audit.models import Entry
from daihou.desk.people.roles import Role
from daihou.desk.portfolio.models import SavedView
from desk.portfolio.conftest import browser, context, page

if TYPE_CHECKING:
    from django.test import Client

    from daihou.book.home import Home


@pytest.fixture
def other(db: None, at_wharf: Home) -> Client:
    """Somebody else, of the slope."""
    return browser("other", (Role.MANAGER, "slope"))


def save(client: Client, name: str, query: str, **more: str) -> Any:
    return client.post("/loans/views/loans/", {"name": name, "query": query, **more})


def views(client: Client, address: str = "/loans/") -> dict[str, Any]:
    return {str(view["name"]): view for view in context(client, address)["views"]}


def test_a_view_is_kept_without_dates_page_and_past_and_is_its_owners_alone(boss: Client, other: Client) -> None:
    response = save(
        boss, " Late ", "state=overdue&as_of=2026-03-31&page=2&since=2026-01-31&was=0&vintage=2026Q1.1&sort=-dpd"
    )
    assert response.headers["Location"] == "/loans/?state=overdue&sort=-dpd"
    view = views(boss, response.headers["Location"])["Late"]
    assert (view["here"], view["count"], view["own"].name) == (
        True,
        context(boss, "/loans/?state=overdue")["sums"]["loans"],
        "Late",
    )
    assert "Late" not in views(other)
    assert "Late" not in {str(one["name"]) for one in context(boss, "/loans/maturing/")["views"]}


def test_a_shared_view_counts_what_each_reader_may_see_and_only_its_owner_drops_it(boss: Client, other: Client) -> None:
    save(boss, "All late", "dpd=1..", shared="on")
    mine, theirs = views(boss)["All late"], views(other)["All late"]
    assert (mine["own"] is not None, theirs["own"]) == (True, None)
    assert theirs["count"] == context(other, "/loans/?dpd=1..")["sums"]["loans"] < mine["count"]
    number = SavedView.objects.get().pk
    assert other.post(f"/loans/views/{number}/delete/").status_code == 404
    assert boss.get(f"/loans/views/{number}/delete/").status_code == 405
    assert boss.post(f"/loans/views/{number}/delete/").headers["Location"] == "/loans/"
    assert "All late" not in views(other)
    assert [entry.action for entry in Entry.objects.filter(subject_kind="view").order_by("id")] == [
        "view.save",
        "view.delete",
    ]


def test_an_own_view_of_that_name_is_replaced_and_another_owners_is_not(boss: Client, other: Client) -> None:
    save(boss, "Mine", "dpd=1..", shared="on")
    save(other, "Mine", "dpd=2..")
    save(boss, "Mine", "dpd=3..")
    assert sorted(SavedView.objects.values_list("user__username", "query", "shared")) == [
        ("boss", "dpd=3..", False),
        ("other", "dpd=2..", False),
    ]
    entry = Entry.objects.filter(action="view.save").first()
    assert entry is not None
    assert entry.detail["before"] == {"query": "dpd=1..", "shared": True}


def test_a_view_whose_column_is_gone_shows_no_count_and_breaks_nothing(boss: Client) -> None:
    save(boss, "Old", "dpd=1..")
    SavedView.objects.update(query="risk_score=1..&dpd=1..")
    view = views(boss)["Old"]
    assert view["count"] is None
    assert ">Old<" in page(boss, "/loans/").replace("\n", "")
    page(boss, f"/loans/{view['url']}", 400)
    assert boss.post(f"/loans/views/{SavedView.objects.get().pk}/delete/").status_code == 302


def test_what_cannot_be_read_or_kept_whole_is_refused_and_nothing_is_kept(boss: Client) -> None:
    long = "where=" + "+or+".join(f"dpd+%3D+{number}" for number in range(400))
    for query in ("dpdd=1", "where=dpd+>", long):
        assert save(boss, "Bad", query).status_code == 400
    assert save(boss, "   ", "dpd=1..").status_code == 302
    assert boss.post("/loans/views/nothing/", {"name": "x", "query": ""}).status_code == 404
    assert boss.get("/loans/views/loans/").status_code == 405
    assert not SavedView.objects.exists()
    save(boss, "n" * 60, "product=逾期")
    kept = SavedView.objects.get()
    assert (kept.name, kept.query) == ("n" * 40, "product=%E9%80%BE%E6%9C%9F")


def test_a_name_is_shown_as_it_is_written(boss: Client) -> None:
    save(boss, "<b>'\"&</b>", "")
    assert "&lt;b&gt;&#x27;&quot;&amp;&lt;/b&gt;" in page(boss, "/loans/")
    assert views(boss)["<b>'\"&</b>"]["url"] == "/loans/"
