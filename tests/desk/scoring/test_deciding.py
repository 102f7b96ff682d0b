"""Decisions on models at the desk: under four eyes, in words where they are refused, each noted in the audit log."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from daihou.desk.audit.models import Entry
from daihou.desk.scoring import registry
from daihou.runs.scores.train import registered, train
from daihou.runs.scores.validate import validate
from desk.scoring.conftest import WAITS
from desk.scoring.test_pages import text
from scoring_home import quiet

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from daihou.runs.scores.register import Version
    from scoring_home import Scoring

    Browser = Callable[[str], Client]

WAITING = f"/models/{WAITS}/1"


def day(more: int = 0) -> str:
    """A day from today on."""
    return (registry.today() + dt.timedelta(days=more)).isoformat()


def approve(client: Client, address: str = WAITING, **more: str) -> Any:
    """Send the form of an approval."""
    said = {"role": "champion", "from_on": day(), "note": "Fit for the watch lists.", **more}
    return client.post(f"{address}/approve/", {f"approve-{name}": value for name, value in said.items()})


def by(scoring: Scoring, person: str, *, checked: bool = True) -> Version:
    """A version trained by somebody, today, and validated unless told otherwise."""
    (found,) = train(
        scoring.home, scoring.design("loan").replace("seed: 7", "seed: 8"), "design", ("card",), registry.today(), quiet
    )
    version = registered(scoring.home, found, person, registry.today(), "", "desk")
    if checked:
        validate(scoring.home, version.model_id, version.number, person, registry.today(), "desk", quiet)
    return registry.known().version(version.model_id, version.number)


def test_a_second_person_approves_and_it_becomes_the_champion(to_decide: Scoring, browser: Browser) -> None:
    client = browser("zhou")
    answer = approve(client)
    assert answer.status_code == 302
    found = registry.version_or_404(WAITS, 1)
    assert registry.standing(found, registry.today()) == "champion"
    last = found.entries[-1]
    assert (last.event, last.role, last.person, last.origin, last.note) == (
        "approved",
        "champion",
        "zhou",
        "desk",
        "Fit for the watch lists.",
    )
    told = text(client.get(f"{WAITING}/"))
    assert "Champion from" in told
    assert "Zhou" in told
    entry = Entry.objects.get(action="model.approve")
    assert (entry.actor, entry.subject_kind, entry.subject_id) == ("zhou", "model", f"{WAITS} v1")
    assert entry.detail == {"as": "champion", "from": day(), "note": "Fit for the watch lists."}


def test_an_approval_for_a_day_to_come_stands_as_such(to_decide: Scoring, browser: Browser) -> None:
    approve(browser("qian"), from_on=day(3), role="shadow")
    found = registry.version_or_404(WAITS, 1)
    assert registry.standing(found, registry.today()) == "coming"
    assert registry.standing(found, registry.today() + dt.timedelta(days=3)) == "shadow"


def test_who_trained_it_does_not_approve_it(to_decide: Scoring, browser: Browser) -> None:
    version = by(to_decide, "Zhou")  # names are compared without their case
    address = f"/models/watch_3m/{version.number}"
    client = browser("zhou")
    told = text(client.get(f"{address}/"))
    assert "You trained it. Somebody else approves it." in told
    answer = approve(client, address)
    assert answer.status_code == 422
    assert "four eyes" in text(answer)
    assert registry.standing(registry.version_or_404("watch_3m", version.number), registry.today()) == "waits"
    assert not Entry.objects.filter(action="model.approve").exists()
    assert approve(browser("qian"), address).status_code == 302


def test_what_was_not_validated_cannot_be_approved(to_decide: Scoring, browser: Browser) -> None:
    version = by(to_decide, "wang", checked=False)
    address = f"/models/watch_3m/{version.number}"
    assert "It was not validated yet" in text(browser("zhou").get(f"{address}/"))
    answer = approve(browser("zhou"), address)
    assert answer.status_code == 422
    assert "was not validated" in text(answer)


def test_a_day_that_has_passed_is_refused_and_what_was_typed_stays(to_decide: Scoring, browser: Browser) -> None:
    answer = approve(browser("zhou"), from_on=day(-1), note="Since yesterday.")
    assert answer.status_code == 422
    assert "has passed" in text(answer)
    assert "Since yesterday." in text(answer)
    assert answer.context["open"] == "approve"


def test_an_analyst_does_not_decide(to_decide: Scoring, browser: Browser) -> None:
    for act in ("approve", "return", "retire"):
        assert browser("wang").post(f"{WAITING}/{act}/").status_code == 403
    assert "Models are decided by reviewers and managers of the whole lender." in text(
        browser("wang").get(f"{WAITING}/")
    )


def test_it_is_returned_with_a_reason(to_decide: Scoring, browser: Browser) -> None:
    client = browser("zhou")
    assert client.post(f"{WAITING}/return/", {"return-note": " "}).status_code == 422
    assert client.post(f"{WAITING}/return/", {"return-note": "Out of time it is too weak."}).status_code == 302
    assert registry.standing(registry.version_or_404(WAITS, 1), registry.today()) == "returned"
    assert "Out of time it is too weak." in text(client.get(f"{WAITING}/"))
    assert Entry.objects.get(action="model.return").detail == {"note": "Out of time it is too weak."}


def test_a_champion_retires_and_scores_nobody(to_decide: Scoring, browser: Browser) -> None:
    client = browser("qian")
    said = {"retire-from_on": day(), "retire-note": "The market moved on."}
    assert client.post("/models/watch_3m/1/retire/", said).status_code == 302
    assert registry.known().champion("watch_3m", registry.today()) is None
    told = text(client.get("/models/watch_3m/1/"))
    assert "It is retired." in told
    assert Entry.objects.get(action="model.retire").subject_id == "watch_3m v1"
    again = client.post("/models/watch_3m/1/retire/", said)
    assert again.status_code == 422
    assert "is retired" in text(again)


def test_an_overlay_is_proposed_by_one_and_agreed_by_another(to_decide: Scoring, browser: Browser) -> None:
    said = {
        "multiplier": "1.2",
        "from_on": day(),
        "to_on": day(90),
        "note": "Unemployment at 6%, by the house view of June.",
    }
    answer = browser("wang").post("/models/watch_3m/overlay/", said)
    assert answer.status_code == 302
    page = browser("zhou").get("/models/watch_3m/")
    (one,) = page.context["overlays"]
    assert (one.multiplier, one.state, one.proposed.person) == (1.2, "proposed", "wang")
    assert browser("wang").post("/models/watch_3m/overlay/1/agree/").status_code == 403
    assert browser("zhou").post("/models/watch_3m/overlay/1/agree/").status_code == 302
    (one,) = browser("zhou").get("/models/watch_3m/").context["overlays"]
    assert (one.state, one.agreed.person) == ("in_force", "zhou")
    assert [entry.action for entry in Entry.objects.filter(action__startswith="model.overlay").order_by("pk")] == [
        "model.overlay_propose",
        "model.overlay_agree",
    ]


def test_an_overlay_beyond_the_policy_or_for_the_past_is_refused(to_decide: Scoring, browser: Browser) -> None:
    said = {"multiplier": "9", "from_on": day(), "to_on": day(90), "note": "A crash."}
    answer = browser("wang").post("/models/watch_3m/overlay/", said)
    assert answer.status_code == 422
    assert "beyond 0.5 to 3" in text(answer)
    late = browser("wang").post("/models/watch_3m/overlay/", {**said, "multiplier": "1.1", "from_on": day(-5)})
    assert "has passed" in text(late)
    assert browser("zhou").post("/models/watch_3m/overlay/", said).status_code == 403


def test_an_estimate_that_cannot_be_made_says_why(scoring: Scoring, browser: Browser) -> None:
    told = text(browser("wang").get("/models/watch_3m/overlay/?measure=unemployment&value=0.06"))
    assert "no line can be drawn" in told
    assert "Enter a number" in text(browser("wang").get("/models/watch_3m/overlay/?measure=unemployment&value=much"))
