"""The register: versions and their files, the same again, four eyes, champion and shadow, retirement, a file that somebody touched."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from daihou.book import lake
from daihou.book.errors import DaihouError
from daihou.runs.scores import register as registers
from daihou.runs.scores import steps
from daihou.runs.scores.register import register
from daihou.runs.scores.validate import validate
from runs.scores.acting import approved, quiet, trained

if TYPE_CHECKING:
    from daihou.assessment.scores.model import Kind
    from daihou.runs.scores.register import Version
    from scoring_home import Scoring

DAY = dt.timedelta(days=1)


def approve(scoring: Scoring, version: Version, person: str, day: dt.date) -> Version:
    """As champion from a day on, said on the day after the last run."""
    on = scoring.ends[-3] + DAY
    return steps.approve(scoring.home, version.model_id, version.number, "champion", day, person, "", on, "command")


def test_the_same_training_again_is_the_same_version_and_its_text_the_same_bytes(to_work: Scoring) -> None:
    kinds: tuple[Kind, ...] = ("card", "trees")
    for kind in kinds:
        first = trained(to_work, to_work.design("loan"), kind)
        again = trained(to_work, to_work.design("loan"), kind)
        assert (first.number, first.trained.digest) == (again.number, again.trained.digest)
    assert [version.called for version in register(to_work.home).versions] == ["watch_3m v1", "watch_3m v2"]
    other = trained(to_work, to_work.design("loan").replace("seed: 7", "seed: 8"))
    assert other.number == 3


def test_a_version_names_its_design_data_code_and_seed(to_work: Scoring) -> None:
    version = trained(to_work, to_work.design("loan"))
    model = registers.model(to_work.home, version)
    assert model.design.seed == 7
    assert model.record["sample"]["fingerprint"] == version.trained.payload["fingerprint"]
    assert model.record["code"]["daihou"]
    assert len(model.record["code"]["sources"]) == 16
    assert model.record["policy"]["fewest_bad"] == 10
    assert model.digest == version.trained.digest
    assert version.trained.person == "Ann"


def test_who_trained_a_version_cannot_approve_it_whatever_the_letters(to_work: Scoring) -> None:
    version = trained(to_work, to_work.design("loan"))
    day = to_work.ends[-3] + DAY
    validate(to_work.home, version.model_id, version.number, "Ann", day, "command", quiet)
    for person in ("Ann", "ann ", "ANN"):
        with pytest.raises(DaihouError, match="trained watch_3m v1 and cannot approve it"):
            approve(to_work, version, person, day)
    with pytest.raises(DaihouError, match="Who does it is not said"):
        approve(to_work, version, " ", day)
    assert register(to_work.home).scoring(day) == ()
    assert approve(to_work, version, "Bob", day).role(day) is not None


def test_nothing_scores_before_it_was_validated_and_approved_nor_before_its_day(to_work: Scoring) -> None:
    version = trained(to_work, to_work.design("loan"))
    day = to_work.ends[-3] + DAY
    with pytest.raises(DaihouError, match="was not validated"):
        approve(to_work, version, "Bob", day)
    found = validate(to_work.home, version.model_id, version.number, "Ann", day, "command", quiet).version
    assert register(to_work.home).standing(found, day) == "waits"
    with pytest.raises(DaihouError, match="has passed"):
        approve(to_work, version, "Bob", day - DAY)
    coming = approve(to_work, version, "Bob", day + DAY)
    assert register(to_work.home).standing(coming, day) == "coming"
    assert register(to_work.home).scoring(day) == ()
    assert [(one.called, role) for one, role in register(to_work.home).scoring(day + DAY)] == [
        ("watch_3m v1", "champion")
    ]


def test_a_new_champion_takes_the_place_of_the_old_and_a_shadow_stands_beside(to_work: Scoring) -> None:
    first = approved(to_work, to_work.design("loan"))
    shadow = approved(to_work, to_work.design("loan"), "trees", "shadow")
    second = approved(to_work, to_work.design("loan").replace("seed: 7", "seed: 9"))
    day = to_work.ends[-3] + DAY
    found = register(to_work.home)
    assert [(one.called, role) for one, role in found.scoring(day)] == [
        (shadow.called, "shadow"),
        (second.called, "champion"),
    ]
    assert found.standing(found.version(first.model_id, 1), day) == "replaced"
    approve(to_work, shadow, "Bob", day)
    assert [(one.called, role) for one, role in register(to_work.home).scoring(day)] == [(shadow.called, "champion")]


def test_a_retired_version_scores_no_more_and_is_not_approved_again(to_work: Scoring) -> None:
    version = approved(to_work, to_work.design("loan"))
    day = to_work.ends[-3] + DAY
    steps.retire(to_work.home, version.model_id, version.number, day + DAY, "Bob", "", day, "command")
    assert register(to_work.home).scoring(day)
    assert not register(to_work.home).scoring(day + DAY)
    with pytest.raises(DaihouError, match="is retired"):
        approve(to_work, version, "Bob", day + 2 * DAY)


def test_a_file_that_somebody_touched_is_found_out_and_a_lost_one_named(to_work: Scoring) -> None:
    version = trained(to_work, to_work.design("loan"))
    path = registers.folder(to_work.home, version.model_id, version.number) / registers.TEXT
    registers._model.cache_clear()
    path.write_text(path.read_text("utf-8").replace('"base": ', '"base":  '), "utf-8")
    with pytest.raises(DaihouError, match="not the one that was registered"):
        registers.model(to_work.home, version)
    path.unlink()
    with pytest.raises(DaihouError, match="cannot be read"):
        registers.model(to_work.home, version)


def test_files_of_a_training_that_was_killed_before_it_was_registered_are_written_over(to_work: Scoring) -> None:
    folder = registers.folder(to_work.home, "watch_3m", 1)
    folder.mkdir(parents=True)
    (folder / "model.json").write_text("half", "utf-8")
    (folder / "validation.json").write_text("of nothing", "utf-8")
    version = trained(to_work, to_work.design("loan"))
    assert version.number == 1
    assert registers.model(to_work.home, version).digest == version.trained.digest
    assert not (folder / "validation.json").exists()


def test_a_version_is_returned_with_a_reason(to_work: Scoring) -> None:
    version = trained(to_work, to_work.design("loan"))
    day = to_work.ends[-3] + DAY
    with pytest.raises(DaihouError, match="Why it is returned is not said"):
        steps.send_back(to_work.home, version.model_id, 1, "Bob", " ", day, "desk")
    found = steps.send_back(to_work.home, version.model_id, 1, "Bob", "too few defaults", day, "desk")
    assert register(to_work.home).standing(found, day) == "returned"
    assert found.entries[-1].note == "too few defaults"


def test_what_is_registered_is_never_changed_only_added_to(to_work: Scoring) -> None:
    approved(to_work, to_work.design("loan"))
    before = [row for batch in lake.read(to_work.home, "models") for row in batch.to_pylist()]
    approved(to_work, to_work.design("loan"), "trees", "shadow")
    after = [row for batch in lake.read(to_work.home, "models") for row in batch.to_pylist()]
    assert after[: len(before)] == before
    assert [row["event"] for row in after] == ["trained", "validated", "approved"] * 2


def test_an_unknown_model_or_version_names_those_there_are(to_work: Scoring) -> None:
    with pytest.raises(DaihouError, match="There is no model called nothing"):
        register(to_work.home).version("nothing")
    trained(to_work, to_work.design("loan"))
    with pytest.raises(DaihouError, match="watch_3m has no version 4"):
        register(to_work.home).version("watch_3m", 4)


def test_versions_of_one_sample_are_each_parted_by_their_own_design(to_work: Scoring) -> None:
    first = trained(to_work, to_work.design("loan"))
    other = trained(
        to_work,
        to_work.design("loan").replace("seed: 7", "seed: 9").replace("out_of_sample: 0.3", "out_of_sample: 0.5"),
    )
    assert registers.sample_path(to_work.home, first) == registers.sample_path(to_work.home, other)
    for version in (first, other):
        sizes = registers.model(to_work.home, version).record["sample"]["parts"]
        day = to_work.ends[-3] + DAY
        found = validate(to_work.home, version.model_id, version.number, "Ann", day, "command", quiet).found
        for part in found.parts:
            unscored = sum(one.n for one in found.unscored if one.part == part.key)
            assert part.n + unscored == sizes[part.key]["good"] + sizes[part.key]["bad"], (version.called, part.key)


def test_an_earlier_champion_comes_back_by_approval_alone(to_work: Scoring) -> None:
    first = approved(to_work, to_work.design("loan"))
    second = approved(to_work, to_work.design("loan").replace("seed: 7", "seed: 9"))
    day = to_work.ends[-3] + DAY
    steps.retire(to_work.home, second.model_id, second.number, day + 2 * DAY, "Bob", "", day, "command")
    assert register(to_work.home).champion("watch_3m", day + DAY) == register(to_work.home).version(
        "watch_3m", second.number
    )
    assert register(to_work.home).scoring(day + 2 * DAY) == ()  # the first does not come back by itself
    approve(to_work, first, "Bob", day + 3 * DAY)
    assert [one.called for one, _ in register(to_work.home).scoring(day + 3 * DAY)] == [first.called]


def test_a_replaced_champion_that_is_approved_again_scores_again(to_work: Scoring) -> None:
    first = approved(to_work, to_work.design("loan"))
    approved(to_work, to_work.design("loan").replace("seed: 7", "seed: 9"))
    day = to_work.ends[-3] + DAY
    approve(to_work, first, "Bob", day + DAY)
    assert [one.called for one, _ in register(to_work.home).scoring(day + DAY)] == [first.called]
    again = len(register(to_work.home).entries)
    approve(to_work, first, "Bob", day + DAY)
    assert len(register(to_work.home).entries) == again


def test_who_was_returned_is_validated_again_before_it_is_approved_and_nobody_is_no_person(to_work: Scoring) -> None:
    version = trained(to_work, to_work.design("loan"))
    day = to_work.ends[-3] + DAY
    validate(to_work.home, version.model_id, 1, "Ann", day, "command", quiet)
    steps.send_back(to_work.home, version.model_id, 1, "Bob", "too few defaults", day, "desk")
    with pytest.raises(DaihouError, match="was returned"):
        approve(to_work, version, "Bob", day)
    with pytest.raises(DaihouError, match="Who does it is not said"):
        validate(to_work.home, version.model_id, 1, " ", day, "command", quiet)
    validate(to_work.home, version.model_id, 1, "Ann", day, "command", quiet)
    assert approve(to_work, version, "Bob", day).role(day) is not None
