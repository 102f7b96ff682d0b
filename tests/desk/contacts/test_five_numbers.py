"""A person with five numbers is one person: what is spoken counts for all of them, what rang out counts for its own."""

from __future__ import annotations

import pytest

from daihou.desk.contacts import contacting, points
from daihou.desk.contacts.contacting import RefusedError
from desk.alerts.hands import asked
from desk.casework.made import crew
from desk.contacts.people import at, key, person, point, wanted

FIVE = tuple(f"1380000000{number}" for number in range(5))


@pytest.mark.django_db
def test_three_conversations_by_three_of_five_numbers_close_all_five() -> None:
    person("C1", phones=FIVE)
    sun = asked(crew()["sun"])
    for place in range(3):
        made, _ = contacting.begin(wanted("C1", point=point("C1", place=place)), key(), sun, at(9 + place))
        contacting.finish(made, "conversation", request=sun, at=at(9 + place, 5))
    phones = [one.point for one in points.of("C1", at(12)) if one.point.kind == "phone"]
    assert len(phones) == 5
    decisions = contacting.ask([wanted("C1", point=each) for each in phones], at(12))
    assert [decision.refusals[0].rule for decision in decisions] == 5 * ["effective_calls"]
    with pytest.raises(RefusedError):
        contacting.begin(wanted("C1", point=phones[4]), key(), sun, at(12))


@pytest.mark.django_db
def test_a_number_that_rang_out_six_times_is_closed_and_the_other_four_are_not() -> None:
    person("C1", phones=FIVE)
    sun = asked(crew()["sun"])
    first = point("C1", place=0)
    for minute in range(6):
        made, _ = contacting.begin(wanted("C1", point=first), key(), sun, at(9, 10 * minute))
        contacting.finish(made, "no_answer", request=sun, at=at(9, 10 * minute + 1))
    phones = [one.point for one in points.of("C1", at(12)) if one.point.kind == "phone"]
    allowed = {each.pk: decision.allowed for each, decision in zip(
        phones, contacting.ask([wanted("C1", point=each) for each in phones], at(12)), strict=True
    )}  # fmt: skip
    assert [pk for pk, yes in allowed.items() if not yes] == [first.pk]
