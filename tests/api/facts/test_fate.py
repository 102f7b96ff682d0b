"""What became of rows once they were brought to the lake: in it, or refused there with the reason."""

from __future__ import annotations

import datetime as dt

import pytest
from django.conf import settings

from api.sending import payment, sender
from api.test_auth import problem
from daihou.runs.log.flushing import flush
from daihou.runs.log.log import open_log

pytestmark = pytest.mark.django_db


def test_rows_are_told_to_be_in_the_lake_and_those_refused_there_why() -> None:
    one = sender()
    twice = payment(amount="10.00")
    first = one.post("/facts/payments", [twice, payment(), twice | {"amount": "11.00"}]).json()["first"]
    now = dt.datetime.now(dt.UTC)
    assert not flush(settings.HOME, now, now.date()).busy
    later = one.post("/facts/payments", payment()).json()["first"]
    told = one.get(f"/facts?from={first}&to={later}").json()
    assert [(span["first"], span["last"], span["state"]) for span in told["spans"]] == [
        (first, first + 2, "in_lake"),
        (later, later, "waiting"),
    ]
    assert [(each["place"], each["reason"]) for each in told["refused"]] == [(first + 2, "duplicate_key")]
    assert told["refused"][0]["message_zh"]
    alone = one.get(f"/facts/{first + 2}").json()
    assert (alone["state"], alone["reason"]) == ("refused", "duplicate_key")
    assert one.get(f"/facts/{first}").json()["state"] == "in_lake"


def test_places_that_the_log_keeps_no_more_are_gone() -> None:
    one = sender()
    place = one.post("/facts/payments", payment()).json()["first"]
    now = dt.datetime.now(dt.UTC)
    flush(settings.HOME, now, now.date())
    open_log(settings.HOME).prune(place, 0.0)
    problem(one.get(f"/facts/{place}"), 410, "gone")
