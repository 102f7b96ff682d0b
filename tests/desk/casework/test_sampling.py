"""The day's sample: what is drawn, that nobody can choose it, how it is judged, and who sees what was found."""

from __future__ import annotations

import datetime as dt
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from daihou.desk.audit.models import Entry
from daihou.desk.casework import sampling
from daihou.desk.casework.keeper import Keeper
from daihou.desk.casework.models import Sample
from daihou.desk.casework.policy import policy
from daihou.desk.refusals import RefusedError
from desk.alerts.hands import asked, browser
from desk.casework.made import case, crew
from desk.casework.managing import contact, day, main, page, queries

if TYPE_CHECKING:
    from daihou.desk.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> dict[str, User]:
    return crew()


def draw(by: User, after: int = -1) -> sampling.Drawn:
    request = asked(by)
    return sampling.draw(day(after), request, request.rights.reach("collection.manage").org_ids, timezone.now())


def judged(one: Sample, by: User, missed: tuple[str, ...] = (), finding: str = "") -> Any:
    said = {f"p-{each.code}": "0" if each.code in missed else "1" for each in policy().criteria}
    return browser(by).post(f"/collection/quality/{one.pk}/judge/", {**said, "finding": finding})


def sample(by: User, people: dict[str, User], **more: Any) -> Sample:
    held = case("A", owner=by)
    one = contact(held, by, **more)
    draw(people["zhou"])
    return Sample.objects.get(contact_id=one.pk)


def test_of_each_collector_the_share_of_policy_is_drawn_and_one_at_least() -> None:
    many = [(number, 1) for number in range(1, 201)] + [(number, 2) for number in range(201, 204)]
    drawn = sampling.chosen(dt.date(2026, 3, 31), many, 0.02)
    assert sum(number <= 200 for number in drawn) == 4
    assert sum(number > 200 for number in drawn) == 1
    assert len(sampling.chosen(dt.date(2026, 3, 31), many, 0.021)) == 5 + 1
    assert len(sampling.chosen(dt.date(2026, 3, 31), many, 1)) == 203


def test_whoever_draws_draws_the_same_and_another_day_others() -> None:
    many = [(number, 1) for number in range(1, 1001)]
    one = sampling.chosen(dt.date(2026, 3, 31), many, 0.02)
    assert sampling.chosen(dt.date(2026, 3, 31), reversed(many), 0.02) == one
    assert sampling.chosen(dt.date(2026, 4, 1), many, 0.02) != one
    assert one != list(range(min(one), min(one) + len(one)))


def test_the_draw_cannot_be_foreseen_without_the_key(settings: Any) -> None:
    before = sampling.place(dt.date(2026, 3, 31), 7)
    settings.SECRET_KEY = "another key"  # noqa: S105 - of this test alone
    assert sampling.place(dt.date(2026, 3, 31), 7) != before


def test_only_what_was_spoken_is_drawn_and_only_of_a_day_that_is_over(people: dict[str, User]) -> None:
    held = case("A")
    spoken = contact(held, people["sun"])
    for outcome in ("no_answer", "busy", "not_made", "pending"):
        contact(held, people["li"], outcome=outcome)
    contact(held, people["li"], channel="sms", outcome="delivered")
    contact(held, people["he"], after=0)
    assert draw(people["zhou"]).samples == 1
    assert list(Sample.objects.values_list("contact_id", flat=True)) == [spoken.pk]
    with pytest.raises(RefusedError):
        draw(people["zhou"], 0)


def test_drawn_again_nothing_is_drawn_twice_and_a_branch_draws_its_part_of_the_same(people: dict[str, User]) -> None:
    here, there = case("A"), case("B", org_id="X2")
    mine, theirs = contact(here, people["sun"]), contact(there, people["far"])
    assert draw(people["he"]).samples == 1
    assert list(Sample.objects.values_list("contact_id", flat=True)) == [mine.pk]
    assert draw(people["zhou"]).samples == 1
    assert draw(people["zhou"]).samples == 0
    assert set(Sample.objects.values_list("contact_id", flat=True)) == {mine.pk, theirs.pk}
    assert Entry.objects.filter(action="quality.draw").count() == 2


def test_the_keeper_draws_the_day_before_once_it_is_over(people: dict[str, User]) -> None:
    one = contact(case("A"), people["sun"])
    Keeper(Event())._draw()
    assert Sample.objects.get().contact_id == one.pk
    assert Entry.objects.get(action="quality.draw").actor == "system"


def test_a_button_draws(people: dict[str, User]) -> None:
    contact(case("A"), people["sun"])
    answer = browser(people["he"]).post("/collection/quality/draw/", {"day": day(-1).isoformat()}, follow=True)
    assert f"1 contact of {day(-1)} is drawn." in answer.content.decode()
    assert browser(people["sun"]).post("/collection/quality/draw/", {"day": day(-1).isoformat()}).status_code == 403


def test_a_grave_point_missed_fails_the_contact_and_the_collector_reads_it(people: dict[str, User]) -> None:
    one = sample(people["sun"], people)
    page(people["sun"], f"quality/{one.pk}/", 404)
    assert judged(one, people["he"], ("manner",), "Threatened with the police").status_code == 302
    one.refresh_from_db()
    assert one.points["manner"] is False
    assert one.points["identity"] is True
    assert sampling.verdict(one, policy().criteria) == "failed"
    said = main(page(people["sun"], "quality/"))
    assert "Failed" in said
    assert "Threatened with the police" in said
    assert "Threatened with the police" in page(people["sun"], f"quality/{one.pk}/")
    assert "Threatened" not in page(people["li"], "quality/")
    assert "Threatened" not in str(Entry.objects.get(action="quality.judge").detail)


def test_another_point_missed_is_a_finding_and_none_missed_passes(people: dict[str, User]) -> None:
    one = sample(people["sun"], people)
    assert judged(one, people["he"], ("record",)).status_code == 422
    judged(one, people["he"], ("record",), "Noted as no answer")
    one.refresh_from_db()
    assert sampling.verdict(one, policy().criteria) == "minor"
    other = Sample.objects.create(
        contact_id=contact(case("B"), people["li"]).pk, org_id="X1", collector=people["li"], drawn_at=timezone.now()
    )
    judged(other, people["he"])
    other.refresh_from_db()
    assert sampling.verdict(other, policy().criteria) == "passed"


def test_it_is_judged_once_in_whole_and_never_by_who_spoke(people: dict[str, User]) -> None:
    one = sample(people["he"], people)
    assert "It is your own contact." in judged(one, people["he"]).content.decode()
    half = browser(people["zhou"]).post(f"/collection/quality/{one.pk}/judge/", {"p-identity": "1"})
    assert half.status_code == 422
    assert judged(one, people["zhou"]).status_code == 302
    assert judged(one, people["zhou"], ("manner",), "On second thoughts").status_code == 422
    assert judged(one, people["far"]).status_code == 403


def test_queries_do_not_grow(people: dict[str, User]) -> None:
    for number in range(2):
        contact(case(f"A{number}"), people["sun"])
        contact(case(f"B{number}"), people["li"])
    draw(people["zhou"])
    few = queries(people["zhou"], "quality/")
    held = case("C")
    made = [contact(held, people["sun"], after=-2) for _ in range(12)]
    Sample.objects.bulk_create(
        Sample(contact_id=one.pk, collector=people["sun"], org_id="X1", drawn_at=timezone.now()) for one in made
    )
    assert queries(people["zhou"], "quality/") == few
