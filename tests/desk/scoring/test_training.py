"""Training and validation from the desk: what is wrong with a design stands at its key, and the job does what the command does."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from daihou.desk.audit.models import Entry
from daihou.desk.jobs.loop import Worker
from daihou.desk.jobs.models import Job, Kind, Status
from daihou.desk.scoring import designing, registry
from desk.scoring.test_pages import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from scoring_home import Scoring

    Browser = Callable[[str], Client]


def train(client: Client, design: str, **more: str) -> Any:
    """Send the form."""
    return client.post("/models/train/", {"design": design, "kind": "card", "note": "", **more})


def test_the_page_begins_with_a_design_that_ships(scoring: Scoring, browser: Browser) -> None:
    shipped = designing.shipped()
    name = next(iter(shipped))
    answer = browser("wang").get(f"/models/train/?from={name}")
    assert answer.context["form"]["design"].value() == shipped[name]
    assert all(designing.faults(design) == [] for design in shipped.values())


def test_everything_that_is_wrong_stands_at_its_key(scoring: Scoring, browser: Browser) -> None:
    wrong = scoring.design("loan").replace("window_months: 3", "window_months: many").replace("seed: 7", "sed: 7")
    answer = train(browser("wang"), wrong)
    assert answer.status_code == 422
    keys = {fault.key for fault in answer.context["faults"]}
    assert {"runs.window_months", "sed"} <= keys
    assert "2 things are wrong with the design" in text(answer)
    assert not Job.objects.exists()


def test_the_catalogue_is_asked_of_every_part(scoring: Scoring, browser: Browser) -> None:
    wrong = (
        scoring.design("loan").replace("name: max_dpd_6m", "name: max_dpd_6").replace("bad: dpd >= 30", "bad: dpd >=")
        .replace("population: months_on_book >= 1", "population: months_on_bok >= 1")
    )  # fmt: skip
    faults = train(browser("wang"), wrong).context["faults"]
    keys = " ".join(fault.key for fault in faults)
    assert len(faults) == 3
    assert all(part in keys for part in ("runs.population", "runs.bad", "features, max_dpd_6"))
    assert any("max_dpd_6m" in fault.remedy for fault in faults)


@pytest.mark.parametrize("design", ["", "- 1", "id: [", "x"])
def test_what_is_no_design_is_said_so(scoring: Scoring, browser: Browser, design: str) -> None:
    assert train(browser("wang"), design).status_code == 422


def test_a_design_over_a_table_is_trained_by_command(scoring: Scoring) -> None:
    stated = """
id: from_file
name: {en: A, zh: 甲}
subject: loan
table: {id: loan, bad: bad}
features: [{name: age, kind: number}]
"""
    (fault,) = designing.faults(stated)
    assert fault.key == "table"
    assert "--data" in fault.remedy


def test_a_reviewer_does_not_train(scoring: Scoring, browser: Browser) -> None:
    assert train(browser("zhou"), scoring.design("loan")).status_code == 403
    assert "Models are trained by risk analysts" in text(browser("zhou").get("/models/train/"))


def test_a_job_trains_and_another_validates(to_decide: Scoring, browser: Browser) -> None:
    client = browser("wang")
    answer = train(client, to_decide.design("loan").replace("seed: 7", "seed: 11"), note="With another seed")
    job = Job.objects.get(kind=Kind.TRAIN)
    assert answer.headers["Location"] == f"/models/jobs/{job.pk}/"
    assert "It waits for a worker." in text(client.get(f"/models/jobs/{job.pk}/"))
    assert Entry.objects.get(action="job.start").detail["kind"] == Kind.TRAIN
    assert Worker(threading.Event()).once()
    job.refresh_from_db()
    assert job.status == Status.DONE, job.output
    page = client.get(f"/models/jobs/{job.pk}/")
    ((version, stands),) = page.context["versions"]
    assert (version.model_id, stands) == ("watch_3m", "trained")
    assert (version.trained.person, version.trained.note) == ("wang", "With another seed")
    assert version.trained.origin == "desk"
    entry = Entry.objects.get(action="model.train")
    assert (entry.actor, entry.subject_id, entry.detail["job"]) == ("wang", version.called, job.pk)
    assert client.get(f"/models/jobs/{job.pk}/state/")["HX-Refresh"] == "true"

    answer = browser("zhou").post(f"/models/watch_3m/{version.number}/validate/")
    assert answer.status_code == 302
    assert Worker(threading.Event()).once()
    found = registry.version_or_404("watch_3m", version.number)
    assert found.validated is not None
    assert found.validated.person == "zhou"
    assert Entry.objects.get(action="model.validate").actor == "zhou"
    assert registry.standing(found, registry.today()) == "waits"
    assert "Somebody else than who trained it" in text(browser("zhou").get(answer.headers["Location"]))
    assert [told for _job, told in client.get("/models/train/").context["jobs"]][-1].startswith("watch_3m")


def test_a_sample_that_cannot_be_taken_is_told_in_the_words_of_the_command(
    to_decide: Scoring, browser: Browser
) -> None:
    client = browser("wang")
    train(client, to_decide.design("loan", FROM="2019-01-31", TO="2019-06-30"))
    assert Worker(threading.Event()).once()
    job = Job.objects.get(kind=Kind.TRAIN)
    assert job.status == Status.FAILED
    page = client.get(f"/models/jobs/{job.pk}/")
    assert page.context["versions"] == []
    assert page.context["trouble"]
    assert page.context["trouble"] in text(page)


def test_who_may_neither_train_nor_review_does_not_validate(to_decide: Scoring, browser: Browser) -> None:
    assert browser("wu").post("/models/watch_3m/1/validate/").status_code == 403
    assert not Job.objects.exists()
